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
    held = [*_rows(rules, spend), *_caps(problem, spend), *_cells(rules, spend)]
    if not held:
        return ()
    multiplier, _ = nnls(np.array([entry.row for entry in held]).T, gradient)
    found: dict[str, float] = {}
    for entry, value in zip(held, multiplier, strict=True):
        found[entry.name] = found.get(entry.name, 0.0) + entry.sign * float(value)
    return tuple(
        Binding(name, value, ROOM if value > 0 else FORCED)
        for name, value in found.items()
        if abs(value) > WORTH_NAMING
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


def _cells(rules: Rules, spend: Floats) -> list[Held]:
    held, weeks, slack = [], spend.shape[1], TIGHT * rules.unit
    for sign, side, tight in (
        (1.0, "upper", spend > rules.upper - slack),
        (-1.0, "lower", spend < rules.lower + slack),
    ):
        for cell in np.flatnonzero(tight.ravel()):
            row = np.zeros(spend.size)
            row[cell] = sign
            held.append(Held(f"{rules.ad_channels[cell // weeks]}, {side} limit of a week", row, sign / weeks))
    return held
