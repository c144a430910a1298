"""The festival calendar: shopping festivals per platform and Lunar New Year as rows of the ``events`` table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import pandas as pd

from engine.data.configs import read_config
from engine.data.working_days import DECREE, days_off, is_working_day

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
    return _frame(windows)


def _frame(windows: list[_Window]) -> pd.DataFrame:
    """Windows as rows of ``events``, sorted by start, event, channel and phase."""
    windows = sorted(windows, key=lambda entry: (entry.start, entry.event, entry.channel or "", entry.phase))
    frame = pd.DataFrame([[getattr(entry, name) for name in _COLUMNS] for entry in windows], columns=_COLUMNS)
    for name in ("start", "end"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    frame["merchant_share"] = frame["merchant_share"].astype(float)
    return frame.astype(dict.fromkeys(_TEXTS, "category"))


def usual_window(kind: str, day: date) -> tuple[date, date] | None:
    """First and last day, over all platforms, of that kind of festival nearest to a day; None where it is not shipped.

    >>> usual_window("双12", date(2026, 3, 1))
    (datetime.date(2025, 12, 9), datetime.date(2025, 12, 12))
    """
    spans = []
    for year in (day.year - 1, day.year, day.year + 1):
        windows = [window for window in _windows(year, {name: name for name in _platforms()}) if window.kind == kind]
        if windows:
            spans.append((min(window.start for window in windows), max(window.end for window in windows)))
    return min(spans, key=lambda span: max((span[0] - day).days, (day - span[1]).days), default=None)


def lunar_day(name: str, year: int) -> date:
    """端午, 七夕, 中秋 or 重阳 of a year; ``ValueError`` outside of the shipped years or for another name.

    >>> lunar_day("中秋", 2026)
    datetime.date(2026, 9, 25)
    """
    for found in _lunar_days().get(name, ()):
        if isinstance(found, date) and found.year == year:
            return found
    raise ValueError(f"{name} {year} is not in configs/festivals/lunar_days.yaml")


def shutdown(year: int, before: int, after: int) -> tuple[date, date] | None:
    """First and last day on which a supplier is closed around the Lunar New Year of ``year``, None where it is not.

    ``before`` and ``after`` as in the table ``suppliers``: so many days before New Year's Day, and so many from it on.

    >>> shutdown(2026, 7, 8)
    (datetime.date(2026, 2, 10), datetime.date(2026, 2, 24))
    """
    day = lunar_new_year(year)
    first, last = day - timedelta(days=before), day + timedelta(days=after - 1)
    return (first, last) if first <= last else None


@dataclass(frozen=True)
class PreSale:
    """The three dates of one pre-sale order: deposit paid, balance due from, goods promised to be shipped by."""

    deposit: date
    balance: date
    promised: date


def pre_sale_dates(deposit: date, windows: pd.DataFrame, promise_days: int = 2) -> PreSale | None:
    """Dates of an order whose deposit was paid on a day; None where no pre-sale runs on that day.

    ``windows``: rows of ``events`` for one sales channel. Rule: the balance is due from the first day of the window
    ``balance`` of the same event, else ``opening``, else ``main``, that starts after the pre-sale, else on the day
    after it; goods are promised ``promise_days`` after the balance (48 hours unless the listing says otherwise).
    Demand counts on the day of the deposit, money on that of the balance, stock leaves by the promise.

    >>> rows = festival_events(date(2025, 10, 1), date(2025, 11, 30), {"旗舰店": "天猫"})
    >>> order = pre_sale_dates(date(2025, 10, 16), rows)
    >>> str(order.balance), str(order.promised)
    ('2025-10-20', '2025-10-22')
    """
    day, phase = pd.Timestamp(deposit), windows["phase"].astype(str)
    running = windows[(phase == "presale") & (windows["start"] <= day) & (windows["end"] >= day)]
    if running.empty:
        return None
    event, end = running["event"].iloc[0], running["end"].iloc[0]
    later = windows[(windows["event"] == event) & (windows["start"] > end)]
    balance = end + pd.Timedelta(days=1)
    for name in ("balance", "opening", "main"):
        starts = later.loc[later["phase"].astype(str) == name, "start"]
        if len(starts):
            balance = starts.min()
            break
    return PreSale(deposit, balance.date(), balance.date() + timedelta(days=promise_days))


def gift_days(first: date, last: date) -> pd.DataFrame:
    """Rows of ``events`` for days of gifts, member days and ends of quarters that touch a span; channel blank.

    They are no part of :func:`festival_events`: a merchant adds those that he takes part in. All are assumed.

    >>> gift_days(date(2026, 8, 10), date(2026, 8, 17))["event"].tolist()
    ['七夕-2026']
    """
    windows = []
    for kind, rule in read_config("festivals/gift_days.yaml").items():
        for year in range(
            max(first.year - 1, _shopping()["first_year"]), min(last.year + 1, _shopping()["last_year"]) + 1
        ):
            for name, day in _anchors(kind, rule, year):
                low, high = (day + timedelta(days=days) for days in rule["days"])
                windows.append(_Window(name, kind, None, "holiday", low, high))
    return _frame([window for window in windows if window.start <= last and window.end >= first])


def _anchors(kind: str, rule: Mapping[str, Any], year: int) -> Iterator[tuple[str, date]]:
    """Name and day of every occurrence of a rule in a year."""
    if "monthly" in rule:
        for month in range(1, 13):
            yield f"{kind}-{year}-{month:02d}", date(year, month, rule["monthly"])
    elif "quarter_end" in rule:
        for quarter in range(1, 5):
            after = date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
            yield f"{kind}-{year}Q{quarter}", after - timedelta(days=1)
    elif "weekday" in rule:
        month, nth, weekday = rule["weekday"]
        begin = date(year, month, 1)
        yield f"{kind}-{year}", begin + timedelta(days=(weekday - begin.isoweekday()) % 7 + 7 * (nth - 1))
    else:
        day = lunar_day(rule["lunar"], year) if "lunar" in rule else _day(year, rule["month_day"])
        yield f"{kind}-{year}", day


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
                    source=(festival.get("sources") or {}).get(f"{platform} {year}"),
                )
    for kind, (start, end) in book["holidays"].items():
        first, last = _day(year, start), _day(year, end)
        yield _Window(f"{kind}-{year}", kind, None, "holiday", first, last, source=_decree(first, last))
    for kind, (before, after) in _lunar()["windows"].items():
        yield _Window(
            f"{kind}-{year}", kind, None, "holiday", _day(year, before), _day(year, after), source=_lunar()["source"]
        )


def _decree(first: date, last: date) -> str | None:
    """The decree, where it is published and gives every day of a window off."""
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    known = days_off(first.year).published and not any(is_working_day(day) for day in days)
    return DECREE if known else None


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
def _lunar_days() -> Any:
    return read_config("festivals/lunar_days.yaml")


@cache
def _lunar() -> Any:
    return read_config("festivals/lunar_new_year.yaml")
