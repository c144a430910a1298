"""WRMSSE and WSPL of the M5 competition (Makridakis, Spiliotis and Assimakopoulos 2022, Int. J. of Forecasting 38)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

from experiments.m5.data import LEVELS, Grid, Market
from models.metrics import rmsse, weighted

Floats = NDArray[np.float64]
QUANTILES = np.array([0.005, 0.025, 0.165, 0.25, 0.5, 0.75, 0.835, 0.975, 0.995])
CHUNK = 4000
"""Series scaled at a time: bounds memory."""


@dataclass(frozen=True)
class Yardstick:
    """Per node (aggregates by level, then leaves): the level it is of, its scales and its weight at an origin.

    ``sums`` sparse [nodes, leaves]; ``level`` 1..12; ``root``: root mean squared daily change; ``absolute``: mean
    absolute daily change, both from the first sale on, NaN where there is none; ``weight``: dollars of 28 days.
    """

    sums: sparse.csr_array
    level: NDArray[np.int64]
    root: Floats
    absolute: Floats
    weight: Floats

    @classmethod
    def of(cls, market: Market) -> Yardstick:
        """Scales and weights from the sales up to the origin."""
        tree = market.tree()
        names = ["total", *("|".join(level) for level in LEVELS[1:-1])]
        upper = tree.labels["level"].map({name: place + 1 for place, name in enumerate(names)}).to_numpy(dtype=np.int64)
        leaves = market.sales.shape[0]
        sums = sparse.csr_array(sparse.vstack([tree.aggregates, sparse.eye_array(leaves)]))
        level = np.concatenate([upper, np.full(leaves, len(LEVELS))])
        recent = slice(max(market.origin - 28, 0), market.origin)
        dollars = (market.sales[:, recent] * np.nan_to_num(market.prices[:, recent])).sum(axis=1, dtype=float)
        whole = sums.astype(np.float32)  # sums of units are exact below 2**24
        parts = [scales(whole[first : first + CHUNK] @ market.sales) for first in range(0, len(level), CHUNK)]
        root, absolute = np.concatenate(parts, axis=1)
        return cls(sums, level, root, absolute, np.asarray(sums @ dollars))

    def wrmsse(self, actual: Grid, mean: Grid) -> Floats:
        """Weighted RMSSE of each level [12] of leaves' means [leaves, horizon]; all levels bottom-up."""
        truth, guess = self.sums @ actual.astype(float), self.sums @ mean.astype(float)
        return self.by_level(rmsse(truth, guess, np.ones(truth.shape, dtype=bool), self.root))

    def wspl(self, actual: Grid, quantiles: NDArray[np.floating]) -> Floats:
        """Weighted scaled pinball loss of each level [12]; ``quantiles`` [9, nodes, horizon]."""
        truth = self.sums @ actual.astype(float)
        loss = np.zeros(len(self.level))
        for share, guess in zip(QUANTILES, quantiles, strict=True):
            gap = truth - guess
            loss += np.maximum(share * gap, (share - 1.0) * gap).mean(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.by_level(loss / len(QUANTILES) / self.absolute)

    def by_level(self, errors: Floats) -> Floats:
        """Weighted mean of node errors within each level."""
        return np.array([weighted(errors[at], self.weight[at]) for at in (self.level == n for n in range(1, 13))])


@njit(cache=True, error_model="numpy")
def scales(series):  # type: ignore[no-untyped-def]
    """Root mean squared and mean absolute daily change [rows] from the first sale on; NaN where there is none."""
    out = np.full((2, len(series)), np.nan)
    for row in range(len(series)):
        square, absolute, count = 0.0, 0.0, 0
        started = False
        for day in range(1, series.shape[1]):
            started = started or series[row, day - 1] > 0.0
            if started:
                change = series[row, day] - series[row, day - 1]
                square += change * change
                absolute += abs(change)
                count += 1
        if square > 0.0:
            out[0, row], out[1, row] = np.sqrt(square / count), absolute / count
    return out


def seasonal_naive(market: Market) -> Grid:
    """The last week again and again (the yardstick of the competition)."""
    days = np.arange(market.horizon) % 7
    return market.sales[:, market.origin - 7 + days]
