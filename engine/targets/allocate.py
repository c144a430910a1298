"""One linear programme that spreads the year over month x channel x category, bending the forecast least.

Every cell grows by one common rate, plus the extra rate of its channel and of its category where these have goals of
their own; a cell leaves that law only where a rule or a limit forces it. So each target can be read as "the shop's
growth + the channel's + the category's".
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pulp
from numpy.typing import NDArray

from engine.plans.errors import Infeasible, Relaxation
from engine.plans.solve import Binding, SolveReport
from engine.targets.goals import Rule
from engine.targets.settings import TargetSettings

Floats = NDArray[np.float64]
RATE_COST = 1e-3
"""Cost of a yuan moved by a growth rate; one by which a cell leaves the law costs 1, so that it is forced to."""
MISS_COST = 10.0
"""Cost of a yuan by which a soft goal of weight 1 is missed."""
SCOPE = "linear programme over month x channel x category; SKUs and rounding to the fen follow in closed form"


@dataclass(frozen=True)
class Allocation:
    """``yuan`` float64 [cells]: target of each cell, what was sold already included."""

    yuan: Floats
    report: SolveReport
    warnings: tuple[str, ...]


def allocate(cells: pd.DataFrame, rules: Sequence[Rule], settings: TargetSettings) -> Allocation:
    """Targets of the year's cells (frame ``channel, category, actual_fen, forecast_fen``).

    :class:`Infeasible` with the smallest changes of the hard goals that would allow a plan.
    """
    began = time.perf_counter()
    model = _Model.of(cells, rules, settings)
    if not model.solve():
        raise Infeasible(model.relaxations())
    yuan = model.cells()
    missed = [
        f"targets: soft goal missed by {model.miss(position):,.0f} yuan: {rule.text}"
        for position, rule in enumerate(rules)
        if not rule.hard and model.miss(position) > 0.01
    ]
    objective = float(pulp.value(model.problem.objective)) * model.scale
    report = SolveReport("optimal", objective, objective, 0.0, SCOPE, time.perf_counter() - began, model.binding(rules))
    return Allocation(yuan, report, tuple(missed))


@dataclass
class _Model:
    """The programme in PuLP; all amounts are divided by ``scale`` so that the solver's tolerances fit."""

    problem: pulp.LpProblem
    rules: Sequence[Rule]
    rows: list[pulp.LpConstraint]
    under: list[pulp.LpVariable]
    over: list[pulp.LpVariable]
    cell: list[pulp.LpVariable]
    actual: Floats
    scale: float

    @classmethod
    def of(cls, cells: pd.DataFrame, rules: Sequence[Rule], settings: TargetSettings) -> _Model:
        forecast, actual = (cells[name].to_numpy() / 100.0 for name in ("forecast_fen", "actual_fen"))
        scale = max(float(forecast.sum() + actual.sum()) / 1e4, 1e-9)
        forecast, actual = forecast / scale, actual / scale
        problem = pulp.LpProblem("targets", pulp.LpMinimize)
        cost: list[pulp.LpAffineExpression] = []
        common = _rate("growth", float(forecast.sum()), cost)
        extra: list[list[pulp.LpAffineExpression]] = [[] for _ in range(len(cells))]
        for level, goals in (("channel", settings.channels), ("category", settings.categories)):
            for position, key in enumerate(sorted(goals)):
                members = np.flatnonzero((cells[level] == key).to_numpy())
                rate = _rate(f"{level}{position}", float(forecast[members].sum()), cost)
                for member in members:
                    extra[member].append(rate)
        targets = []
        for position, expected in enumerate(forecast):
            low, high = (1.0 - settings.max_cell_decline) * expected, (1.0 + settings.max_cell_growth) * expected
            target = pulp.LpVariable(f"x{position}", low, high)
            more, less = pulp.LpVariable(f"p{position}", 0), pulp.LpVariable(f"n{position}", 0)
            problem += target == expected + pulp.lpSum([common, *extra[position]]) * expected + more - less
            cost.append(more + less)
            targets.append(target)
        rows, under, over = [], [], []
        for position, rule in enumerate(rules):
            missing, beyond = pulp.LpVariable(f"u{position}", 0), pulp.LpVariable(f"o{position}", 0)
            if rule.hard:
                missing.upBound = beyond.upBound = 0.0
            else:
                cost.append(MISS_COST * rule.weight * (missing + beyond))
            part = _sum_of(rule, targets, actual) + missing - beyond
            rows.append(
                {"=": part == rule.yuan / scale, ">": part >= rule.yuan / scale, "<": part <= rule.yuan / scale}[
                    rule.sense
                ]
            )
            problem += rows[-1]
            under.append(missing)
            over.append(beyond)
        problem.setObjective(pulp.lpSum(cost))
        return cls(problem, rules, rows, under, over, targets, actual, scale)

    def solve(self) -> bool:
        """False where the hard goals contradict one another."""
        self.problem.solve(_solver())
        return bool(self.problem.sol_status == pulp.LpSolutionOptimal)

    def cells(self) -> Floats:
        """Yuan a cell."""
        found = np.array([target.value() for target in self.cell])
        return np.asarray((np.maximum(found, 0.0) + self.actual) * self.scale)

    def miss(self, position: int) -> float:
        """Yuan by which a rule is missed."""
        return float(self.under[position].value() + self.over[position].value()) * self.scale

    def binding(self, rules: Sequence[Rule]) -> tuple[Binding, ...]:
        """Goals that bend the plan, dearest first."""
        found = [
            Binding(rule.text, round(abs(float(row.pi or 0.0)), 6), "yuan of distortion saved per yuan of the goal")
            for rule, row in zip(rules, self.rows, strict=True)
        ]
        limit = max((abs(float(target.dj or 0.0)) for target in self.cell if target.upBound > 0), default=0.0)
        found.append(Binding("max_cell_growth / max_cell_decline", round(limit, 6), "yuan of distortion per yuan"))
        return tuple(
            sorted((entry for entry in found if entry.price > 1e-6), key=lambda entry: (-entry.price, entry.rule))
        )

    def relaxations(self) -> tuple[Relaxation, ...]:
        """The elastic programme: hard goals may give, at one yuan a yuan; the total a little cheaper than the rest."""
        cost = []
        for rule, missing, beyond in zip(self.rules, self.under, self.over, strict=True):
            missing.upBound = beyond.upBound = None
            price = 1.0 if not rule.member.all() else 0.999
            cost.append((price if rule.hard else 1e-4) * (missing + beyond))
        self.problem.setObjective(pulp.lpSum(cost))
        self.problem.solve(_solver())
        found = []
        for rule, missing, beyond in zip(self.rules, self.under, self.over, strict=True):
            amount = float(missing.value() - beyond.value()) * self.scale
            if rule.hard and abs(amount) > 0.005:
                way = "lower" if amount > 0 else "raise"
                remedy = (
                    f"Make it {way} by that much, or soft (hard: false), or widen max_cell_growth / max_cell_decline."
                )
                found.append(Relaxation(rule.text, abs(amount), "yuan", remedy))
        return tuple(sorted(found, key=lambda entry: (-entry.amount, entry.rule)))


def _rate(name: str, size: float, cost: list[pulp.LpAffineExpression]) -> pulp.LpAffineExpression:
    """A growth rate of either sign whose distance from zero costs the money it moves."""
    up, down = pulp.LpVariable(f"{name}_up", 0), pulp.LpVariable(f"{name}_down", 0)
    cost.append(RATE_COST * size * (up + down))
    return up - down


def _sum_of(rule: Rule, targets: Sequence[pulp.LpVariable], actual: Floats) -> pulp.LpAffineExpression:
    weight = rule.member.astype(float) - rule.share
    return pulp.lpSum(float(w) * target for w, target in zip(weight, targets, strict=True)) + float(weight @ actual)


def _solver() -> pulp.LpSolver:
    """HiGHS inside the process, CBC where highspy is missing."""
    highs = pulp.HiGHS(msg=False, threads=1)
    return highs if highs.available() else pulp.PULP_CBC_CMD(msg=False, threads=1)
