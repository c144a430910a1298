"""Local polish of a split with its on/off decisions fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from engine.budget.objective import Worth
from engine.budget.planning import PlanningModel
from engine.budget.rules import Rules
from engine.budget.terms import Pattern

Floats = NDArray[np.float64]
STEPS = 150
EXACT = 1e-9


@dataclass(frozen=True)
class Polished:
    """``spend`` yuan [ad_channels, weeks]; ``shares`` [draws]: weight of each draw in the tail, adding up to 1."""

    spend: Floats
    shares: Floats


def polish(model: PlanningModel, rules: Rules, worth: Worth, start: Floats, pattern: Pattern) -> Polished:
    """Climb from a split to the nearest optimum that keeps the rules, all decisions of ``pattern`` kept.

    Sequential quadratic programming (Kraft 1988) with exact gradients. Bad draws enter by the programme of Rockafellar
    and Uryasev (2000), a threshold and a shortfall for each draw, whose multipliers are the shares of the tail. The
    start comes back where nothing better is found that keeps the rules.
    """
    climb = _Climb(model, rules.fixed(pattern), worth, start, rules.terms.worth_of_offers(pattern))
    if not climb.free.any():
        return Polished(start, np.ones(model.curves.draws))
    rows: Any = climb.limits()
    bounds: Any = climb.bounds()
    answer = minimize(
        climb.loss,
        climb.begin(),
        jac=climb.loss_slope,
        bounds=bounds,
        method="SLSQP",
        constraints=rows,
        options={"maxiter": STEPS, "ftol": EXACT},
    )
    found = climb.spend(answer.x)
    shares = climb.shares(np.asarray(answer.multipliers))
    if rules.broken(found, pattern, 1e-6 * rules.unit) or rules.over_ratio(model, found, 1e-6 * rules.unit):
        return Polished(start, shares)
    kept = not rules.over_ratio(model, start, 1e-6 * rules.unit)
    better = worth.of(model, rules.terms, found, pattern) > worth.of(model, rules.terms, start, pattern)
    return Polished(found if better or not kept else start, shares)


class _Climb:
    """The smooth programme over the cells that can move, money in units of the largest cell."""

    def __init__(self, model: PlanningModel, rules: Rules, worth: Worth, start: Floats, offers: Floats | float) -> None:
        """``offers`` [draws]: worth of those taken."""
        self.model, self.rules, self.worth, self.from_, self.offers = model, rules, worth, start, offers
        self.unit = rules.unit
        self.free = (rules.upper - rules.lower).ravel() > 1e-9 * self.unit
        self.cells = int(self.free.sum())
        self.draws = model.curves.draws if worth.care > 0 else 0
        self.nothing = model.by_draw(0.0 * start)
        self.cost = worth.cost * np.array([[tariff[0].rate] for tariff in rules.terms.tariffs])
        self.scale = max(float(np.abs(model.by_draw(start) @ worth.margin).mean()), self.unit, 1.0)

    def begin(self) -> Floats:
        """The start; threshold and shortfalls as they stand there."""
        cells = self.from_.ravel()[self.free] / self.unit
        if not self.draws:
            return np.asarray(cells)
        worths = self._worths(self.from_)
        threshold = float(np.quantile(worths, self.worth.tail))
        return np.concatenate([cells, [threshold], np.maximum(threshold - worths, 0.0)])

    def bounds(self) -> list[tuple[float | None, float | None]]:
        """Of every variable."""
        low, high = (side.ravel()[self.free] / self.unit for side in (self.rules.lower, self.rules.upper))
        extra: list[tuple[float | None, float | None]] = [(None, None), *[(0.0, None)] * self.draws]
        return [*zip(low.tolist(), high.tolist(), strict=True), *(extra if self.draws else [])]

    def spend(self, moving: Floats) -> Floats:
        """Yuan [ad_channels, weeks] within the bounds."""
        spend = self.from_.ravel().copy()
        spend[self.free] = moving[: self.cells] * self.unit
        return np.clip(spend.reshape(self.from_.shape), self.rules.lower, self.rules.upper)

    def loss(self, moving: Floats) -> float:
        """Negative worth over ``scale``."""
        spend = self.spend(moving)
        mean = float(self.model.weights @ self._worths(spend))
        if not self.draws:
            return -mean
        care, draws = self.worth.care, self.draws
        short = float(moving[self.cells + 1 :].sum()) / (self.worth.tail * draws)
        return -(1.0 - care) * mean - care * (float(moving[self.cells]) - short)

    def loss_slope(self, moving: Floats) -> Floats:
        """Derivative of :meth:`loss`."""
        spend = self.spend(moving)
        steep = self._cells(self.worth.margin[:, None] * self.model.gradient(spend) - self.cost)
        if not self.draws:
            return -steep
        care, draws = self.worth.care, self.draws
        rest = np.concatenate([[-care], np.full(draws, care / (self.worth.tail * draws))])
        return np.concatenate([-(1.0 - care) * steep, rest])

    def limits(self) -> list[dict[str, Any]]:
        """Linear rows, caps on the ad ratio, shortfalls of the draws."""
        found = []
        fixed = np.where(self.free, 0.0, self.from_.ravel())
        for rule in self.rules.rows:
            weight = np.asarray(rule.weight, dtype=float).ravel()
            row = weight[self.free]
            if not row.any():
                continue
            low, high = (float(side - weight @ fixed) / self.unit for side in (rule.low, rule.high))
            if high - low <= 1e-12:
                found.append(self._row("eq", row, high))
                continue
            found += [self._row("ineq", -row, -high)] if np.isfinite(high) else []
            found += [self._row("ineq", row, low)] if rule.low > 0 else []
        for cap in self.rules.caps:
            found.append(
                {
                    "type": "ineq",
                    "fun": lambda m, cap=cap: -cap.excess(self.model, self.spend(m)) / self.unit,
                    "jac": lambda m, cap=cap: self._padded(
                        self._cells(cap.share * self.model.week_gradient(self.spend(m), cap.weeks) - cap.weeks[None])
                        * self.scale
                        / self.unit
                    ),
                }
            )
        return [*found, *([{"type": "ineq", "fun": self._above, "jac": self._above_slope}] if self.draws else [])]

    def shares(self, multipliers: Floats) -> Floats:
        """Shares of the tail from the multipliers of the draws' rows, which come last."""
        if not self.draws:
            return np.ones(self.model.curves.draws)
        found = np.maximum(multipliers[-self.draws :], 0.0)
        return found / found.sum() if found.sum() > 0 else np.full(self.draws, 1.0 / self.draws)

    def _row(self, kind: str, row: Floats, limit: float) -> dict[str, Any]:
        line = self._padded(row)
        return {"type": kind, "fun": lambda m: float(line @ m) - limit, "jac": lambda m: line}

    def _worths(self, spend: Floats) -> Floats:
        """Worth by draw without the cash that the decisions settle, over ``scale``."""
        lift = (self.model.by_draw(spend) - self.nothing) @ self.worth.margin + self.offers
        return np.asarray(lift - float((self.cost * spend).sum())) / self.scale

    def _above(self, moving: Floats) -> Floats:
        """Shortfall + worth - threshold by draw: nowhere negative."""
        worths = self._worths(self.spend(moving))
        return np.asarray(moving[self.cells + 1 :] + worths - moving[self.cells])

    def _above_slope(self, moving: Floats) -> Floats:
        slopes = self.worth.margin[:, None] * self.model.slopes(self.spend(moving)) - self.cost
        cells = slopes.reshape(self.draws, -1)[:, self.free] * self.unit / self.scale
        return np.concatenate([cells, np.full((self.draws, 1), -1.0), np.eye(self.draws)], axis=1)

    def _cells(self, by_cell: Floats) -> Floats:
        return np.asarray(by_cell.ravel()[self.free] * self.unit / self.scale)

    def _padded(self, cells: Floats) -> Floats:
        return np.concatenate([cells, np.zeros(self.draws + 1)]) if self.draws else cells
