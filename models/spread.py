"""The law of weekly demand around its mean: quantiles of whole units by class of series, mean and horizon."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import ndtr

from models.kernels import INNER, in_blocks

FloatGrid = NDArray[np.float32]
LARGEST_SCORE, SCORES = 5.0, 2001
FINE_STEPS, COARSE_STEPS = 4000, 500
"""Places at which the mean of a law is summed: a slow series needs more."""
SMALLEST_CLASS = 0.1
"""Units a week; slower series sell as a thinned series of this mean."""


@dataclass(frozen=True)
class Spread:
    """Distribution of weekly demand around its mean, as learned from past forecast errors.

    Quantiles are those of Y + V, Y the units and V uniform on [0, 1) (jittering: Machado and Santos Silva 2005), so
    that counts have a continuous law and a draw is its whole part. ``levels`` [Q]: ascending probabilities.
    ``means`` float64 [C, B]: ascending means (units a week) by class of series, between which quantiles are
    interpolated; a smaller mean thins the law of the first, a larger one scales that of the last. ``last_weeks`` [K]:
    ascending last week (1-based) of each horizon class. ``quantile`` float64 [C, K, B, Q]: units + V, not decreasing
    in Q. ``shared``: share of the latent variance common to a group. ``persistence``: lag-1 autocorrelation of the
    latent variable. ``kind`` int32 [series]: class of each series; empty where there is one class.
    """

    levels: NDArray[np.float64]
    means: NDArray[np.float64]
    last_weeks: NDArray[np.int64]
    quantile: NDArray[np.float64]
    shared: float
    persistence: float
    kind: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))

    def __post_init__(self) -> None:
        if self.quantile.shape != (len(self.means), len(self.last_weeks), self.means.shape[1], len(self.levels)):
            raise ValueError(f"quantile has the shape {self.quantile.shape}")
        if len(self.kind) and not 0 <= self.kind.min() <= self.kind.max() < len(self.means):
            raise ValueError(f"classes up to {self.kind.max()} are used, {len(self.means)} have a law")

    def kinds(self, series: int) -> NDArray[np.int32]:
        """Class of each of all series, int32 [series]."""
        if len(self.kind) not in (0, series):
            raise ValueError(f"the spread knows {len(self.kind)} series, {series} are asked for")
        return self.kind if len(self.kind) else np.zeros(series, dtype=np.int32)

    @cached_property
    def by_score(self) -> FloatGrid:
        """Quantiles at normal scores from -``LARGEST_SCORE`` to ``LARGEST_SCORE``, float32 [C, K, B, SCORES]."""
        place = ndtr(np.linspace(-LARGEST_SCORE, LARGEST_SCORE, SCORES))
        flat = self.quantile.reshape(-1, len(self.levels))
        values = np.stack([_curve(place, self.levels, row) for row in flat])
        return values.reshape(*self.quantile.shape[:3], SCORES).astype(np.float32)

    def quantiles(self, mean: NDArray[np.floating], levels: NDArray[np.float64]) -> FloatGrid:
        """Quantiles of weekly demand, whole units, float32 [levels, series, weeks], for a mean [series, weeks]."""
        out = np.empty((len(mean), mean.shape[1], len(levels)), dtype=np.float32)
        laws = (self.levels, self.means, self.last_weeks, self.quantile)
        mean, kinds = np.ascontiguousarray(mean, dtype=np.float64), self.kinds(len(mean))

        def find(first: int, last: int) -> None:
            part = slice(first, last)
            _quantile_kernel(mean[part], levels, kinds[part], *laws, out[part])

        in_blocks(len(mean), find)
        return np.ascontiguousarray(np.moveaxis(out, 2, 0))

    def places(self, mean: NDArray[np.floating], units: NDArray[np.floating], seed: int) -> NDArray[np.float64]:
        """Randomised probability integral transform of ``units`` [series, weeks], float64 in (0, 1).

        Uniform where the spread is right (Czado, Gneiting and Held 2009, equation 1).
        """
        jitter = np.random.default_rng(seed).random(units.shape)
        out = np.empty(mean.shape)
        laws = (self.levels, self.means, self.last_weeks, self.quantile)
        mean, value, kinds = np.ascontiguousarray(mean, dtype=np.float64), units + jitter, self.kinds(len(mean))

        def place(first: int, last: int) -> None:
            part = slice(first, last)
            _place_kernel(mean[part], value[part], jitter[part], kinds[part], *laws, out[part])

        in_blocks(len(mean), place)
        return out


def poisson_spread(shared: float = 0.1, persistence: float = 0.2) -> Spread:
    """A spread for tests and for series without a past: Poisson quantiles around the mean.

    >>> poisson_spread().quantile.shape
    (1, 1, 24, 44)
    """
    from scipy.stats import poisson

    levels = np.array([0.002, 0.005, *np.round(np.arange(0.025, 0.976, 0.025), 4), 0.99, 0.995, 0.999])
    means = np.geomspace(SMALLEST_CLASS, 5000.0, 24)
    rows = []
    for mean in means:
        units = np.arange(int(mean + 10 * math.sqrt(mean)) + 12)
        rows.append(with_mean(mean, levels, np.interp(levels, poisson.cdf(units - 1, mean), units)))
    return Spread(levels, means[None], np.array([10**6]), np.stack(rows)[None, None], shared, persistence)


def with_mean(mean: float, levels: NDArray[np.float64], quantiles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles [Q] of units + V stretched above 1, so that the units drawn from them have that mean.

    The share of periods without a sale stays as it is. Quantiles that are below 1 throughout (a mean far below one
    unit) leave all demand to the top.
    """
    steps = FINE_STEPS if mean < 5.0 else COARSE_STEPS
    place = (np.arange(steps) + 0.5) / steps
    out = quantiles.copy()
    if out[-1] <= 1.0:
        out[-1] = 1.0 + 2.0 * mean / (2.0 - levels[-1] - levels[-2])
    for _ in range(30):
        drawn = float(np.floor(_curve(place, levels, out)).mean())
        if drawn <= 0.0 or abs(drawn / mean - 1.0) < 5e-4:
            break
        out = np.where(out > 1.0, 1.0 + (out - 1.0) * min(max(mean / drawn, 0.25), 4.0), out)
    return out


