"""What the response model is learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.response.period import WEEK, in_weeks, periods

Floats = NDArray[np.float64]
MOST_GAPS = 0.2  # of all periods; who sells more rarely sells nothing in such periods
GAP_DAYS = 3  # from which a run of days without any sale is a hole; a small shop has single ones


@dataclass(frozen=True)
class LiftTest:
    """An experiment: ``spend`` in the periods ``first`` to ``last`` brought ``incremental`` yuan."""

    ad_channel: str
    first: int
    last: int
    spend: float
    incremental: float
    standard_error: float

    def within(self, count: int) -> bool:
        """Whether all of it lies in a history of so many periods."""
        return self.first >= 0 and self.last < count

    def touches(self, count: int) -> bool:
        """Whether any of it does."""
        return self.last >= 0 and self.first < count


@dataclass(frozen=True)
class ResponseData:
    """What the response is learned from, by week or day and without gaps.

    ``spend`` float64 [ad_channels, periods] yuan; ``revenue`` float64 [channels, periods] yuan; ``controls`` float64
    [channels, periods, K] other known causes; ``split`` float64 [ad_channels, channels]: how the lift of an ad channel
    is spread over sales channels (rows add up to 1). Season, weekdays and trend are added by the fit. ``gap``: periods
    whose revenue is not known (see :func:`bridged`). ``claims`` [ad_channels, periods]: yuan that platforms claim for
    their ads; NaN where they tell nothing, or claim organic sales too. ``days`` of a period: 7 or 1; days make whole
    weeks.
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
    days: int = WEEK

    def __post_init__(self) -> None:
        if self.days not in (1, WEEK) or self.periods % periods(1, self.days):
            raise ValueError(f"a history is by week or by whole weeks of days, not {self.periods} x {self.days} days")

    @property
    def periods(self) -> int:
        """Weeks or days of history."""
        return int(self.spend.shape[1])

    @property
    def weeks(self) -> int:
        """Weeks of history."""
        return self.periods // periods(1, self.days)

    @property
    def sold(self) -> Floats:
        """Revenue of the sales channels that each ad channel lifts, yuan, float64 [ad_channels]."""
        return np.asarray((self.split > 0) @ self.revenue.sum(axis=1))

    def until(self, period: int) -> ResponseData:
        """The same history as it stood before ``period``."""
        tests = tuple(test for test in self.tests if test.last < period)
        spend, revenue, controls = self.spend[:, :period], self.revenue[:, :period], self.controls[:, :period]
        gap = tuple(entry for entry in self.gap if entry < period)
        claims = None if self.claims is None else self.claims[:, :period]
        return replace(self, spend=spend, revenue=revenue, controls=controls, tests=tests, gap=gap, claims=claims)

    def since(self, period: int) -> ResponseData:
        """The same history as if it had begun with ``period``; tests that began before are not in it."""
        tests = [replace(one, first=one.first - period, last=one.last - period) for one in self.tests]
        spend, revenue, controls = self.spend[:, period:], self.revenue[:, period:], self.controls[:, period:]
        gap = tuple(entry - period for entry in self.gap if entry >= period)
        claims = None if self.claims is None else self.claims[:, period:]
        cut = replace(self, spend=spend, revenue=revenue, controls=controls)
        return replace(cut, tests=tuple(test for test in tests if test.first >= 0), gap=gap, claims=claims)

    def by_week(self) -> ResponseData:
        """The same history by week: money adds up, controls are averaged, a week with a gap in it is one."""
        if self.days == WEEK:
            return self
        one = periods(1, self.days)
        tests = tuple(replace(test, first=test.first // one, last=test.last // one) for test in self.tests)
        controls = in_weeks(self.controls.transpose(0, 2, 1), self.days).mean(axis=3).transpose(0, 2, 1)
        return replace(
            self,
            spend=in_weeks(self.spend, self.days).sum(axis=2),
            revenue=in_weeks(self.revenue, self.days).sum(axis=2),
            controls=controls,
            tests=tests,
            gap=tuple(sorted({entry // one for entry in self.gap})),
            claims=None if self.claims is None else in_weeks(self.claims, self.days).sum(axis=2),
            days=WEEK,
        )


def bridged(data: ResponseData) -> ResponseData:
    """Periods without any sale between others with sales, where they are few: holes in the records, not demand of zero.

    Each lies on the line between its neighbours and gets a control of its own, so that it says nothing of the ads.
    """
    total = data.revenue.sum(axis=0)
    sold = np.flatnonzero(total != 0)
    gap = [hole for hole in _runs(np.flatnonzero(total == 0)) if len(hole) * data.days >= GAP_DAYS]
    gap = [hole for hole in gap if len(sold) and sold[0] < hole[0] < sold[-1]]
    if not gap or sum(map(len, gap)) > MOST_GAPS * data.periods:
        return data
    holes = np.concatenate(gap)
    known = np.setdiff1d(np.arange(data.periods), holes)
    revenue = np.stack([np.interp(np.arange(data.periods), known, row[known]) for row in data.revenue])
    own = np.repeat(np.eye(data.periods)[None][:, :, holes], len(revenue), axis=0)
    controls = np.concatenate([data.controls, own], axis=2)
    return replace(data, revenue=revenue, controls=controls, gap=tuple(int(hole) for hole in holes))


def _runs(places: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Places in a row, each run on its own."""
    return np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)


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
