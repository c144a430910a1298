"""Single-item lot sizing with minimum orders, packs, price tiers and several suppliers, exact for given cost tables.

State (week, cumulative lots ordered); cost tables hold what a state costs, so the value of week t is

    V_t(k) = G_t(k) + min( V_{t-1}(k),  min_j  f_j + min_{a_j <= n <= k} V_{t-1}(k - n) + c_jt * lot * n )

over the offers j of the suppliers: from a_j lots on, in whole steps of m_j lots, a unit costs c_jt, and the order costs
f_j besides. The inner minimum runs over a prefix (one for each remainder of k by m_j), or over a window where orders
have a largest size, so an item costs O(weeks x states x offers). Orders are counted in their week of arrival, one order
an item and week: a supplier with a longer lead time is an offer that is open in later weeks only. All-units tiers are
offers with growing a_j and falling price (each may be used above its range: a cheaper one then exists); incremental
tiers are offers with growing f_j, their concave price being the minimum of its lines. What a plan changes against the
last one may cost too, a line and a unit: above the last plan's order that is one more line, the few sizes up to it are
tried one by one. Goods that keep for some weeks only: an order pays for what it brings beyond the units F_t that are
sold in time if they arrive in week t, x_t(k) - x_t(k - n) with x_t(k) = e max(0, lot k - F_t), so V_{t-1} - x_t takes
the place of V_{t-1} above, and x_t(k) is added.
Source of the recursion: Wagner and Whitin (1958), extended to cumulative states.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.kernels import INNER

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FREE = 2**40
"""Lots no order ever has."""


class LotProblem(NamedTuple):
    """Items as flat arrays.

    ``tables`` [sum of weeks x states]: cost of item i, week t, k lots at ``start[i] + t * states[i] + k``; ``states``
    [items]: number of cumulative values (0 .. states - 1). ``lot`` [items]: units. Sources (a supplier of an item) are
    the rows ``source_start[i] : source_start[i + 1]`` of ``most`` [sources, weeks]: largest order that may arrive,
    lots (0: none, ``FREE``: any). Offers are the rows ``offer_start[i] : offer_start[i + 1]`` of ``offer_source`` (row
    of the source), ``offer_lots`` (smallest order, lots), ``offer_step`` (whole multiples of this, lots),
    ``offer_fixed`` (yuan an order), ``offer_price`` (yuan a unit paid), ``offer_paid`` (part of ``offer_fixed`` that is
    paid to the supplier) and ``offer_extra`` (yuan a unit above the lowest price of the item).
    ``before`` [sources, weeks]: units that the last plan let arrive; empty where changes cost nothing. ``change_line``,
    ``change_unit``: yuan for every source and week in which a plan differs from it, and for every unit.
    ``keeps`` [items, weeks]: units, ordered up to the week and with it, that are sold in time if the last of them
    arrive in it; empty where all goods keep. ``expiry`` [items]: yuan for each unit of an order beyond that.
    """

    tables: Floats
    start: Ints
    states: Ints
    lot: Floats
    source_start: Ints
    most: Ints
    offer_start: Ints
    offer_source: Ints
    offer_lots: Ints
    offer_step: Ints
    offer_fixed: Floats
    offer_price: Floats
    offer_paid: Floats
    offer_extra: Floats
    before: Floats = np.zeros((0, 0))
    change_line: float = 0.0
    change_unit: float = 0.0
    keeps: Floats = np.zeros((0, 0))
    expiry: Floats = np.zeros(0)

    @property
    def shape(self) -> tuple[int, int]:
        """Items, weeks."""
        return len(self.states), self.most.shape[1]


class LotPlans(NamedTuple):
    """``lots`` int64 and ``offer`` int64 (row of the offers, -1 without an order) [items, weeks of arrival]; ``value``
    [items]: cost with multipliers; ``cost`` [items]: without."""

    lots: Ints
    offer: Ints
    value: Floats
    cost: Floats

    def copied(self) -> LotPlans:
        """With arrays of its own."""
        return LotPlans(self.lots.copy(), self.offer.copy(), self.value.copy(), self.cost.copy())


def solve_lots(problem: LotProblem, money: Floats, room: Floats, threads: int = 1) -> LotPlans:
    """Cheapest plan of every item at multipliers.

    ``money`` [sources, weeks]: charge for each yuan of an order arriving in the week; ``room`` [sources, weeks]: yuan
    charged for each unit arriving. Both zero: the free plan. The number of ``threads`` changes the time only.
    """
    items, weeks = problem.shape
    plans = no_orders(items, weeks)
    edges = np.linspace(0, items, 4 * threads + 1).astype(np.int64) if threads > 1 else np.array([0, items])

    def part(span: tuple[int, int]) -> None:
        _solve_kernel(problem, money, room, plans.lots, plans.offer, plans.value, plans.cost, *span)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(part, pairwise(edges)))
    return plans


def no_orders(items: int, weeks: int) -> LotPlans:
    """Empty plans; their costs are not filled in."""
    lots = np.zeros((items, weeks), dtype=np.int64)
    return LotPlans(lots, np.full_like(lots, -1), np.zeros(items), np.zeros(items))


@njit(nogil=True, cache=True)
def _solve_kernel(problem, money, room, lots, offer, value, cost, first, last):  # type: ignore[no-untyped-def]
    for item in range(first, last):
        rows = slice(problem.source_start[item], problem.source_start[item + 1])
        value[item], cost[item] = solve_item(
            problem, item, money[rows], room[rows], problem.most[rows], lots[item], offer[item]
        )


@njit(**INNER)
def solve_item(problem, item, money, room, most, lots, offer):  # type: ignore[no-untyped-def]
    """Cheapest plan of one item at the charges ``money``, ``room`` [sources of the item, weeks] with orders of at most
    ``most`` [same] lots, written into ``lots`` and ``offer`` [weeks]; returns its cost with and without multipliers."""
    weeks, states = problem.most.shape[1], problem.states[item]
    first, last = problem.offer_start[item], problem.offer_start[item + 1]
    sources = problem.source_start[item]
    lot, start = problem.lot[item], problem.start[item]
    value = np.full(states, np.inf)
    value[0] = 0.0
    fresh = np.empty(states)
    origin = np.empty((weeks, states), dtype=np.int32)
    used = np.empty((weeks, states), dtype=np.int16)
    queue, queue_k = np.empty(states), np.empty(states, dtype=np.int64)
    perishable = problem.keeps.shape[0] > 0 and problem.expiry[item] > 0.0
    for week in range(weeks):
        idle = change_cost(problem, item, week, -1, 0.0)
        if perishable:
            for k in range(states):
                value[k] -= expired(problem, item, week, k)
        for k in range(states):
            fresh[k] = value[k]
            origin[week, k] = k
            used[week, k] = -1
        for row in range(first, last):
            source = problem.offer_source[row]
            largest, smallest = most[source - sources, week], problem.offer_lots[row]
            if largest < smallest:
                continue
            rate = problem.offer_price[row] * money[source - sources, week] + room[source - sources, week]
            step = lot * (problem.offer_extra[row] + rate)
            fixed = problem.offer_fixed[row] + problem.offer_paid[row] * money[source - sources, week]
            multiple = problem.offer_step[row]
            if problem.before.shape[0] > 0:
                old = problem.before[source, week]
                for n in range(smallest, min(int(old / lot + 1e-9), largest, states - 1) + 1, multiple):
                    total = step * n + fixed + change_cost(problem, item, week, source, lot * n) - idle
                    for k in range(n, states):
                        if value[k - n] + total < fresh[k]:
                            fresh[k], origin[week, k], used[week, k] = value[k - n] + total, k - n, row - first
                while lot * smallest <= old + 1e-9:
                    smallest += multiple
                if smallest > largest:
                    continue
                step += lot * problem.change_unit
                fixed += problem.change_line if old == 0.0 else -2.0 * problem.change_unit * old
            line = (step, fixed, smallest, multiple, row - first)
            if largest >= states:
                _order_any(value, line, fresh, origin[week], used[week])
            else:
                _order_within(value, line, largest, queue, queue_k, fresh, origin[week], used[week])
        base = start + week * states
        for k in range(states):
            value[k] = fresh[k] + problem.tables[base + k] + idle
        if perishable:
            for k in range(states):
                value[k] += expired(problem, item, week, k)
    k = 0
    for other in range(1, states):
        if value[other] < value[k]:
            k = other
    result = value[k]
    cost = 0.0
    for week in range(weeks - 1, -1, -1):
        cost += problem.tables[start + week * states + k]
        before = origin[week, k]
        lots[week] = k - before
        offer[week] = -1
        source = -1
        if k > before:
            row = first + used[week, k]
            offer[week] = row
            source = problem.offer_source[row]
            cost += problem.offer_fixed[row] + lot * (k - before) * problem.offer_extra[row]
            if perishable:
                cost += expired(problem, item, week, k) - expired(problem, item, week, before)
        cost += change_cost(problem, item, week, source, lot * (k - before))
        k = before
    return result, cost


@njit(**INNER)
def expired(problem, item, week, lots):  # type: ignore[no-untyped-def]
    """Yuan for the units among ``lots`` cumulative ones that are not sold in time if they arrive in a week; an order
    pays what it adds to that."""
    return problem.expiry[item] * max(0.0, problem.lot[item] * lots - problem.keeps[item, week])


@njit(cache=True, nogil=True)
def change_cost(problem, item, week, source, units):  # type: ignore[no-untyped-def]
    """Yuan for what an item's arrivals of a week differ from the last plan; ``source`` -1: nothing arrives."""
    total = 0.0
    if problem.before.shape[0] > 0:
        for row in range(problem.source_start[item], problem.source_start[item + 1]):
            changed = abs(problem.before[row, week] - (units if row == source else 0.0))
            if changed > 1e-6:
                total += problem.change_line + problem.change_unit * changed
    return total


