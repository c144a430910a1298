"""Whole plans that keep every limit: near-feasible sets repaired, then improved item by item."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.execution.run import Run
from models.inventory.coupling import Coupling, use_of
from models.inventory.lot_sizing import LotPlans, LotProblem
from models.inventory.repair import drop, improve, repair

Floats = NDArray[np.float64]
PASSES = 6
LITTLE = 3e-5
"""A pass that gains less, as a share of the cost, is the last one."""
WORK = 30_000
"""Items times rounds of removing and re-planning: small cases get many rounds, large ones none."""
REMOVED = 0.1


def make_feasible(
    problem: LotProblem, coupling: Coupling, price: Floats, sets: tuple[LotPlans, ...], run: Run
) -> tuple[LotPlans, ...]:
    """Feasible versions of ``sets``, cheapest first."""
    out = []
    for number, start in enumerate(sets):
        rng = run.rng("repair", str(number))
        plans = start.copied()
        use = use_of(problem, coupling, plans.lots, plans.offer)
        repair(problem, coupling, price, plans, use, rng.permutation(problem.shape[0]))
        descend(problem, coupling, price, plans, rng)
        out.append(plans)
        run.progress("repair", 0.75 + 0.1 * number / len(sets))
    return tuple(sorted(out, key=lambda plans: float(plans.cost.sum())))


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
    """Ruin and recreate (Schrimpf and others, 2000): some items lose their orders and are planned again in another
    order, then the others; kept where it costs less. Rounds by number of items."""
    items = problem.shape[0]
    rng = run.rng("polish")
    descend(problem, coupling, price, plans, rng)
    best, total = plans.copied(), float(plans.cost.sum())
    for _ in range(min(WORK // max(items, 1), 300) if items * 10 <= WORK else 0):
        trial = best.copied()
        use = use_of(problem, coupling, trial.lots, trial.offer)
        removed = rng.choice(items, size=max(min(items, 3), int(REMOVED * items)), replace=False)
        drop(problem, coupling, trial, use, removed)
        improve(problem, coupling, _shaken(price, rng), trial, use, removed)
        improve(problem, coupling, price, trial, use, rng.permutation(items))
        cost = float(trial.cost.sum())
        if cost < total - 1e-9 * abs(total):
            best, total = trial, cost
    return best


def _shaken(price: Floats, rng: np.random.Generator) -> Floats:
    """Charges with random factors, so that an item leaves room that others need more."""
    return price * rng.exponential(2.0, price.shape)
