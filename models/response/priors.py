"""What is believed of ads before the data are looked at, in natural units."""

from __future__ import annotations

from dataclasses import dataclass

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
    ``carryover`` in [0, 1), ``half_saturation`` as multiples of a busy week's spend (95 % quantile of the weeks with
    spend) and ``slope`` of the Hill curve: from the lowest to the highest that is possible at all.
    """

    ads_share: float = 0.2
    roi: float | None = None
    highest_roi: float = 10.0
    carryover: tuple[float, float] = (0.0, 0.92)
    half_saturation: tuple[float, float] = (0.1, 4.5)
    slope: tuple[float, float] = (0.6, 3.6)

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

    def shapes(self, place: Floats) -> Floats:
        """Carry-over, half saturation (multiple of a busy week), slope of places in the unit cube, float64 [N, 3].

        >>> Priors(half_saturation=(0.1, 10.0)).shapes(np.array([[0.0, 0.5, 1.0]])).round(3)
        array([[0. , 1. , 3.6]])
        """
        low, high = np.array([self.carryover, np.log(self.half_saturation), np.log(self.slope)]).T
        edge = low + place * (high - low)
        return np.concatenate([edge[:, :1], np.exp(edge[:, 1:])], axis=1)

    def log_density(self, place: Floats) -> Floats:
        """Log prior of places in the unit cube, up to a constant, float64 [N].

        Short memory, half saturation near a busy week, slope near 1.3.
        """
        return np.asarray(sum(self.log_densities(place)))

    def log_densities(self, place: Floats) -> tuple[Floats, Floats, Floats]:
        """The prior's three factors: carry-over, half saturation and slope are independent."""
        carryover, half, slope = self.shapes(place).T
        memory = 0.5 * np.log1p(carryover) + 2.0 * np.log1p(-carryover)
        return memory, -0.5 * np.log(half / 0.8) ** 2, -0.5 * (np.log(slope / 1.3) / 0.5) ** 2


def log_width_belief() -> Floats:
    """Log prior of :data:`ROI_WIDTHS`: around 1, a factor of 2.5 either way."""
    return np.asarray(-0.5 * (np.log(ROI_WIDTHS) / np.log(2.5)) ** 2)


def prior_roi_draws(expected: float, draws: int, seed: int) -> Floats:
    """ROI as believed without data, float64 [draws]."""
    rng = np.random.default_rng(seed)
    weight = np.exp(log_width_belief())
    width = rng.choice(ROI_WIDTHS, size=draws, p=weight / weight.sum())
    return np.asarray(np.abs(rng.standard_normal(draws)) * width * expected)
