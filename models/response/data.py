"""What the response model is learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LiftTest:
    """An experiment: ``spend`` in the weeks ``first`` to ``last`` brought ``incremental`` yuan."""

    ad_channel: str
    first: int
    last: int
    spend: float
    incremental: float
    standard_error: float


@dataclass(frozen=True)
class ResponseData:
    """What the response is learned from, by week and without gaps.

    ``spend`` float64 [ad_channels, weeks] yuan; ``revenue`` float64 [channels, weeks] yuan; ``controls`` float64
    [channels, weeks, K] other known causes; ``split`` float64 [ad_channels, channels]: how the lift of an ad channel
    is spread over sales channels (rows add up to 1). Season and trend are added by the fit.
    """

    ad_channels: tuple[str, ...]
    channels: tuple[str, ...]
    spend: Floats
    revenue: Floats
    controls: Floats
    split: Floats
    tests: tuple[LiftTest, ...] = ()

    @property
    def weeks(self) -> int:
        """Weeks of history."""
        return int(self.spend.shape[1])

    def until(self, week: int) -> ResponseData:
        """The same history as it stood before ``week``."""
        tests = tuple(test for test in self.tests if test.last < week)
        spend, revenue, controls = self.spend[:, :week], self.revenue[:, :week], self.controls[:, :week]
        return replace(self, spend=spend, revenue=revenue, controls=controls, tests=tests)


def whole(regions: Sequence[ResponseData]) -> ResponseData:
    """All regions as one: spend and revenue add up, controls are averaged, a test counts by its part of all spend."""
    if len(regions) == 1:
        return regions[0]
    return replace(
        regions[0],
        spend=np.sum([region.spend for region in regions], axis=0),
        revenue=np.sum([region.revenue for region in regions], axis=0),
        controls=np.mean([region.controls for region in regions], axis=0),
        tests=tuple(test for region in regions for test in region.tests),
    )
