"""What is believed of one ad channel's curve: its parameters as coordinates of the unit cube."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.response.adstock import finer, same_mean_lag
from models.response.forms import CARRIES, Carry, Saturation, lag_weights
from models.response.period import WEEK, periods
from models.response.saturation import LOGISTIC_SLOPE

Floats = NDArray[np.float64]
COLUMNS = ("carryover", "half_saturation", "slope", "carry", "lag_shape", "lag_weeks", "logistic")
"""Numbers that make up a curve's shape, as in ``ResponseCurves`` and its ``Forms``."""

CELLS = 400
CARRIED = 3
"""Coordinates of a kind of carry-over: which, and two of its own."""


@dataclass(frozen=True)
class Coordinate:
    """A parameter from ``low`` to ``high``, laid out by its logarithm or as it is; ``belief``: log density there."""

    low: float
    high: float
    logarithmic: bool
    belief: Callable[[Floats], Floats]

    def at(self, place: Floats) -> Floats:
        """Values of places in the unit interval."""
        if not self.logarithmic:
            return self.low + place * (self.high - self.low)
        low, high = np.log(self.low), np.log(self.high)
        return np.asarray(np.exp(low + place * (high - low)))

    def quantile(self, share: Floats) -> Floats:
        """Places in the unit interval below which a share of the belief lies."""
        edges = np.arange(CELLS + 1) / CELLS
        density = np.exp(self.belief(self.at(0.5 * (edges[1:] + edges[:-1]))))
        return np.interp(share, np.concatenate([[0.0], np.cumsum(density / density.sum())]), edges)


def uniform(value: Floats) -> Floats:
    """All values alike."""
    return np.zeros_like(value)


def lognormal(centre: float, width: float) -> Callable[[Floats], Floats]:
    """Around a centre, by ``width`` natural logarithms either way."""
    return lambda value: np.asarray(-0.5 * (np.log(value / centre) / width) ** 2)


def normal(centre: float, width: float) -> Callable[[Floats], Floats]:
    """Around a centre, by ``width`` either way."""
    return lambda value: np.asarray(-0.5 * ((value - centre) / width) ** 2)


@dataclass(frozen=True)
class ShapePrior:
    """``coordinates``: those of the carry-over, then half saturation and, for Hill's curve, slope; independent.

    All of them speak of weeks; ``days`` of the periods whose shapes are asked for.
    """

    carry: Carry
    saturation: Saturation
    coordinates: tuple[Coordinate, ...]
    days: int = WEEK

    @property
    def dimensions(self) -> int:
        """Of the unit cube."""
        return len(self.coordinates)

    def kinds(self, place: Floats) -> NDArray[np.int64]:
        """All of one kind, [N]."""
        return np.zeros(len(place), dtype=np.int64)

    def shapes(self, place: Floats) -> Floats:
        """Shapes of places in the unit cube [N, dimensions], float64 [N, len(COLUMNS)]; half saturation as a multiple
        of a busy period's spend."""
        values = [entry.at(place[:, axis]) for axis, entry in enumerate(self.coordinates)]
        found = np.zeros((len(place), len(COLUMNS)))
        found[:, COLUMNS.index("carry")] = CARRIES.index(self.carry)
        if self.carry == "geometric":
            found[:, 0] = finer(values[0], periods(1, self.days))
        else:
            found[:, 4], found[:, 5] = values[:2]
            found[:, 0] = same_mean_lag(lag_weights(found[:, 3], found[:, 4], found[:, 5], self.days))
        bend = values[1 if self.carry == "geometric" else 2 :]
        found[:, 1] = bend[0]
        found[:, 2] = bend[1] if self.saturation == "hill" else LOGISTIC_SLOPE
        found[:, COLUMNS.index("logistic")] = self.saturation == "logistic"
        return found

    def log_density(self, place: Floats) -> Floats:
        """Log prior of places in the unit cube, up to a constant, float64 [N]."""
        return np.asarray(sum(self.log_densities(place)))

    def log_densities(self, place: Floats) -> tuple[Floats, ...]:
        """Its factors by coordinate."""
        return tuple(entry.belief(entry.at(place[:, axis])) for axis, entry in enumerate(self.coordinates))


@dataclass(frozen=True)
class MixedPrior:
    """Several carry-overs, of which the data choose: the kind is a coordinate of the cube as well.

    ``parts`` with their prior ``shares``, alike in how they saturate. Coordinates: the kind, two of its carry-over as
    quantiles of what is believed of that kind (so that they mean the same for all), then those of the saturation.
    """

    parts: tuple[ShapePrior, ...]
    shares: tuple[float, ...]

    @property
    def dimensions(self) -> int:
        """Of the unit cube."""
        return CARRIED + len(self._bend)

    def kinds(self, place: Floats) -> NDArray[np.int64]:
        """Which of the parts places belong to, [N]."""
        return np.searchsorted(np.cumsum(self.shares)[:-1], place[:, 0], side="right")

    @property
    def _bend(self) -> tuple[Coordinate, ...]:
        first = self.parts[0]
        return first.coordinates[1 if first.carry == "geometric" else 2 :]

    def shapes(self, place: Floats) -> Floats:
        """As of :class:`ShapePrior`."""
        kind = self.kinds(place)
        found = np.zeros((len(place), len(COLUMNS)))
        for number, part in enumerate(self.parts):
            rows = kind == number
            own = part.coordinates[: part.dimensions - len(self._bend)]
            carried = [entry.quantile(place[rows, 1 + axis]) for axis, entry in enumerate(own)]
            found[rows] = part.shapes(np.column_stack([*carried, place[rows, CARRIED:]]))
        return found

    def log_density(self, place: Floats) -> Floats:
        """As of :class:`ShapePrior`."""
        return np.asarray(sum(self.log_densities(place)))

    def log_densities(self, place: Floats) -> tuple[Floats, ...]:
        """As of :class:`ShapePrior`."""
        even = np.zeros(len(place))
        bend = (entry.belief(entry.at(place[:, CARRIED + axis])) for axis, entry in enumerate(self._bend))
        return (even, even, even, *bend)


CurvePrior = ShapePrior | MixedPrior
