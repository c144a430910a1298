"""From plans that nearly keep the coupling limits to plans that keep them all, and better ones among those.

An item is planned anew beside all others with charges on the rows that it would overrun, raised until it fits (its
programme costs microseconds). :func:`repair` relieves the worst row first, by the item that pays least for a unit of
relief, and gives up orders where nothing else helps; :func:`improve` lets every item use what the others leave.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.inventory.coupling import (
    Coupling,
    add_use,
    most_lots,
    most_sources,
    rows_of,
    shares_in,
    source_charges,
    use_of,
)
from models.inventory.lot_sizing import LotPlans, LotProblem, no_orders, plan_costs, solve_item
from models.kernels import INNER, put

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TRIES = 200
FIRST_CHARGE, GROWTH = 0.05, 2.0
LOOKED_AT = 40
PASSED_ON = 0.5
MOVES = 2
SLIP = 1e-9


class _Desk(NamedTuple):
    """Where one item is planned: ``charge``, ``allowed``, ``own``, ``old`` [rows], of which the item's ``rows`` hold;
    ``money``, ``unit``, ``most`` [sources, weeks]; ``lots``, ``offer`` [weeks]."""

    charge: Floats
    allowed: Floats
    own: Floats
    old: Floats
    rows: Ints
    money: Floats
    unit: Floats
    most: Ints
    lots: Ints
    offer: Ints


def _desk(problem: LotProblem, coupling: Coupling) -> _Desk:
    rows, plan = len(coupling.limit), no_orders(1, problem.shape[1])
    most = np.empty((most_sources(problem), problem.shape[1]), dtype=np.int64)
    return _Desk(
        charge=np.zeros(rows),
        allowed=np.zeros(rows),
        own=np.zeros(rows),
        old=np.zeros(rows),
        rows=np.empty(rows + most.size, dtype=np.int64),
        money=np.empty(most.shape),
        unit=np.empty(most.shape),
        most=most,
        lots=plan.lots[0],
        offer=plan.offer[0],
    )


def repair(problem: LotProblem, coupling: Coupling, price: Floats, plans: LotPlans, use: Floats, order: Ints) -> None:
    """Bring ``plans`` and ``use`` within all limits, in place.

    ``order``: items as they are looked at. After ``MOVES x items`` moves, or where no item can give way, items of the
    overrun rows lose all orders until the limits hold (call :func:`improve` then).
    """
    moves = max(MOVES * problem.shape[0], 2000)
    desk = _desk(problem, coupling)
    if not _repair_kernel(problem, coupling, price, plans, use, order, moves, desk):
        drop(problem, coupling, plans, use, _users(problem, coupling, plans, use, order))


def drop(problem: LotProblem, coupling: Coupling, plans: LotPlans, use: Floats, items: Ints) -> None:
    """Take all orders of ``items`` out of ``plans`` and ``use``, in place."""
    plans.lots[items], plans.offer[items] = 0, -1
    plan_costs(problem, plans.lots, plans.offer, plans.cost)
    use[:] = use_of(problem, coupling, plans.lots, plans.offer)


def _users(problem: LotProblem, coupling: Coupling, plans: LotPlans, use: Floats, order: Ints) -> Ints:
    """First items of ``order`` that use overrun rows, as many as must go for every limit to hold."""
    left, chosen, waiting = use.copy(), list[int](), list(order)
    while (left > coupling.limit + SLIP * coupling.size).any():
        before = len(chosen)
        for item in waiting:
            own = np.zeros_like(left)
            add_use(problem, coupling, item, plans.lots[item], plans.offer[item], own, 1.0)
            if (own[left > coupling.limit + SLIP * coupling.size] > 0).any():
                left -= own
                chosen.append(item)
        # who goes may have bought less than a share of suppliers asks of all: then others must go too
        gone = set(chosen[before:])
        waiting = [item for item in waiting if item not in gone]
        if not gone:
            break
    return np.array(chosen, dtype=np.int64)


def improve(problem: LotProblem, coupling: Coupling, price: Floats, plans: LotPlans, use: Floats, order: Ints) -> int:
    """One pass over the items of ``order``, each taking a cheaper plan that fits, in place; how many did.

    ``price`` [rows]: charges from which the search of an item starts (zero: its free plan).
    """
    desk = _desk(problem, coupling)
    return int(_improve_kernel(problem, coupling, price, plans, use, order, desk))


@njit(**INNER)
def _own_use(problem, coupling, item, lots, offer, out, rows, count):  # type: ignore[no-untyped-def]
    """Use of an item's ``rows`` by its plan, written into ``out``."""
    for position in range(count):
        out[rows[position]] = 0.0
    add_use(problem, coupling, item, lots, offer, out, 1.0)


@njit(**INNER)
def _fit(problem, coupling, item, desk, count):  # type: ignore[no-untyped-def]
    """Plan an item so that its use stays within ``desk.allowed``; charges grow on the way. Returns whether it fits and
    what it costs."""
    first = problem.source_start[item]
    worth = max(problem.offer_price[problem.offer_start[item]], 1e-3)
    weeks, shares = len(desk.lots), len(coupling.limit) - len(coupling.share)
    cost = 0.0
    most_lots(problem, coupling, item, desk.allowed, desk.most[: problem.source_start[item + 1] - first])
    for _ in range(TRIES):
        for source in range(first, problem.source_start[item + 1]):
            source_charges(coupling, item, source, desk.charge, desk.money[source - first], desk.unit[source - first])
        _, cost = solve_item(problem, item, desk.money, desk.unit, desk.most, desk.lots, desk.offer)
        _own_use(problem, coupling, item, desk.lots, desk.offer, desk.own, desk.rows, count)
        fits = True
        for position in range(count):
            row = desk.rows[position]
            if desk.own[row] > desk.allowed[row]:
                of_money = row < weeks or row >= coupling.budget[item] >= 0 or row >= shares
                least = FIRST_CHARGE if of_money else FIRST_CHARGE * worth
                desk.charge[row] = max(GROWTH * desk.charge[row], least)
                fits = False
        if fits:
            return True, cost
    return False, cost


