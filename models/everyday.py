"""Everyday sales: what a day would have sold without the event, from the quiet days around it.

For the past this is a better counterfactual than a forecast: it sees the days after the event as well as those before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.signal import lfilter

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
WEEK = 7
NEIGHBOURS = 42
"""Quiet days on which the level of a day rests."""
YEARLY = 182
"""Quiet days on which the level rests from which slow ups and downs are told."""
ONE_SIDED = 0.15
"""Below this share of weight on either side no slope is read off: the level stays as it was."""
FAR_OFF = 4.0
"""Robust standard deviations from which a quiet day no longer moves the level ..."""
NEAR = 0.3
"""... unless it is within this share of it."""
PEAK_DAYS = 29
SHORT, LONG = (1, 7), (22, 35)
"""Lags in days at which the slow ups and downs are told from single days, and their fading."""
LONGEST = 0.98


@dataclass(frozen=True)
class Swings:
    """Relative deviations: variance ``fast`` of single days, and ``slow`` that fades by ``memory`` a day."""

    fast: float
    slow: float
    memory: float

    def variance(self, weights: Floats) -> float:
        """Of a weighted sum [days] of the deviations."""
        carried = lfilter([0.0, self.memory], [1.0, -self.memory], weights)
        return float(self.fast * (weights**2).sum() + self.slow * (weights * (weights + 2.0 * carried)).sum())


@dataclass(frozen=True)
class Everyday:
    """``level`` [days]: expected sales of an everyday. ``noise``: standard deviation of a quiet day relative to it.
    ``quiet`` [days]: what the level rests on. ``swings``: the slow ups and downs around a year's level."""

    level: Floats
    noise: float
    quiet: Bools
    swings: Swings

    def error(self, days: Bools) -> float:
        """Standard error of the sum of sales minus level over days: their own noise, and what the quiet days around
        them cannot know of the slow ups and downs (the kriging variance of Matheron 1963)."""
        at = np.flatnonzero(days)
        if not len(at):
            return 0.0
        part = np.zeros(len(self.level))
        part[at] = self.level[at]
        return float(np.sqrt(self.swings.variance(part - self.level[at] @ _weights(self.quiet, at, NEIGHBOURS))))

    def share_swings(self, sold: Floats, part: Floats) -> Swings:
        """How ``part`` [days] of what was ``sold`` [days] leaves its usual share on quiet days, relative to that."""
        usual = self.level * part[self.quiet].sum() / max(float(sold[self.quiet].sum()), 1e-9)
        told = self.quiet & (usual > 0)
        apart = np.divide(part - usual * _per(sold, self.level), usual, out=np.zeros_like(usual), where=told)
        return _swings(apart, told)

    def share_error(self, swings: Swings, days: Bools, known: Bools) -> float:
        """Standard error of a part's share of the everyday over ``days``, as its share on ``known`` days told it: a sum
        like the level, in which 1 is the whole share."""
        base = float(self.level[known].sum())
        if base <= 0:
            return float("nan")
        weights = np.where(days, self.level, 0.0)
        return float(np.sqrt(swings.variance(weights - np.where(known, self.level, 0.0) * weights.sum() / base)))


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
    # a weekday on which the shop is closed says nothing about the level
    closed = np.bincount(weekday[quiet], sold[quiet], WEEK) <= 0
    closed &= np.bincount(weekday[quiet], minlength=WEEK) > 0
    quiet = quiet & ~closed[weekday]
    weights = _weights(quiet, np.arange(len(sold)), NEIGHBOURS)
    used = _without_peaks(np.maximum(sold, 0.0), quiet)
    expected = used
    for _ in range(4):
        level = np.maximum(weights @ _per(used, factor[weekday]), 0.0)
        factor = _weekdays(used, level, quiet, closed, weekday)
        expected = level * factor[weekday]
        width = np.maximum(FAR_OFF * _robust_sd(sold[quiet] - expected[quiet]), NEAR * expected)
        used = np.clip(np.maximum(sold, 0.0), expected - width, expected + width)
    gap = np.divide(used - expected, expected, out=np.zeros_like(expected), where=expected > 0)
    usual = _per(used, factor[weekday])
    yearly = _weights(quiet, np.arange(len(sold)), YEARLY) @ usual
    swings = _swings(np.where(quiet & (yearly > 0), _per(usual, yearly) - 1.0, 0.0), quiet)
    return Everyday(expected, float(np.sqrt(np.mean(gap[quiet] ** 2))), quiet, swings)


def _weights(quiet: Bools, at: NDArray[np.int64], neighbours: int) -> Floats:
    """[at, days] weight of every quiet day for the level of some days, local slope included; rows add up to 1."""
    gap = (np.arange(len(quiet))[None, :] - at[:, None]).astype(float)
    count = min(neighbours, int(quiet.sum()))
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


def _weekdays(sold: Floats, level: Floats, quiet: Bools, closed: Bools, weekday: NDArray[np.int64]) -> Floats:
    """Sales over level by weekday, mean 1; 0 for a closed one, 1 for one without quiet days."""
    over = np.bincount(weekday[quiet], sold[quiet], WEEK)
    under = np.bincount(weekday[quiet], level[quiet], WEEK)
    factor = np.divide(over, under, out=np.where(closed, 0.0, 1.0), where=(under > 0) & (over > 0))
    return np.asarray(factor / factor.mean())


def _per(over: Floats, under: Floats) -> Floats:
    return np.divide(over, under, out=np.zeros_like(over), where=under > 0)


def _robust_sd(gaps: Floats) -> float:
    """1.4826 x median of absolute gaps; the ordinary one where most gaps are zero."""
    found = 1.4826 * float(np.median(np.abs(gaps)))
    return found if found > 0 else float(np.std(gaps))


def _swings(gap: Floats, quiet: Bools) -> Swings:
    """Fast and slow parts of deviations of quiet days, by covariances at short and long lags."""
    short, long = (float(np.mean([_covariance(gap, quiet, lag) for lag in range(a, b + 1)])) for a, b in (SHORT, LONG))
    total = _covariance(gap, quiet, 0)
    if short <= 0:
        return Swings(total, 0.0, 0.0)
    apart = (sum(LONG) - sum(SHORT)) / 2.0
    memory = float(np.clip((max(long, 0.0) / short) ** (1.0 / apart), 0.5, LONGEST))
    slow = float(min(short / memory ** (sum(SHORT) / 2.0), total))
    return Swings(total - slow, slow, memory)


def _covariance(gap: Floats, quiet: Bools, lag: int) -> float:
    """Mean product of the gaps of quiet days so far apart; 0 where there are none."""
    end = len(gap) - lag
    pair = quiet[lag:] & quiet[:end]
    return float(np.mean(gap[lag:][pair] * gap[:end][pair])) if pair.any() else 0.0
