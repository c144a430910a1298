"""Sample paths of demand: calibrated spread around a mean, dependent over time and across items.

A path is generated on demand from a counter-based seed, so that any block of series and paths can be drawn again
anywhere and nothing has to be stored. Dependence: a Gaussian copula whose latent variable is a first-order
autoregression, partly shared by all series of a group (Nelsen 2006, An Introduction to Copulas, section 2.3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.demand.live import Bookings
from models.kernels import INNER, in_blocks
from models.spread import LARGEST_SCORE, SCORES, Spread, horizon_class, position_of, scale_of

FloatGrid = NDArray[np.float32]


@dataclass(frozen=True)
class SamplePaths:
    """Weekly demand paths for a mean float32 [series, weeks]; ``group`` int32 [series] shares a common shock.

    ``live``: streams on top of the mean, with ``step`` periods a week.
    """

    mean: FloatGrid
    group: NDArray[np.int32]
    spread: Spread
    seed: int
    live: Bookings | None = None
    step: int = 1

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
        mean, kinds = np.ascontiguousarray(self.mean[rows]), law.kinds(len(self.mean))[rows]
        laws = (law.means, law.last_weeks, law.by_score, np.array([law.shared, law.persistence]))

        def draw(first: int, last: int) -> None:
            part = slice(first, last)
            _path_kernel(
                mean[part], rows[part], first_path, self.seed, common, place[part], kinds[part], *laws, out[part]
            )

        in_blocks(len(rows), draw)
        if self.live is not None:
            self.live.add_draws(out, rows, first_path, self.step, self.seed)
        return out


@njit(**INNER)
def _mix(value: np.uint64) -> np.uint64:
    """SplitMix64 finaliser (Steele, Lea, Flood 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit(**INNER)
def _stream(seed, stream, row, path):  # type: ignore[no-untyped-def]
    """State of a stream of random numbers that depends on nothing but its coordinates."""
    step = np.uint64(0x9E3779B97F4A7C15)
    state = _mix(np.uint64(seed) + step)
    state = _mix(state ^ (np.uint64(stream) + step))
    state = _mix(state ^ (np.uint64(row) + step))
    return _mix(state ^ (np.uint64(path) + step))


@njit(**INNER)
def _uniform(state, number):  # type: ignore[no-untyped-def]
    """The ``number``-th of a stream, in (0, 1)."""
    value = _mix(state + (np.uint64(number) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15))
    return (float(value >> np.uint64(11)) + 0.5) / 9007199254740992.0


@njit(**INNER)
def _normals(state, out):  # type: ignore[no-untyped-def]
    """Standard normals, in pairs, by Box and Muller (1958)."""
    for pair in range((len(out) + 1) // 2):
        radius = math.sqrt(-2.0 * math.log(_uniform(state, 2 * pair)))
        angle = 2.0 * math.pi * _uniform(state, 2 * pair + 1)
        out[2 * pair] = radius * math.cos(angle)
        if 2 * pair + 1 < len(out):
            out[2 * pair + 1] = radius * math.sin(angle)


@njit(nogil=True, cache=True)
def _common_kernel(groups, first_path, seed, out):  # type: ignore[no-untyped-def]
    for position in range(len(groups)):
        for path in range(out.shape[1]):
            _normals(_stream(seed, 3, groups[position], first_path + path), out[position, path])


@njit(nogil=True, cache=True)
def _path_kernel(mean, rows, first_path, seed, common, place, kinds, means, last_weeks, by_score, dependence, out):  # type: ignore[no-untyped-def]
    own_weight, common_weight = math.sqrt(1.0 - dependence[0]), math.sqrt(dependence[0])
    persistence = dependence[1]
    fresh_weight = math.sqrt(1.0 - persistence * persistence)
    weeks = out.shape[2]
    scale = (SCORES - 1) / (2.0 * LARGEST_SCORE)
    for position in range(len(rows)):
        row = rows[position]
        shared = common[place[position]]
        centres, tables = means[kinds[position]], by_score[kinds[position]]
        smallest = centres[0]
        left, weight = np.zeros(weeks, dtype=np.int64), np.zeros(weeks)
        horizon = np.zeros(weeks, dtype=np.int64)
        own = np.empty(weeks)
        for week in range(weeks):
            horizon[week] = horizon_class(last_weeks, week)
            if mean[position, week] > 0.0:
                left[week], weight[week] = position_of(centres, mean[position, week])
        for path in range(out.shape[1]):
            _normals(_stream(seed, 1, row, first_path + path), own)
            thinning = _stream(seed, 5, row, first_path + path)
            latent = 0.0
            for week in range(weeks):
                shock = own_weight * own[week] + common_weight * shared[path, week]
                latent = shock if week == 0 else persistence * latent + fresh_weight * shock
                level_mean = mean[position, week]
                if level_mean <= 0.0 or (level_mean < smallest and _uniform(thinning, week) * smallest >= level_mean):
                    out[position, path, week] = 0.0
                    continue
                score = min(max((latent + LARGEST_SCORE) * scale, 0.0), SCORES - 1.001)
                entry = int(score)
                rest = score - entry
                table = tables[horizon[week]]
                low = left[week]
                high = min(low + 1, table.shape[0] - 1)
                below = table[low, entry] + rest * (table[low, entry + 1] - table[low, entry])
                above = table[high, entry] + rest * (table[high, entry + 1] - table[high, entry])
                value = below + weight[week] * (above - below)
                out[position, path, week] = math.floor(scale_of(level_mean, centres) * value)
