"""Everyday sales: what a day would have sold without the event, from the quiet days around it.

For the past this is a better counterfactual than a forecast: it sees the days after the event as well as those before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
WEEK = 7
NEIGHBOURS = 42
"""Quiet days on which the level of a day rests."""
EFFECTIVE = NEIGHBOURS / 1.75
"""As many of equal weight: the kernel's sum of squared weights."""
ONE_SIDED = 0.15
"""Below this share of weight on either side no slope is read off: the level stays as it was."""
FAR_OFF = 4.0
"""Robust standard deviations from which a quiet day no longer moves the level ..."""
NEAR = 0.3
"""... unless it is within this share of it."""
PEAK_DAYS = 29
LAGS = 14


@dataclass(frozen=True)
class Everyday:
    """``level`` [days]: expected sales of an everyday. ``noise``: standard deviation of a quiet day relative to it.
    ``memory``: by how much noise of days in a row adds up beyond independence (1: not at all)."""

    level: Floats
    noise: float
    memory: float

    def error(self, days: Bools) -> float:
        """Standard error of the sum of the level over days: their own noise and that of the level itself."""
        total, count = float(self.level[days].sum()), int(days.sum())
        if not count:
            return 0.0
        return total * self.noise * float(np.sqrt(self.memory * (1.0 / count + 1.0 / EFFECTIVE)))


def everyday_sales(sold: Floats, quiet: Bools, weekday: NDArray[np.int64]) -> Everyday | None:
    """Level of each day from the quiet days, None where there are fewer than two weeks of them.

    Local linear regression with tricube weights over the nearest quiet days (Cleveland 1979), times weekday factors;
    outliers among the quiet days are drawn in (Huber 1964) so that a bulk order does not become the everyday.

    >>> days = np.arange(60)
    >>> sold = 100.0 + 20.0 * (days % 7 == 5) + 400.0 * ((days >= 30) & (days < 35))
    >>> found = everyday_sales(sold, (days < 30) | (days >= 35), days % 7)
    >>> found.level[28:36].round().tolist()
    [100.0, 100.0, 100.0, 100.0, 100.0, 120.0, 100.0, 100.0]
    """
    if quiet.sum() < 2 * WEEK or sold[quiet].sum() <= 0:
        return None
    factor = np.ones(WEEK)
    weights = _weights(quiet)
    used = _without_peaks(np.maximum(sold, 0.0), quiet)
    expected = used
    for _ in range(4):
        level = np.maximum(weights @ (used / factor[weekday]), 0.0)
        factor = _weekdays(used, level, quiet, weekday)
        expected = level * factor[weekday]
        width = np.maximum(FAR_OFF * _robust_sd(sold[quiet] - expected[quiet]), NEAR * expected)
        used = np.clip(np.maximum(sold, 0.0), expected - width, expected + width)
    gap = np.divide(used - expected, expected, out=np.zeros_like(expected), where=expected > 0)
    return Everyday(expected, float(np.sqrt(np.mean(gap[quiet] ** 2))), _memory(gap, quiet))


def _weights(quiet: Bools) -> Floats:
    """[days, days] weight of every quiet day for the level of every day, local slope included; rows add up to 1."""
    days = np.arange(len(quiet))
    gap = (days[None, :] - days[:, None]).astype(float)
    count = min(NEIGHBOURS, int(quiet.sum()))
    reach = np.partition(np.where(quiet[None, :], np.abs(gap), np.inf), count - 1, axis=1)[:, count - 1] + 1.0
    kernel = np.where(quiet[None, :], np.maximum(1.0 - (np.abs(gap) / reach[:, None]) ** 3, 0.0) ** 3, 0.0)
    total = kernel.sum(axis=1)
    left = np.where(gap < 0, kernel, 0.0).sum(axis=1) / total
    first, second = (kernel * gap).sum(axis=1), (kernel * gap**2).sum(axis=1)
    bent = (left > ONE_SIDED) & (left < 1.0 - ONE_SIDED) & (total * second - first**2 > 1e-9 * total * second)
    slope = np.where(bent, first / np.maximum(second, 1e-12), 0.0)
    tilted = kernel * (1.0 - slope[:, None] * gap)
    return np.asarray(tilted / tilted.sum(axis=1, keepdims=True))


def _without_peaks(sold: Floats, quiet: Bools) -> Floats:
    """Sales of quiet days cut at a multiple of the median of the quiet days around them, to begin with."""
    around = median_filter(sold[quiet], PEAK_DAYS, mode="nearest")
    used = sold.copy()
    used[quiet] = np.where(around > 0, np.minimum(sold[quiet], FAR_OFF * around), sold[quiet])
    return used


def _weekdays(sold: Floats, level: Floats, quiet: Bools, weekday: NDArray[np.int64]) -> Floats:
    """Sales over level by weekday, mean 1; 1 for a weekday without quiet days."""
    over = np.bincount(weekday[quiet], sold[quiet], WEEK)
    under = np.bincount(weekday[quiet], level[quiet], WEEK)
    factor = np.divide(over, under, out=np.ones(WEEK), where=(under > 0) & (over > 0))
    return np.asarray(factor / factor.mean())


def _robust_sd(gaps: Floats) -> float:
    """1.4826 x median of absolute gaps; the ordinary one where most gaps are zero."""
    found = 1.4826 * float(np.median(np.abs(gaps)))
    return found if found > 0 else float(np.std(gaps))


def _memory(gap: Floats, quiet: Bools) -> float:
    """1 + 2 x sum of autocorrelations of quiet days, up to the first that is not positive (Geyer 1992)."""
    variance = float(np.mean(gap[quiet] ** 2))
    total = 0.0
    for lag in range(1, LAGS + 1):
        pair = quiet[lag:] & quiet[:-lag]
        covariance = float(np.mean(gap[lag:][pair] * gap[:-lag][pair])) if pair.any() else 0.0
        if covariance <= 0:
            break
        total += covariance / variance
    return 1.0 + 2.0 * total