def _curve(place: NDArray[np.float64], levels: NDArray[np.float64], row: NDArray[np.float64]) -> NDArray[np.float64]:
    """The quantile function: linear between the levels, to zero below the first, flat above the last."""
    return np.interp(place, np.concatenate([[0.0], levels]), np.concatenate([[0.0], row]))


@njit(**INNER)
def position_of(grid: NDArray[np.float64], value: float) -> tuple[int, float]:
    """Left neighbour and weight of the right one, clamped to the grid."""
    last = len(grid) - 1
    if last == 0 or value <= grid[0]:
        return 0, 0.0
    if value >= grid[last]:
        return last - 1, 1.0
    left = np.searchsorted(grid, value, side="right") - 1
    return int(left), float((value - grid[left]) / (grid[left + 1] - grid[left]))


@njit(**INNER)
def horizon_class(last_weeks: NDArray[np.int64], week: int) -> int:
    for entry in range(len(last_weeks)):
        if week + 1 <= last_weeks[entry]:
            return entry
    return len(last_weeks) - 1


@njit(**INNER)
def scale_of(mean: float, means: NDArray[np.float64]) -> float:
    """Factor on the law of the largest class for a mean beyond it; 1 within."""
    return max(mean / means[-1], 1.0)


@njit(**INNER)
def _law(mean, means, levels, table, out):  # type: ignore[no-untyped-def]
    """Quantiles at all levels for a mean into ``out`` [Q]; returns the chance of no sale that comes before them."""
    left, weight = position_of(means, mean)
    right, scale = min(left + 1, len(means) - 1), scale_of(mean, means)
    for entry in range(len(levels)):
        out[entry] = scale * ((1.0 - weight) * table[left, entry] + weight * table[right, entry])
    return 1.0 - min(mean / means[0], 1.0)


@njit(**INNER)
def _value(level, none, levels, law):  # type: ignore[no-untyped-def]
    """Quantile of units + V at a level."""
    if level < none:
        return level / none
    level = (level - none) / (1.0 - none)
    if level < levels[0]:
        return law[0] * level / levels[0]
    left, weight = position_of(levels, level)
    right = min(left + 1, len(levels) - 1)
    return (1.0 - weight) * law[left] + weight * law[right]


@njit(**INNER)
def _level(value, jitter, none, levels, law):  # type: ignore[no-untyped-def]
    """Level of units + V: inverse of :func:`_value`; ties and what lies above the last level are drawn by V."""
    entry = np.searchsorted(law, value, side="right")
    first = np.searchsorted(law, value, side="left")
    if first < entry:
        low = levels[first - 1] if first > 0 else 0.0
        place = low + jitter * (levels[entry - 1] - low)
    elif entry == len(levels):
        place = levels[-1] + jitter * (1.0 - levels[-1])
    else:
        below, start = (law[entry - 1], levels[entry - 1]) if entry > 0 else (0.0, 0.0)
        place = start + (value - below) / (law[entry] - below) * (levels[entry] - start)
    return none * min(value, 1.0) + (1.0 - none) * place


@njit(nogil=True, cache=True)
def _quantile_kernel(mean, wanted, kind, levels, means, last_weeks, quantile, out):  # type: ignore[no-untyped-def]
    for row in range(mean.shape[0]):
        law = np.empty(len(levels))
        for week in range(mean.shape[1]):
            if mean[row, week] <= 0.0:
                out[row, week, :] = 0.0
                continue
            table = quantile[kind[row], horizon_class(last_weeks, week)]
            none = _law(mean[row, week], means[kind[row]], levels, table, law)
            for entry in range(len(wanted)):
                out[row, week, entry] = math.floor(_value(wanted[entry], none, levels, law))


@njit(nogil=True, cache=True)
def _place_kernel(mean, value, jitter, kind, levels, means, last_weeks, quantile, out):  # type: ignore[no-untyped-def]
    for row in range(mean.shape[0]):
        law = np.empty(len(levels))
        for week in range(mean.shape[1]):
            if mean[row, week] <= 0.0:
                out[row, week] = jitter[row, week] if value[row, week] < 1.0 else 1.0
                continue
            table = quantile[kind[row], horizon_class(last_weeks, week)]
            none = _law(mean[row, week], means[kind[row]], levels, table, law)
            out[row, week] = _level(value[row, week], jitter[row, week], none, levels, law)