@njit(**INNER)
def _order_any(value, line, fresh, origin, used):  # type: ignore[no-untyped-def]
    """Orders of any size on an offer ``line`` (yuan a lot, fixed yuan, smallest, multiple, number): the best start of
    an order that ends at k is the best so far."""
    step, fixed, smallest, multiple, number = line
    for remainder in range(multiple):
        best, best_k = np.inf, -1
        for k in range(smallest + remainder, len(value), multiple):
            entry = value[k - smallest] - step * (k - smallest)
            if entry < best:
                best, best_k = entry, k - smallest
            total = best + step * k + fixed
            if total < fresh[k]:
                fresh[k], origin[k], used[k] = total, best_k, number


@njit(**INNER)
def _order_within(value, line, largest, queue, queue_k, fresh, origin, used):  # type: ignore[no-untyped-def]
    """The same for orders of at most ``largest`` lots: the minimum of a sliding window, by a queue."""
    step, fixed, smallest, multiple, number = line
    for remainder in range(multiple):
        head, tail = 0, 0
        for k in range(smallest + remainder, len(value), multiple):
            entry = value[k - smallest] - step * (k - smallest)
            while tail > head and entry < queue[tail - 1]:
                tail -= 1
            queue[tail], queue_k[tail] = entry, k - smallest
            tail += 1
            while queue_k[head] < k - largest:
                head += 1
            total = queue[head] + step * k + fixed
            if total < fresh[k]:
                fresh[k], origin[k], used[k] = total, queue_k[head], number


