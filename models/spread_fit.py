"""Learning the spread of demand around its mean from out-of-sample errors.

Quantiles of (actual + V) / mean, V uniform on [0, 1), by class of series, size of the mean and horizon, smoothed over
sizes by kernel weights and stretched to the mean, so that the spread neither adds nor takes demand. Dependence by
moments of the latent normal scores (randomised probability integral transform: Czado, Gneiting and Held 2009).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from models.spread import SMALLEST_CLASS, Spread, poisson_spread, with_mean

Floats = NDArray[np.float64]
LEVELS = np.array([0.002, 0.005, 0.01, *np.round(np.arange(0.025, 0.9751, 0.025), 4), 0.985, 0.99, 0.995, 0.998])
CLASSES = 14
BANDWIDTH = 0.3
HORIZON_CLASSES = (1, 4, 8)
REACH = 3.0
STEEPEST = 2.0
FEWEST_ERRORS = 300
LEAST_MEAN = 0.02


@dataclass(frozen=True)
class WeeklyErrors:
    """Out-of-sample weeks of one origin: mean, actual and whether it counts, [series, weeks]; ``group`` int32 [series]
    shares shocks, ``kind`` int32 [series] is the class whose errors are alike."""

    mean: NDArray[np.float32]
    actual: NDArray[np.float32]
    scored: NDArray[np.bool_]
    group: NDArray[np.int32]
    kind: NDArray[np.int32]

    def until(self, weeks: int) -> WeeklyErrors:
        """The first weeks only: what was known so many weeks later."""
        part = slice(0, max(weeks, 0))
        return WeeklyErrors(self.mean[:, part], self.actual[:, part], self.scored[:, part], self.group, self.kind)


def fit_spread(errors: list[WeeklyErrors], seed: int, kind: NDArray[np.int32] | None = None) -> Spread:
    """Spread of the pooled errors for series of the given ``kind`` (those of the last errors where left out); that of a
    Poisson law where there are too few errors in all, of all kinds together where there are too few of one."""
    pool = _pooled(errors, seed)
    if len(pool.mean) < FEWEST_ERRORS:
        return poisson_spread()
    last = [week for week in HORIZON_CLASSES if week < pool.week.max()] + [10**6]
    kinds = errors[-1].kind if kind is None else kind
    most = max(int(values.max(initial=0)) for values in (kinds, *(entry.kind for entry in errors)))
    laws = [_kind_law(pool.of(number), last) for number in range(most + 1)]
    means, quantile = (np.stack(parts) for parts in zip(*laws, strict=True))
    marginal = Spread(LEVELS, means, np.array(last), quantile, 0.0, 0.0, kinds)
    shared, persistence = _dependence(errors, marginal, seed)
    return replace(marginal, shared=shared, persistence=persistence)


@dataclass(frozen=True)
class _Pool:
    """Usable weeks in one line: week ahead, mean, units + V, class."""

    week: Floats
    mean: Floats
    value: Floats
    kind: Floats

    def of(self, kind: int) -> _Pool:
        """One class; all of them where it is too small."""
        chosen = self.kind == kind
        return self.where(chosen) if chosen.sum() >= FEWEST_ERRORS else self

    def where(self, chosen: NDArray[Any]) -> _Pool:
        return _Pool(self.week[chosen], self.mean[chosen], self.value[chosen], self.kind[chosen])


def _pooled(errors: list[WeeklyErrors], seed: int) -> _Pool:
    parts = [
        np.stack(
            [
                np.broadcast_to(np.arange(1, e.mean.shape[1] + 1), e.mean.shape),
                e.mean,
                e.actual,
                np.broadcast_to(e.kind[:, None], e.mean.shape),
            ]
        )[:, _usable(e)]
        for e in errors
    ]
    week, mean, actual, kind = np.concatenate([np.empty((4, 0)), *parts], axis=1).astype(float)
    return _Pool(week, mean, actual + np.random.default_rng(seed).random(len(actual)), kind)


def _usable(errors: WeeklyErrors) -> NDArray[np.bool_]:
    return errors.scored & (errors.mean >= LEAST_MEAN)


def _kind_law(pool: _Pool, last: list[int]) -> tuple[Floats, Floats]:
    """Means [classes] and quantiles [horizon classes, classes, levels] of one class of series."""
    smallest, largest = np.maximum(np.quantile(pool.mean, [0.0, 0.995]), [SMALLEST_CLASS, 2.0 * SMALLEST_CLASS])
    means = np.geomspace(min(smallest, largest / 2.0), largest, CLASSES)
    tables: list[Floats] = []
    low = 0
    for high in last:
        part = pool.where((pool.week > low) & (pool.week <= high))
        enough = len(part.mean) >= FEWEST_ERRORS
        tables.append(_table(part if enough else pool, means) if enough or not tables else tables[-1])
        low = high
    return means, np.stack(tables)


def _table(pool: _Pool, means: Floats) -> Floats:
    """Quantiles [classes, levels], not decreasing, with the mean kept.

    Neighbouring sizes are brought to the class by a power of their ratio that falls to 0 for slow series, whose units
    are counts of 0 and 1 whatever their mean; no sale stays no sale.
    """
    log_mean = np.log(pool.mean)
    out = np.empty((len(means), len(LEVELS)))
    for row, mean in enumerate(means):
        near, weight = _window(log_mean, pool.mean, mean)
        value = pool.value[near]
        scale = (mean / pool.mean[near]) ** (mean / (1.0 + mean))
        value = np.where(value > 1.0, 1.0 + (value - 1.0) * scale, value)
        weight = _tilted(np.floor(value), weight, mean)
        order = np.argsort(value, kind="stable")
        position = np.cumsum(weight[order])
        position = (position - 0.5 * weight[order]) / position[-1]
        out[row] = with_mean(mean, LEVELS, np.interp(LEVELS, position, value[order]))
    return out


def _window(log_mean: Floats, means: Floats, mean: float) -> tuple[NDArray[np.int64], Floats]:
    """Weeks of about that mean and their weights, moved until they have that mean: slow series are many."""
    distance = np.abs(log_mean - math.log(mean))
    near = np.flatnonzero(distance <= max(REACH * BANDWIDTH, float(distance.min())))
    centre = math.log(mean)
    for _ in range(5):
        weight = np.exp(-0.5 * ((log_mean[near] - centre) / BANDWIDTH) ** 2) + 1e-9
        off = math.log(mean / np.average(means[near], weights=weight))
        centre += min(max(off, -BANDWIDTH), BANDWIDTH)
    return near, weight


def _tilted(units: Floats, weight: Floats, mean: float) -> Floats:
    """Weights nearest to the given ones (in relative entropy) under which the units have that mean.

    Exponential tilting (Efron 1981): weight x exp(theta units), theta by Newton steps; as they are where all units
    lie on one side of the mean.
    """
    gap = units - mean
    if gap.max() <= 0.0 or gap.min() >= 0.0:
        return weight
    gap /= math.sqrt(np.average(gap**2, weights=weight)) + 1e-12
    theta, out = 0.0, weight
    for _ in range(20):
        slope = float((out * gap**2).sum())
        step = -float((out * gap).sum()) / max(slope, 1e-12)
        theta = min(max(theta + min(max(step, -0.5), 0.5), -STEEPEST), STEEPEST)
        out = weight * np.exp(np.clip(theta * gap, -30.0, 30.0))
        if abs(step) < 1e-6:
            break
    return out


def _dependence(errors: list[WeeklyErrors], marginal: Spread, seed: int) -> tuple[float, float]:
    """Share common to a group, and lag-1 autocorrelation, of the normal scores; weeks weigh by the root of units."""
    rng = np.random.default_rng(seed)
    pair, pair_weight, lag, lag_weight = 0.0, 0.0, 0.0, 0.0
    for entry in errors:
        place = replace(marginal, kind=entry.kind).places(entry.mean, entry.actual, int(rng.integers(2**31)))
        score = np.where(_usable(entry), ndtri(np.clip(place, 1e-4, 1 - 1e-4)), np.nan)
        weight = np.where(np.isnan(score), 0.0, np.sqrt(entry.mean))
        value = np.nan_to_num(score)
        both = np.sqrt(weight[:, 1:] * weight[:, :-1])
        lag += float((both * value[:, 1:] * value[:, :-1]).sum())
        lag_weight += float(both.sum())
        for group in np.unique(entry.group):
            members = entry.group == group
            summed, squared = (weight * value)[members].sum(axis=0), ((weight * value)[members] ** 2).sum(axis=0)
            weights, weights_squared = weight[members].sum(axis=0), (weight[members] ** 2).sum(axis=0)
            pair += float((summed**2 - squared).sum())
            pair_weight += float((weights**2 - weights_squared).sum())
    shared = pair / pair_weight if pair_weight > 0 else 0.0
    persistence = lag / lag_weight if lag_weight > 0 else 0.0
    return float(np.clip(shared, 0.0, 0.9)), float(np.clip(persistence, 0.0, 0.9)) if math.isfinite(
        persistence
    ) else 0.0
