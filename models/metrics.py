"""How good a forecast was. Arrays [series, periods]; ``scored`` bool marks the cells that count."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.floating]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


def wape(actual: Grid, forecast: Grid, scored: Mask) -> float:
    """Sum of absolute errors over the sum of actual units (over one unit where less was sold).

    >>> wape(np.array([[1.0, 3.0]]), np.array([[2.0, 2.0]]), np.ones((1, 2), dtype=bool))
    0.5
    """
    return float(np.abs(forecast - actual)[scored].sum(dtype=float)) / _units(actual, scored)


def bias(actual: Grid, forecast: Grid, scored: Mask) -> float:
    """Sum of errors over the sum of actual units (over one unit where less was sold); positive: too much was forecast.

    >>> bias(np.array([[1.0, 3.0]]), np.array([[2.0, 3.0]]), np.ones((1, 2), dtype=bool))
    0.25
    """
    return float((forecast - actual)[scored].sum(dtype=float)) / _units(actual, scored)


def _units(actual: Grid, scored: Mask) -> float:
    return max(float(actual[scored].sum(dtype=float)), 1.0)


def naive_scale(history: Grid, known: Mask) -> Floats:
    """Root mean squared one-step change from the first sale on, float64 [series]; NaN where there is none.

    The denominator of RMSSE (Hyndman and Koehler 2006; Makridakis, Spiliotis and Assimakopoulos 2022, equation 1).

    >>> naive_scale(np.array([[0.0, 1.0, 3.0, 2.0]]), np.ones((1, 4), dtype=bool)).round(4)
    array([1.5811])
    """
    started = np.logical_or.accumulate(history > 0, axis=1) & known
    pairs = started[:, 1:] & started[:, :-1]
    change = np.where(pairs, np.diff(history, axis=1), 0.0)
    count = pairs.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.sqrt((change.astype(float) ** 2).sum(axis=1) / count)
    scale[~(scale > 0)] = np.nan
    return cast(Floats, scale)


def rmsse(actual: Grid, forecast: Grid, scored: Mask, scale: Floats) -> Floats:
    """Root mean squared error over the naive scale, float64 [series]; NaN where nothing can be scored."""
    square = np.where(scored, (forecast - actual).astype(float) ** 2, 0.0).sum(axis=1)
    count = scored.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(square / count) / scale
    return cast(Floats, error)


def weighted(errors: Floats, weights: Floats) -> float:
    """Mean of the errors that exist, by weight (equal where all weights are 0); 0 where there is none.

    >>> weighted(np.array([1.0, 3.0, np.nan]), np.array([3.0, 1.0, 9.0]))
    1.5
    """
    good = np.isfinite(errors)
    if not good.any():
        return 0.0
    chosen = weights[good] if weights[good].sum() > 0 else np.ones(int(good.sum()))
    return float((errors[good] * chosen).sum() / chosen.sum())


def pinball(actual: Grid, quantiles: NDArray[np.floating], levels: Floats, scored: Mask) -> float:
    """Mean pinball loss over levels and scored cells, units (Koenker and Bassett 1978).

    ``quantiles`` [levels, series, periods].

    >>> pinball(np.array([[4.0]]), np.array([[[2.0]]]), np.array([0.9]), np.ones((1, 1), dtype=bool))
    1.8
    """
    if not scored.any():
        return 0.0
    losses = [
        float(np.maximum(level * gap, (level - 1.0) * gap).mean(dtype=float))
        for level, gap in ((float(p), (actual - q)[scored]) for p, q in zip(levels, quantiles, strict=True))
    ]
    return float(np.mean(losses))


def coverage(actual: Grid, low: Grid, high: Grid, scored: Mask) -> float:
    """Share of scored cells with low <= actual <= high; 0 where there are none."""
    inside = (actual >= low) & (actual <= high)
    return float(inside[scored].mean()) if scored.any() else 0.0
