"""Whole plans that keep every limit: near-feasible sets repaired, then improved item by item."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.execution.run import Run
from engine.replenishment.rows import violation
from models.inventory.coupling import Coupling, charges, use_of
from models.inventory.lot_sizing import LotPlans, LotProblem, solve_lots
from models.inventory.repair import SLIP, drop, improve, repair

Floats = NDArray[np.float64]
PASSES = 6
LITTLE = 3e-5
"""A pass that gains less, as a share of the cost, is the last one."""
FEW, ROUNDS, REMOVED, HEAT = 600, 1000, 8, 1e-3
"""Up to so many items there are so many rounds in which at most so many items are removed and planned again; cost that
may be added in a round, at first, as a share of all."""


def make_feasible(
    problem: LotProblem, coupling: Coupling, price: Floats, start: LotPlans, rng: np.random.Generator
) -> LotPlans:
    """A version of ``start`` that keeps every limit."""
    plans = start.copied()
    use = use_of(problem, coupling, plans.lots, plans.offer)
    repair(problem, coupling, price, plans, use, rng.permutation(problem.shape[0]))
    descend(problem, coupling, price, plans, rng)
    return plans


def descend(problem: LotProblem, coupling: Coupling, price: Floats, plans: LotPlans, rng: np.random.Generator) -> None:
    """Passes over all items, in place, until none finds much cheaper plans beside the others."""
    use = use_of(problem, coupling, plans.lots, plans.offer)
    none = np.zeros_like(price)
    for number in range(PASSES):
        before = float(plans.cost.sum())
        start = price if number % 2 == 0 else none
        improve(problem, coupling, start, plans, use, rng.permutation(problem.shape[0]))
        if before - float(plans.cost.sum()) <= LITTLE * abs(before):
            break


def polish(problem: LotProblem, coupling: Coupling, price: Floats, plans: LotPlans, run: Run) -> LotPlans:
    """Ruin and recreate (Schrimpf and others, 2000): one of the items that suffer most and some others lose their
    orders and are planned again in that order; what costs a little more is kept now and then, ever less so. Only for
    few items. Orders that go may break a share of suppliers, so that is looked at."""
    items = problem.shape[0]
    if items > FEW:
        return plans
    least = solve_lots(problem, *charges(problem, coupling, np.zeros_like(price))).cost
    rng = run.rng("polish")
    best = plans.copied()
    descend(problem, coupling, price, best, rng)
    present = best
    for number in range(ROUNDS):
        trial = present.copied()
        use = use_of(problem, coupling, trial.lots, trial.offer)
        total = float(present.cost.sum())
        suffering = np.maximum(present.cost - least, 0.0) + 1e-9 * abs(total) + 1e-12
        first = rng.choice(items, p=suffering / suffering.sum())
        others = rng.choice(items, size=min(int(rng.integers(1, REMOVED)), items), replace=False)
        removed = np.concatenate([[first], others[others != first]])
        drop(problem, coupling, trial, use, removed)
        improve(problem, coupling, _shaken(price, rng), trial, use, removed)
        improve(problem, coupling, price, trial, use, rng.permutation(removed))
        heat = HEAT * abs(total) * (1.0 - number / ROUNDS) * rng.exponential()
        if trial.cost.sum() < total + heat and violation(coupling, use) <= 2 * SLIP:
            present = trial
            best = trial if trial.cost.sum() < best.cost.sum() else best
    best = best.copied()
    descend(problem, coupling, price, best, rng)
    return best


def _shaken(price: Floats, rng: np.random.Generator) -> Floats:
    """Charges with random factors, so that an item leaves room that others need more."""
    return price * rng.exponential(2.0, price.shape)
