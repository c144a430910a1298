"""Replenishment: from tables and demand to orders, with a bound beside them."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.plans.forecast import Demand
from engine.plans.orders import OrderPlan, SupplyCase
from engine.plans.solve import Binding, SolveReport, relative_gap
from engine.replenishment.case import build_case
from engine.replenishment.dual import DualResult, solve_dual
from engine.replenishment.feasible import make_feasible, polish
from engine.replenishment.lines import inventory_position, order_lines, ordered_units
from engine.replenishment.master import choose, collect
from engine.replenishment.rows import RowNames, coupling_of
from engine.replenishment.settings import ReplenishSettings, SupplyDefaults
from engine.replenishment.tables import Tables, build_tables
from models.inventory.coupling import Coupling, Use
from models.inventory.lot_sizing import LotPlans, LotProblem

LARGE = 5000
SMALL_PRICE = 1e-9


def plan_orders(
    dataset: Dataset,
    demand: Demand,
    settings: ReplenishSettings,
    supply_defaults: SupplyDefaults | None,
    run: Run,
) -> OrderPlan:
    """Orders of every item over the weeks of ``demand``.

    :class:`MissingInput` where stock or terms are neither in the tables nor in the defaults; :class:`Infeasible` where
    the cash runs out without any order. What cannot be planned is named in ``unplanned``.
    """
    prepared = build_case(dataset, demand, settings, supply_defaults)
    return solve_case(prepared.case, demand, settings, run, prepared.unplanned, prepared.warnings)


def solve_case(
    case: SupplyCase,
    demand: Demand,
    settings: ReplenishSettings,
    run: Run,
    unplanned: pd.DataFrame,
    warnings: tuple[str, ...],
) -> OrderPlan:
    """Solve a case that stands; see :func:`plan_orders`."""
    began = time.perf_counter()
    coupling = coupling_of(case)
    tables = build_tables(case, demand, settings, run)
    dual = solve_dual(tables.problem, coupling, settings, run)
    plan = cheapest_plan(tables.problem, coupling, dual, settings, run)
    report = _report(case, tables, dual, plan, settings, time.perf_counter() - began)
    quantity = ordered_units(case, tables.problem, plan.lots)
    free = dual.plans[-1]
    lines = order_lines(
        case, tables.problem, (plan.lots, plan.offer), (free.lots, free.offer), dual.price, tables.expected
    )
    return OrderPlan(
        case=case,
        lines=lines,
        quantity=quantity,
        position=inventory_position(case, quantity, tables.expected),
        report=report,
        unplanned=unplanned,
        warnings=(*warnings, *_unplanned_words(unplanned)),
        metrics={
            "lines": float(len(lines)),
            "units": float(lines["units"].sum()),
            "purchase_yuan": float(lines["cost_fen"].sum()) / 100.0,
            "items": float(len(case.items)),
            "unplanned": float(len(unplanned)),
            "gap": report.gap,
        },
    )


def cheapest_plan(
    problem: LotProblem, coupling: Coupling, dual: DualResult, settings: ReplenishSettings, run: Run
) -> LotPlans:
    """The free plan where it keeps every limit; else the master's choice among feasible plans and others, improved."""
    if len(dual.plans) == 1:
        return dual.plans[0]
    large = problem.shape[0] > LARGE
    starts = dual.plans[:2] if large else dual.plans[:-1]
    feasible = make_feasible(problem, coupling, dual.price, starts, run)
    candidates = collect(
        problem, (*feasible, *dual.plans), min(settings.candidates, 4) if large else settings.candidates
    )
    columns = choose(problem, coupling, candidates, dual.price)
    cost = candidates.cost[columns]
    chosen = LotPlans(candidates.lots[columns], candidates.offer[columns], cost.copy(), cost.copy())
    best = chosen if cost.sum() < feasible[0].cost.sum() else feasible[0]
    return polish(problem, coupling, dual.price, best, run)


def _report(
    case: SupplyCase, tables: Tables, dual: DualResult, plan: LotPlans, settings: ReplenishSettings, seconds: float
) -> SolveReport:
    objective, bound = float(plan.cost.sum()), dual.bound
    if len(dual.plans) == 1:
        objective = bound = float(plan.cost.sum())
    gap = relative_gap(objective, bound)
    coarse = int((tables.problem.lot > case.items["pack_units"].to_numpy(dtype=float)).sum())
    steps = f"; {coarse} big sellers in steps of several packs" if coarse else ""
    scope = (
        f"weekly cost tables (holding, lost contribution, fixed order cost, price above the lowest; purchases at the "
        f"lowest price left out) over {settings.paths} demand and lead-time paths, one supplier an item, cash and "
        f"inbound by week{steps}"
    )
    status = "optimal" if gap <= settings.tolerance else "feasible"
    return SolveReport(status, objective, bound, gap, scope, seconds, _binding(case, dual.price))


def _binding(case: SupplyCase, price: Use) -> tuple[Binding, ...]:
    """Rows with a price, dearest first."""
    names = RowNames(case)
    rows = [
        Binding(names.cash(int(week)), float(price.cash[week]), "yuan/yuan")
        for week in np.flatnonzero(price.cash > SMALL_PRICE)
    ]
    rows += [
        Binding(names.room(int(place), int(week)), float(price.room[place, week]), "yuan/unit")
        for place, week in zip(*np.nonzero(price.room > SMALL_PRICE), strict=True)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.price, row.rule)))


def _unplanned_words(unplanned: pd.DataFrame) -> tuple[str, ...]:
    """One warning a reason."""
    return tuple(
        f"not planned: {rows['sku'].nunique()} SKUs, {reason} ({', '.join(sorted(set(rows['sku']))[:5])})"
        for reason, rows in unplanned.groupby("reason", sort=True)
    )
