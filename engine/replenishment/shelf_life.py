"""Best-before dates, kept by repair: no order that would outlive its goods.

Goods that arrive in a week must be sold within their shelf life, the oldest first, by expected demand. What would be
left then is charged with its price, in every week that it lies there, on top of the cost tables, and items that are hit
plan again beside all others. The charge only steers: what the plan costs more is counted at the true tables.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.plans.orders import SupplyCase
from engine.replenishment.tables import Tables
from models.inventory.coupling import Coupling, use_of
from models.inventory.lot_sizing import LotPlans, LotProblem, plan_costs
from models.inventory.repair import improve

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FEN = 100.0


def outlived(case: SupplyCase, expected: Floats, life: Floats) -> Floats:
    """Supply [items, weeks], stock included, that expected demand takes within ``life`` weeks [items] of each week."""
    weeks = expected.shape[1]
    total = np.concatenate([np.zeros((len(expected), 1)), np.cumsum(expected, axis=1)], axis=1)
    after = case.items["demand_after"].to_numpy(dtype=float)
    until = np.arange(weeks)[None, :] + np.minimum(life, 1e4)[:, None]
    whole = np.minimum(until, weeks).astype(np.int64)
    rate = np.take_along_axis(np.column_stack([expected, after]), whole, axis=1)
    return np.asarray(np.take_along_axis(total, whole, axis=1) + (until - whole) * rate, dtype=np.float64)


def keep_shelf_life(
    case: SupplyCase, tables: Tables, coupling: Coupling, price: Floats, plans: LotPlans, share: float
) -> tuple[LotProblem, LotPlans, tuple[str, ...]]:
    """The problem with expiry in its tables, plans that avoid it, and the orders that still outlive their goods, in
    words. ``share``: part of the shelf life within which goods must be sold."""
    problem = tables.problem
    if "shelf_life_weeks" not in case.items:
        return problem, plans, ()
    life = share * case.items["shelf_life_weeks"].to_numpy(dtype=float)
    short = np.flatnonzero(life < 1e4)
    if not len(short):
        return problem, plans, ()
    most = outlived(case, tables.expected, life)
    before = case.items["on_hand"].to_numpy(dtype=float)[:, None] + np.cumsum(case.scheduled, axis=1)
    charged = problem._replace(tables=problem.tables.copy())
    cost = case.items["unit_cost_fen"].to_numpy(dtype=float) / FEN
    weeks = problem.shape[1]
    for item in short:
        begin, states = problem.start[item], problem.states[item]
        lots = problem.lot[item] * np.arange(states)
        over = _over(before[item][:, None] + lots[None, :], most[item][:, None])
        over -= _over(before[item], most[item])[:, None]
        charged.tables[begin : begin + weeks * states] += cost[item] * over.ravel()
    hit = short[_wasted(problem, plans, before, most)[short] > 0]
    if not len(hit):
        return charged, plans, ()
    kept = plans.copied()
    plan_costs(charged, kept.lots, kept.offer, kept.cost)
    use = use_of(charged, coupling, kept.lots, kept.offer)
    for charge in (price, np.zeros_like(price)):
        improve(charged, coupling, charge, kept, use, hit)
    left = _wasted(problem, kept, before, most)
    names = sorted(set(case.items["sku"].astype(str).iloc[np.flatnonzero(left > 0)]))
    note = (
        f"{len(names)} SKUs are ordered for longer than their shelf life, {left.sum():,.0f} units in all, because the "
        f"smallest order is larger or lost sales cost more: {', '.join(names[:5])}"
    )
    return charged, kept, (note,) if names else ()


def _over(supply: Floats, most: Floats) -> Floats:
    return np.maximum(supply - most, 0.0)


def _wasted(problem: LotProblem, plans: LotPlans, before: Floats, most: Floats) -> Floats:
    """Units [items] of new orders that outlive their goods, at the worst week of an order."""
    ordered = np.cumsum(plans.lots, axis=1) * problem.lot[:, None]
    over = _over(before + ordered, most) - _over(before, most)
    return np.asarray(np.where(plans.lots > 0, over, 0.0).max(axis=1, initial=0.0), dtype=np.float64)
