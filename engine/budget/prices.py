"""The rules that hold a split, with what one more yuan of room would be worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from engine.budget.programme import Problem
from engine.budget.rules import Rules
from engine.budget.terms import Pattern
from engine.plans.solve import Binding

Floats = NDArray[np.float64]
TIGHT = 1e-4
WORTH_NAMING = 1e-3
ROOM = "yuan of the objective for one more yuan of room"
UNNAMED = ""
"""That no spend is below zero: needed for the multipliers, but nobody's rule."""
FORCED = "yuan of the objective for one yuan more that must be spent"


@dataclass(frozen=True)
class Held:
    """A rule that is tight: its name, its row in cells [cells], and the sign of its price."""

    name: str
    row: Floats
    sign: float


def prices(problem: Problem, spend: Floats, pattern: Pattern) -> tuple[Binding, ...]:
    """Multipliers of the optimality conditions, on/off decisions kept.

    The gradient is a non-negative mix of the tight rules (Karush, Kuhn and Tucker); the mix is found by non-negative
    least squares (Lawson and Hanson 1974). Limits of single weeks are reported as their mean by ad channel.
    """
    rules, worth = problem.rules.fixed(pattern), problem.worth
    rates = problem.rules.terms.rates(pattern)[:, None]
    gradient = (worth.margin[:, None] * problem.tilted.gradient(spend) - worth.cost * rates).ravel()
    held = [*_rows(rules, spend), *_caps(problem, spend), *_cells(problem.rules, rules, spend)]
    if not held:
        return ()
    multiplier, _ = nnls(np.array([entry.row for entry in held]).T, gradient)
    found: dict[str, float] = {}
    for entry, value in zip(held, multiplier, strict=True):
        found[entry.name] = found.get(entry.name, 0.0) + entry.sign * float(value)
    return tuple(
        Binding(name, value, ROOM if value > 0 else FORCED)
        for name, value in found.items()
        if name != UNNAMED and abs(value) > WORTH_NAMING
    )


def _rows(rules: Rules, spend: Floats) -> list[Held]:
    held = []
    slack = TIGHT * rules.unit
    for rule in rules.rows:
        amount, row = rule.amount(spend), np.asarray(rule.weight, dtype=float).ravel()
        single = rule.low == rule.high
        if amount > rule.high - slack:
            held.append(Held(rule.name + ("" if single else ", upper limit"), row, 1.0))
        if rule.low > 0 and amount < rule.low + slack:
            held.append(Held(rule.name + ("" if single else ", lower limit"), -row, -1.0))
    return held


def _caps(problem: Problem, spend: Floats) -> list[Held]:
    return [
        Held(cap.name, (cap.weeks[None] - cap.share * problem.model.week_gradient(spend, cap.weeks)).ravel(), 1.0)
        for cap in problem.rules.caps
        if cap.excess(problem.model, spend) > -TIGHT * problem.rules.unit
    ]


def _cells(given: Rules, fixed: Rules, spend: Floats) -> list[Held]:
    """Limits of single weeks. A week that is off (``fixed``) though its limit was not 0 (``given``) is so by its terms:
    fees, or the least of a week that is on."""
    held, weeks, slack = [], spend.shape[1], TIGHT * fixed.unit
    at_most, at_least = spend > fixed.upper - slack, spend < fixed.lower + slack
    for cell in np.flatnonzero(at_most | at_least):
        name, row = given.ad_channels[cell // weeks], np.zeros(spend.size)
        row[cell] = 1.0
        if at_most.flat[cell]:
            own = spend.flat[cell] > given.upper.flat[cell] - slack
            held.append(Held(f"{name}, upper limit of a week" if own else f"terms of {name}", row, 1.0 / weeks))
        if at_least.flat[cell]:
            own = fixed.lower.flat[cell] > 0
            held.append(Held(f"{name}, lower limit of a week" if own else UNNAMED, -row, -1.0 / weeks))
    return held
