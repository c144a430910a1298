"""Noise that remembers: an autoregression over a week, and what is new in each period."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST = 0.7
"""Of a partial autocorrelation from week to week, its root from part to part; none is below 0, so that memory only ever
widens what is not known."""


def partial_autocorrelations(rest: Floats, order: int) -> Floats:
    """Of noise [periods] at the ``order`` lags of a week, by Levinson's and Durbin's recursion (Durbin 1960).

    >>> rest = np.array([1.0, 1.0, 0.0, 0.0])
    >>> partial_autocorrelations(rest, 1).tolist()
    [0.5]
    """
    energy = float((rest**2).sum())
    found, weights, left = np.zeros(min(order, len(rest) - 1)), np.zeros(0), 1.0
    for lag in range(1, len(found) + 1):
        if energy <= 0 or left <= 0:
            break
        alike = [float((rest[back:] * rest[:-back]).sum()) / energy for back in range(1, lag + 1)]
        own = (alike[-1] - float(weights @ alike[-2::-1])) / left
        found[lag - 1] = np.clip(own, 0.0, MOST ** (1.0 / order))
        weights, left = _longer(weights, left, found[lag - 1])
    return found


def news(values: Floats, partial: Floats) -> Floats:
    """Values [..., periods] of unit variance less what the periods before tell of them, with unit variance again.

    The first ones know fewer periods before them; for one lag this is Prais and Winsten's transformation (1954).
    """
    filtered, weights, left = values.copy(), np.zeros(0), 1.0
    lefts = [left]
    for lag, own in enumerate(partial):
        for back, weight in enumerate(weights, 1):
            filtered[..., lag] -= weight * values[..., lag - back]
        weights, left = _longer(weights, left, float(own))
        lefts.append(left)
    order = len(weights)
    for back, weight in enumerate(weights, 1):
        filtered[..., order:] -= weight * values[..., order - back : values.shape[-1] - back]
    filtered[..., :order] *= np.sqrt(left / np.array(lefts[:order]))
    return filtered / np.sqrt(left)


def _longer(weights: Floats, left: float, own: float) -> tuple[Floats, float]:
    """Weights of the last periods in the best prediction from one more of them, and the variance that is left."""
    return np.append(weights - own * weights[::-1], own), left * (1.0 - own**2)
