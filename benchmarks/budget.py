"""Regret of the split on S-shaped curves whose best split is known: python -m benchmarks.budget.

Twenty seeded instances of one period with 4-10 ad channels (Hill slopes 1.2-5, so local search finds local optima)
against sequential quadratic programming from one start and from 30, and 5 instances of 8 ad channels x 13 weeks with
carry-over and a group cap, where the best split is not known and the proven gap stands in its place.
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from engine.budget.plan import best_split
from engine.budget.planning import PlanningModel
from engine.budget.polish import polish
from engine.budget.programme import Worth
from engine.budget.rules import Rule, Rules
from engine.budget.settings import BudgetSettings
from models.response.curves import ResponseCurves, hill

Floats = NDArray[np.float64]
STEPS = 4000


def instance(seed: int, channels: int, weeks: int, carry: bool) -> tuple[PlanningModel, Rules]:
    """Known curves, one draw; a budget at which only some ad channels pay."""
    rng = np.random.default_rng(seed)
    half = rng.uniform(2e4, 2e5, channels)
    scale = half * rng.uniform(1.0, 4.0, channels)
    slope = rng.uniform(1.2, 5.0, channels)
    carryover = rng.uniform(0.0, 0.7, channels) if carry else np.zeros(channels)
    start = carryover * half * rng.uniform(0.0, 1.0, channels)
    names = tuple(f"ad{number}" for number in range(channels))
    curves = ResponseCurves(
        names, ("shop",), carryover[None], half[None], slope[None], scale[None], start[None], np.ones((channels, 1))
    )
    total = float(half.sum()) * rng.uniform(0.3, 0.7) * weeks
    everything = np.ones((channels, weeks), dtype=bool)
    rows = [Rule("total budget", everything, total, total, "")]
    if weeks > 1:
        group = everything.copy()
        group[2:] = False
        rows.append(Rule("group", group, 0.0, 0.2 * total, ""))
    upper = np.repeat(3.0 * half[:, None], weeks, axis=1)
    model = PlanningModel.of(curves, weeks, np.repeat(0.5 * half[:, None], weeks, axis=1))
    return model, Rules(names, np.zeros_like(upper), upper, tuple(rows))


def best_known(model: PlanningModel, rules: Rules) -> float:
    """Best value of a one-period split by dynamic programming over a fine grid (a lower bound of the optimum)."""
    total = rules.rows[0].high
    grid = np.linspace(0.0, total, STEPS + 1)
    curves = model.curves
    best = np.zeros(STEPS + 1)
    for channel in range(len(rules.ad_channels)):
        lift = curves.scale[0, channel] * hill(grid, curves.half_saturation[0, channel], curves.slope[0, channel])
        most = int(np.searchsorted(grid, rules.upper[channel, 0], side="right"))
        choices = [np.concatenate([np.full(k, -np.inf), best[: STEPS + 1 - k] + lift[k]]) for k in range(most)]
        best = np.max(choices, axis=0)
    return float(best[-1])


def local(model: PlanningModel, rules: Rules, starts: int, seed: int) -> float:
    """Best of SLSQP from an even start and ``starts - 1`` random ones that keep the rules."""
    rng = np.random.default_rng(seed)
    worth, total = Worth(1.0, 0.0), rules.rows[0].high
    best = -np.inf
    for number in range(starts):
        shape = rules.upper if number == 0 else rules.upper * rng.dirichlet(np.ones(rules.upper.size)).reshape(-1, 1)
        if rules.upper.shape[1] > 1:
            shape = rules.upper * (1.0 if number == 0 else rng.random(rules.upper.shape))
        begin = rules.nearest(shape * (total / shape.sum()))
        best = max(best, worth.of(model, polish(model, rules, worth, begin)))
    return best


def main() -> None:
    """Print the tables."""
    worth, settings = Worth(1.0, 0.0), BudgetSettings()
    rows = []
    for seed in range(20):
        model, rules = instance(seed, 4 + seed % 7, 1, carry=False)
        started = time.process_time()
        ours = best_split(model, rules, worth, rules.nearest(rules.upper), settings)
        seconds = time.process_time() - started
        value = worth.of(model, ours.spend)
        once, often = local(model, rules, 1, seed), local(model, rules, 30, seed)
        best = max(best_known(model, rules), value, often)
        rows.append([1 - value / best, 1 - once / best, 1 - often / best, ours.report.gap, seconds])
    table = 100.0 * np.array(rows)
    print("one period, 20 instances   mean %   worst %")
    for name, column in zip(
        ("ours", "SLSQP, one start", "SLSQP, 30 starts", "ours: proven gap"), table.T[:4], strict=True
    ):
        print(f"  {name:22s} {column.mean():8.3f} {column.max():8.3f}")
    print(f"  CPU seconds a split    {table[:, 4].mean() / 100:8.2f} {table[:, 4].max() / 100:8.2f}")
    print("8 ad channels x 13 weeks, carry-over, group cap")
    for seed in range(5):
        model, rules = instance(100 + seed, 8, 13, carry=True)
        started = time.process_time()
        ours = best_split(
            model, rules, worth, rules.nearest(rules.upper * (rules.rows[0].high / rules.upper.sum())), settings
        )
        seconds = time.process_time() - started
        value, once = worth.of(model, ours.spend), local(model, rules, 1, seed)
        print(
            f"  seed {seed}: proven gap {100 * ours.report.gap:.3f} %, one-start SLSQP "
            f"{100 * (once / value - 1):+.2f} % against ours, {seconds:.1f} CPU s, "
            f"rules broken: {len(rules.broken(ours.spend))}"
        )


if __name__ == "__main__":
    main()
