"""What is believed of ads before the data are looked at, in natural units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.response.forms import CARRIES, PLAIN, Carry, Form, Saturation
from models.response.shape_prior import Coordinate, CurvePrior, MixedPrior, ShapePrior, lognormal, uniform

Floats = NDArray[np.float64]

ROI_WIDTHS = np.array([0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0])
"""Width of the ROI prior in units of the expected ROI; mixing over them gives heavy tails."""

CHANCES = (0.5, 0.25, 0.25)
"""Of geometric, delayed and Weibull carry-over, where the data are to choose."""


@dataclass(frozen=True)
class Priors:
    """Beliefs that hold where the data say nothing.

    ``ads_share``: share of revenue that all ads together are expected to bring. ``roi``: revenue a yuan of spend
    expected of any ad channel; None: ``ads_share`` of revenue / spend, at most ``highest_roi``. The ROI is half-normal
    around zero with an unknown width around the expectation, so a strong channel is not held down.
    ``carryover`` in [0, 1), ``half_saturation`` as multiples of a busy week's spend (95 % quantile of the weeks with
    spend) and ``slope`` of the Hill curve: from the lowest to the highest that is possible at all. ``retention`` and
    ``delay_weeks`` of delayed adstock, ``weibull_shape`` and ``weibull_weeks`` (its scale) likewise. ``forms``: of ad
    channels whose carry-over is not geometric or whose curve is not Hill's.
    """

    ads_share: float = 0.2
    roi: float | None = None
    highest_roi: float = 10.0
    carryover: tuple[float, float] = (0.0, 0.92)
    half_saturation: tuple[float, float] = (0.1, 4.5)
    slope: tuple[float, float] = (0.6, 3.6)
    retention: tuple[float, float] = (0.05, 0.95)
    delay_weeks: tuple[float, float] = (0.0, 6.0)
    weibull_shape: tuple[float, float] = (0.5, 5.0)
    weibull_weeks: tuple[float, float] = (0.3, 9.0)
    forms: Mapping[str, Form] = field(default_factory=dict)

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

    def shape_of(self, ad_channel: str) -> CurvePrior:
        """What is believed of an ad channel's curve: short memory, half saturation near a busy week, slope near 1.3;
        every delay alike, a Weibull's scale near two weeks.

        >>> Priors(half_saturation=(0.1, 10.0)).shape_of("tv").shapes(np.array([[0.0, 0.5, 1.0]]))[:, :3].round(3)
        array([[0. , 1. , 3.6]])
        """
        form = self.forms.get(ad_channel, PLAIN)
        if form.carry != "auto":
            return self._shape(form.carry, form.saturation, form.weeks)
        return MixedPrior(tuple(self._shape(carry, form.saturation, None) for carry in CARRIES), CHANCES)

    def _shape(self, carry: Carry, saturation: Saturation, weeks: tuple[float, float] | None) -> ShapePrior:
        carries = {
            "geometric": (Coordinate(*self.carryover, False, _short_memory),),
            "delayed": (
                Coordinate(*self.retention, False, lambda a: np.log(a) + np.log1p(-a)),
                Coordinate(*(weeks or self.delay_weeks), False, uniform),
            ),
            "weibull": (
                Coordinate(*self.weibull_shape, True, lognormal(1.5, 0.5)),
                Coordinate(*(weeks or self.weibull_weeks), True, lognormal(2.0, 0.8)),
            ),
        }
        half = Coordinate(*self.half_saturation, True, lognormal(0.8, 1.0))
        slope = Coordinate(*self.slope, True, lognormal(1.3, 0.5))
        curve = (half, slope) if saturation == "hill" else (half,)
        return ShapePrior(carry, saturation, (*carries[carry], *curve))


def _short_memory(carryover: Floats) -> Floats:
    return np.asarray(0.5 * np.log1p(carryover) + 2.0 * np.log1p(-carryover))


def log_width_belief() -> Floats:
    """Log prior of :data:`ROI_WIDTHS`: around 1, a factor of 2.5 either way."""
    return np.asarray(-0.5 * (np.log(ROI_WIDTHS) / np.log(2.5)) ** 2)


def prior_roi_draws(expected: float, draws: int, seed: int) -> Floats:
    """ROI as believed without data, float64 [draws]."""
    rng = np.random.default_rng(seed)
    weight = np.exp(log_width_belief())
    width = rng.choice(ROI_WIDTHS, size=draws, p=weight / weight.sum())
    return np.asarray(np.abs(rng.standard_normal(draws)) * width * expected)
