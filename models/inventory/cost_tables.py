"""Expected cost of holding too much or too little, by week and cumulative order, from sample paths.

Closed loop: an order that arrives in week t was placed L weeks earlier, when demand up to then was known, so only the
demand of the protection interval (lead time and one week) is uncertain; before it, mean demand is taken. So a table
tells what an order-up-to policy pays, and safety stock does not grow along the horizon. Before the first order can
arrive, stock is projected on every path with lost sales: max(0, stock - demand).

Lost sales: charged by the week, a backlog would count one lost unit several times, since the intervals of successive
weeks overlap. :func:`lost_sales_levels` finds by simulation the factor by which holding must weigh more (1.3 to 3 in
trials), which makes the best order-up-to level of the table that of the lost-sales system. The order of the first week,
whose stock is known, is judged by simulation itself (:mod:`models.inventory.rollout`).
Source of the order-up-to argument: Karlin and Scarf (1958); of the bias: Huh, Janakiraman, Muckstadt, Rusmevichientong
(2009), Asymptotic optimality of order-up-to policies in lost sales inventory systems.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.inventory.leftover import leftover_cost

Floats = NDArray[np.float64]
FloatGrid = NDArray[np.float32]
Ints = NDArray[np.int64]

FACTORS = np.array([1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0])


class LostSales(NamedTuple):
    """``factor`` on holding cost [items]; ``up_to``: order-up-to levels by week of arrival [items, weeks], units."""

    factor: Floats
    up_to: Floats


def lost_sales_levels(demand: FloatGrid, lead: Ints, holding: Floats, shortage: Floats) -> LostSales:
    """Factor on holding cost, one of ``FACTORS`` an item, with which order-up-to levels cost least under lost sales.

    ``demand`` [items, paths, weeks]; ``lead`` whole weeks [items]; ``holding``, ``shortage``: cost a unit [items].
    """
    items, paths, weeks = demand.shape
    on_time = np.zeros((items, paths), dtype=np.int64)
    ordered = np.sort(interval_demand(demand, lead, lead, on_time), axis=1)
    best, out, up_to = np.full(items, np.inf), np.ones(items), np.zeros((items, weeks))
    tried = (holding > 0) & (shortage > 0) & (lead < weeks - 1)
    for factor in FACTORS:
        with np.errstate(invalid="ignore"):
            ratio = np.nan_to_num(shortage / (shortage + np.where(tried, factor, 1.0) * holding), nan=1.0)
        rank = np.clip(np.ceil(ratio * paths).astype(np.int64) - 1, 0, paths - 1)
        levels = ordered[np.arange(items), rank].astype(np.float64)
        cost = np.empty(items)
        _policy_kernel(demand, levels, lead, holding, shortage, cost)
        better = cost < best * (1.0 - 1e-9)
        best, out = np.where(better, cost, best), np.where(better, factor, out)
        up_to[better] = levels[better]
    return LostSales(np.where(tried, out, 1.0), up_to)


@njit(nogil=True, cache=True)
def _policy_kernel(demand, levels, lead, holding, shortage, out):  # type: ignore[no-untyped-def]
    """Cost of order-up-to ``levels`` [items, weeks of arrival] under lost sales, from the first arrival on."""
    weeks = demand.shape[2]
    for item in range(demand.shape[0]):
        gap = lead[item]
        total = 0.0
        ordered = np.zeros(weeks + 1)
        for path in range(demand.shape[1]):
            start = levels[item, min(gap, weeks - 1)] / (gap + 1.0)  # the pipeline as the policy would have left it
            stock, pipeline = start, 0.0
            for week in range(weeks):
                ordered[week] = start if week < gap else 0.0
                pipeline += ordered[week]
            for week in range(weeks):
                if week + gap < weeks:
                    ordered[week + gap] = max(0.0, levels[item, week + gap] - stock - pipeline)
                    pipeline += ordered[week + gap]
                stock += ordered[week]
                pipeline -= ordered[week]
                left = stock - demand[item, path, week]
                if week >= gap:
                    total += holding[item] * left if left > 0.0 else -shortage[item] * left
                stock = max(0.0, left)
        out[item] = total


def projected_sales(demand: FloatGrid, on_hand: Floats, scheduled: Floats, lead: Ints) -> FloatGrid:
    """Demand paths with what cannot be sold before the first order arrives taken out, [items, paths, weeks].

    ``scheduled`` [items, weeks]: placed orders that arrive at the start of the week.
    """
    out = demand.copy()
    _project_kernel(on_hand, scheduled, lead, out)
    return out


@njit(nogil=True, cache=True)
def _project_kernel(on_hand, scheduled, lead, demand):  # type: ignore[no-untyped-def]
    for item in range(demand.shape[0]):
        for path in range(demand.shape[1]):
            stock = on_hand[item]
            for week in range(min(lead[item], demand.shape[2])):
                stock += scheduled[item, week]
                sold = min(stock, demand[item, path, week])
                demand[item, path, week] = sold
                stock -= sold


def interval_demand(sales: FloatGrid, lead: Ints, earliest: Ints, lateness: Ints) -> FloatGrid:
    """Demand over each protection interval, [items, paths, weeks]: weeks t - L to t + lateness of the path.

    ``lateness`` [items, paths]: weeks by which orders come later (or earlier) than agreed; weeks beyond the horizon
    are taken as its last one. Weeks before the ``earliest`` arrival [items] are not decided on and hold 0.
    """
    out = np.zeros_like(sales)
    _interval_kernel(sales, lead, earliest, lateness, out)
    return out


@njit(nogil=True, cache=True)
def _interval_kernel(sales, lead, earliest, lateness, out):  # type: ignore[no-untyped-def]
    weeks = sales.shape[2]
    for item in range(sales.shape[0]):
        for path in range(sales.shape[1]):
            for week in range(earliest[item], weeks):
                start = max(week - lead[item], 0)
                total = 0.0
                for step in range(start, max(start, week + lateness[item, path]) + 1):
                    total += sales[item, path, min(step, weeks - 1)]
                out[item, path, week] = total


def fill_tables(
    interval: FloatGrid, base: Floats, lot: Floats, first: Ints, cost: Floats, start: Ints, states: Ints, out: Floats
) -> None:
    """Fill expected costs into ``out``: entry ``start[i] + t * states[i] + k`` for week t and k lots ordered so far.

    Net stock at the end of week t is ``base[i, t] + k * lot[i]`` less the interval's demand. ``cost`` [items, 5]: a
    unit held a week, a unit short a week; then for what is left after the last week (see :func:`leftover_cost`) the
    holding of a unit and week, the demand a week, the loss when cleared. Weeks before ``first[i]``, in which no plan
    can change anything, cost nothing.
    """
    _table_kernel(np.sort(interval, axis=1), base, lot, first, cost, start, states, out)


@njit(nogil=True, cache=True)
def _table_kernel(interval, base, lot, first, cost, start, states, out):  # type: ignore[no-untyped-def]
    paths, weeks = interval.shape[1], interval.shape[2]
    for item in range(interval.shape[0]):
        for week in range(weeks):
            row = start[item] + week * states[item]
            if week < first[item]:
                for k in range(states[item]):
                    out[row + k] = 0.0
                continue
            draws = interval[item, :, week]
            total = 0.0
            for path in range(paths):
                total += draws[path]
            covered, below = 0, 0.0
            for k in range(states[item]):
                supply = base[item, week] + k * lot[item]
                while covered < paths and draws[covered] <= supply:
                    below += draws[covered]
                    covered += 1
                surplus = covered * supply - below
                lacking = (total - below) - (paths - covered) * supply
                out[row + k] = (cost[item, 0] * surplus + cost[item, 1] * lacking) / paths
                if week == weeks - 1:
                    for path in range(covered):
                        units = supply - draws[path]
                        out[row + k] += leftover_cost(units, cost[item, 2], cost[item, 3], cost[item, 4]) / paths


def add_aged_rent(net: Floats, lot: Floats, first: Ints, rate: Floats, start: Ints, states: Ints, out: Floats) -> None:
    """Add to tables, as :func:`fill_tables` lays them out, what stock pays that lies too long.

    ``net`` [items, weeks]: supply without new orders up to the week, less expected demand until stock of that week has
    lain too long: what is positive of it, new lots included, is still there then (the oldest is sold first) and pays
    ``rate`` [items], yuan a unit and week. So the cost of age needs no state but the lots ordered.
    """
    _aged_kernel(net, lot, first, rate, start, states, out)


@njit(nogil=True, cache=True)
def _aged_kernel(net, lot, first, rate, start, states, out):  # type: ignore[no-untyped-def]
    for item in range(net.shape[0]):
        if rate[item] <= 0.0:
            continue
        for week in range(first[item], net.shape[1]):
            row = start[item] + week * states[item]
            for k in range(states[item]):
                out[row + k] += rate[item] * max(0.0, net[item, week] + k * lot[item])
