"""What moves all regions at once: weather, news, a rival's sale; estimated from what the pilots leave unexplained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_SHARED = 0.99
ROUNDS = 50


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

    def weighed(self, values: Sequence[Floats]) -> list[Floats]:
        """The inverse times values by region [..., weeks] each, without the inverse."""
        if not self.loading.any():
            return list(values)
        tilted = self.loading / self.own
        shared = sum(weight * value for weight, value in zip(tilted, values, strict=True))
        shared = shared / (1.0 + float(self.loading @ tilted))
        pairs = zip(values, self.own, tilted, strict=True)
        return [value / own - weight * shared for value, own, weight in pairs]

    def explained(self, rests: Floats) -> float:
        """Mean square of rests [regions, weeks] once the shock is out, at most 1: copies of a region count once."""
        scale = np.sqrt((rests**2).mean(axis=1, keepdims=True))
        usual = rests / np.where(scale > 0, scale, 1.0)
        return min(float(np.einsum("rt,rs,st->", usual, self.inverse(), usual)) / usual.size, 1.0)


def common_shock(rests: Floats) -> CommonShock:
    """One factor behind rests [regions, weeks] by iterated principal axes (Harman 1976, chapter 8).

    Regions that move against the others share nothing with them here.
    """
    scale = np.sqrt((rests**2).mean(axis=1))
    if len(rests) < 2 or not (scale > 0).all():
        return CommonShock(np.zeros(len(rests)))
    alike = rests @ rests.T / np.outer(scale, scale) / rests.shape[1]
    away = alike - np.diag(np.diag(alike))
    shared = np.abs(away).max(axis=1)
    for _ in range(ROUNDS):
        values, axes = np.linalg.eigh(away + np.diag(np.minimum(shared, MOST_SHARED)))
        loading = np.sqrt(max(values[-1], 0.0)) * axes[:, -1]
        shared = loading**2
    loading = loading if loading.sum() >= 0 else -loading
    return CommonShock(np.clip(loading, 0.0, np.sqrt(MOST_SHARED)))
