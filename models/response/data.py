"""What the response model is learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_GAPS = 0.2  # of all weeks; who sells more rarely sells nothing in such weeks


@dataclass(frozen=True)
class LiftTest:
    """An experiment: ``spend`` in the weeks ``first`` to ``last`` brought ``incremental`` yuan."""

    ad_channel: str
    first: int
    last: int
    spend: float
    incremental: float
    standard_error: float

    def within(self, weeks: int) -> bool:
        """Whether all of it lies in a history of so many weeks."""
        return self.first >= 0 and self.last < weeks

    def touches(self, weeks: int) -> bool:
        """Whether any of it does."""
        return self.last >= 0 and self.first < weeks


@dataclass(frozen=True)
class ResponseData:
    """What the response is learned from, by week and without gaps.

    ``spend`` float64 [ad_channels, weeks] yuan; ``revenue`` float64 [channels, weeks] yuan; ``controls`` float64
    [channels, weeks, K] other known causes; ``split`` float64 [ad_channels, channels]: how the lift of an ad channel
    is spread over sales channels (rows add up to 1). Season and trend are added by the fit. ``gap``: weeks whose
    revenue is not known (see :func:`bridged`). ``claims`` [ad_channels, weeks]: yuan that platforms claim for their
    ads; NaN where they tell nothing, or claim organic sales too.
    """

    ad_channels: tuple[str, ...]
    channels: tuple[str, ...]
    spend: Floats
    revenue: Floats
    controls: Floats
    split: Floats
    tests: tuple[LiftTest, ...] = ()
    gap: tuple[int, ...] = ()
    claims: Floats | None = None

    @property
    def weeks(self) -> int:
        """Weeks of history."""
        return int(self.spend.shape[1])

    def until(self, week: int) -> ResponseData:
        """The same history as it stood before ``week``."""
        tests = tuple(test for test in self.tests if test.last < week)
        spend, revenue, controls = self.spend[:, :week], self.revenue[:, :week], self.controls[:, :week]
        gap = tuple(entry for entry in self.gap if entry < week)
        claims = None if self.claims is None else self.claims[:, :week]
        return replace(self, spend=spend, revenue=revenue, controls=controls, tests=tests, gap=gap, claims=claims)


def bridged(data: ResponseData) -> ResponseData:
    """Weeks without any sale between weeks with sales, where they are few: holes in the records, not demand of zero.

    Each lies on the line between its neighbours and gets a control of its own, so that it says nothing of the ads.
    """
    total = data.revenue.sum(axis=0)
    sold = np.flatnonzero(total != 0)
    if not len(sold):
        return data
    gap = sold[0] + np.flatnonzero(total[sold[0] : sold[-1]] == 0)
    if not len(gap) or len(gap) > MOST_GAPS * data.weeks:
        return data
    known = np.setdiff1d(np.arange(data.weeks), gap)
    revenue = np.stack([np.interp(np.arange(data.weeks), known, row[known]) for row in data.revenue])
    own = np.repeat(np.eye(data.weeks)[None][:, :, gap], len(revenue), axis=0)
    controls = np.concatenate([data.controls, own], axis=2)
    return replace(data, revenue=revenue, controls=controls, gap=tuple(int(week) for week in gap))


def whole(regions: Sequence[ResponseData]) -> ResponseData:
    """All regions as one: spend and revenue add up, controls are averaged, a test counts by its part of all spend;
    claims count where all regions have them."""
    if len(regions) == 1:
        return regions[0]
    claims = [region.claims for region in regions if region.claims is not None]
    return replace(
        regions[0],
        claims=np.sum(claims, axis=0) if len(claims) == len(regions) else None,
        spend=np.sum([region.spend for region in regions], axis=0),
        revenue=np.sum([region.revenue for region in regions], axis=0),
        controls=np.mean([region.controls for region in regions], axis=0),
        tests=tuple(test for region in regions for test in region.tests),
    )
