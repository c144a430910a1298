"""Curve shapes that are tried: points in the unit cube with the weights that make them stand for the prior.

First spread over prior and cube, then drawn closer around those that the data favour: importance sampling by a mixture
of kernels (West 1993), on a low-discrepancy sequence so that few points do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from models.response.shape_prior import CELLS, CurvePrior

Floats = NDArray[np.float64]
GOLDEN = {3: 1.2207440846057596, 4: 1.1673039782614187, 5: 1.1347241384015194, 6: 1.1127756842787055}
"""By dimensions n of a sequence the real root of x^(n + 1) = x + 1 (Roberts 2018)."""
EVERYWHERE = 0.2  # share of points that go on covering prior and cube


@dataclass(frozen=True)
class Points:
    """``place`` float64 [N, dimensions] in a ``CurvePrior``'s cube, ``log_weight`` [N]: prior / ``density``."""

    place: Floats
    log_weight: Floats
    density: Floats

    @property
    def count(self) -> int:
        """Number of points."""
        return len(self.place)


def spread_points(belief: CurvePrior, count: int, seed: int) -> Points:
    """Half of the points as the prior has them, half evenly over the cube."""
    even = _sequence(count, belief.dimensions + 1, seed)
    place = _wide(belief, even)
    return _weighted(belief, place, _wide_density(belief, place))


def closer_points(belief: CurvePrior, points: Points, mass: Floats, count: int, seed: int) -> Points:
    """Points around those with posterior ``mass`` [N], and a few everywhere.

    A kernel is as wide as the posterior's spread asks for its effective number of points (Silverman 1986), and half
    of the way to the next point at least: between two points nothing is known yet.
    """
    seen = np.flatnonzero(mass > 0)
    centre, share = points.place[seen], mass[seen] / mass[seen].sum()
    spread = _spread(centre, share, belief.kinds(centre))
    many = float(np.exp(-(share * np.log(share)).sum()))
    size = belief.dimensions
    apart = 0.5 * (points.count * points.density[seen]) ** (-1.0 / size)
    width = np.minimum(np.hypot(spread * many ** (-1.0 / (size + 4.0)), apart[:, None]), 0.5)
    even = _sequence(count, size + 1, seed)
    wide = even[:, -1] < EVERYWHERE
    chosen = np.searchsorted(np.cumsum(share), (even[:, -1] - EVERYWHERE) / (1.0 - EVERYWHERE)).clip(0, len(seen) - 1)
    near = centre[chosen] + width[chosen] * ndtri(even[:, :-1].clip(1e-9, 1.0 - 1e-9))
    near = 1.0 - np.abs(1.0 - np.abs(near))
    place = np.where(wide[:, None], _wide(belief, _again(even)), np.clip(near, 0.0, 1.0))
    density = EVERYWHERE * _wide_density(belief, place)
    density = density + (1.0 - EVERYWHERE) * _kernels(place, centre, width) @ share
    return _weighted(belief, place, density)


def _spread(centre: Floats, share: Floats, kinds: NDArray[np.int64]) -> Floats:
    """Standard deviation around each centre [N, dimensions], among those of its kind."""
    found = np.empty_like(centre)
    for kind in np.unique(kinds):
        rows = kinds == kind
        part = share[rows] / share[rows].sum() if kinds.any() else share
        found[rows] = np.sqrt(part @ (centre[rows] - part @ centre[rows]) ** 2)
    return found


def _weighted(belief: CurvePrior, place: Floats, density: Floats) -> Points:
    return Points(place, belief.log_density(place) - np.log(density), density)


def _sequence(count: int, size: int, seed: int) -> Floats:
    """Additive recurrence of the generalised golden ratio from a seeded start, [count, size] in [0, 1)."""
    start = np.random.default_rng(seed).random(size)
    step = GOLDEN[size] ** -np.arange(1.0, size + 1.0)
    return np.asarray((start + np.arange(1, count + 1)[:, None] * step) % 1.0)


def _again(even: Floats) -> Floats:
    """The part of the sequence below ``EVERYWHERE`` in its last coordinate, stretched to all of it."""
    stretched = even.copy()
    stretched[:, -1] = np.minimum(even[:, -1] / EVERYWHERE, 1.0)
    return stretched


def _tables(belief: CurvePrior) -> tuple[Floats, Floats]:
    """Middles of the cells of [0, 1] and the prior's density there by coordinate, [CELLS] and [dimensions, CELLS]."""
    middle = (np.arange(CELLS) + 0.5) / CELLS
    density = np.exp(np.stack(belief.log_densities(np.repeat(middle[:, None], belief.dimensions, axis=1))))
    return middle, density / density.mean(axis=1, keepdims=True)


def _wide(belief: CurvePrior, even: Floats) -> Floats:
    """Half of a sequence [N, dimensions + 1] by the prior's inverse distribution, half as it is."""
    _, density = _tables(belief)
    edges = np.arange(CELLS + 1) / CELLS
    below = np.concatenate([np.zeros((len(density), 1)), np.cumsum(density, axis=1) / CELLS], axis=1)
    believed = np.stack([np.interp(even[:, axis], below[axis], edges) for axis in range(len(density))], axis=1)
    return np.where(even[:, -1:] < 0.5, believed, even[:, :-1])


def _wide_density(belief: CurvePrior, place: Floats) -> Floats:
    """Density of :func:`_wide`."""
    middle, density = _tables(belief)
    believed = np.full(len(place), 0.5)
    for axis, along in enumerate(density):
        believed = believed * np.interp(place[:, axis], middle, along)
    return 0.5 + believed


def _kernels(place: Floats, centre: Floats, width: Floats) -> Floats:
    """Normal kernels mirrored at the faces of the cube, float64 [places, centres]."""
    found = np.ones((len(place), len(centre)))
    for axis in range(place.shape[1]):
        here, there, wide = place[:, axis][:, None], centre[:, axis], width[:, axis]
        images = sum(np.exp(-0.5 * ((here - image) / wide) ** 2) for image in (there, -there, 2.0 - there))
        found *= images / (np.sqrt(2.0 * np.pi) * wide)
    return found
