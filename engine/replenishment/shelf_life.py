"""Best-before dates: an order pays for goods that would outlive them.

Goods that arrive in a week must be sold within their shelf life, the oldest first, by expected demand. What of an order
would be left then costs its price, once, in the programme of its item, so plan and bound know it alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.plans.orders import SupplyCase
from models.inventory.lot_sizing import LotPlans, LotProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FEN = 100.0
LONG = 1e4
"""Weeks after which nobody asks for a date."""


def outlived(case: SupplyCase, expected: Floats, life: Floats) -> Floats:
    """Supply [items, weeks], stock included, that expected demand takes within ``life`` weeks [items] of each week."""
    weeks = expected.shape[1]
    total = np.concatenate([np.zeros((len(expected), 1)), np.cumsum(expected, axis=1)], axis=1)
    after = case.items["demand_after"].to_numpy(dtype=float)
    until = np.arange(weeks)[None, :] + np.minimum(life, LONG)[:, None]
    whole = np.minimum(until, weeks).astype(np.int64)
    rate = np.take_along_axis(np.column_stack([expected, after]), whole, axis=1)
    return np.asarray(np.take_along_axis(total, whole, axis=1) + (until - whole) * rate, dtype=np.float64)


def expiry_of(case: SupplyCase, expected: Floats, share: float) -> dict[str, Any]:
    """``keeps`` and ``expiry`` of a :class:`LotProblem`; nothing where no goods expire. ``expected`` [items, weeks]:
    units drawn; ``share``: part of the shelf life within which goods must be sold."""
    if "shelf_life_weeks" not in case.items:
        return {}
    life = share * case.items["shelf_life_weeks"].to_numpy(dtype=float)
    short = life < LONG
    if not short.any():
        return {}
    before = case.items["on_hand"].to_numpy(dtype=float)[:, None] + np.cumsum(case.scheduled, axis=1)
    keeps = np.maximum(outlived(case, expected, life) - before, 0.0)
    cost = case.items["unit_cost_fen"].to_numpy(dtype=float) / FEN
    return {"keeps": np.where(short[:, None], keeps, np.inf), "expiry": np.where(short, cost, 0.0)}


def wasted_units(problem: LotProblem, lots: Ints, items: slice | Ints = slice(None)) -> Floats:
    """Units of orders ``lots`` [items, weeks of arrival] that outlive their goods [items]."""
    if not len(problem.keeps):
        return np.zeros(len(lots))
    have, lot, keeps = np.cumsum(lots, axis=1), problem.lot[items, None], problem.keeps[items]
    after, before = (np.maximum(lot * k - keeps, 0.0) for k in (have, have - lots))
    return np.asarray(np.where(lots > 0, after - before, 0.0).sum(axis=1), dtype=np.float64)


def waste_yuan(problem: LotProblem, lots: Ints, items: Ints) -> float:
    """What the units of orders ``lots`` [items, weeks] of some ``items`` cost that outlive their goods."""
    wasted = wasted_units(problem, lots, items)
    return float((problem.expiry[items] * wasted).sum()) if len(problem.keeps) else 0.0


def waste_words(case: SupplyCase, problem: LotProblem, plans: LotPlans) -> tuple[str, ...]:
    """The SKUs of a plan that are ordered for longer than they keep, in words."""
    left = wasted_units(problem, plans.lots)
    over = np.flatnonzero(left >= 0.5)
    if not len(over):
        return ()
    names = sorted(set(case.items["sku"].astype(str).iloc[over]))
    yuan = float((problem.expiry[over] * left[over]).sum())
    return (
        f"{len(names)} SKUs are ordered for longer than their shelf life, {left[over].sum():,.0f} units for "
        f"{yuan:,.0f} yuan in all, because the smallest order is larger or that costs less than to order more often "
        f"or to lose sales: {', '.join(names[:5])}",
    )
