"""Dates as exports write them: one day, a month, a range."""

from __future__ import annotations

import re
from datetime import date, timedelta
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.object_]
HALF = r"(?:上午|下午|[AP]M)?"
TIME = rf"(?:[T\s]*{HALF}\s*\d{{1,2}}[:时点]\d{{1,2}}(?:[:分]\d{{1,2}}(?:[.,]\d+)?秒?)?\s*分?\s*{HALF}(?:\+08:?00)?)?"
WEEKDAY = r"(?:[\s(]*(?:星期|周|礼拜)[一二三四五六日天][\s)]*)?"
SPLIT = re.compile(rf"^(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){WEEKDAY}{TIME}{WEEKDAY}$", re.IGNORECASE)
CHINESE = re.compile(rf"^(\d{{4}})\s*年\s*(\d{{1,2}})\s*月\s*(\d{{1,2}})\s*[日号]?{WEEKDAY}{TIME}$", re.IGNORECASE)
SOLID = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:\s*\d{2}:?\d{2}(?::?\d{2})?)?$")
MONTH = re.compile(r"^(\d{4})(?:[-/.]|\s*年\s*)(\d{1,2})\s*月?份?$")
SOLID_MONTH = re.compile(r"^(20\d{2})(0[1-9]|1[0-2])$")
SERIAL = re.compile(r"^(\d{5})(\.\d+)?$")
SERIAL_START = date(1899, 12, 30)
"""Day 0 of spreadsheets (they take 1900 for a leap year)."""
SERIALS = range(36_526, 62_092)
"""Serial numbers of 2000 to 2069."""
BETWEEN = re.compile(r"\s*(?:~|至|到|—+|–|\bto\b|(?<=\s)-+(?=\s))\s*|(?<=\d{4}-\d{2}-\d{2})-(?=\d{4})")
SHORT_RANGE = re.compile(r"^(\d{4}[./]\d{1,2}[./]\d{1,2}|\d{8})\s*-\s*(\d{4}[./]\d{1,2}[./]\d{1,2}|\d{8})$")


def day_text(label: str) -> str | None:
    """The day of a date or time in ISO form, the first of a month; None where it is none, or day and month may be
    swapped.

    >>> [day_text(text) for text in ("2023/6/1 12:30", "2023年6月", "45078", "20230601", "06/01/2023", "2023-02-30")]
    ['2023-06-01', '2023-06-01', '2023-06-01', '2023-06-01', None, None]
    """
    span = _span(normalize("NFKC", label).strip())
    return span[0].isoformat() if span else None


def ranges(labels: Labels) -> tuple[Labels, NDArray[np.int64]]:
    """First days and lengths in days of periods such as ``2026-11-01~2026-11-07``, a month or a single day.

    What cannot be read stays as it is, with 0 days; so do blanks.

    >>> ranges(np.array(["2026-11-01~2026-11-07", "2026-02", "x"], dtype=object))[1].tolist()
    [7, 28, 0]
    """
    starts = np.array([str(label).strip() for label in labels], dtype=object)
    days = np.zeros(len(labels), dtype=np.int64)
    for position, label in enumerate(starts):
        period = _period(normalize("NFKC", label))
        if period is not None:
            starts[position] = period[0].isoformat()
            days[position] = (period[1] - period[0]).days + 1
    return starts, days


def _period(text: str) -> tuple[date, date] | None:
    """First and last day."""
    whole = _span(text)
    if whole is not None:
        return whole
    short = SHORT_RANGE.match(text)
    ends = short.groups() if short else tuple(BETWEEN.split(text))
    if len(ends) != 2:
        return None
    first, last = _span(ends[0].strip()), _span(_with_year(ends[1].strip(), ends[0].strip()))
    return (first[0], last[1]) if first and last and first[0] <= last[1] else None


def _with_year(end: str, start: str) -> str:
    """``11-07`` after ``2026-11-01`` is of the same year."""
    return start[:5] + end if re.match(r"^\d{1,2}([-/.]\d{1,2}|月\d{1,2}日?)$", end) and start[:4].isdecimal() else end


def _span(text: str) -> tuple[date, date] | None:
    """First and last day of a day or month."""
    for pattern, groups in ((SPLIT, (1, 3, 4)), (CHINESE, (1, 2, 3)), (SOLID, (1, 2, 3))):
        found = pattern.match(text)
        if found:
            day = _day(*(int(found[group]) for group in groups))
            return (day, day) if day else None
    month = MONTH.match(text) or SOLID_MONTH.match(text)
    if month:
        first = _day(int(month[1]), int(month[2]), 1)
        return (first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)) if first else None
    serial = SERIAL.match(text)
    if serial and int(serial[1]) in SERIALS:
        day = SERIAL_START + timedelta(days=int(serial[1]))
        return day, day
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1900 <= year < 2200 else None
    except ValueError:
        return None
