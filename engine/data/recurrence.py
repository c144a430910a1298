"""Festivals on the long horizon: what is announced, what the shipped calendar knows, and what returned every year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from dateutil.easter import easter  # type: ignore[import-untyped]
from numpy.typing import NDArray

from engine.data.calendar import festival_events, lunar_new_year
from engine.data.dataset import Dataset
from models.panel import Dates

Floats = NDArray[np.float64]
COLUMNS = ["kind", "phase", "channel", "start", "end"]
GIVEN_UP_DAYS = 400
"""A kind that was last seen longer than this before the end of the calendar does not return."""
FAR_OFF_DAYS = 30.0

Rule = Callable[[date, int], date]
"""From a day to the day that corresponds to it so many years later."""


@dataclass(frozen=True)
class FestivalDays:
    """``values`` float64 [channels, days, kinds]: 1 on the days of a festival phase. ``names``: kind.phase."""

    names: tuple[str, ...]
    days: Dates
    values: Floats

    def weekly(self, weeks: int) -> Floats:
        """Shares of the first ``weeks`` 7-day blocks, [channels, weeks, kinds]."""
        channels, _, kinds = self.values.shape
        return np.asarray(self.values[:, : 7 * weeks].reshape(channels, weeks, 7, kinds).mean(axis=2))


def festival_days(dataset: Dataset, channels: Sequence[str], first: np.datetime64, last: np.datetime64) -> FestivalDays:
    """Every festival of the merchant's ``events`` from ``first`` to ``last`` (both included).

    Beyond what is announced, a kind comes from the shipped calendar where that knows it, otherwise it returns by
    the rule that fits its past best: the same date, the same weekday of the month, the same distance from Lunar New
    Year or from Easter. Nothing where there is no ``events`` table.
    """
    days = np.arange(first, last + np.timedelta64(1, "D")).astype("datetime64[D]")
    events = windows_until(dataset, last.astype("datetime64[D]").astype(object))
    if events.empty:
        return FestivalDays((), days, np.zeros((len(channels), len(days), 0)))
    names = sorted(set(events["kind"] + "." + events["phase"]))
    values = np.zeros((len(channels), len(days), len(names)))
    column = {name: position for position, name in enumerate(names)}
    row = {channel: [position] for position, channel in enumerate(channels)} | {"": list(range(len(channels)))}
    for kind, phase, channel, start, end in events.itertuples(index=False):
        begin, stop = np.searchsorted(days, np.array([start, end + timedelta(days=1)], dtype="datetime64[D]"))
        if begin < stop and channel in row:
            values[row[channel], begin:stop, column[f"{kind}.{phase}"]] = 1.0
    kept = [position for position, _ in enumerate(names) if values[:, :, position].any()]
    return FestivalDays(tuple(names[position] for position in kept), days, values[:, :, kept])


def windows_until(dataset: Dataset, until: date) -> pd.DataFrame:
    """Frame :data:`COLUMNS` of all windows, announced and expected; ``start`` and ``end`` dates, channel "" is all."""
    table = dataset.get("events")
    if table is None or table.empty:
        return pd.DataFrame(columns=COLUMNS)
    events = _plain(table)
    shipped = _shipped(dataset, events, until)
    others = events[~events["kind"].isin(shipped["kind"])]
    return pd.concat([events, shipped, _returning(others, until)], ignore_index=True)


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """The five columns as text and numpy days, sorted."""
    frame = pd.DataFrame({name: table[name].astype(object) for name in ("kind", "phase")}).astype(str)
    channel = table["channel"].astype(object) if "channel" in table else pd.Series("", index=table.index)
    frame["channel"] = channel.where(channel.notna(), "").astype(str)
    for name in ("start", "end"):
        days = table[name].to_numpy().astype("datetime64[D]").astype(object)
        frame[name] = pd.Series(days, index=table.index, dtype=object)
    return frame.sort_values(COLUMNS[:4], ignore_index=True)


def _shipped(dataset: Dataset, events: pd.DataFrame, last: date) -> pd.DataFrame:
    """Windows of the shipped calendar after the last announced one, of kinds that the merchant takes part in."""
    table = dataset.get("channels")
    if table is None or "platform" not in table:
        return events.iloc[:0]
    platform = table["platform"].astype(object)
    platforms = dict(zip(table["channel"].astype(str), platform.where(platform.notna(), "").astype(str), strict=True))
    ends = events.groupby("kind")["end"].max()
    if ends.min() >= last:
        return events.iloc[:0]
    known = _plain(festival_events(ends.min(), last, platforms))
    known = known[known["kind"].isin(ends.index)]
    month = timedelta(days=30)
    return known[[start > ends[kind] + month for start, kind in zip(known["start"], known["kind"], strict=True)]]


def _returning(events: pd.DataFrame, last: date) -> pd.DataFrame:
    """Yearly repetitions up to ``last``."""
    if events.empty:
        return events
    close = events["end"].max() - timedelta(days=GIVEN_UP_DAYS)
    rows = []
    for (kind, phase, channel), part in events.groupby(["kind", "phase", "channel"], sort=True):
        if part["start"].max() > close:
            rows += [[kind, phase, channel, *window] for window in _repeat(part, last)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _repeat(part: pd.DataFrame, last: date) -> list[tuple[date, date]]:
    """The windows of the last year, moved by the rule that would have told the past ones best."""
    starts = list(part["start"])
    rule = min(RULES, key=lambda entry: _miss(entry, starts))
    newest = max(starts)
    windows = []
    for start, end in zip(starts, part["end"], strict=True):
        if (newest - start).days >= 360:
            continue
        for years in range(1, last.year - start.year + 1):
            with suppress(ValueError):  # a year beyond the shipped lunar calendar
                begin = rule(start, years)
                if begin <= last:
                    windows.append((begin, begin + (end - start)))
    return windows


def _miss(rule: Rule, starts: list[date]) -> float:
    """Mean distance in days between what the rule tells from a year earlier and the nearest true start."""
    earlier = [start for start in starts if (max(starts) - start).days >= 335]
    try:
        told = [rule(start, 1) for start in earlier]
    except ValueError:
        return FAR_OFF_DAYS
    misses = [min(abs((day - start).days) for start in starts) for day in told]
    return float(np.mean(np.minimum(misses, FAR_OFF_DAYS))) if misses else 0.0


def _same_date(day: date, years: int) -> date:
    return date(day.year + years, day.month, min(day.day, 28 if day.month == 2 else day.day))


def _same_weekday(day: date, years: int) -> date:
    """The same weekday of the month, such as the fourth Thursday of November."""
    first = date(day.year + years, day.month, 1)
    nth = (day.day - 1) // 7
    return first + timedelta(days=(day.weekday() - first.weekday()) % 7 + 7 * nth)


def _from_lunar_year(day: date, years: int) -> date:
    return lunar_new_year(day.year + years) + (day - lunar_new_year(day.year))


def _from_easter(day: date, years: int) -> date:
    there: date = easter(day.year + years)
    here: date = easter(day.year)
    return there + (day - here)


RULES: tuple[Rule, ...] = (_same_date, _same_weekday, _from_lunar_year, _from_easter)
