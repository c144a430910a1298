"""One forecast of several models: shares by value class and horizon, learned from errors at earlier origins.

A share of the local models is taken only where origin after origin speaks for it (the one-standard-error rule of
Breiman et al. 1984, section 3.4.3): a single window chooses nothing. A factor for the bias seen at earlier origins was
tried and left out: it made errors larger on three of five data sets (benchmarks/RESULTS.md).
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
LEAST_UNITS = 50.0
LEAST_ORIGINS = 3


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
    """``share`` of the local models, float64 [value classes, horizon classes]."""

    share: Floats

    def mean(self, means: Mapping[str, Grid], value: NDArray[np.int32], frequency: Frequency) -> Grid:
        """Combined units, float32 [series, periods]."""
        week = np.arange(means[FIRST].shape[1]) // periods_a_week(frequency)
        column = np.searchsorted(np.array(LAST_WEEKS), week, side="right")
        share = self.share[value[:, None], column].astype(np.float32)
        return np.asarray(means[FIRST] + share * (means[SECOND] - means[FIRST]), dtype=np.float32)


def fit_blend(past: Sequence[PastForecast]) -> Blend:
    """Shares by the known weeks of past origins; a horizon that none has reached takes the one before.

    >>> one = np.ones((40, 4), dtype=np.float32)
    >>> seen = PastForecast({"lightgbm": 9 * one, "local": 14 * one}, 12 * one, one > 0, np.zeros(40, dtype=np.int32))
    >>> fit_blend([seen]).share[0].tolist(), fit_blend(3 * [seen]).share[0].tolist()
    ([0.0, 0.0, 0.0, 0.0], [0.6, 0.6, 0.6, 0.6])
    """
    share = np.zeros((VALUES, len(LAST_WEEKS)))
    for value in range(VALUES):
        low = 0
        for column, high in enumerate(LAST_WEEKS):
            losses = [_losses(entry, value, low, high) for entry in past]
            told = [entry for entry in losses if entry is not None]
            if told:
                share[value, column] = _share(np.stack(told))
            elif column:
                share[value, column] = share[value, column - 1]
            low = high
    return Blend(share)


def _losses(entry: PastForecast, value: int, low: int, high: int) -> Floats | None:
    """Absolute error by share, relative to share 0, of a value class within a horizon class of one origin.

    None below two weeks or few units.
    """
    part = slice(low, min(high, entry.actual.shape[1]))
    if part.stop - part.start < 2:
        return None
    chosen = entry.scored[:, part] & (entry.value == value)[:, None]
    first, second = (entry.means[name][:, part][chosen].astype(float) for name in (FIRST, SECOND))
    if first.sum() < LEAST_UNITS:
        return None
    actual = entry.actual[:, part][chosen]
    losses = np.array([np.abs(first + share * (second - first) - actual).sum() for share in SHARES])
    return np.asarray(losses / max(losses[0], 1e-9))


def _share(losses: Floats) -> float:
    """Smallest share whose mean loss [origins, shares] is within a standard error of the best."""
    if len(losses) < LEAST_ORIGINS:
        return 0.0
    best = losses.mean(axis=0).argmin()
    behind = losses - losses[:, [best]]
    error = behind.std(axis=0, ddof=1) / np.sqrt(len(losses))
    return float(SHARES[np.argmax(behind.mean(axis=0) <= error)])
