"""From plans that nearly keep the coupling limits to plans that keep them all, and better ones among those.

An item is planned anew beside all others with charges on the rows that it would overrun, raised until it fits (its
programme costs microseconds). :func:`repair` relieves the worst row first, by the item that pays least for a unit of
relief, and gives up orders where nothing else helps; :func:`improve` lets every item use what the others leave.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.inventory.coupling import Coupling, Use, _add, plan_costs, use_of
from models.inventory.lot_sizing import LotPlans, LotProblem, solve_item

Ints = NDArray[np.int64]
TRIES = 40
FIRST_CHARGE, GROWTH = 0.01, 2.0
LOOKED_AT = 40
PASSED_ON = 0.5
SLIP = 1e-9


def repair(problem: LotProblem, coupling: Coupling, price: Use, plans: LotPlans, use: Use, order: Ints) -> None:
    """Bring ``plans`` and ``use`` within all limits, in place.

    ``order``: items as they are looked at. After ``10 x items`` moves, or where no item can give way, items of the
    overrun rows lose all orders until the limits hold (call :func:`improve` then).
    """
    moves = 10 * problem.shape[0]
    kept = _repair_kernel(problem, coupling, price, plans.lots, plans.offer, plans.cost, use, order, moves)
    if not kept:
        drop(problem, coupling, plans, use, _users(problem, coupling, plans, use, order))


def drop(problem: LotProblem, coupling: Coupling, plans: LotPlans, use: Use, items: Ints) -> None:
    """Take all orders of ``items`` out of ``plans`` and ``use``, in place."""
    plans.lots[items], plans.offer[items] = 0, -1
    plan_costs(problem, plans.lots, plans.offer, plans.cost)
    left = use_of(problem, coupling, plans.lots, plans.offer)
    use.cash[:], use.room[:] = left.cash, left.room


def _users(problem: LotProblem, coupling: Coupling, plans: LotPlans, use: Use, order: Ints) -> Ints:
    """First items of ``order`` that use overrun rows, as many as must go for every limit to hold."""
    cash, room = use.cash.copy(), use.room.copy()
    chosen = []
    for item in order:
        over_cash, over_room = cash > coupling.cash + SLIP, room > coupling.room + SLIP
        if not (over_cash.any() or over_room.any()):
            break
        one = np.array([item])
        row = problem._replace(lot=problem.lot[one])
        part = coupling._replace(profile=coupling.profile[one], warehouse=coupling.warehouse[one])
        own = use_of(row, part, plans.lots[one], plans.offer[one])
        if (own.cash[over_cash] > 0).any() or (own.room[over_room] > 0).any():
            cash, room = cash - own.cash, room - own.room
            chosen.append(item)
    return np.array(chosen, dtype=np.int64)


def improve(problem: LotProblem, coupling: Coupling, price: Use, plans: LotPlans, use: Use, order: Ints) -> int:
    """One pass over the items of ``order``, each taking a cheaper plan that fits, in place; how many did.

    ``price``: charges from which the search of an item starts (zero: its free plan).
    """
    return int(_improve_kernel(problem, coupling, price, plans.lots, plans.offer, plans.cost, use, order))


@njit(cache=True)
def _own_use(problem, paid, item, lots, offer, cash, room):  # type: ignore[no-untyped-def]
    """Use of the rows by one item: payments by the end of each week, units received in it."""
    weeks = len(lots)
    cash[:] = 0.0
    for arrival in range(weeks):
        units = problem.lot[item] * lots[arrival]
        room[arrival] = units
        if lots[arrival] > 0:
            amount = units * problem.offer_price[offer[arrival]]
            for week in range(weeks):
                cash[week] += amount * paid[arrival, week]


@njit(cache=True)
def _fit(problem, coupling, item, charge, allowed, lots, offer, own):  # type: ignore[no-untyped-def]
    """Plan an item so that its use stays within ``allowed`` [2, weeks] (cash, room); charges [2, weeks] grow on the
    way. Returns whether it fits and what it costs."""
    weeks = len(lots)
    paid = coupling.paid[coupling.profile[item]]
    worth = max(problem.offer_price[problem.offer_start[item]], 1e-3)
    money = np.empty(weeks)
    cost = 0.0
    for _ in range(TRIES):
        for arrival in range(weeks):
            total = 0.0
            for week in range(weeks):
                total += paid[arrival, week] * charge[0, week]
            money[arrival] = total
        _, cost = solve_item(problem, item, money, charge[1], lots, offer)
        _own_use(problem, paid, item, lots, offer, own[0], own[1])
        fits = True
        for week in range(weeks):
            if own[0, week] > allowed[0, week]:
                charge[0, week] = max(GROWTH * charge[0, week], FIRST_CHARGE)
                fits = False
            if own[1, week] > allowed[1, week]:
                charge[1, week] = max(GROWTH * charge[1, week], FIRST_CHARGE * worth)
                fits = False
        if fits:
            return True, cost
    return False, cost


@njit(cache=True)
def _left(limit, use):  # type: ignore[no-untyped-def]
    return np.inf if not np.isfinite(limit) else limit - use + SLIP * max(limit, 1.0)


@njit(cache=True)
def _improve_kernel(problem, coupling, price, lots, offer, cost, use, order):  # type: ignore[no-untyped-def]
    weeks = problem.open.shape[1]
    charge, allowed, own, old = np.empty((2, weeks)), np.empty((2, weeks)), np.empty((2, weeks)), np.empty((2, weeks))
    new_lots, new_offer = np.empty(weeks, dtype=np.int64), np.empty(weeks, dtype=np.int64)
    changed = 0
    for item in order:
        paid, place = coupling.paid[coupling.profile[item]], coupling.warehouse[item]
        _own_use(problem, paid, item, lots[item], offer[item], old[0], old[1])
        _add(problem, paid, place, item, lots[item], offer[item], use, -1.0)
        for week in range(weeks):
            charge[0, week], charge[1, week] = price.cash[week], price.room[place, week]
            allowed[0, week] = max(_left(coupling.cash[week], use.cash[week]), old[0, week])
            allowed[1, week] = max(_left(coupling.room[place, week], use.room[place, week]), old[1, week])
        fits, new_cost = _fit(problem, coupling, item, charge, allowed, new_lots, new_offer, own)
        if fits and new_cost < cost[item] - 1e-9 * max(abs(cost[item]), 1.0):
            lots[item], offer[item], cost[item] = new_lots, new_offer, new_cost
            changed += 1
        _add(problem, paid, place, item, lots[item], offer[item], use, 1.0)
    return changed


@njit(cache=True)
def _worst(limits, used):  # type: ignore[no-untyped-def]
    """Position (flat) and size of the largest overrun as a share of the limit."""
    worst, where = 0.0, -1
    for row in range(len(limits)):
        if np.isfinite(limits[row]):
            over = (used[row] - limits[row]) / max(limits[row], 1.0)
            if over > SLIP * 1.01 and over > worst:
                worst, where = over, row
    return worst, where


@njit(cache=True)
def _repair_kernel(problem, coupling, price, lots, offer, cost, use, order, moves):  # type: ignore[no-untyped-def]
    items, weeks = problem.open.shape
    charge, allowed, own, old = np.empty((2, weeks)), np.empty((2, weeks)), np.empty((2, weeks)), np.empty((2, weeks))
    new_lots, new_offer = np.empty(weeks, dtype=np.int64), np.empty(weeks, dtype=np.int64)
    best_lots, best_offer = np.empty(weeks, dtype=np.int64), np.empty(weeks, dtype=np.int64)
    stuck = 0
    cursor = 0
    for _ in range(moves):
        over_cash, cash_week = _worst(coupling.cash, use.cash)
        over_room, room_row = _worst(coupling.room.ravel(), use.room.ravel())
        if cash_week < 0 and room_row < 0:
            return True
        by_cash = over_cash >= over_room
        week = cash_week if by_cash else room_row % weeks
        place = -1 if by_cash else room_row // weeks
        excess = use.cash[week] - coupling.cash[week] if by_cash else use.room[place, week] - coupling.room[place, week]
        kind = 0 if by_cash else 1
        best, best_item, best_cost, looked = np.inf, -1, 0.0, 0
        for step in range(items):
            item = order[(cursor + step) % items]
            if not by_cash and (coupling.warehouse[item] != place or lots[item, week] == 0):
                continue
            paid, home = coupling.paid[coupling.profile[item]], coupling.warehouse[item]
            _own_use(problem, paid, item, lots[item], offer[item], old[0], old[1])
            if old[kind, week] <= 0.0:
                continue
            for other in range(weeks):
                charge[0, other], charge[1, other] = price.cash[other], price.room[home, other]
                # other rows may be overrun a little on the way, so that an overrun can spread and then vanish
                for row in range(2):
                    limit = coupling.cash[other] if row == 0 else coupling.room[home, other]
                    used = use.cash[other] if row == 0 else use.room[home, other]
                    left = _left(limit, used - old[row, other])
                    spare = PASSED_ON * max(over_cash, over_room) * max(limit, 1.0) if np.isfinite(limit) else 0.0
                    allowed[row, other] = max(left + spare, old[row, other])
            allowed[kind, week] = old[kind, week] * (1.0 - 1e-6)
            fits, new_cost = _fit(problem, coupling, item, charge, allowed, new_lots, new_offer, own)
            looked += 1
            if fits:
                regret = (new_cost - cost[item]) / min(old[kind, week] - own[kind, week], excess)
                if regret < best:
                    best, best_item, best_cost = regret, item, new_cost
                    best_lots[:], best_offer[:] = new_lots, new_offer
            if looked >= LOOKED_AT:
                cursor = (cursor + step + 1) % items
                break
        if best_item < 0:
            stuck += 1
            if stuck > LOOKED_AT:
                return False
            continue
        stuck = 0
        paid, home = coupling.paid[coupling.profile[best_item]], coupling.warehouse[best_item]
        _add(problem, paid, home, best_item, lots[best_item], offer[best_item], use, -1.0)
        lots[best_item], offer[best_item], cost[best_item] = best_lots, best_offer, best_cost
        _add(problem, paid, home, best_item, lots[best_item], offer[best_item], use, 1.0)
    return False
