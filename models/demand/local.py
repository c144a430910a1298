"""Local models of thousands of series at once: small smoothing models on seasonal indices, combined by past error.

What AutoTheta or AutoETS search by likelihood for one series at a time, a fixed small grid finds in one pass: the
candidates run side by side, each is judged by its error over blocks of four weeks at the series' own past origins,
and the judgement is shrunk to that of the class of demand (smooth, erratic, intermittent, lumpy; Syntetos, Boylan
and Croston 2005), so that a short past does not choose by luck. Weights are a power of the shrunk error (Bates and
Granger 1969 is power 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.demand.local_filter import FAMILIES, Candidates, Fitted, candidates, filter_all, reach
from models.demand.local_season import weekday_indices, yearly_harmonics, yearly_indices
from models.drivers import Drivers
from models.features.clock import CLOCKS, Clock
from models.features.state import codes
from models.panel import DAYS, Panel

Floats = NDArray[np.float64]
SHARPNESS = 4.0
"""Power of the inverse mean squared error in the weights: 0 is a plain mean, large picks the best alone."""
CLASS_BLOCKS = 24.0
"""Scored origins that the class counts for; a year holds 48, which overlap by three quarters."""
INTERMITTENT = 1.32
ERRATIC = 0.49
BLOCK_WEEKS = 4


@dataclass(frozen=True)
class LocalDemand:
    """``weights`` float64 [series, candidates] sum to 1; ``weekday`` [series, week]; ``yearly`` coefficients
    [groups, waves]; ``level``, ``slope`` [series, candidates] after the history; ``spread`` [series]: root mean
    square error one period ahead, units, before the seasonal index."""

    panel: Panel
    weights: Floats
    weekday: Floats
    yearly: Floats
    level: Floats
    slope: Floats
    spread: Floats

    @classmethod
    def fit(cls, panel: Panel, drivers: Drivers, seed: int = 0) -> Self:
        """Indices, one pass with all candidates, weights. Neither drivers nor chance have a part in it."""
        units, seen, group, clock = _inputs(panel)
        weekday = weekday_indices(units, seen, group, _number(panel), clock)
        yearly = yearly_harmonics(units, seen, group, _number(panel), clock)
        fitted = _run(panel, weekday, yearly)
        return cls._of(panel, combine(fitted), weekday, yearly, fitted)

    @classmethod
    def _of(cls, panel: Panel, weights: Floats, weekday: Floats, yearly: Floats, fitted: Fitted) -> Self:
        spread = np.sqrt((weights * fitted.step).sum(axis=1))
        return cls(panel, weights, weekday, yearly, fitted.level, fitted.slope, spread)

    def update(self, panel: Panel, drivers: Drivers) -> Self:
        """The same weights and indices on a newer history of the same series."""
        return self._of(panel, self.weights, self.weekday, self.yearly, _run(panel, self.weekday, self.yearly))

    def predict(self, horizon: int) -> NDArray[np.float32]:
        """Mean units, float32 [series, horizon]; 0 for a series that never was known."""
        clock, grid = CLOCKS[self.panel.frequency], candidates(self.panel.frequency)
        group = codes(self.panel.series["category"].to_numpy())[1]
        sums = np.cumsum(grid.phi[:, None] ** np.arange(1, horizon + 1), axis=1)
        flat = (self.weights * self.level).sum(axis=1, keepdims=True) + (self.weights * self.slope) @ sums
        first = _number(self.panel) + len(self.panel.dates)
        yearly = yearly_indices(self.yearly, first, first + horizon, clock)[group]
        index = self.weekday[:, np.arange(first, first + horizon) % clock.week] * yearly
        out = np.maximum(flat, 0.0) * index
        out[~self.panel.known.any(axis=1)] = 0.0
        return out.astype(np.float32)

    @property
    def families(self) -> Mapping[str, Floats]:
        """Weight of each family, float64 [series]."""
        family = candidates(self.panel.frequency).family
        return {name: self.weights[:, family == code].sum(axis=1) for code, name in enumerate(FAMILIES)}

    def state(self) -> Mapping[str, Any]:
        """Weights and indices; they hold for any history of the same series."""
        return {
            "weights": self.weights.tolist(),
            "weekday": self.weekday.tolist(),
            "yearly": self.yearly.tolist(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any], panel: Panel, drivers: Drivers) -> Self:
        """The model of a saved state on a history of the same series."""
        weights, weekday, yearly = (np.asarray(state[name]) for name in ("weights", "weekday", "yearly"))
        return cls._of(panel, weights, weekday, yearly, _run(panel, weekday, yearly))


def combine(fitted: Fitted) -> Floats:
    """Weights [series, candidates] by errors at past origins, each series' own shrunk to its class.

    >>> one, none = np.ones(1), np.zeros((1, 2))
    >>> combine(Fitted(none, none, np.array([[1.0, 4.0]]), none + 1, 48 * one, one, 0 * one)).round(3)
    array([[0.996, 0.004]])
    """
    own = np.log(np.maximum(fitted.block, 1e-9 * np.maximum(fitted.mean, 1e-3)[:, None] ** 2))
    own -= own.mean(axis=1, keepdims=True)
    kind = demand_class(fitted)
    pooled = np.zeros_like(own)
    for code in range(4):
        rows = kind == code
        trust = fitted.blocks[rows]
        if trust.any():
            pooled[rows] = np.average(own[rows], axis=0, weights=trust)
    trust = fitted.blocks[:, None] / (fitted.blocks[:, None] + CLASS_BLOCKS)
    merit = -SHARPNESS * (trust * own + (1.0 - trust) * pooled)
    weights = np.exp(merit - merit.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def demand_class(fitted: Fitted) -> NDArray[np.int64]:
    """0 smooth, 1 erratic, 2 intermittent, 3 lumpy: by mean interval between sales and variation, int64 [series]."""
    interval = 1.0 / np.maximum(1.0 - fitted.zeros, 1e-9)
    size = fitted.mean * interval
    variation = fitted.step.min(axis=1) / np.maximum(size, 1e-9) ** 2
    return np.asarray(2 * (interval > INTERMITTENT) + (variation > ERRATIC), dtype=np.int64)


def _inputs(panel: Panel) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.int32], Clock]:
    units = np.where(panel.known & np.isfinite(panel.units), np.maximum(panel.units, np.float32(0)), np.float32(0))
    seen = panel.known & np.isfinite(panel.units)
    return units, seen, codes(panel.series["category"].to_numpy())[1], CLOCKS[panel.frequency]


def _run(panel: Panel, weekday: Floats, yearly: Floats) -> Fitted:
    units, seen, group, clock = _inputs(panel)
    grid: Candidates = candidates(panel.frequency)
    length = BLOCK_WEEKS * clock.week
    reaches = np.array([reach(float(phi), length) for phi in grid.phi])
    start = _number(panel)
    index = yearly_indices(yearly, start, start + units.shape[1], clock)
    spans = (clock.week, length, clock.year, start)
    return filter_all(units, seen, weekday, index, group, grid, reaches, spans)


def _number(panel: Panel) -> int:
    """Number of the first period, counted from the same day for every history."""
    return int(panel.dates[0].astype("datetime64[D]").astype(np.int64)) // DAYS[panel.frequency]
