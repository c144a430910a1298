"""Sample paths of demand: calibrated spread around a mean, dependent over time and across items.

A path is generated on demand from a counter-based seed, so that any block of series and paths can be drawn again
anywhere and nothing has to be stored. Dependence: a Gaussian copula whose latent variable is a first-order
autoregression, partly shared by all series of a group (Nelsen 2006, An Introduction to Copulas, section 2.3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

FloatGrid = NDArray[np.float32]


@dataclass(frozen=True)
class Spread:
    """Distribution of weekly demand around its mean, as learned from past forecast errors.

    ``levels`` [Q]: ascending probabilities. ``log_means`` [B]: ascending centres of mean classes (log of units a
    week). ``last_weeks`` [K]: ascending last week (1-based) of each horizon class. ``ratio`` float64 [K, B, Q]:
    quantile divided by mean, not decreasing in Q. ``shared``: share of the latent variance common to a group.
    ``persistence``: lag-1 autocorrelation of the latent variable.
    """

    levels: NDArray[np.float64]
    log_means: NDArray[np.float64]
    last_weeks: NDArray[np.int64]
    ratio: NDArray[np.float64]
    shared: float
    persistence: float

    def __post_init__(self) -> None:
        if self.ratio.shape != (len(self.last_weeks), len(self.log_means), len(self.levels)):
            raise ValueError(f"ratio has the shape {self.ratio.shape}")

    def quantiles(self, mean: NDArray[np.floating], levels: NDArray[np.float64]) -> FloatGrid:
        """Quantiles of weekly demand, float32 [levels, series, weeks], for a mean [series, weeks]."""
        out = np.empty((len(levels), *mean.shape), dtype=np.float32)
        _quantile_kernel(mean.astype(np.float64), levels, self.levels, self.log_means, self.last_weeks, self.ratio, out)
        return out


def poisson_spread(shared: float = 0.1, persistence: float = 0.2) -> Spread:
    """A spread for tests and for series without a past: Poisson quantiles around the mean.

    >>> poisson_spread().ratio.shape
    (1, 12, 39)
    """
    from scipy.stats import poisson

    levels = np.concatenate([[0.005], np.arange(0.025, 0.951, 0.025), [0.975, 0.995]])[:39]
    levels = np.unique(np.round(levels, 4))
    log_means = np.linspace(math.log(0.05), math.log(5000.0), 12)
    ratio = np.stack([poisson.ppf(levels, math.exp(m)) / math.exp(m) for m in log_means])[None]
    return Spread(levels, log_means, np.array([10**6]), ratio, shared, persistence)


@dataclass(frozen=True)
class SamplePaths:
    """Weekly demand paths for a mean float32 [series, weeks]; ``group`` int32 [series] shares a common shock."""

    mean: FloatGrid
    group: NDArray[np.int32]
    spread: Spread
    seed: int

    def block(self, series: NDArray[np.integer], first_path: int, paths: int) -> FloatGrid:
        """Whole units, float32 [len(series), paths, weeks], of the paths ``first_path`` and following.

        The same series and path give the same numbers in whatever block they are asked for.
        """
        rows = np.asarray(series, dtype=np.int64)
        out = np.empty((len(rows), paths, self.mean.shape[1]), dtype=np.float32)
        law = self.spread
        _path_kernel(
            self.mean,
            self.group,
            rows,
            first_path,
            self.seed,
            law.levels,
            law.log_means,
            law.last_weeks,
            law.ratio,
            law.shared,
            law.persistence,
            out,
        )
        return out


@njit(cache=True, inline="always")
def _mix(value: np.uint64) -> np.uint64:
    """SplitMix64 finaliser (Steele, Lea, Flood 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit(cache=True)
def _uniform(seed: int, stream: int, row: int, path: int, week: int) -> float:
    """A number in (0, 1) that depends on nothing but its coordinates."""
    step = np.uint64(0x9E3779B97F4A7C15)
    state = _mix(np.uint64(seed) + step)
    state = _mix(state ^ (np.uint64(stream) + step))
    state = _mix(state ^ (np.uint64(row) + step))
    state = _mix(state ^ (np.uint64(path) + step))
    state = _mix(state ^ (np.uint64(week) + step))
    return (float(state >> np.uint64(11)) + 0.5) / 9007199254740992.0


@njit(cache=True)
def _normal_cdf(value: float) -> float:
    return 0.5 * math.erfc(-value / math.sqrt(2.0))


@njit(cache=True)
def _normal(seed: int, stream: int, row: int, path: int, week: int) -> float:
    """Standard normal by Box and Muller (1958)."""
    first = _uniform(seed, stream, row, path, week)
    second = _uniform(seed, stream + 1, row, path, week)
    return math.sqrt(-2.0 * math.log(first)) * math.cos(2.0 * math.pi * second)


@njit(cache=True)
def _position(grid: NDArray[np.float64], value: float) -> tuple[int, float]:
    """Left neighbour and weight of the right one, clamped to the grid."""
    last = len(grid) - 1
    if last == 0 or value <= grid[0]:
        return 0, 0.0
    if value >= grid[last]:
        return last - 1, 1.0
    left = np.searchsorted(grid, value, side="right") - 1
    return int(left), float((value - grid[left]) / (grid[left + 1] - grid[left]))


@njit(cache=True)
def _ratio(
    level: float, mean_left: int, mean_weight: float, levels: NDArray[np.float64], table: NDArray[np.float64]
) -> float:
    """Quantile ratio at a level: bilinear in log mean and level, down to zero below the first level."""
    mean_right = min(mean_left + 1, table.shape[0] - 1)
    if level < levels[0]:
        edge = (1.0 - mean_weight) * table[mean_left, 0] + mean_weight * table[mean_right, 0]
        return edge * level / levels[0]
    left, weight = _position(levels, level)
    right = min(left + 1, table.shape[1] - 1)
    low = (1.0 - weight) * table[mean_left, left] + weight * table[mean_left, right]
    high = (1.0 - weight) * table[mean_right, left] + weight * table[mean_right, right]
    return (1.0 - mean_weight) * low + mean_weight * high


@njit(cache=True)
def _horizon_class(last_weeks: NDArray[np.int64], week: int) -> int:
    for entry in range(len(last_weeks)):
        if week + 1 <= last_weeks[entry]:
            return entry
    return len(last_weeks) - 1


@njit(parallel=True, cache=True)
def _quantile_kernel(mean, wanted, levels, log_means, last_weeks, ratio, out):  # type: ignore[no-untyped-def]
    for row in prange(mean.shape[0]):
        for week in range(mean.shape[1]):
            level_mean = mean[row, week]
            if level_mean <= 0.0:
                out[:, row, week] = 0.0
                continue
            left, weight = _position(log_means, math.log(level_mean))
            table = ratio[_horizon_class(last_weeks, week)]
            for entry in range(len(wanted)):
                out[entry, row, week] = level_mean * _ratio(wanted[entry], left, weight, levels, table)


@njit(parallel=True, cache=True)
def _path_kernel(mean, group, rows, first_path, seed, levels, log_means, last_weeks, ratio, shared, persistence, out):  # type: ignore[no-untyped-def]
    own_weight = math.sqrt(1.0 - shared)
    common_weight = math.sqrt(shared)
    fresh_weight = math.sqrt(1.0 - persistence * persistence)
    for position in prange(len(rows)):
        row = rows[position]
        for path in range(out.shape[1]):
            number = first_path + path
            latent = 0.0
            for week in range(out.shape[2]):
                shock = own_weight * _normal(seed, 1, row, number, week) + common_weight * _normal(
                    seed, 3, group[row], number, week
                )
                latent = shock if week == 0 else persistence * latent + fresh_weight * shock
                level_mean = float(mean[row, week])
                if level_mean <= 0.0:
                    out[position, path, week] = 0.0
                    continue
                left, weight = _position(log_means, math.log(level_mean))
                table = ratio[_horizon_class(last_weeks, week)]
                units = level_mean * _ratio(_normal_cdf(latent), left, weight, levels, table)
                out[position, path, week] = math.floor(units + _uniform(seed, 5, row, number, week))
