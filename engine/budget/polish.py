"""Local polish of a split, and the prices of the rules that hold it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, minimize, nnls

from engine.budget.planning import PlanningModel
from engine.budget.programme import Worth
from engine.budget.rules import Rules
from engine.plans.solve import Binding

Floats = NDArray[np.float64]
TIGHT = 1e-4
WORTH_NAMING = 1e-3


def polish(model: PlanningModel, rules: Rules, worth: Worth, start: Floats) -> Floats:
    """Climb from a split that keeps the rules to the nearest optimum; never worse, never outside the rules.

    Sequential quadratic programming (Kraft 1988) with exact gradients.
    """
    money = max(float(rules.upper.max(initial=0.0)), 1.0)
    scale = max(abs(worth.of(model, start)), 1.0)
    free = (rules.upper - rules.lower).ravel() > 1e-9 * money
    if not free.any():
        return start

    def whole(moving: Floats) -> Floats:
        spend = start.ravel().copy()
        spend[free] = moving * money
        return spend.reshape(start.shape)

    def loss(moving: Floats) -> float:
        return -worth.of(model, whole(moving)) / scale

    def slope(moving: Floats) -> Floats:
        steep = worth.margin * model.gradient(whole(moving)) - worth.cost
        return np.asarray(-steep.ravel()[free] * money / scale)

    begin = start.ravel()[free] / money
    rows = [rule for rule in rules.rows if rule.mask.ravel()[free].any()]
    matrix = np.array([rule.mask.ravel()[free].astype(float) for rule in rows]).reshape(len(rows), int(free.sum()))
    fixed = np.array([float(start[rule.mask].sum()) for rule in rows]) / money - matrix @ begin
    low = np.array([rule.low for rule in rows]) / money - fixed
    high = np.array([rule.high for rule in rows]) / money - fixed
    tied = high - low <= 1e-12
    limits = [LinearConstraint(matrix[kind], low[kind], high[kind]) for kind in (tied, ~tied) if kind.any()]
    bounds = list(zip(rules.lower.ravel()[free] / money, rules.upper.ravel()[free] / money, strict=True))
    answer = minimize(
        loss,
        begin,
        jac=slope,
        bounds=bounds,
        method="SLSQP",
        constraints=limits,
        options={"maxiter": 100, "ftol": 1e-9},
    )
    found = np.clip(whole(answer.x), rules.lower, rules.upper)
    better = worth.of(model, found) > worth.of(model, start)
    return found if better and not rules.broken(found, max(1e-6 * money, 1e-3)) else start


def prices(model: PlanningModel, rules: Rules, worth: Worth, spend: Floats) -> tuple[Binding, ...]:
    """Rules that hold the split, with the gain of one more yuan of room: multipliers of the optimality conditions.

    The gradient is a non-negative mix of the tight rules (Karush, Kuhn and Tucker); the mix is found by non-negative
    least squares (Lawson and Hanson 1974). Limits of single cells are reported as their mean by ad channel.
    """
    gradient = (worth.margin * model.gradient(spend) - worth.cost).ravel()
    slack = TIGHT * max(float(rules.upper.max(initial=0.0)), 1.0)
    names, columns = [], []
    for rule in rules.rows:
        amount, mask = float(spend[rule.mask].sum()), rule.mask.ravel().astype(float)
        if amount > rule.high - slack:
            names.append((rule.name + ("" if rule.low == rule.high else ", upper limit"), 1.0))
            columns.append(mask)
        if rule.low > 0 and amount < rule.low + slack:
            names.append((rule.name + ("" if rule.low == rule.high else ", lower limit"), -1.0))
            columns.append(-mask)
    cells = [(cell, 1.0, rules.upper) for cell in np.flatnonzero((spend > rules.upper - slack).ravel())]
    cells += [(cell, -1.0, rules.lower) for cell in np.flatnonzero((spend < rules.lower + slack).ravel())]
    weeks = spend.shape[1]
    for cell, sign, _ in cells:
        column = np.zeros(spend.size)
        column[cell] = sign
        columns.append(column)
        side = "upper" if sign > 0 else "lower"
        names.append((f"{rules.ad_channels[cell // weeks]}, {side} limit of a week", sign / weeks))
    if not columns:
        return ()
    multiplier, _ = nnls(np.array(columns).T, gradient)
    found: dict[str, float] = {}
    for (name, sign), value in zip(names, multiplier, strict=True):
        found[name] = found.get(name, 0.0) + sign * float(value)
    return tuple(
        Binding(
            name,
            value,
            "yuan of the objective for one more yuan of room"
            if value > 0
            else "yuan of the objective for one yuan more that must be spent",
        )
        for name, value in found.items()
        if abs(value) > WORTH_NAMING
    )
