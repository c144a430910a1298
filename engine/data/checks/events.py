"""The calendar of events: windows that cannot be, years that are missing, nothing ahead."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from engine.data.calendar import usual_window
from engine.data.checks.facts import Facts
from engine.data.checks.finding import Finding, tell
from engine.data.checks.tools import apart, codes_in, days_of, has, number, spots, text, usual

LONGEST_DAYS = 60
APART_DAYS = 45
"""An occurrence this far from the season of its kind stands in the wrong month."""
LONGEST_PROMOTION = 120
AHEAD_DAYS = 366
HORIZON_DAYS = 183


def windows(facts: Facts) -> Iterator[Finding]:
    """Windows without dates or source, too long ones, overlapping ones of one festival; none ahead."""
    events = facts.data.get("events")
    if not has(events, "event", "kind", "start", "end"):
        return
    assert events is not None
    source = text(events["source"]) if "source" in events else pd.Series("", index=events.index)
    yield from tell("events.assumed", *spots(events, (source == "").to_numpy(), "event", "phase"), whole=len(events))
    start, end = days_of(events["start"]), days_of(events["end"])
    dated = ~np.isnat(start) & ~np.isnat(end)
    yield from tell("events.undated", *spots(events, ~dated, "event", "phase"))
    length = (end - start).astype(np.int64) + 1
    yield from tell("events.reversed", *spots(events, dated & (length < 1), "event", "phase"))
    yield from tell("events.long", *spots(events, dated & (length > LONGEST_DAYS), "event", "phase"))
    if dated.any():
        ahead = bool((end[dated] > facts.last).any())
        yield from tell("events.none_ahead", int(not ahead))
    share = number(events, "merchant_share")
    if share is not None:
        yield from tell("events.share", *spots(events, (share > 1) | (share < 0), "event"))
    yield from _overlaps(events, start, end)


def _overlaps(events: pd.DataFrame, start: np.ndarray, end: np.ndarray) -> Iterator[Finding]:
    """Windows of one kind and channel that share days, phases of one occurrence too."""
    channel = text(events["channel"]) if "channel" in events else pd.Series("", index=events.index)
    groups = pd.DataFrame({"kind": text(events["kind"]), "channel": channel}).groupby(["kind", "channel"]).ngroup()
    order = np.lexsort((end.astype(np.int64), start.astype(np.int64), groups.to_numpy()))
    code, first, last = groups.to_numpy()[order], start[order], end[order]
    same = (np.diff(code) == 0) & (first[1:] <= last[:-1])
    wrong = np.zeros(len(events), dtype=bool)
    wrong[order[1:][same]] = True
    yield from tell("events.overlap", *spots(events, wrong, "event", "channel", "phase"))


def occurrences(facts: Facts) -> Iterator[Finding]:
    """Years in which a yearly festival is missing between others, and occurrences in the wrong season."""
    events = facts.data.get("events")
    if not has(events, "event", "kind", "start"):
        return
    assert events is not None
    start = days_of(events["start"])
    rows = pd.DataFrame({"kind": text(events["kind"]), "event": text(events["event"]), "start": start}).dropna()
    first = rows.groupby(["kind", "event"])["start"].min().reset_index()
    if not len(first):
        return
    span = (min(first["start"].min(), pd.Timestamp(facts.first)), first["start"].max())
    missing, moved = [], []
    for kind, days in first.groupby("kind", sort=True)["start"]:
        yearly = days.dt.year.value_counts()
        if len(yearly) < 2 or yearly.max() > 2 or len(days) > len(yearly) + 1:
            continue
        angle = np.sort(days.dt.dayofyear.to_numpy())
        season = int(_circular_middle(angle))
        away = np.abs((days.dt.dayofyear.to_numpy() - season + 183) % 366 - 183) > APART_DAYS
        moved += [f"{kind} {day:%Y-%m-%d}" for day in days[away]]
        near = [_year_of(day, season) for day in days]
        for year in range(span[0].year, span[1].year + 1):
            due = pd.Timestamp(year, 1, 1) + pd.Timedelta(days=season - 1)
            inside = span[0] + pd.Timedelta(days=APART_DAYS) <= due <= span[1] - pd.Timedelta(days=APART_DAYS)
            if inside and year not in near:
                missing.append(f"{kind} {year}")
    yield from tell("events.missing_year", len(missing), missing)
    moved += _outside_of_known(first)
    yield from tell("events.wrong_season", len(set(moved)), sorted(set(moved)))


def _circular_middle(days: np.ndarray) -> float:
    """The day of the year around which the others lie, with the turn of the year in mind."""
    distance = np.abs((days[:, None] - days[None, :] + 183) % 366 - 183).sum(axis=1)
    return float(days[int(distance.argmin())])


def _year_of(day: pd.Timestamp, season: int) -> int:
    """Year of the occurrence whose season is nearest."""
    shift = int(np.round((day.dayofyear - season) / 366.0))
    return int(day.year + shift)


def _outside_of_known(first: pd.DataFrame) -> list[str]:
    """Festivals of the shipped calendar that are dated far from their usual window."""
    found = []
    for kind, start in zip(first["kind"], first["start"], strict=True):
        day = pd.Timestamp(start)
        window = usual_window(str(kind), day.date())
        if window is not None:
            low, high = (pd.Timestamp(end) for end in window)
            if not low - pd.Timedelta(days=APART_DAYS) <= day <= high + pd.Timedelta(days=APART_DAYS):
                found.append(f"{kind} {day:%Y-%m-%d}")
    return found


def promotions(facts: Facts) -> Iterator[Finding]:
    """Promotions that last for months."""
    table = facts.data.get("promotions")
    if not has(table, "start", "end"):
        return
    assert table is not None
    length = (days_of(table["end"]) - days_of(table["start"])).astype(np.int64) + 1
    yield from tell("promotions.long", *spots(table, length > LONGEST_PROMOTION, "sku", "kind", "start"))
    yield from tell("promotions.reversed", *spots(table, length < 1, "sku", "kind", "start"))


def streams(facts: Facts) -> Iterator[Finding]:
    """Live streams that sold more than the channel did on their days, and past ones without figures."""
    table = facts.data.get("live_streams")
    if not has(table, "stream", "date", "channel", "sku", "units_paid"):
        return
    assert table is not None
    units, days = number(table, "units_paid"), days_of(table["date"])
    assert units is not None
    past = (days >= facts.first) & (days < facts.last)
    sold = _sold_on(facts, table, days)
    wrong = past & (np.nan_to_num(units) > np.maximum(1.5 * sold, sold + 20))
    yield from tell("live_streams.not_sales", *spots(table, wrong, "stream", "sku"))
    group = codes_in(table["sku"], facts.skus)
    middle = usual(np.nan_to_num(units), group, len(facts.skus))
    high = apart(np.nan_to_num(units), np.append(middle, np.nan)[group], 30.0) & (units > 300)
    yield from tell("live_streams.units", *spots(table, high & wrong, "stream", "sku"))


def _sold_on(facts: Facts, table: pd.DataFrame, days: np.ndarray) -> np.ndarray:
    """Units of the SKU in the channel on the stream's day and the next."""
    sku, channel = codes_in(table["sku"], facts.skus), codes_in(table["channel"], facts.channels)
    rows = pd.DataFrame({"sku": sku, "channel": channel, "row": np.arange(len(table))})
    near = np.isin(facts.dates, np.unique(np.concatenate([days, days + np.timedelta64(1, "D")])))
    sales = (
        pd.DataFrame(
            {
                "sku": facts.sku[near],
                "channel": facts.channel[near],
                "day": facts.dates[near],
                "units": facts.units[near],
            }
        )
        .groupby(["sku", "channel", "day"])["units"]
        .sum()
    )
    total = np.zeros(len(table))
    for shift in (0, 1):
        keys = pd.MultiIndex.from_arrays([rows["sku"], rows["channel"], days + np.timedelta64(shift, "D")])
        total += np.nan_to_num(sales.reindex(keys).to_numpy(dtype=float))
    return total
