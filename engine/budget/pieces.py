"""Piecewise-linear functions that lie nowhere below a curve: what makes the solver's bound a true one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SAMPLES = 301
CHORDS = 1  # before any refinement: a search rarely ends on the convex part
TANGENTS = 8


@dataclass(frozen=True)
class Pieces:
    """An over-estimate of a curve between ``low`` and ``high``.

    Below ``bend`` the curve is not concave: chords between ``knots`` [K] with ``values`` [K], one on/off choice a chord
    (none where K = 0). From ``bend`` on it is concave: the lowest of the tangents ``intercept`` + ``slope`` x stock
    [T] (none where T = 0).
    """

    low: float
    high: float
    bend: float
    knots: Floats
    values: Floats
    intercept: Floats
    slope: Floats

    @property
    def choices(self) -> int:
        """On/off choices that the programme needs; 0 for a concave curve."""
        parts = max(len(self.knots) - 1, 0) + (1 if len(self.slope) else 0)
        return parts if parts > 1 else 0

    def at(self, stock: Floats) -> Floats:
        """The over-estimate at stocks [N]."""
        out = np.full(stock.shape, -np.inf)
        if len(self.knots):
            inside = stock <= self.bend
            out[inside] = np.interp(stock[inside], self.knots, self.values)
        if len(self.slope):
            inside = stock >= self.bend
            lines = (self.intercept[:, None] + self.slope[:, None] * stock[None, inside]).min(axis=0)
            out[inside] = np.maximum(out[inside], lines)
        return out


def over_estimate(
    curve: Callable[[Floats], Floats],
    marginal: Callable[[Floats], Floats],
    low: float,
    high: float,
    near: tuple[float, ...] = (),
) -> Pieces:
    """Pieces over an increasing curve on [low, high], laid closer at the stocks ``near`` which matter.

    >>> pieces = over_estimate(np.sqrt, lambda s: 0.5 / np.sqrt(s), 1.0, 4.0)
    >>> pieces.choices, bool((pieces.at(np.array([1.0, 2.5, 4.0])) >= np.sqrt([1.0, 2.5, 4.0])).all())
    (0, True)
    """
    if high - low <= 1e-9 * max(abs(high), 1.0):
        value = curve(np.array([high]))
        return Pieces(low, high, low, np.empty(0), np.empty(0), value, np.zeros(1))
    stock = _samples(low, high)
    value, steep = curve(stock), marginal(stock)
    rising = np.flatnonzero(np.diff(steep) > 1e-9 * max(float(steep.max()), 1e-30))
    first = int(rising[-1]) + 1 if len(rising) else 0
    bend = float(stock[first])
    knots, heights = np.empty(0), np.empty(0)
    wanted = np.array([place for place in near if low <= place <= high])
    if first > 0:
        extra = np.searchsorted(stock, wanted[wanted < bend])
        places = np.unique(np.concatenate([np.linspace(0, first, CHORDS + 1).astype(int), extra]))
        knots, heights = stock[places], _raised(stock[: first + 1], value[: first + 1], places)
    intercept, slope = np.empty(0), np.empty(0)
    if first < len(stock) - 1:
        touch = np.concatenate([_touching_points(stock[first:], steep[first:]), wanted[wanted >= bend]])
        slope = marginal(touch)
        intercept = curve(touch) - slope * touch
    return Pieces(low, high, bend, knots, heights, intercept, slope)


def _samples(low: float, high: float) -> Floats:
    """Where the curve is looked at: evenly, and ever closer towards ``low``, where curves bend most."""
    even = np.linspace(low, high, SAMPLES)
    return np.unique(np.concatenate([even, low + (high - low) * np.geomspace(1e-5, 1.0, SAMPLES)]))


def _touching_points(stock: Floats, steep: Floats) -> Floats:
    """Where to lay the tangents: closer together where the slope changes faster (square root of the curvature)."""
    turn = np.sqrt(np.maximum(-np.diff(steep), 0.0)) + 1e-12
    progress = np.concatenate([[0.0], np.cumsum(turn)])
    return np.interp(np.linspace(0.0, progress[-1], TANGENTS), progress, stock)


def _raised(stock: Floats, value: Floats, places: NDArray[np.int64]) -> Floats:
    """Heights of the knots, lifted where a chord would cut below the curve."""
    heights = value[places].copy()
    for left in range(len(places) - 1):
        part = slice(places[left], places[left + 1] + 1)
        chord = np.interp(stock[part], stock[places], value[places])
        short = float((value[part] - chord).max())
        if short > 0:
            heights[left] = max(heights[left], value[places[left]] + short)
            heights[left + 1] = max(heights[left + 1], value[places[left + 1]] + short)
    return heights
