"""The split as a PuLP programme: ad channels x weeks, carry-over as a state, curves as over-estimating pieces.

Its optimum is never below the best split of the planning model, so its bound is a bound of that model; its split is
the start of the local polish.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pulp
from numpy.typing import NDArray

from engine.budget.pieces import Pieces, over_estimate
from engine.budget.planning import PlanningModel
from engine.budget.rules import Rules, smallest_relaxation
from engine.plans.errors import Infeasible

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Solved:
    """``spend`` yuan [ad_channels, weeks]; ``bound``: no split of the planning model is worth more, yuan."""

    spend: Floats
    bound: float


@dataclass(frozen=True)
class Worth:
    """The objective: ``margin`` a yuan of lift less ``cost`` a yuan of spend."""

    margin: float
    cost: float

    def of(self, model: PlanningModel, spend: Floats) -> float:
        """Objective in yuan, lift of the carry-over included."""
        return self.margin * model.value(spend) - self.cost * float(spend.sum())


def solve(
    model: PlanningModel, rules: Rules, worth: Worth, gap: float, nodes: int, near: tuple[Floats, ...] = ()
) -> Solved:
    """Best split of the over-estimating programme; Infeasible with the smallest relaxation where rules contradict.

    ``near``: splits [ad_channels, weeks] around which the pieces are laid closer, so that a second call proves more.
    """
    blocked = smallest_relaxation(rules)
    if blocked:
        raise Infeasible(blocked)
    money = max(float(rules.upper.max(initial=0.0)), 1.0)
    programme, spend = _build(model, rules, worth, money, [model.stock(split) / money for split in near])
    bound, found = _run(programme, gap, nodes)
    if not found:
        return Solved(rules.nearest(0.5 * (rules.lower + rules.upper)), bound * money)
    amounts = np.array([[variable.value() or 0.0 for variable in row] for row in spend]) * money
    return Solved(np.clip(amounts, rules.lower, rules.upper), bound * money)


def _build(
    model: PlanningModel, rules: Rules, worth: Worth, money: float, near: list[Floats]
) -> tuple[pulp.LpProblem, list[list[pulp.LpVariable]]]:
    """The programme in units of ``money`` yuan, and its spend variables."""
    programme = pulp.LpProblem("budget", pulp.LpMaximize)
    channels, weeks = rules.lower.shape
    lower, upper = rules.lower / money, rules.upper / money
    spend = [
        [pulp.LpVariable(f"spend_{c}_{t}", lower[c, t], upper[c, t]) for t in range(weeks)] for c in range(channels)
    ]
    for number, rule in enumerate(rules.rows):
        total = pulp.lpSum(spend[c][t] for c, t in np.argwhere(rule.mask))
        if np.isfinite(rule.high):
            programme += total <= rule.high / money, f"rule_{number}_high"
        if rule.low > 0:
            programme += total >= rule.low / money, f"rule_{number}_low"
    lifts = []
    lowest, highest = model.stock(rules.lower), model.stock(rules.upper)
    for c in range(channels):
        state: pulp.LpAffineExpression | float = float(model.start[c]) / money
        keep = float(model.carryover[c])
        for t in range(lowest.shape[1]):
            amount = spend[c][t] if t < weeks else float(model.tail[c, t - weeks]) / money
            stock = pulp.LpVariable(f"stock_{c}_{t}", lowest[c, t] / money, highest[c, t] / money)
            programme += stock == (1.0 - keep) * amount + keep * state, f"carry_{c}_{t}"
            state = stock
            pieces = over_estimate(
                lambda s, c=c: model.lift(c, s * money) / money,  # type: ignore[misc]
                lambda s, c=c: model.marginal(c, s * money),  # type: ignore[misc]
                lowest[c, t] / money,
                highest[c, t] / money,
                tuple(float(stocks[c, t]) for stocks in near),
            )
            lifts.append(_lift_variable(programme, pieces, stock, f"{c}_{t}"))
    placed = pulp.lpSum(variable for row in spend for variable in row)
    programme.setObjective(worth.margin * pulp.lpSum(lifts) - worth.cost * placed)
    return programme, spend


def _lift_variable(programme: pulp.LpProblem, pieces: Pieces, stock: pulp.LpVariable, name: str) -> pulp.LpVariable:
    """A variable held below the over-estimate at ``stock``: on/off choices only where the curve is not concave."""
    lift = pulp.LpVariable(f"lift_{name}", 0.0)
    if not pieces.choices:
        for number, (base, slope) in enumerate(_lines(pieces)):
            programme += lift <= base + slope * stock, f"line_{name}_{number}"
        return lift
    parts, heights, chosen = [], [], []
    for number in range(len(pieces.knots) - 1):
        low, high = float(pieces.knots[number]), float(pieces.knots[number + 1])
        base, top = float(pieces.values[number]), float(pieces.values[number + 1])
        steep = (top - base) / (high - low)
        on, part = _part(programme, f"{name}_{number}", low, high)
        parts.append(part)
        chosen.append(on)
        heights.append((base - steep * low) * on + steep * part)
    if len(pieces.slope):
        on, part = _part(programme, f"{name}_top", pieces.bend, pieces.high)
        height = pulp.LpVariable(f"top_{name}", 0.0)
        for number, (base, slope) in enumerate(zip(pieces.intercept, pieces.slope, strict=True)):
            programme += height <= float(base) * on + float(slope) * part, f"tangent_{name}_{number}"
        parts.append(part)
        chosen.append(on)
        heights.append(height)
    programme += pulp.lpSum(chosen) == 1, f"one_{name}"
    programme += pulp.lpSum(parts) == stock, f"stock_of_{name}"
    programme += lift <= pulp.lpSum(heights), f"height_{name}"
    return lift


def _part(programme: pulp.LpProblem, name: str, low: float, high: float) -> tuple[pulp.LpVariable, pulp.LpVariable]:
    """On/off choice of a piece and the stock on it, between ``low`` and ``high`` where it is on."""
    on = pulp.LpVariable(f"on_{name}", cat=pulp.LpBinary)
    part = pulp.LpVariable(f"part_{name}", 0.0)
    programme += part <= high * on, f"most_{name}"
    programme += part >= low * on, f"least_{name}"
    return on, part


def _lines(pieces: Pieces) -> list[tuple[float, float]]:
    """The straight lines of a curve that needs no choice: its tangents, or its only chord."""
    if len(pieces.slope):
        return [(float(a), float(b)) for a, b in zip(pieces.intercept, pieces.slope, strict=True)]
    steep = float((pieces.values[1] - pieces.values[0]) / (pieces.knots[1] - pieces.knots[0]))
    return [(float(pieces.values[0]) - steep * float(pieces.knots[0]), steep)]


def _run(programme: pulp.LpProblem, gap: float, nodes: int) -> tuple[float, bool]:
    """Solve with HiGHS, or CBC where it is not installed; the proven bound, and whether a split was found."""
    solver = _Highs(msg=False, gapRel=gap, threads=1, mip_max_nodes=nodes, random_seed=0)
    if not solver.available():
        programme.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=gap, threads=1, maxNodes=nodes))
        found = programme.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
        proven = programme.sol_status == pulp.LpSolutionOptimal
        return (_value(programme) + gap * abs(_value(programme)) if proven else math.inf), found
    programme.solve(solver)
    found = programme.sol_status != pulp.LpSolutionNoSolutionFound
    if all(variable.cat != pulp.LpInteger for variable in programme.variables()):
        return _value(programme), found
    # PuLP hands HiGHS the negated objective without its constant
    constant = float(programme.objective.constant)
    return constant - float(programme.solverModel.getInfo().mip_dual_bound), found


def _value(programme: pulp.LpProblem) -> float:
    return float(pulp.value(programme.objective) or 0.0)


class _Highs(pulp.HiGHS):  # type: ignore[misc]
    """PuLP's HiGHS, which does not know that a search can end at its node limit (PuLP 3.3)."""

    def findSolutionValues(self, lp: pulp.LpProblem) -> tuple[int, int]:
        """Status and kind of the solution."""
        if not lp.solverModel.getSolution().value_valid:
            return pulp.LpStatusNotSolved, pulp.LpSolutionNoSolutionFound
        try:
            status, kind = super().findSolutionValues(lp)
            return status, kind
        except KeyError:
            return pulp.LpStatusOptimal, pulp.LpSolutionIntegerFeasible
