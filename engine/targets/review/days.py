"""Sales by channel and day beside what an everyday would have sold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.targets.review.calendar import DIP, LEAD, ODD, QUIET, Calendar, event_calendar
from engine.targets.review.settings import ReviewSettings
from engine.targets.review.sums import Sales
from engine.targets.review.year import DAY
from models.everyday import Everyday, everyday_sales

ALMOST_ALL, STEADY = 0.9, 0.5
"""A channel steadier than this that loses almost all of a day is odd, however its noise."""
RUN_UP = 60
"""Days before the year before and, of a year of the past, after it, so that its first and last days have neighbours."""


@dataclass(frozen=True)
class Days:
    """``sold`` float64 [channels, days], fen. ``everyday``: of each channel, None where it has too few quiet days."""

    calendar: Calendar
    sold: NDArray[np.float64]
    everyday: tuple[Everyday | None, ...]

    def gap(self, channel: int) -> NDArray[np.float64]:
        """Fen above an everyday, by day."""
        usual = self.everyday[channel]
        return self.sold[channel] - usual.level if usual is not None else np.zeros(self.sold.shape[1])

    def odds(self, channel: int, settings: ReviewSettings) -> NDArray[np.float64]:
        """The gap in units of what makes an anomaly; 0 where everyday sales are 0 or not known."""
        usual = self.everyday[channel]
        if usual is None:
            return np.zeros(self.sold.shape[1])
        above = max(settings.anomaly_sds * usual.noise, settings.anomaly_share)
        below = min(above, ALMOST_ALL) if usual.noise < STEADY else above
        gap = self.gap(channel)
        width = np.where(gap < 0, below, above) * usual.level
        return np.divide(gap, width, out=np.zeros_like(width), where=width > 0)


def sales_by_day(dataset: Dataset, sales: Sales, settings: ReviewSettings) -> Days:
    """Both years by day, with the days around them."""
    year = sales.year
    first = max(year.first_sale, year.before_start - RUN_UP * DAY)
    days = pd.date_range(first, min(year.end + RUN_UP * DAY, year.last))
    table = sales.by_day()
    table = table[table["date"].between(first, days[-1])]
    channels = tuple(sorted(table["channel"].astype(str).unique()))
    wide = table.pivot_table(index="channel", columns="date", values="net_fen", aggfunc="sum", observed=True)
    wide.index = wide.index.astype(str)
    sold = wide.reindex(index=list(channels), columns=days).fillna(0.0).to_numpy(dtype=np.float64)
    calendar = event_calendar(dataset, days, channels, settings)
    weekday = np.asarray(days.weekday, dtype=np.int64)
    everyday = tuple(
        everyday_sales(line, _lives(line) & (calendar.part[place] == QUIET), weekday) for place, line in enumerate(sold)
    )
    found = Days(calendar, sold, everyday)
    _release(found, settings)
    return found


def _release(days: Days, settings: ReviewSettings) -> None:
    """Anomalies before and after events do not count for them."""
    part = days.calendar.part
    for place in range(len(part)):
        around = np.isin(part[place], (LEAD, DIP)) & (np.abs(days.odds(place, settings)) > 1.0)
        part[place, around], days.calendar.owner[place, around] = ODD, -1


def _lives(line: NDArray[np.float64]) -> NDArray[np.bool_]:
    """From the first to the last day with a sale."""
    days = np.flatnonzero(line != 0)
    alive = np.zeros(len(line), dtype=bool)
    if len(days):
        alive[days[0] : days[-1] + 1] = True
    return alive
