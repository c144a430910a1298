"""The best split: programme, polish and bound by turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.budget.feasible import nearest
from engine.budget.highs import Effort
from engine.budget.objective import Worth
from engine.budget.planning import PlanningModel
from engine.budget.polish import polish
from engine.budget.prices import prices
from engine.budget.programme import Problem, solve
from engine.budget.rules import Rules
from engine.budget.terms import Pattern
from engine.plans.errors import Infeasible, Relaxation
from engine.plans.solve import SolveReport, relative_gap

Floats = NDArray[np.float64]
SCOPE = "the planning model: mean curves, carry-over at its posterior mean"
SCOPE_TAIL = "the planning model: curves by draw, carry-over at its posterior mean"
FIRST_NODES = 1
"""Nodes of a first round with care for bad luck: it only finds the weights of the draws."""


@dataclass(frozen=True)
class Search:
    """``gap``: relative, at which the search stops. ``nodes`` of branch and bound in a round; most ``rounds``."""

    gap: float
    nodes: int
    rounds: int


@dataclass(frozen=True)
class Split:
    """A split in yuan [ad_channels, weeks] and its decisions with its proof; ``weights`` [draws] that proved it."""

    spend: Floats
    pattern: Pattern
    report: SolveReport
    weights: Floats


def best_split(model: PlanningModel, rules: Rules, worth: Worth, today: Floats, search: Search) -> Split:
    """The split with its bound; where no ad channel has any effect, the one nearest to ``today``."""
    if not (model.curves.scale > 0).any() or not worth.margin.any():
        spend, pattern = nearest(rules, today)
        value = worth.of(model, rules.terms, spend, pattern)
        report = SolveReport("feasible", 100.0 * value, float("nan"), float("nan"), "no response, no bound")
        return Split(spend, pattern, report, model.weights)
    rounds = _Rounds(model, rules, worth, search)
    start, pattern = today, rules.terms.pattern_of(today)
    rounds.try_from(*(nearest(rules, today) if rules.broken(start, pattern, 0.01) else (start, pattern)))
    for number in range(search.rounds):
        rounds.turn(FIRST_NODES if worth.care > 0 and number == 0 else search.nodes)
        if rounds.gap <= search.gap:
            break
    return rounds.split()


class _Rounds:
    """What the rounds have found so far."""

    def __init__(self, model: PlanningModel, rules: Rules, worth: Worth, search: Search) -> None:
        self.model, self.rules, self.worth, self.search = model, rules, worth, search
        self.best: tuple[Floats, Pattern] | None = None
        self.value = -np.inf
        self.bound = np.inf
        self.weights = model.weights
        self.seen: list[Floats] = []

    @property
    def gap(self) -> float:
        """Relative, proven so far."""
        return relative_gap(self.value, self.bound) if np.isfinite(self.bound) and self.best else np.inf

    def turn(self, nodes: int) -> None:
        """Solve with pieces around what was seen, polish what comes out, lower the bound."""
        effort = Effort(0.5 * self.search.gap, nodes)
        problem = Problem(self.model, self.rules, self.worth, self.weights)
        solved = solve(problem, effort, tuple(self.seen[-4:]), self.best)
        self.bound = min(self.bound, solved.bound)
        if solved.spend is not None and solved.pattern is not None:
            self.seen.append(solved.spend)
            self.try_from(solved.spend, solved.pattern)

    def try_from(self, start: Floats, pattern: Pattern) -> None:
        """Polish a split and keep it where it is the best so far."""
        tolerance = 1e-6 * self.rules.unit
        if self.rules.broken(start, pattern, max(tolerance, 0.01)):
            return
        polished = polish(self.model, self.rules, self.worth, start, pattern)
        if self.rules.over_ratio(self.model, polished.spend, max(tolerance, 0.01)):
            return
        value = self.worth.of(self.model, self.rules.terms, polished.spend, pattern)
        if value > self.value:
            self.best, self.value = (polished.spend, pattern), value
            self.weights = self.worth.tilt(polished.shares) if self.worth.care > 0 else self.model.weights
            self.seen.append(polished.spend)

    def split(self) -> Split:
        """The best of all rounds."""
        if self.best is None:
            raise Infeasible([Relaxation(cap.name, 0.0, "yuan", cap.remedy) for cap in self.rules.caps])
        bound = max(self.bound, self.value) if np.isfinite(self.bound) else float("nan")
        gap = relative_gap(self.value, bound)
        status = "optimal" if gap <= self.search.gap else "feasible"
        problem = Problem(self.model, self.rules, self.worth, self.weights)
        scope = SCOPE if self.worth.care <= 0 else SCOPE_TAIL
        report = SolveReport(status, 100.0 * self.value, 100.0 * bound, gap, scope, binding=prices(problem, *self.best))
        return Split(*self.best, report, self.weights)
