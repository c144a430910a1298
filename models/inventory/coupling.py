"""Rows that couple items, and what plans use of them.

Six families in one vector: cumulative money by week of payment; units received, and cubic metres filled, by warehouse
and week; units delivered by supplier and week; open-to-buy by group and period; shares of suppliers in the money of
the whole horizon (what one gets less his share of all that is bought: below zero for those who get less). The
multipliers are found by Gauss-Seidel sweeps on the augmented Lagrangian: each item is taken out of the use of the rows,
priced at the multiplier plus a penalty on what the others leave over or short, planned again and put back.
Source of the augmented Lagrangian: Bertsekas (1982), Constrained Optimization and Lagrange Multiplier Methods, ch. 2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

from models.inventory.lot_sizing import FREE, LotPlans, LotProblem, solve_item
from models.kernels import INNER

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CASH, INBOUND, STORAGE, SUPPLIER, BUDGET, SHARE = range(6)
FAMILIES = ("cash", "inbound", "storage", "supplier", "open_to_buy", "share")


class Coupling(NamedTuple):
    """``limit`` [rows]: none negative, inf without a limit; ``family`` [rows]; ``size`` [rows]: what an overrun is a
    share of, above zero. The first rows are the weeks' cash, the last ones those of ``share``.

    ``paid`` [profiles, weeks of arrival, weeks]: share of an order's cost paid by the end of a week; ``profile``
    [sources]. First row of a run of weeks, -1 where there is no limit: ``inbound``, ``storage`` [items], ``supplier``
    [sources]. ``budget`` [items]: first open-to-buy row of the item's group, -1: none; ``period`` [weeks]: row within
    it by week of arrival. ``volume`` [items]: cubic metres a unit. ``share`` [share rows, sources]: what a yuan bought
    from a source adds to the row, of either sign.
    """

    limit: Floats
    family: Ints
    size: Floats
    paid: Floats
    profile: Ints
    inbound: Ints
    storage: Ints
    supplier: Ints
    budget: Ints
    period: Ints
    volume: Floats
    share: Floats


def charges(problem: LotProblem, coupling: Coupling, price: Floats) -> tuple[Floats, Floats]:
    """Charges of every source [sources, weeks of arrival] at ``price`` [rows]: for a yuan paid, for a unit received."""
    money = np.empty(problem.most.shape)
    unit = np.empty(problem.most.shape)
    _charges_kernel(problem, coupling, price, money, unit)
    return money, unit


@njit(cache=True)
def _charges_kernel(problem, coupling, price, money, unit):  # type: ignore[no-untyped-def]
    for item in range(len(problem.states)):
        for source in range(problem.source_start[item], problem.source_start[item + 1]):
            source_charges(coupling, item, source, price, money[source], unit[source])


@njit(**INNER)
def source_charges(coupling, item, source, price, money, unit):  # type: ignore[no-untyped-def]
    """Charges of one source [weeks of arrival] at ``price`` [rows], written into ``money`` and ``unit``."""
    weeks = len(money)
    paid = coupling.paid[coupling.profile[source]]
    inbound, storage, supplier = coupling.inbound[item], coupling.storage[item], coupling.supplier[source]
    shares, first = coupling.share.shape[0], len(price) - coupling.share.shape[0]
    bought = 0.0
    for row in range(shares):
        bought += price[first + row] * coupling.share[row, source]
    filled = 0.0
    for arrival in range(weeks - 1, -1, -1):
        total = bought
        for week in range(weeks):
            total += paid[arrival, week] * price[week]
        if coupling.budget[item] >= 0:
            total += price[coupling.budget[item] + coupling.period[arrival]]
        money[arrival] = total
        total = 0.0
        if inbound >= 0:
            total += price[inbound + arrival]
        if supplier >= 0:
            total += price[supplier + arrival]
        if storage >= 0:
            filled += price[storage + arrival]
            total += coupling.volume[item] * filled
        unit[arrival] = total


def uses_of(problem: LotProblem, coupling: Coupling, item: Ints, lots: Ints, offer: Ints) -> sparse.csr_array:
    """Use of every row by each of several plans, sparse [plans, rows]. ``item`` [plans]; ``lots``, ``offer`` [plans,
    weeks]."""
    rows = len(coupling.limit)
    parts = []
    for first in range(0, len(item), 1000):
        block = slice(first, first + 1000)
        dense = np.zeros((len(item[block]), rows))
        _uses_kernel(problem, coupling, item[block], lots[block], offer[block], dense)
        parts.append(sparse.csr_array(dense))
    return sparse.csr_array(sparse.vstack(parts)) if parts else sparse.csr_array((0, rows))


@njit(cache=True)
def _uses_kernel(problem, coupling, item, lots, offer, out):  # type: ignore[no-untyped-def]
    for plan in range(len(item)):
        add_use(problem, coupling, item[plan], lots[plan], offer[plan], out[plan], 1.0)


def use_of(problem: LotProblem, coupling: Coupling, lots: Ints, offer: Ints) -> Floats:
    """What plans of all items use of every row [rows]. ``lots``, ``offer`` as in :class:`LotPlans`."""
    use = np.zeros(len(coupling.limit))
    _use_kernel(problem, coupling, lots, offer, use)
    return use


@njit(cache=True)
def _use_kernel(problem, coupling, lots, offer, use):  # type: ignore[no-untyped-def]
    for item in range(len(problem.states)):
        add_use(problem, coupling, item, lots[item], offer[item], use, 1.0)


@njit(cache=True)
def add_use(problem, coupling, item, lots, offer, use, sign):  # type: ignore[no-untyped-def]
    """Add ``sign`` times the use of one item's plan to ``use`` [rows]."""
    weeks = len(lots)
    shares, first = coupling.share.shape[0], len(use) - coupling.share.shape[0]
    for arrival in range(weeks):
        if lots[arrival] == 0:
            continue
        source = problem.offer_source[offer[arrival]]
        units = sign * problem.lot[item] * lots[arrival]
        amount = units * problem.offer_price[offer[arrival]] + sign * problem.offer_paid[offer[arrival]]
        paid = coupling.paid[coupling.profile[source]]
        for week in range(weeks):
            use[week] += amount * paid[arrival, week]
        if coupling.budget[item] >= 0:
            use[coupling.budget[item] + coupling.period[arrival]] += amount
        if coupling.inbound[item] >= 0:
            use[coupling.inbound[item] + arrival] += units
        if coupling.supplier[source] >= 0:
            use[coupling.supplier[source] + arrival] += units
        if coupling.storage[item] >= 0:
            for week in range(arrival, weeks):
                use[coupling.storage[item] + week] += coupling.volume[item] * units
        for row in range(shares):
            use[first + row] += amount * coupling.share[row, source]


