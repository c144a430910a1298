"""Working days in China: public holidays with their make-up working days, and shutdowns around Lunar New Year.

The State Council publishes the days off of a year in the autumn before; the package ``holidays`` holds them. Years that
are not published follow the statutory days alone: no weekend is moved, and it is said so.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays
import numpy as np
from numpy.typing import NDArray

DECREE = "国务院办公厅关于部分节假日安排的通知"


@dataclass(frozen=True)
class DaysOff:
    """A year's ``off`` days beside ordinary weekends and ``made_up`` weekend days that are worked instead.

    ``published``: as decreed; else by rule.
    """

    off: frozenset[date]
    made_up: frozenset[date]
    published: bool


@cache
def days_off(year: int) -> DaysOff:
    """Public holidays of a year; the statutory days, with nothing made up, where they are not published.

    >>> date(2026, 2, 14) in days_off(2026).made_up, days_off(2028).published
    (True, False)
    """
    listed = holidays.country_holidays("CN", years=year)
    made_up = frozenset(day for day in listed.weekend_workdays if day.year == year)
    if not made_up:  # a decree always moves some weekend: without one the package only applies its rules
        listed = holidays.country_holidays("CN", years=year, observed=False)
    return DaysOff(frozenset(day for day in listed if day.year == year), made_up, bool(made_up))


def is_working_day(day: date) -> bool:
    """Whether offices work on that day: weekdays that are not off, and weekend days that are made up.

    >>> is_working_day(date(2026, 10, 10)), is_working_day(date(2026, 10, 5))
    (True, False)
    """
    year = days_off(day.year)
    return day in year.made_up or (day.weekday() < 5 and day not in year.off)


def working_days(first: date, last: date) -> NDArray[np.bool_]:
    """Whether each day of a span (both ends included) is worked, bool [days].

    Warns with the years whose holidays are not published: there make-up days are missing and bridge days are worked.
    """
    unknown = [str(year) for year in range(first.year, last.year + 1) if not days_off(year).published]
    if unknown:
        warnings.warn(f"public holidays of {', '.join(unknown)} are not published: by rule", stacklevel=2)
    count = (last - first).days + 1
    return np.array([is_working_day(first + timedelta(days=place)) for place in range(count)], dtype=bool)


def add_working_days(start: date, days: int) -> date:
    """The day on which so many working days after ``start`` have passed; ``start`` itself does not count.

    >>> add_working_days(date(2026, 9, 30), 2)
    datetime.date(2026, 10, 9)
    """
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day
