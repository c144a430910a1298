"""One forecast of several models: shares by class and horizon, and what past origins say of the bias.

Both are learned from errors at earlier origins only, as far as they were known (Bates and Granger 1969), and both are
drawn towards no change as long as few origins speak: a single window chooses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.forecasting.classes import VALUES
from engine.forecasting.fold import FIRST, SECOND
from models.panel import Frequency, periods_a_week

Floats = NDArray[np.float64]
Grid = NDArray[np.float32]
SHARES = np.array([0.0, 0.15, 0.3, 0.45, 0.6])
"""Shares of the local models that are tried."""
LAST_WEEKS = (4, 8, 13, 10**6)
PRIOR_ORIGINS = 2.0
"""Origins that speak for no change."""
LARGEST_BIAS = 0.35
LEAST_UNITS = 50.0


@dataclass(frozen=True)
class PastForecast:
    """Weekly means by model, actual units and whether they count, [series, weeks], of one origin; ``value`` int32
    [series] is the value class."""

    means: Mapping[str, Grid]
    actual: Grid
    scored: NDArray[np.bool_]
    value: NDArray[np.int32]

    def until(self, weeks: int) -> PastForecast:
        """The first weeks only."""
        part = slice(0, max(weeks, 0))
        means = {name: mean[:, part] for name, mean in self.means.items()}
        return PastForecast(means, self.actual[:, part], self.scored[:, part], self.value)


@dataclass(frozen=True)
class Blend:
    """``share`` of the local models and ``factor`` on the mean, float64 [value classes, horizon classes]."""

    share: Floats
    factor: Floats

    def mean(self, means: Mapping[str, Grid], value: NDArray[np.int32], frequency: Frequency) -> Grid:
        """Combined units, float32 [series, periods]."""
        week = np.arange(means[FIRST].shape[1]) // periods_a_week(frequency)
        column = np.searchsorted(np.array(LAST_WEEKS), week, side="right")
        share = self.share[value[:, None], column].astype(np.float32)
        factor = self.factor[value[:, None], column].astype(np.float32)
        return np.asarray(factor * (means[FIRST] + share * (means[SECOND] - means[FIRST])), dtype=np.float32)


def no_blend() -> Blend:
    """The first model as it is."""
    shape = (VALUES, len(LAST_WEEKS))
    return Blend(np.zeros(shape), np.ones(shape))


def fit_blend(past: Sequence[PastForecast]) -> Blend:
    """Shares and bias factors of the known weeks of past origins; a horizon that none has reached takes the one before.

    >>> one = np.ones((40, 4), dtype=np.float32)
    >>> seen = PastForecast({"lightgbm": 10 * one, "local": 10 * one}, 12 * one, one > 0, np.zeros(40, dtype=np.int32))
    >>> fit_blend([seen, seen]).factor[0].round(3).tolist()
    [1.095, 1.095, 1.095, 1.095]
    """
    blend = no_blend()
    for value in range(VALUES):
        low = 0
        for column, high in enumerate(LAST_WEEKS):
            cells = [cell for cell in (_cell(entry, value, low, high) for entry in past) if cell is not None]
            share, factor = 0.0, 1.0
            if cells:
                share = _share(cells)
                factor = _factor(cells, share)
            elif column:
                share, factor = blend.share[value, column - 1], blend.factor[value, column - 1]
            blend.share[value, column], blend.factor[value, column] = share, factor
            low = high
    return blend


@dataclass(frozen=True)
class _Cell:
    first: Floats
    second: Floats
    actual: Floats


def _cell(entry: PastForecast, value: int, low: int, high: int) -> _Cell | None:
    """Scored weeks of a value class within a horizon class of one origin; None below two weeks or few units."""
    part = slice(low, min(high, entry.actual.shape[1]))
    if part.stop - part.start < 2:
        return None
    chosen = entry.scored[:, part] & (entry.value == value)[:, None]
    first, second = (entry.means[name][:, part][chosen].astype(float) for name in (FIRST, SECOND))
    if first.sum() < LEAST_UNITS:
        return None
    return _Cell(first, second, entry.actual[:, part][chosen].astype(float))


def _share(cells: Sequence[_Cell]) -> float:
    """Share with the least squared error in units of the mean (Poisson scale), drawn to 0 by the origins it lacks."""
    losses = np.zeros(len(SHARES))
    for cell in cells:
        scale = np.maximum(cell.first, 0.1)
        for place, share in enumerate(SHARES):
            losses[place] += ((cell.first + share * (cell.second - cell.first) - cell.actual) ** 2 / scale).sum()
    return float(SHARES[losses.argmin()]) * len(cells) / (len(cells) + PRIOR_ORIGINS)


def _factor(cells: Sequence[_Cell], share: float) -> float:
    """Actual over forecast, geometric mean of the origins, drawn to 1."""
    ratios = [
        np.log(max(cell.actual.sum(), 1.0) / (cell.first + share * (cell.second - cell.first)).sum()) for cell in cells
    ]
    pull = len(cells) / (len(cells) + PRIOR_ORIGINS)
    return float(np.exp(np.clip(pull * np.mean(ratios), -LARGEST_BIAS, LARGEST_BIAS)))
