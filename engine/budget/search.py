"""The best split: programme, polish and bound by turns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from engine.budget.branching import branches, chosen
from engine.budget.columns import Layout, Node
from engine.budget.decomposition import Decomposition, Mixture
from engine.budget.feasible import nearest, repair, what_must_give
from engine.budget.highs import Effort
from engine.budget.objective import Worth
from engine.budget.planning import PlanningModel
from engine.budget.polish import polish
from engine.budget.prices import prices
from engine.budget.programme import Problem, solve
from engine.budget.rules import Rules
from engine.budget.terms import Pattern
from engine.plans.errors import Infeasible
from engine.plans.solve import SolveReport, relative_gap

Floats = NDArray[np.float64]
SCOPE = "the planning model: mean curves, carry-over at its posterior mean"
SCOPE_TAIL = "the planning model: curves by draw, carry-over at its posterior mean"
PIECE_ROUNDS, PIECE_NODES = 5, 300
"""Of the programme of pieces in a single week, where it proves the best split; over several weeks it gives a start."""


@dataclass(frozen=True)
class Search:
    """``gap``: relative, at which the search stops. ``nodes``: most nodes of branch and bound."""

    gap: float
    nodes: int


@dataclass(frozen=True)
class Split:
    """A split in yuan [ad_channels, weeks] and its decisions with its proof; ``weights`` [draws] that proved it."""

    spend: Floats
    pattern: Pattern
    report: SolveReport
    weights: Floats


def best_split(model: PlanningModel, rules: Rules, worth: Worth, today: Floats, search: Search) -> Split:
    """The split with its bound; where no ad channel has any effect and nothing is on offer, the one nearest to
    ``today``."""
    silent = not (model.curves.scale > 0).any() or not worth.margin.any()
    if silent and not rules.terms.offers:
        spend, pattern = nearest(rules, today)
        value = worth.of(model, rules.terms, spend, pattern)
        report = SolveReport("feasible", 100.0 * value, float("nan"), float("nan"), "no response, no bound")
        return Split(spend, pattern, report, model.weights)
    rounds = _Rounds(model, rules, worth, search)
    start, pattern = today, rules.terms.pattern_of(today)
    rounds.try_from(*(nearest(rules, today) if rules.broken(start, pattern, 0.01) else (start, pattern)))
    single = rules.lower.shape[1] == 1
    for _ in range(PIECE_ROUNDS if single else 1):
        rounds.turn(PIECE_NODES if single else 1)
        if rounds.gap <= search.gap:
            break
    rounds.branch()
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
        self.tried: set[bytes] = set()
        self.number = 0

    @property
    def gap(self) -> float:
        """Relative, proven so far."""
        return relative_gap(self.value, self.bound) if np.isfinite(self.bound) and self.best else np.inf

    def turn(self, nodes: int) -> None:
        """Solve the programme of pieces, polish what comes out, lower the bound."""
        problem = Problem(self.model, self.rules, self.worth, self.weights)
        solved = solve(problem, Effort(0.5 * self.search.gap, nodes), tuple(self.seen[-4:]), self.best)
        self.bound = min(self.bound, solved.bound)
        if solved.spend is not None and solved.pattern is not None:
            self.seen.append(solved.spend)
            self.try_from(solved.spend, solved.pattern)

    def branch(self) -> None:
        """Bound whole courses of ad channels, part by part, until the gap is closed or the nodes are spent."""
        if self.gap <= self.search.gap:
            return
        layout = Layout(self.model, self.rules, self.worth)
        known = [] if self.best is None else [(self.best[0], self.best[1].on, self.best[1].step)]
        courses = Decomposition(layout, known)
        open_: list[tuple[float, int, Node, Mixture]] = []
        self._settle(courses, layout, Node({}, {}), None, open_)
        for _ in range(self.search.nodes):
            self.bound = min(self.bound, self._open_bound(open_))
            if self.gap <= self.search.gap or not open_:
                return
            _, _, node, mixture = heappop(open_)
            parts = branches(node, mixture, layout)
            if parts is None:
                heappush(open_, (-mixture.bound, -1, node, mixture))
                return
            for part in parts:
                self._settle(courses, layout, part, mixture, open_)
        self.bound = min(self.bound, self._open_bound(open_))

    def _settle(
        self,
        courses: Decomposition,
        layout: Layout,
        node: Node,
        parent: Mixture | None,
        open_: list[tuple[float, int, Node, Mixture]],
    ) -> None:
        """Bound a node, try the split that its courses make, keep it open."""
        enough = self.value / self.rules.unit * (1.0 + 0.5 * self.search.gap) if self.value > 0 else -np.inf
        found = courses.mix(node, enough, None if parent is None else parent.prices)
        if parent is not None and parent.bound < found.bound:
            found = replace(found, bound=parent.bound)
        self.number += 1
        heappush(open_, (-found.bound, self.number, node, found))
        if found.bound < enough:
            return
        choice = chosen(found, layout, self.weights, self.value / self.rules.unit)
        if choice is not None and choice[0].tobytes() not in self.tried:
            self.tried.add(choice[0].tobytes())
            repaired = repair(self.rules, *choice)
            if repaired is not None:
                self.try_from(repaired, choice[1])

    def _open_bound(self, open_: list[tuple[float, int, Node, Mixture]]) -> float:
        """No split is worth more, yuan."""
        return max(self.value, -open_[0][0] * self.rules.unit) if open_ else self.value

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
            raise Infeasible(what_must_give(self.model, self.rules))
        bound = max(self.bound, self.value) if np.isfinite(self.bound) else float("nan")
        gap = relative_gap(self.value, bound)
        status = "optimal" if gap <= self.search.gap else "feasible"
        problem = Problem(self.model, self.rules, self.worth, self.weights)
        scope = SCOPE if self.worth.care <= 0 else SCOPE_TAIL
        report = SolveReport(status, 100.0 * self.value, 100.0 * bound, gap, scope, binding=prices(problem, *self.best))
        return Split(*self.best, report, self.weights)
