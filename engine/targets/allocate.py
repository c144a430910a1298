"""One linear programme that spreads the year over month x event x channel x category, bending the forecast least.

Every cell grows by one common rate, plus the extra rates of what has goals of its own (its channel, category, event,
month, tier); a cell leaves that law only where a rule or a limit forces it. So a target can be read as "the shop's
growth + the channel's + the category's". What a cell does leave the law by is priced by the relative entropy (1 + t)
ln(1 + t) - t of its share t (Kullback 1959), in convex pieces: many cells bend a little before one bends much.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pulp
from numpy.typing import NDArray

from engine.plans.errors import Infeasible, Relaxation
from engine.plans.solve import Binding, SolveReport
from engine.targets.rules import Rule
from engine.targets.settings import TargetSettings

Floats = NDArray[np.float64]
Term = tuple[pulp.LpVariable, float]
RATE_COST = 1e-3
"""Cost of a yuan moved by a growth rate; far below the first piece by which a cell leaves the law."""
MISS_COST = 10.0
"""Cost of a yuan by which a soft goal of weight 1 is missed."""
KNOTS_UP, KNOTS_DOWN = (0.0, 0.1, 0.3, 1.0), (0.0, 0.1, 0.3, 0.7)
"""Shares of a cell at which the price of bending rises; the last piece has no end."""
SCOPE = "linear programme over month x event x channel x category; SKUs and rounding to the fen follow in closed form"


@dataclass(frozen=True)
class Allocation:
    """``ahead`` float64 [cells]: yuan still to be sold in each cell. ``missed``: soft goals that are not reached."""

    ahead: Floats
    report: SolveReport
    warnings: tuple[str, ...]


def allocate(cells: pd.DataFrame, rules: Sequence[Rule], settings: TargetSettings) -> Allocation:
    """Targets of the year's cells (frame ``actual_fen, forecast_fen``: sold, and still expected).

    :class:`Infeasible` with the smallest changes of the hard goals that would allow a plan.
    """
    began = time.perf_counter()
    model = _Model.of(cells, rules, settings)
    if not model.solve():
        raise Infeasible(model.relaxations())
    ahead = model.ahead()
    missed = [
        f"targets: soft goal missed by {model.miss(position):,.0f} yuan: {rule.text}"
        for position, rule in enumerate(rules)
        if not rule.hard and model.miss(position) > 0.01
    ]
    objective = float(pulp.value(model.problem.objective)) * model.scale
    report = SolveReport("optimal", objective, objective, 0.0, SCOPE, time.perf_counter() - began, model.binding())
    return Allocation(ahead, report, tuple(missed))


def bending_prices(knots: Sequence[float], sign: float) -> list[tuple[float, float]]:
    """(width, price) of each convex piece of the relative entropy between the knots, widths as shares of a cell.

    >>> [(round(width, 3), round(price, 3)) for width, price in bending_prices((0.0, 0.1, 0.3, 1.0), 1.0)]
    [(0.1, 0.048), (0.2, 0.181), (0.7, 0.493), (inf, 0.809)]
    """

    def entropy(share: float) -> float:
        moved = 1.0 + sign * share
        return moved * math.log(moved) - sign * share if moved > 0 else 1.0

    ends = [*knots[1:], knots[-1] * 1.5 if sign > 0 else 1.0]
    pieces = [
        (end - start, (entropy(end) - entropy(start)) / (end - start)) for start, end in zip(knots, ends, strict=True)
    ]
    return [*pieces[:-1], (float("inf"), float(pieces[-1][1]))]


PIECES = {1.0: bending_prices(KNOTS_UP, 1.0), -1.0: bending_prices(KNOTS_DOWN, -1.0)}


@dataclass
class _Model:
    """The programme in PuLP over the cells that are still open; amounts are divided by ``scale`` so that the solver's
    tolerances fit."""

    problem: pulp.LpProblem
    rules: Sequence[Rule]
    rows: list[pulp.LpConstraint]
    under: list[pulp.LpVariable]
    over: list[pulp.LpVariable]
    open: NDArray[np.int64]
    cell: list[pulp.LpVariable]
    cells: int
    scale: float

    @classmethod
    def of(cls, cells: pd.DataFrame, rules: Sequence[Rule], settings: TargetSettings) -> _Model:
        forecast, actual = (cells[name].to_numpy() / 100.0 for name in ("forecast_fen", "actual_fen"))
        scale = max(float(forecast.sum() + actual.sum()) / 1e4, 1e-9)
        forecast, actual = forecast / scale, actual / scale
        problem = pulp.LpProblem("targets", pulp.LpMinimize)
        cost: list[Term] = []
        place = np.flatnonzero(forecast > 0)
        laws = _rates(rules, forecast, place, cost)
        bounds = (1.0 - settings.max_cell_decline, 1.0 + settings.max_cell_growth)
        targets = [
            _cell(problem, row, float(forecast[position]), laws[row], bounds, cost)
            for row, position in enumerate(place)
        ]
        rows, under, over = [], [], []
        for number, rule in enumerate(rules):
            missing, beyond = pulp.LpVariable(f"u{number}", 0), pulp.LpVariable(f"o{number}", 0)
            if rule.hard:
                missing.upBound = beyond.upBound = 0.0
            else:
                cost += [(missing, MISS_COST * rule.weight), (beyond, MISS_COST * rule.weight)]
            part = pulp.LpAffineExpression(
                [
                    *((targets[i], c) for i, c in enumerate(rule.coefficient[place].tolist()) if c),
                    (missing, 1.0),
                    (beyond, -1.0),
                ]
            )
            right = rule.yuan / scale - float(rule.coefficient @ actual)
            rows.append({"=": part == right, ">": part >= right, "<": part <= right}[rule.sense])
            problem += rows[-1]
            under.append(missing)
            over.append(beyond)
        problem.setObjective(pulp.LpAffineExpression(cost))
        return cls(problem, rules, rows, under, over, place, targets, len(cells), scale)

    def solve(self) -> bool:
        """False where the hard goals contradict one another."""
        self.problem.solve(_solver())
        return bool(self.problem.sol_status == pulp.LpSolutionOptimal)

    def ahead(self) -> Floats:
        """Yuan a cell."""
        found = np.zeros(self.cells)
        found[self.open] = [max(float(target.value()), 0.0) for target in self.cell]
        return found * self.scale

    def miss(self, position: int) -> float:
        """Yuan by which a rule is missed."""
        return float(self.under[position].value() + self.over[position].value()) * self.scale

    def binding(self) -> tuple[Binding, ...]:
        """Goals that bend the plan, dearest first."""
        found = [
            Binding(rule.text, round(abs(float(row.pi or 0.0)), 6), "yuan of distortion saved per yuan of the goal")
            for rule, row in zip(self.rules, self.rows, strict=True)
        ]
        limit = max((abs(float(target.dj or 0.0)) for target in self.cell), default=0.0)
        found.append(Binding("max_cell_growth / max_cell_decline", round(limit, 6), "yuan of distortion per yuan"))
        return tuple(
            sorted((entry for entry in found if entry.price > 1e-6), key=lambda entry: (-entry.price, entry.rule))
        )

    def relaxations(self) -> tuple[Relaxation, ...]:
        """The elastic programme: hard goals may give, at one yuan a yuan; the total a little cheaper than the rest."""
        cost = []
        for rule, missing, beyond in zip(self.rules, self.under, self.over, strict=True):
            missing.upBound = beyond.upBound = None
            price = 0.999 if rule.level == "total" else 1.0
            cost += [(missing, price if rule.hard else 1e-4), (beyond, price if rule.hard else 1e-4)]
        self.problem.setObjective(pulp.LpAffineExpression(cost))
        self.problem.solve(_solver())
        found = []
        for rule, missing, beyond in zip(self.rules, self.under, self.over, strict=True):
            amount = float(missing.value() - beyond.value()) * self.scale
            if rule.hard and abs(amount) > 0.005:
                way = "lower" if amount > 0 else "raise"
                remedy = rule.remedy or (
                    f"Make it {way} by that much, or soft (hard: false), or widen max_cell_growth / max_cell_decline."
                )
                found.append(Relaxation(rule.text, abs(amount), "yuan", remedy))
        return tuple(sorted(found, key=lambda entry: (-entry.amount, entry.rule)))


def _rates(rules: Sequence[Rule], forecast: Floats, place: NDArray[np.int64], cost: list[Term]) -> list[list[Term]]:
    """Growth rates of each open cell as terms: the common one and those of the groups that have goals. A group that
    is to sell at least (at most) so much has a rate that only raises (lowers) it."""
    groups: dict[tuple[str, str], NDArray[np.bool_]] = {("total", ""): np.ones(len(forecast), dtype=bool)}
    ways: dict[tuple[str, str], set[str]] = {("total", ""): {"="}}
    for rule in rules:
        if rule.member is not None and (rule.sense == "=" or rule.plain):
            key = (rule.level, "" if rule.level == "total" else rule.key)
            groups.setdefault(key, rule.member)
            ways.setdefault(key, set()).add(rule.sense)
    laws: list[list[Term]] = [[] for _ in place]
    position = {int(cell): number for number, cell in enumerate(place)}
    for number, (key, member) in enumerate(sorted(groups.items(), key=lambda entry: entry[0])):
        size = float(forecast[member].sum())
        for side, sign in (("<", 1.0), (">", -1.0)):
            if ways[key] == {side}:
                continue
            rate = pulp.LpVariable(f"r{number}_{'up' if sign > 0 else 'down'}", 0)
            cost.append((rate, RATE_COST * size))
            for cell in np.flatnonzero(member & (forecast > 0)).tolist():
                laws[position[cell]].append((rate, -sign * float(forecast[cell])))
    return laws


def _cell(
    problem: pulp.LpProblem,
    row: int,
    expected: float,
    law: list[Term],
    bounds: tuple[float, float],
    cost: list[Term],
) -> pulp.LpVariable:
    """A cell's target = expected x (1 + its rates) + what it leaves the law by."""
    target = pulp.LpVariable(f"x{row}", bounds[0] * expected, bounds[1] * expected)
    terms = [(target, 1.0), *law]
    for side, sign in (("p", 1.0), ("n", -1.0)):
        for number, (width, price) in enumerate(PIECES[sign]):
            piece = pulp.LpVariable(f"{side}{row}_{number}", 0, None if np.isinf(width) else width * expected)
            terms.append((piece, -sign))
            cost.append((piece, price))
    problem += pulp.LpAffineExpression(terms) == expected
    return target


def _solver() -> pulp.LpSolver:
    """HiGHS inside the process, CBC where highspy is missing."""
    highs = pulp.HiGHS(msg=False, threads=1)
    return highs if highs.available() else pulp.PULP_CBC_CMD(msg=False, threads=1)
