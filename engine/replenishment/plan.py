"""Replenishment: from tables and demand to orders, with a bound beside them."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.plans.errors import BadInput, Problem
from engine.plans.forecast import Demand
from engine.plans.orders import OrderPlan, SupplyCase
from engine.plans.solve import Binding, SolveReport, relative_gap
from engine.replenishment.case import build_case
from engine.replenishment.changes import plan_changes
from engine.replenishment.dual import DualResult, solve_dual
from engine.replenishment.exact import MOST_ARCS, count_arcs, solve_exact
from engine.replenishment.feasible import make_feasible, polish
from engine.replenishment.lines import inventory_position, order_lines, ordered_units
from engine.replenishment.overruns import row_words
from engine.replenishment.rows import Rows, rows_of
from engine.replenishment.rules import WORDS, Kept, keep_rules
from engine.replenishment.second_lane import with_spill
from engine.replenishment.settings import ReplenishSettings, SupplyDefaults
from engine.replenishment.share_rows import consistent_shares
from engine.replenishment.shelf_life import waste_words
from engine.replenishment.styles import Split, Styles, styles_of
from engine.replenishment.tables import build_tables
from engine.replenishment.worth import supplier_worth
from models.inventory.coupling import Coupling, charges, use_of, within_limits
from models.inventory.lot_sizing import LotPlans, LotProblem, solve_lots

SMALL_ARCS = 40_000
"""Size up to which the exact model is tried unasked."""
SMALL_PRICE, ROUNDING = 1e-9, 1e-10


def plan_orders(
    dataset: Dataset,
    demand: Demand,
    settings: ReplenishSettings,
    supply_defaults: SupplyDefaults | None,
    run: Run,
    before: OrderPlan | None = None,
) -> OrderPlan:
    """Orders of every item over the weeks of ``demand``. ``before``: the last plan, made for an earlier week.

    :class:`MissingInput` where stock or terms are neither in the tables nor in the defaults; :class:`Infeasible` where
    the cash is overdrawn for good without any order. Limits that placed orders overrun otherwise are in the report's
    ``relaxations``, and nothing new is planned there. What cannot be planned is named in ``unplanned``.
    """
    prepared = build_case(dataset, demand, settings, supply_defaults, before)
    plan = solve_case(prepared.case, demand, settings, run, prepared.unplanned, prepared.warnings)
    if before is None or plan.expected is None:
        return plan
    changes = plan_changes(before, plan.case, plan.lines, plan.expected, plan.rows)
    return replace(plan, changes=changes, metrics={**plan.metrics, "changed_lines": float(len(changes))})


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
    shares, contradictions = consistent_shares(settings.supplier_shares)
    settings = settings.model_copy(update={"supplier_shares": shares})
    case = with_spill(case, demand, settings, run)
    items = build_tables(case, demand, settings, run)
    styles = styles_of(case, items)
    tables = styles.tables
    rows = rows_of(styles.case, tables.sources, tables.expected, settings.supplier_shares)
    dual, plan = _solve(tables.problem, rows.coupling, settings, run)
    dual = _certified(styles, rows.coupling, dual)
    kept = keep_rules(styles.case, tables, rows.coupling, dual.price, plan, settings)
    plan = kept.plans
    priced = _priced(tables.problem, rows, dual, plan)
    split = styles.split(plan)
    report = _report(styles, split, dual, kept, priced, settings, time.perf_counter() - began)
    report = replace(report, relaxations=(*contradictions, *rows.relaxations))
    lines = order_lines(case, items, split, styles.split(dual.plans[-1]).plans, priced)
    quantity = ordered_units(items, split.plans)
    return OrderPlan(
        case=case,
        lines=lines,
        quantity=quantity,
        position=inventory_position(case, quantity, items.expected),
        report=report,
        unplanned=unplanned,
        rows=priced,
        worth=supplier_worth(tables, rows.coupling, dual.price, plan, settings),
        expected=items.expected,
        warnings=(
            *warnings,
            *(f"{entry.rule}: {entry.remedy}" for entry in contradictions),
            *rows.warnings,
            *kept.warnings,
            *waste_words(case, items.problem, split.plans),
            *_unplanned_words(unplanned),
        ),
        metrics={
            "lines": float(len(lines)),
            "units": float(lines["units"].sum()),
            "purchase_yuan": float(lines["cost_fen"].sum()) / 100.0,
            "items": float(len(case.items)),
            "unplanned": float(len(unplanned)),
            "gap": report.gap,
            "repair_yuan": kept.extra,
            "style_split_yuan": float(split.extra.sum()),
            **{f"repair_yuan_{rule}": yuan for rule, yuan in kept.cost.items() if yuan},
        },
    )


def _certified(styles: Styles, coupling: Coupling, dual: DualResult) -> DualResult:
    """The bound at the same multipliers without what it may not count."""
    problem = styles.certified
    if np.array_equal(problem.expiry, styles.tables.problem.expiry):
        return dual
    values = solve_lots(within_limits(problem, coupling), *charges(problem, coupling, dual.price)).value
    live = np.isfinite(coupling.limit)
    return replace(dual, bound=float(values.sum() - dual.price[live] @ coupling.limit[live]))


def _solve(
    problem: LotProblem, coupling: Coupling, settings: ReplenishSettings, run: Run
) -> tuple[DualResult, LotPlans]:
    """Bound and plan by decomposition; by the exact model where that is asked for, or small enough to pay."""
    dual = solve_dual(problem, coupling, settings, run)
    plan = cheapest_plan(problem, coupling, dual, settings, run)
    if settings.method == "decomposition" or len(dual.plans) == 1:
        return dual, plan
    arcs = count_arcs(problem)
    proven = relative_gap(float(plan.cost.sum()), dual.bound) <= settings.tolerance
    if settings.method == "auto" and (proven or arcs > SMALL_ARCS):
        return dual, plan
    if arcs > MOST_ARCS:
        raise BadInput(
            [
                Problem(
                    "plan.yaml",
                    f"the exact model would have {arcs:,} arcs",
                    column="replenish.method",
                    value="milp",
                    expected=f"at most {MOST_ARCS:,}",
                    remedy="Plan fewer items or weeks, or use auto.",
                )
            ]
        )
    exact = solve_exact(problem, coupling)
    if exact.plans is not None and exact.plans.cost.sum() < plan.cost.sum():
        plan = exact.plans
    return replace(dual, bound=max(dual.bound, exact.bound)), plan


def cheapest_plan(
    problem: LotProblem, coupling: Coupling, dual: DualResult, settings: ReplenishSettings, run: Run
) -> LotPlans:
    """The free plan where it keeps every limit; else the first repaired plan within the tolerance of the bound, or the
    best of several, improved."""
    if len(dual.plans) == 1:
        return dual.plans[0]
    starts = dual.plans[:-2]
    feasible: list[LotPlans] = []
    for number, start in enumerate(starts):
        plans = make_feasible(problem, coupling, dual.price, start, run.rng("repair", str(number)))
        run.progress("repair", 0.75 + 0.2 * number / len(starts))
        if relative_gap(float(plans.cost.sum()), dual.bound) <= settings.tolerance:
            return plans
        feasible.append(plans)
    best = min(feasible, key=lambda plans: float(plans.cost.sum()))
    return polish(problem, coupling, dual.price, best, run)


def _priced(problem: LotProblem, rows: Rows, dual: DualResult, plan: LotPlans) -> pd.DataFrame:
    """The rows with a limit: ``family, name, week, unit, limit, used, price``."""
    used = use_of(problem, rows.coupling, plan.lots, plan.offer)
    frame = rows.names.assign(used=used, price=np.where(dual.price > SMALL_PRICE, dual.price, 0.0))
    return frame[np.isfinite(rows.coupling.limit)].reset_index(drop=True)


def _report(
    styles: Styles,
    split: Split,
    dual: DualResult,
    kept: Kept,
    rows: pd.DataFrame,
    settings: ReplenishSettings,
    seconds: float,
) -> SolveReport:
    tables, united, apart = styles.tables, float(kept.plans.cost.sum()), float(split.extra.sum())
    objective = united + apart
    bound = honest_bound(objective, dual.bound)
    gap = relative_gap(objective, bound)
    coarse = int((tables.problem.lot > tables.sources.by_item(np.lcm, "pack_units")).sum())
    steps = f"; {coarse} big sellers in steps of several packs" if coarse else ""
    repair = "".join(
        f"; {WORDS[rule]} by repair, {yuan:,.0f} yuan in the gap" for rule, yuan in kept.cost.items() if yuan
    )
    shared = (
        f"; {styles.parts} styles or colours as one item each at the terms of their dearest size, lots ordered in the "
        f"horizon free to change size in the bound: their split to sizes, {apart:,.0f} yuan in the gap"
        if styles.parts
        else ""
    )
    families = ", ".join(name.replace("_", "-") for name in dict.fromkeys(rows["family"])) or "no limits"
    level = styles.case.items.get("service_level", pd.Series(dtype=float)).notna().any()
    lost = "lost contribution, or what the service level of the class implies" if level else "lost contribution"
    change = ", change from the last plan" if len(tables.problem.before) else ""
    change += _expiry_words(styles)
    scope = (
        f"weekly cost tables (holding, {lost}, fixed order cost, price above the lowest{change}; purchases "
        f"at the lowest price left out) over {settings.paths} demand and lead-time paths, one order an item and week "
        f"of arrival with any of its suppliers, coupled by {families}{steps}{shared}{repair}"
    )
    status = "optimal" if gap <= settings.tolerance else "feasible"
    return SolveReport(status, objective, bound, gap, scope, seconds, _binding(rows))


def _expiry_words(styles: Styles) -> str:
    """What the gap knows of shelf lives."""
    problem = styles.tables.problem
    if not len(problem.keeps):
        return ""
    all_proven = np.array_equal(styles.certified.expiry, problem.expiry)
    beyond = "" if all_proven else " (of sizes planned together counted in the cost and left out of the bound)"
    return f", goods that outlive their shelf life by expected demand{beyond}"


def honest_bound(objective: float, bound: float) -> float:
    """The bound; the objective where the two differ by rounding of sums alone; nan where it lies above the plan's cost
    by more, which no bound can.

    >>> honest_bound(100.0, 99.0), honest_bound(100.0, 100.0 + 1e-9), honest_bound(100.0, 101.0)
    (99.0, 100.0, nan)
    """
    if abs(objective - bound) <= ROUNDING * max(abs(objective), abs(bound)):
        return objective
    return bound if bound < objective else math.nan


def _binding(rows: pd.DataFrame) -> tuple[Binding, ...]:
    """Rows with a price, dearest first."""
    held = rows[rows["price"] > 0]
    out = [
        Binding(words, float(price), f"yuan/{unit.removesuffix('s')}")
        for words, price, unit in zip(row_words(held), held["price"], held["unit"], strict=True)
    ]
    return tuple(sorted(out, key=lambda entry: (entry.unit, -entry.price, entry.rule)))


def _unplanned_words(unplanned: pd.DataFrame) -> tuple[str, ...]:
    """One warning a reason."""
    return tuple(
        f"not planned: {rows['sku'].nunique()} SKUs, {reason} ({', '.join(sorted(set(rows['sku']))[:5])})"
        for reason, rows in unplanned.groupby("reason", sort=True)
    )