@njit(cache=True)
def plan_costs(problem, lots, offer, cost):  # type: ignore[no-untyped-def]
    """Cost [items], without multipliers, of given plans ``lots``, ``offer`` [items, weeks]; written into ``cost``."""
    weeks = problem.most.shape[1]
    for item in range(len(cost)):
        total = 0.0
        k = 0
        for week in range(weeks):
            k += lots[item, week]
            total += problem.tables[problem.start[item] + week * problem.states[item] + k]
            source = -1
            if lots[item, week] > 0:
                row = offer[item, week]
                source = problem.offer_source[row]
                total += problem.offer_fixed[row] + problem.lot[item] * lots[item, week] * problem.offer_extra[row]
                if problem.keeps.shape[0] > 0:
                    total += expired(problem, item, week, k) - expired(problem, item, week, k - lots[item, week])
            total += change_cost(problem, item, week, source, problem.lot[item] * lots[item, week])
        cost[item] = total


def backlog_tables(demand: Floats, holding: Floats, shortage: Floats, lot: float, states: int) -> Floats:
    """Tables [weeks, states] of a known demand: cost of the stock, or of the backlog, at the end of each week.

    >>> backlog_tables(np.array([2.0]), np.array([1.0]), np.array([9.0]), 1.0, 4).tolist()
    [[18.0, 9.0, 0.0, 1.0]]
    """
    net = lot * np.arange(states)[None, :] - np.cumsum(demand)[:, None]
    return np.asarray(np.where(net >= 0, net * holding[:, None], -net * shortage[:, None]), dtype=np.float64)


def one_item(
    tables: Floats, lot: float, offers: list[tuple[int, float, float]], open_weeks: NDArray[np.bool_] | None = None
) -> LotProblem:
    """A problem of one item. ``offers``: (smallest order in lots, fixed yuan, yuan a unit)."""
    weeks, states = tables.shape
    lots, fixed, price = (np.array(column) for column in zip(*offers, strict=True))
    return LotProblem(
        tables=np.ascontiguousarray(tables, dtype=np.float64).ravel(),
        start=np.zeros(1, dtype=np.int64),
        states=np.array([states]),
        lot=np.array([float(lot)]),
        source_start=np.array([0, 1]),
        most=np.where(np.ones(weeks, dtype=bool) if open_weeks is None else open_weeks, FREE, 0)[None, :],
        offer_start=np.array([0, len(offers)]),
        offer_source=np.zeros(len(offers), dtype=np.int64),
        offer_lots=lots.astype(np.int64),
        offer_step=np.ones(len(offers), dtype=np.int64),
        offer_fixed=fixed.astype(np.float64),
        offer_price=price.astype(np.float64),
        offer_paid=np.zeros(len(offers)),
        offer_extra=price.astype(np.float64),
    )
