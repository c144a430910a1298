"""What is believed of ads before the data are looked at, in natural units."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROI_WIDTHS = np.array([0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0])
"""Width of the ROI prior in units of the expected ROI; mixing over them gives heavy tails."""


@dataclass(frozen=True)
class Priors:
    """Beliefs that hold where the data say nothing.

    ``ads_share``: share of revenue that all ads together are expected to bring. ``roi``: revenue a yuan of spend
    expected of any ad channel; None: ``ads_share`` of revenue / spend, at most ``highest_roi``. The ROI is half-normal
    around zero with an unknown width around the expectation, so a strong channel is not held down.
    ``carryover`` in [0, 1); ``half_saturation`` as multiples of a busy week's spend (95 % quantile of the weeks with
    spend); ``slope`` of the Hill curve: the grids that are searched.
    """

    ads_share: float = 0.2
    roi: float | None = None
    highest_roi: float = 10.0
    carryover: tuple[float, ...] = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.88)
    half_saturation: tuple[float, ...] = (0.12, 0.22, 0.4, 0.7, 1.2, 2.0, 3.5)
    slope: tuple[float, ...] = (0.7, 1.0, 1.5, 2.2, 3.2)

    def expected_roi(self, revenue: float, spend: float) -> float:
        """Expected revenue a yuan for total revenue and spend of the history; 0 where there is no revenue.

        >>> Priors().expected_roi(1000.0, 100.0)
        2.0
        """
        if self.roi is not None:
            return self.roi
        if spend <= 0.0 or revenue <= 0.0:
            return 0.0
        return min(self.ads_share * revenue / spend, self.highest_roi)

    def finer(self) -> Priors:
        """The same beliefs on a grid with a point between any two, for data sharper than the steps of the grid.

        >>> Priors(slope=(1.0, 4.0)).finer().slope
        (1.0, 2.0, 4.0)
        """
        return replace(self, half_saturation=_between(self.half_saturation), slope=_between(self.slope))

    def grid(self) -> Floats:
        """All shapes, float64 [points, 3]: carry-over, half saturation (multiple of a busy week), slope."""
        return np.array(list(product(self.carryover, self.half_saturation, self.slope)))

    def log_grid(self) -> Floats:
        """Log prior of the shapes, float64 [points]: short memory, half saturation near a busy week, slope near 1.3."""
        carryover, half, slope = self.grid().T
        belief = 0.5 * np.log1p(carryover) + 2.0 * np.log1p(-carryover)
        belief -= 0.5 * (np.log(half / 0.8) / 1.0) ** 2
        return np.asarray(belief - 0.5 * (np.log(slope / 1.3) / 0.5) ** 2)


def _between(values: tuple[float, ...]) -> tuple[float, ...]:
    """Values with the geometric mean of every two neighbours."""
    means = [math.sqrt(low * high) for low, high in pairwise(values)]
    return tuple(sorted([*values, *means]))


def log_width_belief() -> Floats:
    """Log prior of :data:`ROI_WIDTHS`: around 1, a factor of 2.5 either way."""
    return np.asarray(-0.5 * (np.log(ROI_WIDTHS) / np.log(2.5)) ** 2)


def prior_roi_draws(expected: float, draws: int, seed: int) -> Floats:
    """ROI as believed without data, float64 [draws]."""
    rng = np.random.default_rng(seed)
    weight = np.exp(log_width_belief())
    width = rng.choice(ROI_WIDTHS, size=draws, p=weight / weight.sum())
    return np.asarray(np.abs(rng.standard_normal(draws)) * width * expected)
