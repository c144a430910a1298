"""Sizes that share one order: their cost tables joined to one, and the order split to them again.

A group (the sizes of a style or colour) is one item of the lot-sizing programme. Its table tells what its lots ordered
so far cost in a week when they lie in the sizes that need them most,

    G_t(K) = min { sum_i G_it(k_i) : sum_i k_i = K },

the infimal convolution of the sizes' tables. Of convex ones it is the merge of their slopes, one lot at a time to the
size that gains most; others (the first order, judged by simulation, may bend the wrong way) are joined by trying all.
Opening stock stays in its size; only lots ordered within the horizon may, by these tables, lie in another size next
week. So the programme's value is a lower bound for the sizes, and what the split costs more is known afterwards.
A prepack has one split, and the joined table is the sum: exact.
Sources: Fox (1966), Discrete optimization via marginal analysis; Rockafellar (1970), Convex Analysis, sec. 5 and 16.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.kernels import INNER, put

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
BEND = 1e-12
PASSES = 50


def join_tables(tables: Floats, start: Ints, states: Ints, weeks: int, most: int) -> Floats:
    """Joined table [weeks, lots + 1] of the members at ``start`` [members] of ``tables`` with ``states`` [members], as
    laid out by :func:`.cost_tables.fill_tables`, up to ``most`` lots.

    >>> join_tables(np.array([4.0, 0, 9, 3, 2]), np.array([0, 2]), np.array([2, 3]), 1, 3).tolist()
    [[13.0, 7.0, 3.0, 2.0]]
    """
    out = np.empty((weeks, min(int((states - 1).sum()), most) + 1))
    _join_kernel(tables, start, states, out)
    return out


@njit(cache=True, nogil=True)
def _join_kernel(tables, start, states, out):  # type: ignore[no-untyped-def]
    most = out.shape[1]
    joined, fresh = np.empty(most), np.empty(most)
    for week in range(out.shape[0]):
        count = 0
        for member in range(len(states)):
            at = start[member] + week * states[member]
            own = tables[at : at + states[member]]
            if member == 0:
                count = min(len(own), most)
                put(own[:count], joined)
                continue
            after = min(count + len(own) - 1, most)
            if _convex(joined[:count]) and _convex(own):
                _merge(joined[:count], own, fresh[:after])
            else:
                _try_all(joined[:count], own, fresh[:after])
            count = after
            put(fresh[:count], joined)
        put(joined[:most], out[week])


@njit(**INNER)
def _convex(values):  # type: ignore[no-untyped-def]
    size = max(abs(values[0]), abs(values[-1]))
    if not np.isfinite(size):
        return False
    slope = -np.inf
    for k in range(1, len(values)):
        if not values[k] - values[k - 1] >= slope - BEND * size:
            return False
        slope = values[k] - values[k - 1]
    return True


@njit(**INNER)
def _merge(first, second, out):  # type: ignore[no-untyped-def]
    """Slopes of both in ascending order."""
    i = j = 0
    out[0] = first[0] + second[0]
    for k in range(1, len(out)):
        if j + 1 >= len(second) or (i + 1 < len(first) and first[i + 1] - first[i] <= second[j + 1] - second[j]):
            i += 1
        else:
            j += 1
        out[k] = first[i] + second[j]


@njit(**INNER)
def _try_all(first, second, out):  # type: ignore[no-untyped-def]
    for k in range(len(out)):
        best = np.inf
        for i in range(max(0, k - len(second) + 1), min(k, len(first) - 1) + 1):
            best = min(best, first[i] + second[k - i])
        out[k] = best


def split_lots(tables: Floats, start: Ints, states: Ints, is_open: Mask, lots: Ints) -> Ints:
    """Lots of every member [members, weeks] out of the group's ``lots`` [weeks of arrival].

    Order by order each lot goes where it saves most until the next order comes; then lots are moved between sizes, and
    back at a later order, for as long as that saves anything. ``is_open`` [members, weeks]: the member takes orders
    (where no open one has room, the others do). Lots per order add up to the group's.

    >>> tables = np.array([9.0, 1.0, 2.0, 4.0, 0.0, 7.0])
    >>> split_lots(tables, np.array([0, 3]), np.array([3, 3]), np.ones((2, 1), dtype=bool), np.array([2])).tolist()
    [[1], [1]]
    """
    out = np.zeros((len(states), len(lots)), dtype=np.int64)
    _split_kernel(tables, start, states, is_open, lots, out)
    _exchange_kernel(tables, start, states, is_open, lots, out)
    return out


@njit(cache=True, nogil=True)
def _split_kernel(tables, start, states, is_open, lots, out):  # type: ignore[no-untyped-def]
    members, weeks = out.shape
    k = np.zeros(members, dtype=np.int64)
    gain = np.empty(members)
    for week in range(weeks):
        if lots[week] == 0:
            continue
        end = week + 1
        while end < weeks and lots[end] == 0:
            end += 1
        for member in range(members):
            gain[member] = _gain(tables, start, states, member, k[member], 1, week, end)
        for _ in range(lots[week]):
            best = -1
            for strict in (True, False):
                for member in range(members):
                    fits = k[member] + 1 < states[member] and (is_open[member, week] or not strict)
                    if fits and (best < 0 or gain[member] > gain[best]):
                        best = member
                if best >= 0:
                    break
            k[best] += 1
            out[best, week] += 1
            gain[best] = _gain(tables, start, states, best, k[best], 1, week, end)


@njit(**INNER)
def _gain(tables, start, states, member, k, step, week, end):  # type: ignore[no-untyped-def]
    """What ``step`` lots more (or fewer) save from ``week`` to ``end``; -inf beyond the table."""
    if k + step < 0 or k + step >= states[member]:
        return -np.inf
    total = 0.0
    for at in range(week, end):
        row = start[member] + at * states[member] + k
        total += tables[row] - tables[row + step]
    return total


@njit(cache=True, nogil=True)
def _exchange_kernel(tables, start, states, is_open, lots, out):  # type: ignore[no-untyped-def]
    """Move single lots of an order from one member to another, until a later order gives one back (or for good)."""
    members, weeks = out.shape
    have = np.zeros((members, weeks), dtype=np.int64)
    for member in range(members):
        total = 0
        for week in range(weeks):
            total += out[member, week]
            have[member, week] = total
    for _ in range(PASSES):
        moved = False
        for week in range(weeks):
            if lots[week] == 0:
                continue
            for giver in range(members):
                for taker in range(members):
                    if giver == taker or out[giver, week] == 0 or not is_open[taker, week]:
                        continue
                    end, gain = _best_exchange(tables, start, states, is_open, out, have, giver, taker, week)
                    if gain <= 1e-9:
                        continue
                    moved = True
                    out[giver, week] -= 1
                    out[taker, week] += 1
                    if end < weeks:
                        out[giver, end] += 1
                        out[taker, end] -= 1
                    have[giver, week:end] -= 1
                    have[taker, week:end] += 1
        if not moved:
            return


@njit(**INNER)
def _best_exchange(tables, start, states, is_open, out, have, giver, taker, week):  # type: ignore[no-untyped-def]
    """Until when a lot is best lent, and what that saves."""
    weeks = out.shape[1]
    best, best_end, total = 0.0, weeks, 0.0
    for at in range(week, weeks):
        if at > week and out[taker, at] > 0 and is_open[giver, at] and total > best:
            best, best_end = total, at
        total += _gain(tables, start, states, giver, have[giver, at], -1, at, at + 1)
        total += _gain(tables, start, states, taker, have[taker, at], 1, at, at + 1)
        if total == -np.inf:
            return best_end, best
    return (weeks, total) if total > best else (best_end, best)
