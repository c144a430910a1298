"""Learning the spread of demand around its mean from out-of-sample errors.

Quantiles of actual / mean, by size of the mean and by horizon, smoothed over sizes by kernel weights, with mean 1 so
that the spread neither adds nor takes demand. Dependence by moments of the latent normal scores (randomised
probability integral transform: Czado, Gneiting and Held 2009).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from models.paths import Spread, poisson_spread, with_mean_one

Floats = NDArray[np.float64]
LEVELS = np.array([0.005, 0.01, *np.round(np.arange(0.025, 0.9751, 0.025), 4), 0.99, 0.995])
CLASSES = 10
BANDWIDTH = 0.6
HORIZON_CLASSES = (1, 4, 8)
FEWEST_ERRORS = 300
LEAST_MEAN = 0.02


@dataclass(frozen=True)
class WeeklyErrors:
    """Out-of-sample weeks of one origin: mean, actual and whether it counts, [series, weeks]; group int [series]."""

    mean: NDArray[np.float32]
    actual: NDArray[np.float32]
    scored: NDArray[np.bool_]
    group: NDArray[np.int32]


def fit_spread(errors: list[WeeklyErrors], seed: int) -> Spread:
    """Spread of the pooled errors; that of a Poisson law where there are too few of them."""
    weeks, mean, actual = _pooled(errors)
    if len(mean) < FEWEST_ERRORS:
        return poisson_spread()
    log_mean = np.log(mean)
    centres = np.unique(np.quantile(log_mean, np.linspace(0.01, 0.99, CLASSES)).round(3))
    last = [week for week in HORIZON_CLASSES if week < weeks.max()] + [10**6]
    tables: list[Floats] = []
    low = 0
    for high in last:
        part = (weeks > low) & (weeks <= high)
        if part.sum() >= FEWEST_ERRORS or not tables:
            chosen = part if part.sum() >= FEWEST_ERRORS else np.ones(len(weeks), dtype=bool)
            tables.append(_table(log_mean[chosen], actual[chosen] / mean[chosen], centres))
        else:
            tables.append(tables[-1])
        low = high
    marginal = Spread(LEVELS, centres, np.array(last), np.stack(tables), 0.0, 0.0)
    shared, persistence = _dependence(errors, marginal, seed)
    return Spread(LEVELS, centres, np.array(last), marginal.ratio, shared, persistence)


def _pooled(errors: list[WeeklyErrors]) -> tuple[Floats, Floats, Floats]:
    """Week ahead, mean and actual of every usable week."""
    parts = [
        np.stack([np.broadcast_to(np.arange(1, e.mean.shape[1] + 1), e.mean.shape), e.mean, e.actual])[:, _usable(e)]
        for e in errors
    ]
    weeks, mean, actual = np.concatenate([np.empty((3, 0)), *parts], axis=1).astype(float)
    return weeks, mean, actual


def _usable(errors: WeeklyErrors) -> NDArray[np.bool_]:
    return errors.scored & (errors.mean >= LEAST_MEAN)


def _table(log_mean: Floats, ratio: Floats, centres: Floats) -> Floats:
    """Quantile ratios [classes, levels], not decreasing, mean 1."""
    order = np.argsort(ratio, kind="stable")
    sorted_ratio, sorted_mean = ratio[order], log_mean[order]
    out = np.empty((len(centres), len(LEVELS)))
    for row, centre in enumerate(centres):
        weight = np.exp(-0.5 * ((sorted_mean - centre) / BANDWIDTH) ** 2) + 1e-9
        position = np.cumsum(weight)
        position = (position - 0.5 * weight) / position[-1]
        quantile = np.interp(LEVELS, position, sorted_ratio)
        out[row] = with_mean_one(LEVELS, np.maximum.accumulate(quantile))
    return out


def _scores(errors: WeeklyErrors, spread: Spread, rng: np.random.Generator) -> Floats:
    """Normal scores [series, weeks], NaN where not scored: place of the actual within its forecast distribution."""
    quantile = spread.quantiles(errors.mean, LEVELS)
    below = (quantile < errors.actual).sum(axis=0) / len(LEVELS)
    upto = (quantile <= errors.actual).sum(axis=0) / len(LEVELS)
    grid = np.concatenate([[0.0], LEVELS, [1.0]])
    low = np.interp(below, np.arange(len(LEVELS) + 1) / len(LEVELS), grid[:-1])
    high = np.interp(upto, np.arange(len(LEVELS) + 1) / len(LEVELS), grid[1:])
    place = low + rng.random(low.shape) * np.maximum(high - low, 0.0)
    return np.where(_usable(errors), ndtri(np.clip(place, 1e-4, 1 - 1e-4)), np.nan)


def _dependence(errors: list[WeeklyErrors], marginal: Spread, seed: int) -> tuple[float, float]:
    """Share common to a group, and lag-1 autocorrelation, of the normal scores; weeks weigh by the root of units."""
    rng = np.random.default_rng(seed)
    pair, pair_weight, lag, lag_weight = 0.0, 0.0, 0.0, 0.0
    for entry in errors:
        score = _scores(entry, marginal, rng)
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
