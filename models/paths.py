"""Sample paths of demand: calibrated spread around a mean, dependent over time and across items.

A path is generated on demand from a counter-based seed, so that any block of series and paths can be drawn again
anywhere and nothing has to be stored. Dependence: a Gaussian copula whose latent variable is a first-order
autoregression, partly shared by all series of a group (Nelsen 2006, An Introduction to Copulas, section 2.3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray
from scipy.special import ndtr

FloatGrid = NDArray[np.float32]
LARGEST_SCORE, SCORES = 5.0, 2001


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

    @cached_property
    def by_score(self) -> FloatGrid:
        """Ratio at normal scores from -``LARGEST_SCORE`` to ``LARGEST_SCORE``, float32 [K, B, SCORES]."""
        place = ndtr(np.linspace(-LARGEST_SCORE, LARGEST_SCORE, SCORES))
        levels = np.concatenate([[0.0], self.levels])
        flat = self.ratio.reshape(-1, len(self.levels))
        values = np.stack([np.interp(place, levels, np.concatenate([[0.0], row])) for row in flat])
        return values.reshape(*self.ratio.shape[:2], SCORES).astype(np.float32)

    def quantiles(self, mean: NDArray[np.floating], levels: NDArray[np.float64]) -> FloatGrid:
        """Quantiles of weekly demand, float32 [levels, series, weeks], for a mean [series, weeks]."""
        out = np.empty((len(levels), *mean.shape), dtype=np.float32)
        _quantile_kernel(mean.astype(np.float64), levels, self.levels, self.log_means, self.last_weeks, self.ratio, out)
        return out


def poisson_spread(shared: float = 0.1, persistence: float = 0.2) -> Spread:
    """A spread for tests and for series without a past: Poisson quantiles around the mean.

    >>> poisson_spread().ratio.shape
    (1, 24, 41)
    """
    from scipy.stats import poisson

    levels = np.array([0.005, *np.round(np.arange(0.025, 0.976, 0.025), 4), 0.995])
    log_means = np.linspace(math.log(0.05), math.log(5000.0), 24)
    quantiles = np.stack([poisson.ppf(levels, math.exp(m)) / math.exp(m) for m in log_means])
    ratio = np.stack([with_mean_one(levels, row) for row in quantiles])[None]
    return Spread(levels, log_means, np.array([10**6]), ratio, shared, persistence)


def with_mean_one(levels: NDArray[np.float64], ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantile ratios [Q] scaled so that the law drawn from them has the mean 1.

    It is linear between the levels, falls to zero below the first and stays flat above the last. Ratios that are zero
    throughout (a mean far below one unit) leave all demand to the last level.
    """
    edges = np.concatenate([[0.0], levels, [1.0]])
    mean = float(np.trapezoid(np.concatenate([[0.0], ratio, ratio[-1:]]), edges))
    if mean > 1e-6:
        return ratio / mean
    out = np.zeros(len(levels))
    out[-1] = 2.0 / (2.0 - levels[-1] - (levels[-2] if len(levels) > 1 else 0.0))
    return out


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
        groups, place = np.unique(self.group[rows], return_inverse=True)
        common = np.empty((len(groups), paths, out.shape[2]), dtype=np.float32)
        _common_kernel(groups, first_path, self.seed, common)
        _path_kernel(
            self.mean,
            rows,
            first_path,
            self.seed,
            common,
            place,
            law.log_means,
            law.last_weeks,
            law.by_score,
            np.array([law.shared, law.persistence]),
            out,
        )
        return out


@njit(cache=True, inline="always")
def _mix(value: np.uint64) -> np.uint64:
    """SplitMix64 finaliser (Steele, Lea, Flood 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit(cache=True, inline="always")
def _stream(seed, stream, row, path):  # type: ignore[no-untyped-def]
    """State of a stream of random numbers that depends on nothing but its coordinates."""
    step = np.uint64(0x9E3779B97F4A7C15)
    state = _mix(np.uint64(seed) + step)
    state = _mix(state ^ (np.uint64(stream) + step))
    state = _mix(state ^ (np.uint64(row) + step))
    return _mix(state ^ (np.uint64(path) + step))


@njit(cache=True, inline="always")
def _uniform(state, number):  # type: ignore[no-untyped-def]
    """The ``number``-th of a stream, in (0, 1)."""
    value = _mix(state + (np.uint64(number) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15))
    return (float(value >> np.uint64(11)) + 0.5) / 9007199254740992.0


@njit(cache=True)
def _normals(state, out):  # type: ignore[no-untyped-def]
    """Standard normals, in pairs, by Box and Muller (1958)."""
    for pair in range((len(out) + 1) // 2):
        radius = math.sqrt(-2.0 * math.log(_uniform(state, 2 * pair)))
        angle = 2.0 * math.pi * _uniform(state, 2 * pair + 1)
        out[2 * pair] = radius * math.cos(angle)
        if 2 * pair + 1 < len(out):
            out[2 * pair + 1] = radius * math.sin(angle)


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
def _common_kernel(groups, first_path, seed, out):  # type: ignore[no-untyped-def]
    for position in prange(len(groups)):
        for path in range(out.shape[1]):
            _normals(_stream(seed, 3, groups[position], first_path + path), out[position, path])


@njit(parallel=True, cache=True)
def _path_kernel(mean, rows, first_path, seed, common, place, log_means, last_weeks, by_score, dependence, out):  # type: ignore[no-untyped-def]
    own_weight, common_weight = math.sqrt(1.0 - dependence[0]), math.sqrt(dependence[0])
    persistence = dependence[1]
    fresh_weight = math.sqrt(1.0 - persistence * persistence)
    weeks = out.shape[2]
    scale = (SCORES - 1) / (2.0 * LARGEST_SCORE)
    for position in prange(len(rows)):
        row = rows[position]
        shared = common[place[position]]
        left, weight = np.zeros(weeks, dtype=np.int64), np.zeros(weeks)
        kind = np.zeros(weeks, dtype=np.int64)
        own = np.empty(weeks)
        for week in range(weeks):
            kind[week] = _horizon_class(last_weeks, week)
            if mean[row, week] > 0.0:
                left[week], weight[week] = _position(log_means, math.log(mean[row, week]))
        for path in range(out.shape[1]):
            _normals(_stream(seed, 1, row, first_path + path), own)
            rounding = _stream(seed, 5, row, first_path + path)
            latent = 0.0
            for week in range(weeks):
                shock = own_weight * own[week] + common_weight * shared[path, week]
                latent = shock if week == 0 else persistence * latent + fresh_weight * shock
                level_mean = mean[row, week]
                if level_mean <= 0.0:
                    out[position, path, week] = 0.0
                    continue
                score = min(max((latent + LARGEST_SCORE) * scale, 0.0), SCORES - 1.001)
                entry = int(score)
                rest = score - entry
                table = by_score[kind[week]]
                low = left[week]
                high = min(low + 1, table.shape[0] - 1)
                below = table[low, entry] + rest * (table[low, entry + 1] - table[low, entry])
                above = table[high, entry] + rest * (table[high, entry + 1] - table[high, entry])
                ratio = below + weight[week] * (above - below)
                out[position, path, week] = math.floor(level_mean * ratio + _uniform(rounding, week))