def within_limits(problem: LotProblem, coupling: Coupling) -> LotProblem:
    """The problem without the orders that alone would overrun a limit: no plan loses by that, and the bound gains."""
    most = np.empty_like(problem.most)
    _within_kernel(problem, coupling, most)
    return problem._replace(most=most)


@njit(cache=True)
def _within_kernel(problem, coupling, most):  # type: ignore[no-untyped-def]
    for item in range(len(problem.states)):
        rows = slice(problem.source_start[item], problem.source_start[item + 1])
        most_lots(problem, coupling, item, coupling.limit, most[rows])


@njit(**INNER)
def most_lots(problem, coupling, item, left, out):  # type: ignore[no-untyped-def]
    """Largest orders [sources of the item, weeks of arrival], lots, each of which alone keeps within ``left`` [rows];
    written into ``out``."""
    weeks = out.shape[1]
    first, last = problem.source_start[item], problem.source_start[item + 1]
    for source in range(first, last):
        cheapest = np.inf
        for row in range(problem.offer_start[item], problem.offer_start[item + 1]):
            if problem.offer_source[row] == source:
                cheapest = min(cheapest, problem.offer_price[row])
        paid = coupling.paid[coupling.profile[source]]
        filled = np.inf
        for arrival in range(weeks - 1, -1, -1):
            units, money = np.inf, np.inf
            if coupling.inbound[item] >= 0:
                units = min(units, left[coupling.inbound[item] + arrival])
            if coupling.supplier[source] >= 0:
                units = min(units, left[coupling.supplier[source] + arrival])
            if coupling.storage[item] >= 0:
                filled = min(filled, left[coupling.storage[item] + arrival])
                if coupling.volume[item] > 0.0:
                    units = min(units, filled / coupling.volume[item])
            if coupling.budget[item] >= 0:
                money = min(money, left[coupling.budget[item] + coupling.period[arrival]])
            for week in range(weeks):
                if paid[arrival, week] > 0.0:
                    money = min(money, left[week] / paid[arrival, week])
            if cheapest > 0.0:
                units = min(units, money / cheapest)
            lots = min(max(units, 0.0) / problem.lot[item] * (1.0 + 1e-9) + 1e-9, FREE)
            out[source - first, arrival] = min(int(lots), problem.most[source, arrival])


