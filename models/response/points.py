"""Curve shapes that are tried: points in the unit cube with the weights that make them stand for the prior.

First spread over prior and cube, then drawn closer around those that the data favour: importance sampling by a mixture
of kernels (West 1993), on a low-discrepancy sequence so that few points do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from models.response.priors import Priors

Floats = NDArray[np.float64]
GOLDEN = 1.1673039782614187  # real root of x^5 = x + 1
CELLS = 400
EVERYWHERE = 0.2  # share of points that go on covering prior and cube


@dataclass(frozen=True)
class Points:
    """``place`` float64 [N, 3] in the unit cube (see ``Priors.shapes``), ``log_weight`` [N]: prior / ``density``."""

    place: Floats
    log_weight: Floats
    density: Floats

    @property
    def count(self) -> int:
        """Number of points."""
        return len(self.place)


def spread_points(belief: Priors, count: int, seed: int) -> Points:
    """Half of the points as the prior has them, half evenly over the cube."""
    even = _sequence(count, seed)
    place = _wide(belief, even)
    return _weighted(belief, place, _wide_density(belief, place))


def closer_points(belief: Priors, points: Points, mass: Floats, count: int, seed: int) -> Points:
    """Points around those with posterior ``mass`` [N], and a few everywhere.

    A kernel is as wide as the posterior's spread asks for its effective number of points (Silverman 1986), and half
    of the way to the next point at least: between two points nothing is known yet.
    """
    seen = np.flatnonzero(mass > 0)
    centre, share = points.place[seen], mass[seen] / mass[seen].sum()
    spread = np.sqrt(share @ (centre - share @ centre) ** 2)
    many = float(np.exp(-(share * np.log(share)).sum()))
    apart = 0.5 * (points.count * points.density[seen]) ** (-1.0 / 3.0)
    width = np.minimum(np.hypot(spread * many ** (-1.0 / 7.0), apart[:, None]), 0.5)
    even = _sequence(count, seed)
    wide = even[:, 3] < EVERYWHERE
    chosen = np.searchsorted(np.cumsum(share), (even[:, 3] - EVERYWHERE) / (1.0 - EVERYWHERE)).clip(0, len(seen) - 1)
    near = centre[chosen] + width[chosen] * ndtri(even[:, :3].clip(1e-9, 1.0 - 1e-9))
    near = 1.0 - np.abs(1.0 - np.abs(near))
    place = np.where(wide[:, None], _wide(belief, _again(even)), np.clip(near, 0.0, 1.0))
    density = EVERYWHERE * _wide_density(belief, place)
    density = density + (1.0 - EVERYWHERE) * _kernels(place, centre, width) @ share
    return _weighted(belief, place, density)


def _weighted(belief: Priors, place: Floats, density: Floats) -> Points:
    return Points(place, belief.log_density(place) - np.log(density), density)


def _sequence(count: int, seed: int) -> Floats:
    """Additive recurrence of the generalised golden ratio (Roberts 2018) from a seeded start, [count, 4] in [0, 1)."""
    start = np.random.default_rng(seed).random(4)
    step = GOLDEN ** -np.arange(1.0, 5.0)
    return np.asarray((start + np.arange(1, count + 1)[:, None] * step) % 1.0)


def _again(even: Floats) -> Floats:
    """The part of the sequence below ``EVERYWHERE`` in its last coordinate, stretched to all of it."""
    stretched = even.copy()
    stretched[:, 3] = np.minimum(even[:, 3] / EVERYWHERE, 1.0)
    return stretched


def _tables(belief: Priors) -> tuple[Floats, Floats]:
    """Middles of the cells of [0, 1] and the prior's density there by coordinate, [CELLS] and [3, CELLS]."""
    middle = (np.arange(CELLS) + 0.5) / CELLS
    density = np.exp(np.stack(belief.log_densities(np.repeat(middle[:, None], 3, axis=1))))
    return middle, density / density.mean(axis=1, keepdims=True)


def _wide(belief: Priors, even: Floats) -> Floats:
    """Half of a sequence [N, 4] by the prior's inverse distribution, half as it is."""
    _, density = _tables(belief)
    edges = np.arange(CELLS + 1) / CELLS
    below = np.concatenate([np.zeros((3, 1)), np.cumsum(density, axis=1) / CELLS], axis=1)
    believed = np.stack([np.interp(even[:, axis], below[axis], edges) for axis in range(3)], axis=1)
    return np.where(even[:, 3:] < 0.5, believed, even[:, :3])


def _wide_density(belief: Priors, place: Floats) -> Floats:
    """Density of :func:`_wide`."""
    middle, density = _tables(belief)
    each = [np.interp(place[:, axis], middle, density[axis]) for axis in range(3)]
    return 0.5 + 0.5 * each[0] * each[1] * each[2]


def _kernels(place: Floats, centre: Floats, width: Floats) -> Floats:
    """Normal kernels mirrored at the faces of the cube, float64 [places, centres]."""
    found = np.ones((len(place), len(centre)))
    for axis in range(3):
        here, there, wide = place[:, axis][:, None], centre[:, axis], width[:, axis]
        images = sum(np.exp(-0.5 * ((here - image) / wide) ** 2) for image in (there, -there, 2.0 - there))
        found *= images / (np.sqrt(2.0 * np.pi) * wide)
    return found
