"""Shares of suppliers in the purchases of a category, kept by repair.

A supplier who would get too much is dearer, one who would get too little cheaper, by a factor that is searched for; the
items of the category that have a choice plan again at these prices beside all others, as few of them as suffice, those
first that pay least for a yuan moved. The factor only steers: what the plan costs more is counted at the true prices.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.plans.orders import SupplyCase
from engine.replenishment.settings import SupplierShare
from engine.replenishment.tables import Tables
from models.inventory.coupling import Coupling, use_of
from models.inventory.lot_sizing import LotPlans, LotProblem, plan_costs
from models.inventory.repair import improve

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FIRST, LARGEST, HALVINGS = 0.005, 1.5, 6
SLIP = 1e-6


def keep_shares(
    case: SupplyCase,
    tables: Tables,
    coupling: Coupling,
    price: Floats,
    plans: LotPlans,
    rules: tuple[SupplierShare, ...],
) -> tuple[LotProblem, LotPlans, tuple[str, ...]]:
    """The problem at the steering prices, plans that keep the shares, and those that cannot be kept, in words."""
    problem, notes = tables.problem, []
    for rule in rules:
        search = _Search(case, tables, rule)
        share = search.share(problem, plans)
        if np.isnan(share) or rule.least - SLIP <= share <= rule.most + SLIP:
            continue
        problem, plans = search.steered(problem, coupling, price, plans, up=share > rule.most)
    for rule in rules:
        share = _Search(case, tables, rule).share(problem, plans)
        if not np.isnan(share) and not rule.least - SLIP <= share <= rule.most + SLIP:
            notes.append(
                f"supplier {rule.supplier} gets {share:.1%} of the purchases of {rule.category or 'all categories'} "
                f"instead of {rule.least:.0%} to {rule.most:.0%}: too few items have another supplier"
            )
    return problem, plans, tuple(notes)


class _Search:
    """The items and offers that one rule is about."""

    def __init__(self, case: SupplyCase, tables: Tables, rule: SupplierShare) -> None:
        self.rule = rule
        category = case.items["category"].astype(str).to_numpy()
        self.items = np.flatnonzero((category == rule.category) | (rule.category == ""))
        supplier = tables.sources.table["supplier"].astype(str).to_numpy()
        owner = tables.sources.table["item"].to_numpy(dtype=np.int64)
        self.mine = (supplier == rule.supplier) & np.isin(owner, self.items)
        several = np.bincount(owner, minlength=len(category)) > 1
        self.movable = np.unique(owner[self.mine & several[owner]])

    def share(self, problem: LotProblem, plans: LotPlans) -> float:
        """Share of the supplier in the value of new orders; NaN without orders."""
        total = float(self._values(problem, plans, of_all=True)[self.items].sum())
        return float(self._values(problem, plans).sum()) / total if total > 0 else float("nan")

    def steered(
        self, problem: LotProblem, coupling: Coupling, price: Floats, plans: LotPlans, up: bool
    ) -> tuple[LotProblem, LotPlans]:
        """The gentlest factor found that keeps the rule, for as few items as need it; the largest where none does."""

        def kept(trial: tuple[LotProblem, LotPlans]) -> bool:
            share = self.share(*trial)
            return share <= self.rule.most + SLIP if up else share >= self.rule.least - SLIP

        def at(factor: float, items: Ints) -> tuple[LotProblem, LotPlans]:
            return self._at(problem, coupling, price, plans, sign * factor, items)

        low, high, sign = 0.0, FIRST, 1.0 if up else -1.0
        best = at(high, self.movable)
        while not kept(best) and 2.0 * high < (LARGEST if up else 1.0):
            low, high = high, 2.0 * high
            best = at(high, self.movable)
        if not kept(best):
            return best
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            trial = at(middle, self.movable)
            best, low, high = (trial, low, middle) if kept(trial) else (best, middle, high)
        order, few, many = self._cheapest_first(problem, plans, best[1]), 0, len(self.movable)
        while many - few > 1:
            half = (few + many) // 2
            trial = at(high, order[:half])
            best, few, many = (trial, few, half) if kept(trial) else (best, half, many)
        return best

    def _cheapest_first(self, problem: LotProblem, before: LotPlans, after: LotPlans) -> Ints:
        """The items by what a yuan costs that they move to or from the supplier."""
        cost = np.empty_like(before.cost)
        plan_costs(problem, after.lots, after.offer, cost)
        moved = np.abs(self._values(problem, after) - self._values(problem, before))
        rate = np.where(moved > 0, (cost - before.cost) / np.maximum(moved, 1e-9), np.inf)[self.movable]
        return self.movable[np.argsort(rate, kind="stable")]

    def _values(self, problem: LotProblem, plans: LotPlans, of_all: bool = False) -> Floats:
        """Yuan bought of every item of the category [items], from the supplier or from ``of_all``."""
        item, week = np.nonzero(plans.lots)
        offer = plans.offer[item, week]
        value = plans.lots[item, week] * problem.lot[item] * problem.offer_price[offer] + problem.offer_paid[offer]
        counted = value * (self.mine[problem.offer_source[offer]] | of_all)
        return np.bincount(item, counted, len(plans.lots)).astype(np.float64)

    def _at(
        self, problem: LotProblem, coupling: Coupling, price: Floats, plans: LotPlans, factor: float, items: Ints
    ) -> tuple[LotProblem, LotPlans]:
        """Problem and plans with the supplier dearer by a factor for ``items``."""
        owner = np.repeat(np.arange(len(problem.states)), np.diff(problem.offer_start))
        charge = factor * (self.mine[problem.offer_source] & np.isin(owner, items))
        steered = problem._replace(
            offer_extra=problem.offer_extra + charge * problem.offer_price,
            offer_fixed=problem.offer_fixed + charge * problem.offer_paid,
        )
        trial = plans.copied()
        plan_costs(steered, trial.lots, trial.offer, trial.cost)
        use = use_of(steered, coupling, trial.lots, trial.offer)
        for start in (price, np.zeros_like(price)):
            improve(steered, coupling, start, trial, use, items)
        return steered, trial
