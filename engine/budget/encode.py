"""Rules as rows of a PuLP programme, with a binary for every on/off decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pulp
from numpy.typing import NDArray

from engine.budget.rules import Rules
from engine.budget.terms import Pattern

Floats = NDArray[np.float64]
Give = Callable[[str, str], pulp.LpVariable | float]
"""By how much a rule may give, from its name and remedy: nothing, or a variable that costs."""


@dataclass(frozen=True)
class Encoded:
    """Variables of the decisions, money in units of ``unit`` yuan; ``cash``: what is paid for everything.

    ``on``: a row of binaries where weeks are on or off; ``steps``: binaries of a tariff of several steps.
    """

    rules: Rules
    unit: float
    spend: list[list[pulp.LpVariable]]
    on: list[list[pulp.LpVariable] | None]
    steps: list[list[pulp.LpVariable]]
    taken: list[pulp.LpVariable]
    cash: pulp.LpAffineExpression

    def split(self) -> tuple[Floats, Pattern]:
        """The solution: yuan [ad_channels, weeks] within the bounds, and the decisions."""
        rules = self.rules
        on = np.array([[row is None or _is_on(row[t]) for t in range(rules.lower.shape[1])] for row in self.on])
        steps = tuple(int(np.argmax([_value(y) for y in binaries])) if binaries else 0 for binaries in self.steps)
        pattern = Pattern(on.reshape(rules.lower.shape), steps, tuple(_is_on(y) for y in self.taken))
        fixed = rules.fixed(pattern)
        spend = np.array([[_value(x) for x in row] for row in self.spend]).reshape(rules.lower.shape) * self.unit
        return np.clip(spend, fixed.lower, fixed.upper), pattern

    def start(self, spend: Floats, pattern: Pattern) -> dict[str, float]:
        """Values of the variables for a split."""
        values = {
            x.name: float(s) / self.unit
            for row, line in zip(self.spend, spend, strict=True)
            for x, s in zip(row, line, strict=True)
        }
        for row, line in zip(self.on, pattern.on, strict=True):
            values |= {} if row is None else {y.name: float(s) for y, s in zip(row, line, strict=True)}
        for binaries, step in zip(self.steps, pattern.step, strict=True):
            values |= {y.name: float(n == step) for n, y in enumerate(binaries)}
        return values | {y.name: float(took) for y, took in zip(self.taken, pattern.taken, strict=True)}


def encode(programme: pulp.LpProblem, rules: Rules, give: Give | None = None) -> Encoded:
    """Variables and rows of the rules; with ``give`` each rule may be broken at a price."""
    unit, (channels, weeks) = rules.unit, rules.lower.shape
    slack = give or (lambda name, remedy: 0.0)
    spend, on = [], []
    for c in range(channels):
        line = [
            pulp.LpVariable(f"spend_{c}_{t}", 0.0, None if give else rules.upper[c, t] / unit) for t in range(weeks)
        ]
        spend.append(line)
        on.append(_bounds(programme, rules, c, line, slack))
    steps, paid = [], []
    for c in range(channels):
        binaries, cash = _tariff(programme, rules, c, spend[c], slack)
        steps.append(binaries)
        paid.append(cash)
        row = on[c]
        if row is not None and rules.terms.fee[c] > 0:
            paid.append(float(rules.terms.fee[c]) / unit * pulp.lpSum(row))
    taken = []
    for number, offer in enumerate(rules.terms.offers):
        low, high = (0, 1) if offer.decided is None else (int(offer.decided), int(offer.decided))
        taken.append(pulp.LpVariable(f"offer_{number}", low, high, cat=pulp.LpInteger))
        paid.append(offer.cash / unit * taken[-1])
    total = pulp.lpSum(paid)
    for number, rule in enumerate(rules.rows):
        terms = [float(rule.weight[c, t]) * spend[c][t] for c, t in np.argwhere(rule.weight)]
        amount = total if rule.cash else pulp.lpSum(terms)
        if np.isfinite(rule.high):
            programme += (
                amount - slack(f"{rule.name}, upper limit", rule.remedy) <= rule.high / unit,
                f"rule_{number}_high",
            )
        if rule.low > 0:
            programme += (
                amount + slack(f"{rule.name}, lower limit", rule.remedy) >= rule.low / unit,
                f"rule_{number}_low",
            )
    return Encoded(rules, unit, spend, on, steps, taken, total)


def _bounds(
    programme: pulp.LpProblem, rules: Rules, c: int, line: list[pulp.LpVariable], slack: Give
) -> list[pulp.LpVariable] | None:
    """Bounds of the weeks of an ad channel; the binaries where weeks are on or off."""
    unit, name = rules.unit, f"limits of {rules.ad_channels[c]}"
    remedy = f"loosen change_limit, stretch, or set channels.{rules.ad_channels[c]}"
    switched = bool(rules.terms.by_week[c])
    binaries = []
    for t, x in enumerate(line):
        low, high = float(rules.lower[c, t]) / unit, float(rules.upper[c, t]) / unit
        on: pulp.LpVariable | float = 1.0
        if switched:
            low = max(low, float(rules.terms.least[c]) / unit)
            on = pulp.LpVariable(f"on_{c}_{t}", cat=pulp.LpBinary)
            binaries.append(on)
        programme += x - slack(name, remedy) <= high * on, f"high_{c}_{t}"
        if low > 0:
            programme += x + slack(name, remedy) >= low * on, f"low_{c}_{t}"
    return binaries if switched else None


def _tariff(
    programme: pulp.LpProblem, rules: Rules, c: int, line: list[pulp.LpVariable], slack: Give
) -> tuple[list[pulp.LpVariable], pulp.LpAffineExpression]:
    """Binaries of the steps and the cash of an ad channel without weekly fees."""
    unit, tariff, name = rules.unit, rules.terms.tariffs[c], rules.ad_channels[c]
    spent = pulp.lpSum(line)
    if len(tariff) == 1:
        return [], tariff[0].base / unit + tariff[0].rate * spent
    most = float(rules.upper[c].sum()) / unit
    binaries, parts, cash = [], [], []
    for n, step in enumerate(tariff):
        on = pulp.LpVariable(f"step_{c}_{n}", cat=pulp.LpBinary)
        part = pulp.LpVariable(f"stepped_{c}_{n}", 0.0)
        programme += part <= min(step.high / unit, most) * on, f"step_high_{c}_{n}"
        programme += part >= step.low / unit * on, f"step_low_{c}_{n}"
        binaries.append(on)
        parts.append(part)
        cash.append(step.base / unit * on + step.rate * part)
    programme += pulp.lpSum(binaries) == 1, f"one_step_{c}"
    free = slack(f"terms of {name}", f"change channels.{name}") - slack(f"terms of {name}", f"change channels.{name}")
    programme += pulp.lpSum(parts) == spent + free, f"steps_{c}"
    return binaries, pulp.lpSum(cash)


def _value(variable: pulp.LpVariable) -> float:
    return float(variable.value() or 0.0)


def _is_on(variable: pulp.LpVariable) -> bool:
    return _value(variable) > 0.5
