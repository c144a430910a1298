"""What is believed of ads before the data are looked at, in natural units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.response.forms import CARRIES, PLAIN, Carry, Form
from models.response.period import WEEK
from models.response.roi_prior import RoiPrior
from models.response.shape_prior import Coordinate, CurvePrior, MixedPrior, ShapePrior, lognormal, normal, uniform

Floats = NDArray[np.float64]
Range = tuple[float, float]

HALF_OF_90 = 1.6448536269514722
"""Standard deviations from the middle of a normal to either end of its central 90 %."""

REACH = 3.0
"""Standard deviations of a belief that are tried at least, where they lie outside of what is usual."""

MOST_CARRYOVER = 0.99
"""More cannot be believed: the stock would never be over."""

CHANCES = (0.5, 0.25, 0.25)
"""Of geometric, delayed and Weibull carry-over, where the data are to choose."""


@dataclass(frozen=True)
class Belief:
    """What somebody believes of one ad channel, ranges with 90 %; None: the usual.

    ``roi``: revenue a yuan over the history, instead of ``Priors.expected_roi``. ``half_week``: spend a week, yuan,
    that brings half of the most. ``carryover``: share of the stock that a week leaves to the next, where geometric.
    """

    roi: Range | None = None
    half_week: Range | None = None
    carryover: Range | None = None


NOTHING = Belief()


@dataclass(frozen=True)
class Priors:
    """Beliefs that hold where the data say nothing.

    ``ads_share``: share of revenue that all ads together are expected to bring. ``roi``: revenue a yuan of spend
    expected of any ad channel; None: ``ads_share`` of revenue / spend, at most ``highest_roi``. The ROI is half-normal
    around zero with an unknown width around the expectation, so a strong channel is not held down.
    ``claims``: power of a platform's claim, relative to the mean of all claims, by which the expectation of an ad
    channel is tilted (ADR 35, ``claim_tilts``); 0: claims say nothing. ``spills``: chance that an ad channel lifts a
    sales channel that is not named for it (ADR 40, ``learned_reach``); 0: never.
    ``carryover`` in [0, 1), ``half_saturation`` as multiples of a busy week's spend (95 % quantile of the weeks with
    spend) and ``slope`` of the Hill curve: from the lowest to the highest that is possible at all. ``retention`` and
    ``delay_weeks`` of delayed adstock, ``weibull_shape`` and ``weibull_weeks`` (its scale) likewise. ``forms``: of ad
    channels whose carry-over is not geometric or whose curve is not Hill's; ``beliefs``: of ad channels of which more
    is believed.
    """

    ads_share: float = 0.2
    roi: float | None = None
    highest_roi: float = 10.0
    claims: float = 0.0
    spills: float = 0.1
    carryover: tuple[float, float] = (0.0, 0.92)
    half_saturation: tuple[float, float] = (0.1, 4.5)
    slope: tuple[float, float] = (0.6, 3.6)
    retention: tuple[float, float] = (0.05, 0.95)
    delay_weeks: tuple[float, float] = (0.0, 6.0)
    weibull_shape: tuple[float, float] = (0.5, 5.0)
    weibull_weeks: tuple[float, float] = (0.3, 9.0)
    forms: Mapping[str, Form] = field(default_factory=dict)
    beliefs: Mapping[str, Belief] = field(default_factory=dict)

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

    def roi_of(self, ad_channel: str, expected: float) -> RoiPrior:
        """What is believed of an ad channel's ROI, where ``expected`` (above 0) is what is expected of any."""
        believed = self.beliefs.get(ad_channel, NOTHING).roi
        return RoiPrior(0.0, expected) if believed is None else RoiPrior.of_range(*believed)

    def shape_of(self, ad_channel: str, busy: float = 1.0, days: int = WEEK) -> CurvePrior:
        """What is believed of an ad channel's curve, ``busy`` its busy week's spend, yuan: short memory, half
        saturation near a busy week, slope near 1.3; every delay alike, a Weibull's scale near two weeks; or its own.
        ``days`` of the periods of its shapes.

        >>> Priors(half_saturation=(0.1, 10.0)).shape_of("tv").shapes(np.array([[0.0, 0.5, 1.0]]))[:, :3].round(3)
        array([[0. , 1. , 3.6]])
        """
        form = self.forms.get(ad_channel, PLAIN)
        curve = (self.half_of(ad_channel, busy), Coordinate(*self.slope, True, lognormal(1.3, 0.5)))
        bend = curve if form.saturation == "hill" else curve[:1]

        def part(carry: Carry, weeks: Range | None) -> ShapePrior:
            lags = (self.carryover_of(ad_channel),) if carry == "geometric" else self._lags(carry, weeks)
            return ShapePrior(carry, form.saturation, (*lags, *bend), days)

        if form.carry != "auto":
            return part(form.carry, form.weeks)
        return MixedPrior(tuple(part(carry, None) for carry in CARRIES), CHANCES)

    def half_of(self, ad_channel: str, busy: float) -> Coordinate:
        """What is believed of an ad channel's half saturation, as a multiple of its ``busy`` week's spend, yuan."""
        believed = self.beliefs.get(ad_channel, NOTHING).half_week
        if believed is None:
            return Coordinate(*self.half_saturation, True, lognormal(0.8, 1.0))
        low, high = (float(np.log(end / busy)) for end in believed)
        centre, width = 0.5 * (low + high), 0.5 * (high - low) / HALF_OF_90
        least, most = (float(np.exp(centre + side * REACH * width)) for side in (-1.0, 1.0))
        edges = min(self.half_saturation[0], least), max(self.half_saturation[1], most)
        return Coordinate(*edges, True, lognormal(float(np.exp(centre)), width))

    def carryover_of(self, ad_channel: str) -> Coordinate:
        """What is believed of an ad channel's carry-over, where it is geometric."""
        believed = self.beliefs.get(ad_channel, NOTHING).carryover
        if believed is None:
            return Coordinate(*self.carryover, False, _short_memory)
        centre, width = 0.5 * sum(believed), 0.5 * (believed[1] - believed[0]) / HALF_OF_90
        least, most = max(centre - REACH * width, 0.0), min(centre + REACH * width, MOST_CARRYOVER)
        edges = min(self.carryover[0], least), max(self.carryover[1], most)
        return Coordinate(*edges, False, normal(centre, width))

    def _lags(self, carry: Carry, weeks: Range | None) -> tuple[Coordinate, Coordinate]:
        if carry == "delayed":
            retention = Coordinate(*self.retention, False, lambda a: np.log(a) + np.log1p(-a))
            return retention, Coordinate(*(weeks or self.delay_weeks), False, uniform)
        shape = Coordinate(*self.weibull_shape, True, lognormal(1.5, 0.5))
        return shape, Coordinate(*(weeks or self.weibull_weeks), True, lognormal(2.0, 0.8))


def _short_memory(carryover: Floats) -> Floats:
    return np.asarray(0.5 * np.log1p(carryover) + 2.0 * np.log1p(-carryover))
