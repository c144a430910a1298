"""Piecewise-linear functions that lie nowhere below a curve: what makes the solver's bound a true one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SAMPLES = 241
LINES = 8
CLOSE = 5e-4
"""Share of a curve's height by which straight lines may lie above it before a part is split."""


@dataclass(frozen=True)
class Piece:
    """Between ``low`` and ``high`` the lowest of the lines ``intercept`` + ``slope`` x stock [lines]."""

    low: float
    high: float
    intercept: Floats
    slope: Floats

    def at(self, stock: Floats) -> Floats:
        """The over-estimate at stocks [N]."""
        return np.asarray((self.intercept[:, None] + self.slope[:, None] * stock[None]).min(axis=0))


@dataclass(frozen=True)
class Sampled:
    """A curve at many stocks [N], with its derivative."""

    stock: Floats
    value: Floats
    steep: Floats

    def between(self, first: int, last: int) -> Sampled:
        """The part from one sample to another, both included."""
        part = slice(first, last + 1)
        return Sampled(self.stock[part], self.value[part], self.steep[part])

    def line(self, slope: float) -> float:
        """Intercept of the lowest line of this slope that lies nowhere below the samples."""
        return float((self.value - slope * self.stock).max())


Curve = Callable[[Floats], Floats]


def sample(curve: Curve, marginal: Curve, low: float, high: float, near: tuple[float, ...] = ()) -> Sampled:
    """A curve on [low, high], evenly, ever closer towards ``low``, where curves bend most, and at ``near``."""
    wanted = [place for place in near if low < place < high]
    close = low + (high - low) * np.geomspace(1e-5, 1.0, SAMPLES)
    stock = np.unique(np.concatenate([np.linspace(low, high, SAMPLES), np.minimum(close, high), wanted]))
    return Sampled(stock, curve(stock), marginal(stock))


def over_estimate(
    curve: Curve, marginal: Curve, low: float, high: float, near: tuple[float, ...] = ()
) -> tuple[Piece, ...]:
    """Pieces over an increasing curve on [low, high], laid closer at the stocks ``near`` which matter.

    A concave part takes tangents and no on/off choice, a convex part chords; each piece is one choice.

    >>> pieces = over_estimate(np.sqrt, lambda s: 0.5 / np.sqrt(s), 1.0, 4.0)
    >>> len(pieces), bool((pieces[0].at(np.array([1.0, 2.5, 4.0])) >= np.sqrt([1.0, 2.5, 4.0])).all())
    (1, True)
    """
    if high - low <= 1e-9 * max(abs(high), 1.0):
        return (Piece(low, high, curve(np.array([high])), np.zeros(1)),)
    points = sample(curve, marginal, low, high, near)
    return tuple(_piece(points.between(first, last), near) for first, last in _parts(points, near))


def envelope(curve: Curve, marginal: Curve, low: float, high: float) -> Piece:
    """One piece over the whole of [low, high]: lines along the concave envelope, without any on/off choice."""
    if high - low <= 1e-9 * max(abs(high), 1.0):
        return Piece(low, high, curve(np.array([high])), np.zeros(1))
    points = sample(curve, marginal, low, high)
    hull = _hull(points)
    edges = np.unique(np.linspace(0, len(hull) - 2, 2 * LINES).astype(int))
    slopes = np.diff(points.value[hull])[edges] / np.diff(points.stock[hull])[edges]
    return Piece(low, high, np.array([points.line(float(m)) for m in slopes]), slopes)


def _parts(points: Sampled, near: tuple[float, ...]) -> list[tuple[int, int]]:
    """Neighbouring parts as first and last sample: each almost concave, or a convex stretch without ``near`` in it."""
    tolerance = CLOSE * max(float(points.value[-1] - points.value[0]), 1e-30)
    bends = np.flatnonzero(np.diff((np.diff(points.steep) > 0).astype(int))) + 1
    ends = [0, *bends.tolist(), len(points.stock) - 1]
    parts: list[tuple[int, int]] = []
    for first, last in zip(ends[-2::-1], ends[:0:-1], strict=True):
        if parts and _excess(points.between(first, parts[0][1])).max() <= tolerance:
            parts[0] = (first, parts[0][1])
        else:
            parts.insert(0, (first, last))
    return [cut for part in parts for cut in _cut(points, part, near, tolerance)]


def _cut(points: Sampled, part: tuple[int, int], near: tuple[float, ...], tolerance: float) -> list[tuple[int, int]]:
    """A part cut at the stocks ``near`` where straight lines would lie far above the curve."""
    first, last = part
    above = _excess(points.between(first, last))
    places = np.unique(np.searchsorted(points.stock, [s for s in near if points.stock[first] < s < points.stock[last]]))
    cuts = [first, *[int(n) for n in places if first < n < last and above[n - first] > tolerance], last]
    return list(pairwise(cuts))


def _excess(points: Sampled) -> Floats:
    """Height of the concave envelope above the samples."""
    hull = _hull(points)
    return np.asarray(np.interp(points.stock, points.stock[hull], points.value[hull]) - points.value)


def _hull(points: Sampled) -> list[int]:
    """Corners of the concave envelope (Andrew's monotone chain, 1979)."""
    hull: list[int] = []
    stock, value = points.stock, points.value
    for n in range(len(stock)):
        while len(hull) > 1 and (value[hull[-1]] - value[hull[-2]]) * (stock[n] - stock[hull[-2]]) <= (
            value[n] - value[hull[-2]]
        ) * (stock[hull[-1]] - stock[hull[-2]]):
            hull.pop()
        hull.append(n)
    return hull


def _piece(points: Sampled, near: tuple[float, ...]) -> Piece:
    """Lines over one part: its chord where it is convex, tangents where it is concave, both where it is mixed."""
    stock, value = points.stock, points.value
    chord = float((value[-1] - value[0]) / (stock[-1] - stock[0]))
    concave = np.maximum(-np.diff(points.steep), 0.0)
    slopes = [chord]
    if concave.sum() > 1e-9 * max(float(points.steep.max()), 1e-30):
        progress = np.concatenate([[0.0], np.cumsum(np.sqrt(concave))])
        picked = np.searchsorted(progress, np.linspace(0.0, progress[-1], LINES)).clip(0, len(stock) - 1)
        picked = np.union1d(picked, np.searchsorted(stock, [s for s in near if stock[0] <= s <= stock[-1]]))
        slopes = [float(steep) for steep in points.steep[picked.astype(int)]]
        slopes += [chord] if (np.diff(points.steep) > 0).any() else []
    return Piece(float(stock[0]), float(stock[-1]), np.array([points.line(m) for m in slopes]), np.array(slopes))