@njit(cache=True)
def most_sources(problem):  # type: ignore[no-untyped-def]
    """Largest number of sources of an item."""
    most = 1
    for item in range(len(problem.states)):
        most = max(most, problem.source_start[item + 1] - problem.source_start[item])
    return most


@njit(**INNER)
def rows_of(problem, coupling, item, out):  # type: ignore[no-untyped-def]
    """Write the rows that an item can use into ``out`` [rows]; returns how many."""
    weeks = problem.most.shape[1]
    count = 0
    for week in range(weeks):
        out[count] = week
        count += 1
    for first in (coupling.inbound[item], coupling.storage[item]):
        if first >= 0:
            for week in range(weeks):
                out[count] = first + week
                count += 1
    for source in range(problem.source_start[item], problem.source_start[item + 1]):
        first = coupling.supplier[source]
        if first >= 0:
            for week in range(weeks):
                out[count] = first + week
                count += 1
    if coupling.budget[item] >= 0:
        for period in range(coupling.period[weeks - 1] + 1):
            out[count] = coupling.budget[item] + period
            count += 1
    shares = coupling.share.shape[0]
    for row in range(shares):
        if shares_in(problem, coupling, item, row):
            out[count] = len(coupling.limit) - shares + row
            count += 1
    return count


@njit(**INNER)
def shares_in(problem, coupling, item, row):  # type: ignore[no-untyped-def]
    """Whether what an item buys counts in a share row."""
    for source in range(problem.source_start[item], problem.source_start[item + 1]):
        if coupling.share[row, source] != 0.0:
            return True
    return False


def sweep(
    problem: LotProblem,
    coupling: Coupling,
    order: Ints,
    price: Floats,
    stiffness: Floats,
    plans: LotPlans,
    use: Floats,
    steep: float = 1.0,
) -> None:
    """One round over the items in ``order``, changing ``plans`` and ``use`` in place.

    A row costs max(0, price + stiffness * (use of the others - limit)), with ``steep`` times the stiffness above the
    limit; rows without limit cost nothing.
    """
    _sweep_kernel(problem, coupling, order, price, stiffness, steep, plans, use)


@njit(cache=True)
def _sweep_kernel(problem, coupling, order, price, stiffness, steep, plans, use):  # type: ignore[no-untyped-def]
    limit, weeks = coupling.limit, problem.most.shape[1]
    sources = most_sources(problem)
    row_price = np.zeros(len(limit))
    rows = np.empty(len(limit) + sources * weeks, dtype=np.int64)
    money, unit = np.empty((sources, weeks)), np.empty((sources, weeks))
    for item in order:
        add_use(problem, coupling, item, plans.lots[item], plans.offer[item], use, -1.0)
        for position in range(rows_of(problem, coupling, item, rows)):
            row = rows[position]
            if np.isfinite(limit[row]):
                over = use[row] - limit[row]
                slope = stiffness[row] * (steep if over > 0.0 else 1.0)
                row_price[row] = max(0.0, price[row] + slope * over)
        first = problem.source_start[item]
        for source in range(first, problem.source_start[item + 1]):
            source_charges(coupling, item, source, row_price, money[source - first], unit[source - first])
        most = problem.most[first : problem.source_start[item + 1]]
        plans.value[item], plans.cost[item] = solve_item(
            problem, item, money, unit, most, plans.lots[item], plans.offer[item]
        )
        add_use(problem, coupling, item, plans.lots[item], plans.offer[item], use, 1.0)