@njit(**INNER)
def _left(coupling, row, use):  # type: ignore[no-untyped-def]
    limit = coupling.limit[row]
    return np.inf if not np.isfinite(limit) else limit - use + SLIP * coupling.size[row]


@njit(cache=True)
def _improve_kernel(problem, coupling, price, plans, use, order, desk):  # type: ignore[no-untyped-def]
    lots, offer, cost = plans.lots, plans.offer, plans.cost
    changed = 0
    for item in order:
        count = rows_of(problem, coupling, item, desk.rows)
        _own_use(problem, coupling, item, lots[item], offer[item], desk.old, desk.rows, count)
        add_use(problem, coupling, item, lots[item], offer[item], use, -1.0)
        for position in range(count):
            row = desk.rows[position]
            desk.charge[row] = price[row]
            desk.allowed[row] = max(_left(coupling, row, use[row]), desk.old[row])
        fits, new_cost = _fit(problem, coupling, item, desk, count)
        if fits and new_cost < cost[item] - 1e-9 * max(abs(cost[item]), 1.0):
            cost[item] = new_cost
            put(desk.lots, lots[item])
            put(desk.offer, offer[item])
            changed += 1
        add_use(problem, coupling, item, lots[item], offer[item], use, 1.0)
    return changed


@njit(**INNER)
def _worst(coupling, used):  # type: ignore[no-untyped-def]
    """Row and size of the largest overrun as a share of the limit; -1 where every limit is kept."""
    worst, where = 0.0, -1
    for row in range(len(used)):
        if np.isfinite(coupling.limit[row]):
            over = (used[row] - coupling.limit[row]) / coupling.size[row]
            if over > SLIP * 1.01 and over > worst:
                worst, where = over, row
    return worst, where


@njit(**INNER)
def _touches(problem, coupling, item, row):  # type: ignore[no-untyped-def]
    """Whether a row is one of the item's."""
    weeks = problem.most.shape[1]
    if row < weeks:
        return True
    for first in (coupling.inbound[item], coupling.storage[item]):
        if first >= 0 and first <= row < first + weeks:
            return True
    if coupling.budget[item] >= 0 and coupling.budget[item] <= row <= coupling.budget[item] + coupling.period[-1]:
        return True
    for source in range(problem.source_start[item], problem.source_start[item + 1]):
        if coupling.supplier[source] >= 0 and coupling.supplier[source] <= row < coupling.supplier[source] + weeks:
            return True
    shares = len(coupling.limit) - len(coupling.share)
    return row >= shares and shares_in(problem, coupling, item, row - shares)


@njit(cache=True)
def _repair_kernel(problem, coupling, price, plans, use, order, moves, desk):  # type: ignore[no-untyped-def]
    items, weeks = len(problem.states), problem.most.shape[1]
    limit, lots, offer, cost = coupling.limit, plans.lots, plans.offer, plans.cost
    best_lots, best_offer = np.empty(weeks, dtype=np.int64), np.empty(weeks, dtype=np.int64)
    stuck = 0
    cursor = 0
    for _ in range(moves):
        over, worst = _worst(coupling, use)
        if worst < 0:
            return True
        excess = use[worst] - limit[worst]
        best, best_item, best_cost, looked = np.inf, -1, 0.0, 0
        for step in range(items):
            item = order[(cursor + step) % items]
            if not _touches(problem, coupling, item, worst):
                continue
            count = rows_of(problem, coupling, item, desk.rows)
            _own_use(problem, coupling, item, lots[item], offer[item], desk.old, desk.rows, count)
            if desk.old[worst] <= 0.0:
                continue
            for position in range(count):
                row = desk.rows[position]
                desk.charge[row] = price[row]
                # other rows may be overrun a little on the way, so that an overrun can spread and then vanish
                left = _left(coupling, row, use[row] - desk.old[row])
                spare = PASSED_ON * over * coupling.size[row] if np.isfinite(limit[row]) else 0.0
                desk.allowed[row] = max(left + spare, desk.old[row])
            desk.allowed[worst] = desk.old[worst] * (1.0 - 1e-6)
            fits, new_cost = _fit(problem, coupling, item, desk, count)
            looked += 1
            if fits:
                regret = (new_cost - cost[item]) / min(desk.old[worst] - desk.own[worst], excess)
                if regret < best:
                    best, best_item, best_cost = regret, item, new_cost
                    put(desk.lots, best_lots)
                    put(desk.offer, best_offer)
            if looked >= LOOKED_AT:
                cursor = (cursor + step + 1) % items
                break
        if best_item < 0:
            stuck += 1
            if stuck > LOOKED_AT:
                return False
            continue
        stuck = 0
        add_use(problem, coupling, best_item, lots[best_item], offer[best_item], use, -1.0)
        cost[best_item] = best_cost
        put(best_lots, lots[best_item])
        put(best_offer, offer[best_item])
        add_use(problem, coupling, best_item, lots[best_item], offer[best_item], use, 1.0)
    return False
