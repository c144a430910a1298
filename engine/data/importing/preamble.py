"""What stands around a table: the shop, the period and the day of the download, said above the header or in names."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from engine.data.importing.model import Sheet
from engine.data.importing.names import fold
from engine.data.importing.platforms import load_vocabulary

_DAY = r"(20\d{2}|19\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?"
_SOLID = r"(?<!\d)(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)"
_MONTH = r"(?<!\d)(20\d{2})\s*[-/.年]\s*(0?[1-9]|1[0-2])(?!\d)月?"
_DAYS = re.compile(f"{_DAY}|{_SOLID}")
_MONTHS = re.compile(_MONTH)


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Number of days, at least 1."""
        return (self.end - self.start).days + 1


def find_period(text: str) -> Period | None:
    """The days that a text names: two of them, one, or a month.

    >>> find_period("2026-11-01 ~ 2026/11/07").days, find_period("2026年2月").days, find_period("日")
    (7, 28, None)
    """
    days = [day for day in map(_day, _DAYS.finditer(text)) if day]
    if days:
        return Period(min(days), max(days))
    months = [(int(year), int(month)) for year, month in _MONTHS.findall(text)]
    if not months:
        return None
    first, last = min(months), max(months)
    return Period(date(*first, 1), date(*last, calendar.monthrange(*last)[1]))


def shop_of(sheet: Sheet) -> str:
    """The shop named above the header, such as 店铺名称：云舟旗舰店; empty where there is none."""
    return next((value for value in _said(sheet, "shop")), "")


def period_of(sheet: Sheet) -> Period | None:
    """The period named above the header."""
    return next(filter(None, map(find_period, _said(sheet, "period"))), None)


def day_of(sheet: Sheet) -> date | None:
    """The one day that a snapshot is of: the day of the download above the header, or a day in the file's name."""
    made = next(filter(None, map(find_period, _said(sheet, "made"))), None)
    if made:
        return made.end
    for name in (sheet.sheet, PurePath(sheet.file).stem):
        named = find_period(name)
        if named and named.days == 1:
            return named.end
    return None


def surroundings(sheet: Sheet) -> str:
    """Everything that is said above the header and in the names of file and sheet, folded."""
    lines = (cell for row in sheet.preamble for cell in row)
    return fold(" ".join([sheet.file, sheet.sheet, *lines]))


def _said(sheet: Sheet, topic: str) -> Iterator[str]:
    """What stands after ``word：`` in a cell above the header, or in the cell to the right of the word."""
    words = load_vocabulary().preamble.get(topic, ())
    folded = {fold(word) for word in words}
    longest_first = sorted(words, key=len, reverse=True)
    after = re.compile(rf"(?:{'|'.join(map(re.escape, longest_first))})\s*[:：]\s*(.+)", re.IGNORECASE)
    for row in sheet.preamble:
        cells = [cell.strip() for cell in row if cell.strip()]
        for place, cell in enumerate(cells):
            match = after.search(cell)
            if match:
                yield match[1].strip() if topic != "shop" else re.split(r"[\s,，;；]", match[1].strip())[0]
            elif fold(cell) in folded and place + 1 < len(cells):
                yield cells[place + 1]


def _day(match: re.Match[str]) -> date | None:
    parts = [int(part) for part in match.groups() if part]
    try:
        return date(parts[0], parts[1], parts[2])
    except ValueError:
        return None
