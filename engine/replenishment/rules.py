"""Rules that the certified model does not know, kept by repair one after the other, each with its cost told apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.plans.orders import SupplyCase
from engine.replenishment.minimums import keep_minimums
from engine.replenishment.settings import ReplenishSettings
from engine.replenishment.shares import keep_shares
from engine.replenishment.tables import Tables
from models.inventory.coupling import Coupling
from models.inventory.lot_sizing import LotPlans, plan_costs

Floats = NDArray[np.float64]
WORDS = {
    "supplier_shares": "shares of suppliers",
    "minimums": "smallest order values of suppliers",
}


@dataclass(frozen=True)
class Kept:
    """``plans`` after the repairs, what each rule costs more (yuan), and what still falls short, in words."""

    plans: LotPlans
    cost: dict[str, float]
    warnings: tuple[str, ...]

    @property
    def extra(self) -> float:
        """What all rules cost, yuan."""
        return sum(self.cost.values())


def keep_rules(
    case: SupplyCase,
    tables: Tables,
    coupling: Coupling,
    price: Floats,
    plans: LotPlans,
    settings: ReplenishSettings,
) -> Kept:
    """Plans that come near to suppliers' shares that are out of reach, and keep smallest orders. A rule does not undo
    the ones before it: it works on the problem with their charges; costs are those of the problem itself."""
    cost, notes = dict[str, float](), list[str]()

    def counted(rule: str, found: LotPlans, before: LotPlans) -> LotPlans:
        true = found.copied()
        plan_costs(tables.problem, true.lots, true.offer, true.cost)
        if (true.lots != before.lots).any():
            cost[rule] = float(true.cost.sum() - before.cost.sum())
        return true

    problem, found, words = keep_shares(case, tables, coupling, price, plans, settings.supplier_shares)
    plans = counted("supplier_shares", found, plans)
    notes += words
    charged = plans.copied()
    plan_costs(problem, charged.lots, charged.offer, charged.cost)
    kept = keep_minimums(case, replace(tables, problem=problem), coupling, price, charged)
    plans = counted("minimums", kept.plans, plans)
    return Kept(plans, cost, (*notes, *kept.warnings))
