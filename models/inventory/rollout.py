"""What the first order is worth under lost sales: one step of policy improvement on an order-up-to rule.

Tables of single weeks see neither that a unit too much often stays for several weeks, because a slow item has nothing
to reorder next week, nor that a lost sale leaves its unit on the shelf. So the order of the first week is judged by
simulation: place it, follow an order-up-to rule for ``FOLLOWED`` further weeks, lose what cannot be sold. That cost
replaces the first week's table less what the tables of those further weeks say, so that later weeks keep their own and
nothing counts twice. Minimum orders, packs and prices stay with the lot-sizing programme.
Source: Bertsekas, Castanon (1999), Rollout algorithms for stochastic scheduling problems; for lost sales Huh,
Janakiraman, Muckstadt, Rusmevichientong (2009).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.kernels import INNER

Floats = NDArray[np.float64]
FloatGrid = NDArray[np.float32]
Ints = NDArray[np.int64]

FOLLOWED = 2
"""Weeks after the first arrival that are followed; more changed nothing in trials."""
JUDGED = 12
"""Sizes of the first order that are judged besides those next to the best."""


class Start(NamedTuple):
    """Items at the start of the first week: units ``on_hand``, ``scheduled`` arrivals [items, weeks], ``up_to``: levels
    of the rule by week of arrival [items, weeks]; ``lead`` weeks, ``first`` week in which an order can arrive; ``cost``
    [items, 2] of a unit held a week and of a lost sale."""

    on_hand: Floats
    scheduled: Floats
    up_to: Floats
    lead: Ints
    first: Ints
    cost: Floats


def weeks_followed(first: Ints, weeks: int) -> int:
    """Weeks of demand that :func:`judge_first_order` needs; 0 where nothing can arrive."""
    arriving = first[first < weeks]
    return int(min(arriving.max() + 1 + FOLLOWED, weeks)) if len(arriving) else 0


def judge_first_order(
    demand: FloatGrid, lateness: Ints, goods: Start, lot: Floats, start: Ints, states: Ints, tables: Floats
) -> None:
    """Replace the first arrival week's entries of ``tables``, laid out as in :func:`fill_tables`.

    ``demand`` [items, paths, weeks]: at least :func:`weeks_followed`; ``lateness`` [items, paths]: weeks by which the
    orders of a path come late. Items that cost nothing to hold or to lose keep theirs, and those that cannot be ordered
    or followed within the horizon.
    """
    _judge_kernel(demand, lateness, goods, lot, start, states, tables)


@njit(nogil=True, cache=True)
def _judge_kernel(demand, lateness, goods, lot, start, states, tables):  # type: ignore[no-untyped-def]
    weeks = goods.scheduled.shape[1]
    for item in range(demand.shape[0]):
        first, count = goods.first[item], states[item]
        end = first + 1 + FOLLOWED
        if end >= weeks or count < 2 or goods.cost[item, 0] <= 0.0 or goods.cost[item, 1] <= 0.0:
            continue
        later = np.zeros(count)  # cheapest by the tables, given that at least k lots have been ordered
        for week in range(end - 1, first, -1):
            row = start[item] + week * count
            for k in range(count - 1, -1, -1):
                later[k] += tables[row + k]
                if k + 1 < count:
                    later[k] = min(later[k], later[k + 1])
        value = _curve(demand[item], lateness[item], goods, item, lot[item], count, end)
        row = start[item] + first * count
        for k in range(count):
            tables[row + k] = value[k] - later[k]


@njit(**INNER)
def _curve(demand, lateness, goods, item, lot, count, end):  # type: ignore[no-untyped-def]
    """Cost by first order, 0 to ``count - 1`` lots: some sizes judged, all those beside the best, the rest between."""
    enough = _enough(demand, goods, item, end) / lot
    step = max(int(enough / JUDGED), 1)
    value = np.empty(count)
    best = 0
    for k in range(0, count, step):
        if k - 2 * step >= enough:
            value[k] = 2.0 * value[k - step] - value[k - 2 * step]
        else:
            value[k] = _cost(demand, lateness, goods, item, k * lot, end)
        if value[k] < value[best]:
            best = k
        for between in range(max(k - step + 1, 0), k):
            value[between] = value[k] + (k - between) / step * (value[k - step] - value[k])
    last = (count - 1) // step * step
    for k in range(last + 1, count):
        value[k] = _cost(demand, lateness, goods, item, k * lot, end)
    for k in range(max(best - step + 1, 0), min(best + step, last)):
        if k % step:
            value[k] = _cost(demand, lateness, goods, item, k * lot, end)
    return value


@njit(**INNER)
def _enough(demand, goods, item, end):  # type: ignore[no-untyped-def]
    """Units beyond which a first order changes neither sales nor further orders."""
    most, level = 0.0, 0.0
    for path in range(demand.shape[0]):
        total = 0.0
        for week in range(end):
            total += demand[path, week]
        most = max(most, total)
    for week in range(goods.first[item], end):
        level = max(level, goods.up_to[item, week])
    return max(most + level - goods.on_hand[item], 0.0)


@njit(**INNER)
def _cost(demand, lateness, goods, item, order, end):  # type: ignore[no-untyped-def]
    """Expected yuan from the first arrival to ``end`` when ``order`` units come first and the rule orders after."""
    lead, first = goods.lead[item], goods.first[item]
    holding, shortage = goods.cost[item, 0], goods.cost[item, 1]
    arriving = np.empty(end)
    total = 0.0
    for path in range(demand.shape[0]):
        stock, on_way = goods.on_hand[item], 0.0
        for week in range(end):
            arriving[week] = goods.scheduled[item, week]
            on_way += arriving[week]
        delay = max(lead + lateness[path], 0)
        for week in range(end):
            if week + delay < end and week + lead >= first:
                units = order
                if week + lead > first:
                    units = max(0.0, goods.up_to[item, min(week + lead, end - 1)] - stock - on_way)
                arriving[week + delay] += units
                on_way += units
            stock += arriving[week]
            on_way -= arriving[week]
            left = stock - demand[path, week]
            if week >= first:
                total += holding * left if left > 0.0 else -shortage * left
            stock = max(left, 0.0)
    return total / demand.shape[0]
