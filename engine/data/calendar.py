"""The festival calendar: shopping festivals per platform and Lunar New Year as rows of the ``events`` table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import pandas as pd

from engine.data.configs import read_config

_COLUMNS = ["event", "kind", "channel", "phase", "start", "end", "mechanism", "merchant_share", "source"]
_TEXTS = ("event", "kind", "channel", "phase", "mechanism", "source")
_OTHER = "其他"


@dataclass(frozen=True, slots=True)
class _Window:
    event: str
    kind: str
    channel: str | None
    phase: str
    start: date
    end: date
    mechanism: str | None = None
    merchant_share: float = 1.0
    source: str | None = None


def lunar_new_year(year: int) -> date:
    """First day of the Lunar year that begins in ``year``; ``ValueError`` outside of the shipped years.

    >>> lunar_new_year(2026)
    datetime.date(2026, 2, 17)
    """
    dates = _lunar()["dates"]
    if year not in dates:
        raise ValueError(f"Lunar New Year is known for {min(dates)} to {max(dates)}, not for {year}")
    found: date = dates[year]
    return found


def festival_events(first: date, last: date, channels: Mapping[str, str]) -> pd.DataFrame:
    """Rows of the ``events`` table that touch the span ``first`` to ``last`` (both included).

    ``channels`` maps each sales channel to its platform, whose windows it takes. Windows of festivals are given for
    each channel; holidays have a blank channel. Sorted by start, event and channel. Years that are not shipped
    have no rows. A window without a source is assumed: see ``configs/festivals/``.

    >>> events = festival_events(date(2026, 11, 1), date(2026, 11, 14), {"旗舰店": "天猫"})
    >>> events[["event", "channel", "phase"]].values.tolist()
    [['双11-2026', '旗舰店', 'main']]
    """
    windows = [
        window
        for year in range(first.year - 1, last.year + 2)
        for window in _windows(year, channels)
        if window.start <= last and window.end >= first
    ]
    windows.sort(key=lambda entry: (entry.start, entry.event, entry.channel or "", entry.phase))
    frame = pd.DataFrame([[getattr(entry, name) for name in _COLUMNS] for entry in windows], columns=_COLUMNS)
    for name in ("start", "end"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    frame["merchant_share"] = frame["merchant_share"].astype(float)
    return frame.astype(dict.fromkeys(_TEXTS, "category"))


def usual_window(kind: str, day: date) -> tuple[date, date] | None:
    """First and last day of that kind of festival, over all platforms, nearest to a day; None where it is not shipped.

    >>> usual_window("双12", date(2026, 3, 1))
    (datetime.date(2025, 12, 9), datetime.date(2025, 12, 12))
    """
    years = [year for year in (day.year - 1, day.year, day.year + 1)]
    found = [
        [window for window in _windows(year, {name: name for name in _platforms()}) if window.kind == kind]
        for year in years
    ]
    spans = [(min(w.start for w in windows), max(w.end for w in windows)) for windows in found if windows]
    return min(spans, key=lambda span: max((span[0] - day).days, (day - span[1]).days), default=None)


def _platforms() -> tuple[str, ...]:
    rules = [festival["rule"] for festival in _shopping()["festivals"].values()]
    return tuple(dict.fromkeys(name for rule in rules for name in rule))


def _windows(year: int, channels: Mapping[str, str]) -> Iterator[_Window]:
    book = _shopping()
    if not book["first_year"] <= year <= book["last_year"]:
        return
    for kind, festival in book["festivals"].items():
        rules = _rules(festival, year)
        for channel, platform in channels.items():
            for phase, (start, end) in rules.get(platform, rules.get(_OTHER, {})).items():
                yield _Window(
                    event=f"{kind}-{year}",
                    kind=kind,
                    channel=channel,
                    phase=phase,
                    start=_day(year, start),
                    end=_day(year, end),
                    mechanism=festival.get("mechanism"),
                    merchant_share=festival.get("merchant_share", 1.0),
                    source=festival.get("source"),
                )
    for kind, (start, end) in book["holidays"].items():
        yield _Window(f"{kind}-{year}", kind, None, "holiday", _day(year, start), _day(year, end))
    for kind, (before, after) in _lunar()["windows"].items():
        yield _Window(
            f"{kind}-{year}", kind, None, "holiday", _day(year, before), _day(year, after), source=_lunar()["source"]
        )


def _rules(festival: Mapping[str, Any], year: int) -> Mapping[str, Any]:
    """The windows by platform that hold in a year."""
    for span, rules in festival.get("years", {}).items():
        first, _, last = str(span).partition("-")
        if int(first) <= year <= int(last or first):
            found: Mapping[str, Any] = rules
            return found
    rule: Mapping[str, Any] = festival["rule"]
    return rule


def _day(year: int, rule: str | int) -> date:
    """A month-day of that year, or a number of days from its Lunar New Year's Day."""
    if isinstance(rule, int):
        return lunar_new_year(year) + timedelta(days=rule)
    month, day = rule.split("-")
    return date(year, int(month), int(day))


@cache
def _shopping() -> Any:
    return read_config("festivals/shopping.yaml")


@cache
def _lunar() -> Any:
    return read_config("festivals/lunar_new_year.yaml")
