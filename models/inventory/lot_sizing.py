"""Single-item lot sizing with minimum orders, packs and price tiers, exact for given cost tables.

State (week, cumulative lots ordered); cost tables hold what a state costs, so the value of week t is

    V_t(k) = G_t(k) + min( V_{t-1}(k),  min_j  f_j + min_{a_j <= n <= k} V_{t-1}(k - n) + c_jt * lot * n )

over the offers j of the supplier: from a_j lots on, a unit costs c_jt, and the order costs f_j besides. The inner
minimum runs over a prefix, so an item costs O(weeks x states x offers). All-units tiers are offers with growing a_j and
falling price (each may be used above its range: a cheaper one then exists); incremental tiers are offers with growing
f_j, their concave price being the minimum of its lines.
Source of the recursion: Wagner and Whitin (1958), extended to cumulative states.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class LotProblem(NamedTuple):
    """Items as flat arrays.

    ``tables`` [sum of weeks x states]: cost of item i, week t, k lots at ``start[i] + t * states[i] + k``; ``states``
    [items]: number of cumulative values (0 .. states - 1). ``lot`` [items]: units. ``open`` bool [items, weeks]: an
    order may arrive. Offers of item i are the rows ``offer_start[i] : offer_start[i + 1]`` of ``offer_lots`` (smallest
    order, lots), ``offer_fixed`` (yuan an order), ``offer_price`` (yuan a unit paid) and ``offer_extra`` (yuan a unit
    above the lowest price).
    """

    tables: Floats
    start: Ints
    states: Ints
    lot: Floats
    open: NDArray[np.bool_]
    offer_start: Ints
    offer_lots: Ints
    offer_fixed: Floats
    offer_price: Floats
    offer_extra: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Items, weeks."""
        return self.open.shape[0], self.open.shape[1]


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

    ``money`` [items, weeks]: charge for each yuan paid for an order arriving in the week; ``room`` [items, weeks]: yuan
    charged for each unit arriving. Both zero: the free plan. The number of ``threads`` changes the time only.
    """
    items, weeks = problem.shape
    plans = LotPlans(
        np.zeros((items, weeks), dtype=np.int64),
        np.full((items, weeks), -1, dtype=np.int64),
        np.zeros(items),
        np.zeros(items),
    )
    edges = np.linspace(0, items, 4 * threads + 1).astype(np.int64) if threads > 1 else np.array([0, items])

    def part(span: tuple[int, int]) -> None:
        _solve_kernel(problem, money, room, plans.lots, plans.offer, plans.value, plans.cost, *span)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(part, pairwise(edges)))
    return plans


@njit(nogil=True, cache=True)
def _solve_kernel(problem, money, room, lots, offer, value, cost, first, last):  # type: ignore[no-untyped-def]
    for item in range(first, last):
        value[item], cost[item] = solve_item(problem, item, money[item], room[item], lots[item], offer[item])


@njit(cache=True)
def solve_item(problem, item, money, room, lots, offer):  # type: ignore[no-untyped-def]
    """Cheapest plan of one item, written into ``lots`` and ``offer`` [weeks]; returns its cost with and without
    multipliers."""
    weeks, states = problem.open.shape[1], problem.states[item]
    first, last = problem.offer_start[item], problem.offer_start[item + 1]
    lot, start = problem.lot[item], problem.start[item]
    value = np.full(states, np.inf)
    value[0] = 0.0
    fresh = np.empty(states)
    origin = np.empty((weeks, states), dtype=np.int32)
    used = np.empty((weeks, states), dtype=np.int16)
    for week in range(weeks):
        for k in range(states):
            fresh[k] = value[k]
            origin[week, k] = k
            used[week, k] = -1
        if problem.open[item, week]:
            for row in range(first, last):
                step = lot * (problem.offer_extra[row] + problem.offer_price[row] * money[week] + room[week])
                fixed = problem.offer_fixed[row]
                smallest = problem.offer_lots[row]
                best, best_k = np.inf, -1
                for k in range(smallest, states):
                    entry = value[k - smallest] - step * (k - smallest)
                    if entry < best:
                        best, best_k = entry, k - smallest
                    total = best + step * k + fixed
                    if total < fresh[k]:
                        fresh[k] = total
                        origin[week, k] = best_k
                        used[week, k] = row - first
        base = start + week * states
        for k in range(states):
            value[k] = fresh[k] + problem.tables[base + k]
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
        if k > before:
            row = first + used[week, k]
            offer[week] = row
            cost += problem.offer_fixed[row] + lot * (k - before) * problem.offer_extra[row]
        k = before
    return result, cost


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
        np.ascontiguousarray(tables, dtype=np.float64).ravel(),
        np.zeros(1, dtype=np.int64),
        np.array([states]),
        np.array([float(lot)]),
        np.ones((1, weeks), dtype=bool) if open_weeks is None else open_weeks[None, :],
        np.array([0, len(offers)]),
        lots.astype(np.int64),
        fixed.astype(np.float64),
        price.astype(np.float64),
        price.astype(np.float64),
    )
