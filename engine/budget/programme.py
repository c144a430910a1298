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
from models.response.curves import adstock

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Solved:
    """``spend`` yuan [ad_channels, weeks]; ``bound`` of margin x lift - cost x spend; ``optimal``: within the gap."""

    spend: Floats
    bound: float
    optimal: bool


@dataclass(frozen=True)
class Worth:
    """The objective: ``margin`` a yuan of lift less ``cost`` a yuan of spend."""

    margin: float
    cost: float

    def of(self, model: PlanningModel, spend: Floats) -> float:
        """Objective in yuan, lift of the carry-over included."""
        return self.margin * model.value(spend) - self.cost * float(spend.sum())


def solve(model: PlanningModel, rules: Rules, worth: Worth, gap: float, nodes: int) -> Solved:
    """Best split of the over-estimating programme; Infeasible with the smallest relaxation where rules contradict."""
    blocked = smallest_relaxation(rules)
    if blocked:
        raise Infeasible(blocked)
    money = max(float(rules.upper.max(initial=0.0)), 1.0)
    programme, spend = _build(model, rules, worth, money)
    bound, optimal = _run(programme, gap, nodes)
    amounts = np.array([[variable.value() or 0.0 for variable in row] for row in spend]) * money
    return Solved(np.clip(amounts, rules.lower, rules.upper), bound * money, optimal)


def _build(
    model: PlanningModel, rules: Rules, worth: Worth, money: float
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


def _part(
    programme: pulp.LpProblem, name: str, low: float, high: float
) -> tuple[pulp.LpVariable, pulp.LpVariable]:
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
    """Solve with HiGHS, or CBC where it is not installed; the proven bound, and whether the gap was reached."""
    solver = pulp.HiGHS(msg=False, gapRel=gap, threads=1, mip_max_nodes=nodes, random_seed=0)
    if not solver.available():
        programme.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=gap, threads=1, maxNodes=nodes))
        value = float(pulp.value(programme.objective))
        optimal = programme.status == pulp.LpStatusOptimal
        return (value * (1.0 + gap) if optimal else math.nan), optimal
    programme.solve(solver)
    value = float(pulp.value(programme.objective) or 0.0)
    info = programme.solverModel.getInfo()
    whole = any(variable.cat == pulp.LpInteger for variable in programme.variables())
    bound = float(info.mip_dual_bound) if whole else value
    return max(bound, value), programme.sol_status == pulp.LpSolutionOptimal
