"""Rows that couple items: cumulative cash by week of payment, and units received by warehouse and week.

The multipliers are found by Gauss-Seidel sweeps on the augmented Lagrangian: each item is taken out of the use of the
rows, priced at the multiplier plus a penalty on what the others leave over or short, planned again and put back.
Source of the augmented Lagrangian: Bertsekas (1982), Constrained Optimization and Lagrange Multiplier Methods, ch. 2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.inventory.lot_sizing import LotPlans, LotProblem, solve_item

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Coupling(NamedTuple):
    """``cash`` [weeks] and ``room`` [warehouses, weeks]: limits (inf: none), none negative. ``paid`` [profiles, weeks
    of arrival, weeks]: share of an order's cost paid by the end of a week; ``profile``, ``warehouse`` [items].
    """

    cash: Floats
    room: Floats
    paid: Floats
    profile: Ints
    warehouse: Ints


class Use(NamedTuple):
    """Of the rows: ``cash`` [weeks] cumulative, ``room`` [warehouses, weeks]. Also used for prices and penalties."""

    cash: Floats
    room: Floats


def charges(coupling: Coupling, price: Use) -> tuple[Floats, Floats]:
    """Charges of every item [items, weeks of arrival]: for a yuan paid and for a unit received."""
    money = (coupling.paid @ price.cash)[coupling.profile]
    return np.ascontiguousarray(money), np.ascontiguousarray(price.room[coupling.warehouse])


def use_of(problem: LotProblem, coupling: Coupling, lots: Ints, offer: Ints) -> Use:
    """What plans use of every row. ``lots``, ``offer`` as in :class:`LotPlans`."""
    units = lots * problem.lot[:, None]
    money = units * np.where(offer >= 0, problem.offer_price[np.maximum(offer, 0)], 0.0)
    profiles, weeks = coupling.paid.shape[0], coupling.paid.shape[1]
    by_profile = np.zeros((profiles, weeks))
    np.add.at(by_profile, coupling.profile, money)
    room = np.zeros_like(coupling.room)
    np.add.at(room, coupling.warehouse, units)
    return Use(np.einsum("pa,paw->w", by_profile, coupling.paid), room)


def sweep(
    problem: LotProblem, coupling: Coupling, order: Ints, price: Use, stiffness: Use, plans: LotPlans, use: Use
) -> None:
    """One round over the items in ``order``, changing ``plans`` and ``use`` in place.

    A row costs max(0, price + stiffness * (use of the others - limit)); rows without limit cost nothing.
    """
    _sweep_kernel(problem, coupling, order, price, stiffness, plans.lots, plans.offer, plans.value, plans.cost, use)


@njit(cache=True)
def _sweep_kernel(problem, coupling, order, price, stiffness, lots, offer, value, cost, use):  # type: ignore[no-untyped-def]
    weeks = problem.open.shape[1]
    row_price = np.empty(weeks)
    money = np.empty(weeks)
    room = np.empty(weeks)
    for item in order:
        paid = coupling.paid[coupling.profile[item]]
        place = coupling.warehouse[item]
        _add(problem, paid, place, item, lots[item], offer[item], use, -1.0)
        for week in range(weeks):
            row_price[week] = _row_price(price.cash[week], stiffness.cash[week], use.cash[week], coupling.cash[week])
            room[week] = _row_price(
                price.room[place, week], stiffness.room[place, week], use.room[place, week], coupling.room[place, week]
            )
        for arrival in range(weeks):
            total = 0.0
            for week in range(weeks):
                total += paid[arrival, week] * row_price[week]
            money[arrival] = total
        value[item], cost[item] = solve_item(problem, item, money, room, lots[item], offer[item])
        _add(problem, paid, place, item, lots[item], offer[item], use, 1.0)


@njit(cache=True)
def _row_price(price, stiffness, use, limit):  # type: ignore[no-untyped-def]
    if not np.isfinite(limit):
        return 0.0
    return max(0.0, price + stiffness * (use - limit))


@njit(cache=True)
def _add(problem, paid, place, item, lots, offer, use, sign):  # type: ignore[no-untyped-def]
    weeks = len(lots)
    for arrival in range(weeks):
        if lots[arrival] == 0:
            continue
        units = sign * problem.lot[item] * lots[arrival]
        use.room[place, arrival] += units
        amount = units * problem.offer_price[offer[arrival]]
        for week in range(weeks):
            use.cash[week] += amount * paid[arrival, week]


@njit(cache=True)
def plan_costs(problem, lots, offer, cost):  # type: ignore[no-untyped-def]
    """Cost [items], without multipliers, of given plans ``lots``, ``offer`` [items, weeks]; written into ``cost``."""
    weeks = problem.open.shape[1]
    for item in range(len(cost)):
        total = 0.0
        k = 0
        for week in range(weeks):
            k += lots[item, week]
            total += problem.tables[problem.start[item] + week * problem.states[item] + k]
            if lots[item, week] > 0:
                row = offer[item, week]
                total += problem.offer_fixed[row] + problem.lot[item] * lots[item, week] * problem.offer_extra[row]
        cost[item] = total
