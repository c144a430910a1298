"""What moves all regions, or all sales channels, at once: weather, hits, a rival's sale; estimated from what the pilots
leave unexplained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
MOST_SHARED = 0.99


@dataclass(frozen=True)
class CommonShock:
    """Noise of regions with unit variance: one shock of the week times ``loading`` [regions], the rest their own.

    The shock of each week is integrated out: differences between regions count in full, what is alike in all of them
    by as many regions as are independent.
    """

    loading: Floats

    @property
    def own(self) -> Floats:
        """Variance that is a region's own, [regions]."""
        return 1.0 - self.loading**2

    @property
    def effect(self) -> float:
        """Regions for every independent one, of what is alike in all (design effect, Kish 1965)."""
        return len(self.loading) / float(self.inverse().sum())

    def inverse(self) -> Floats:
        """Inverse of the correlation between regions (Sherman and Morrison 1950), [regions, regions].

        >>> CommonShock(np.array([0.6, 0.8])).inverse().round(3).tolist()
        [[1.299, -0.624], [-0.624, 1.299]]
        """
        tilted = self.loading / self.own
        return np.diag(1.0 / self.own) - np.outer(tilted, tilted) / (1.0 + float(self.loading @ tilted))

    def inner(self, parts: Sequence[tuple[Rows, Floats]], size: int) -> Floats:
        """Inner products of rows under the inverse correlation, [size, size].

        ``parts``: by region the places of its rows among all (each once) and the rows, [rows, periods].
        """
        found = np.zeros((size, size))
        for (at, values), own in zip(parts, self.own, strict=True):
            found[np.ix_(at, at)] += values @ values.T / own
        if not self.loading.any():
            return found
        tilted = self.loading / self.own
        shared = np.zeros((size, parts[0][1].shape[1]))
        for (at, values), weight in zip(parts, tilted, strict=True):
            shared[at] += weight * values
        return found - shared @ shared.T / (1.0 + float(self.loading @ tilted))

    def explained(self, rests: Floats) -> float:
        """Mean square of rests [regions, periods] once the shock is out, at most 1: copies of a region count once."""
        scale = np.sqrt((rests**2).mean(axis=1, keepdims=True))
        usual = rests / np.where(scale > 0, scale, 1.0)
        return min(float(np.einsum("rt,rs,st->", usual, self.inverse(), usual)) / usual.size, 1.0)


def common_shock(rests: Floats) -> CommonShock:
    """One factor behind rests [regions, periods] by principal axes (Harman 1976, chapter 8).

    What a region shares with the others is taken at its lower bound, the squared multiple correlation (Guttman 1956):
    iterated, a few lucky weeks can leave a region no noise of its own (Heywood 1931). Regions that move against the
    others share nothing with them here.
    """
    scale = np.sqrt((rests**2).mean(axis=1))
    if len(rests) < 2 or not (scale > 0).all():
        return CommonShock(np.zeros(len(rests)))
    alike = rests @ rests.T / np.outer(scale, scale) / rests.shape[1]
    alike = MOST_SHARED * alike + (1.0 - MOST_SHARED) * np.eye(len(rests))
    shared = 1.0 - 1.0 / np.diag(np.linalg.inv(alike))
    values, axes = np.linalg.eigh(alike - np.diag(1.0 - shared))
    loading = np.sqrt(max(values[-1], 0.0)) * axes[:, -1]
    loading = loading if loading.sum() >= 0 else -loading
    return CommonShock(np.clip(loading, 0.0, np.sqrt(MOST_SHARED)))
