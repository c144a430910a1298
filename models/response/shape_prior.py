"""What is believed of one ad channel's curve: its parameters as coordinates of the unit cube."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.response.adstock import same_mean_lag
from models.response.forms import CARRIES, Carry, Saturation, lag_weights
from models.response.saturation import LOGISTIC_SLOPE

Floats = NDArray[np.float64]
COLUMNS = ("carryover", "half_saturation", "slope", "carry", "lag_shape", "lag_weeks", "logistic")
"""Numbers that make up a curve's shape, as in ``ResponseCurves`` and its ``Forms``."""


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


def uniform(value: Floats) -> Floats:
    """All values alike."""
    return np.zeros_like(value)


def lognormal(centre: float, width: float) -> Callable[[Floats], Floats]:
    """Around a centre, by ``width`` natural logarithms either way."""
    return lambda value: np.asarray(-0.5 * (np.log(value / centre) / width) ** 2)


@dataclass(frozen=True)
class ShapePrior:
    """``coordinates``: those of the carry-over, then half saturation and, for Hill's curve, slope; independent."""

    carry: Carry
    saturation: Saturation
    coordinates: tuple[Coordinate, ...]

    @property
    def dimensions(self) -> int:
        """Of the unit cube."""
        return len(self.coordinates)

    def shapes(self, place: Floats) -> Floats:
        """Shapes of places in the unit cube [N, dimensions], float64 [N, len(COLUMNS)]; half saturation as a multiple
        of a busy week's spend."""
        values = [entry.at(place[:, axis]) for axis, entry in enumerate(self.coordinates)]
        found = np.zeros((len(place), len(COLUMNS)))
        found[:, COLUMNS.index("carry")] = CARRIES.index(self.carry)
        if self.carry == "geometric":
            found[:, 0] = values[0]
        else:
            found[:, 4], found[:, 5] = values[:2]
            found[:, 0] = same_mean_lag(lag_weights(*found[:, 3:6].T))
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
