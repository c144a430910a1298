"""Which days are the year under review, and which the year before."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from engine.data.dataset import Dataset
from engine.plans.errors import BadInput, MissingInput, Problem

ONE_YEAR = pd.DateOffset(years=1)
DAY = pd.Timedelta(days=1)
QUIET_START = 14
"""So many days without a sale at the beginning of the year before are let through."""


@dataclass(frozen=True)
class Year:
    """First and last day of the year under review and of the year before. ``first_sale``: from where on anything is
    known; ``last``: date of the last sales, which may lie behind a year of the past; ``weekly``: sales come by the
    week, and ``end`` is the last day of one; ``compares``: the year before is known as a whole."""

    start: pd.Timestamp
    end: pd.Timestamp
    before_start: pd.Timestamp
    before_end: pd.Timestamp
    first_sale: pd.Timestamp
    last: pd.Timestamp
    weekly: bool

    @property
    def days(self) -> int:
        """Days under review."""
        return int((self.end - self.start).days) + 1

    @property
    def before_days(self) -> int:
        """Days of the year before."""
        return int((self.before_end - self.before_start).days) + 1

    @property
    def compares(self) -> bool:
        """Both years are there to be compared."""
        return bool(self.first_sale <= self.before_start + QUIET_START * DAY)

    @property
    def whole(self) -> bool:
        """The days under review make a whole year."""
        return self.days >= 364

    def span(self, before: bool = False) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last day of the year, or of the one before."""
        return (self.before_start, self.before_end) if before else (self.start, self.end)


def year_of(dataset: Dataset, year: int | None) -> Year:
    """The year under review: a calendar year, or the twelve months (of weekly sales 52 weeks) up to the last day.

    Raises :class:`MissingInput` without a sale, :class:`BadInput` for a year without one.
    """
    dates = dataset["sales"]["date"]
    if not len(dates):
        raise MissingInput("sales", "add sales: there is no year to review")
    first, last = (pd.Timestamp(day).as_unit("s") for day in (dates.min(), dates.max()))
    weekly = dates.dt.weekday.nunique() == 1 and last > first
    if year is None:
        end = last + 6 * DAY if weekly else last
        start = end - 52 * 7 * DAY + DAY if weekly else end - ONE_YEAR + DAY
    else:
        start, end = pd.Timestamp(year, 1, 1), min(pd.Timestamp(year, 12, 31), last + 6 * DAY if weekly else last)
    if end < first or start > last:
        raise BadInput([_no_sales(year, first, last)])
    back = pd.DateOffset(weeks=52) if weekly else ONE_YEAR
    before_end = start - DAY if year is None and not weekly else end - back
    before = (start - back, before_end)
    return Year(max(start, first), end, *before, first, last, weekly)


def _no_sales(year: int | None, first: pd.Timestamp, last: pd.Timestamp) -> Problem:
    known = f"{first:%Y} to {last:%Y}"
    return Problem(
        "plan.yaml", "there are no sales in that year", column="review.year", value=str(year), expected=known
    )
