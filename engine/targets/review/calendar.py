"""Which days of a channel belong to which event, to the waiting before it, to the dip after it, and which are quiet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.targets.review.settings import ReviewSettings

QUIET, WINDOW, LEAD, DIP, HOLIDAY, ODD = range(6)
SEASON = 91
"""Quiet days so near to an event tell what its days would have cost, and who would have sold on them."""
SELLING = ("presale", "balance", "opening", "main")


@dataclass(frozen=True)
class Calendar:
    """``events``: frame ``event, kind, channel, start, end``, a row an event of a channel, ``start`` and ``end`` its
    first and last selling day. ``owner`` int64 [channels, days]: row of the event that a day belongs to, -1 none.
    ``part`` int64 [channels, days]: QUIET, WINDOW, LEAD, DIP, HOLIDAY or ODD (an anomaly
    around an event, which is none of its doing)."""

    days: pd.DatetimeIndex
    channels: tuple[str, ...]
    events: pd.DataFrame
    owner: NDArray[np.int64]
    part: NDArray[np.int64]

    def days_of(self, row: int, *parts: int) -> NDArray[np.bool_]:
        """Which days are these parts of an event."""
        channel = self.channels.index(self.events["channel"].iloc[row])
        return np.asarray((self.owner[channel] == row) & np.isin(self.part[channel], parts))

    def quiet_near(self, channel: str, start: pd.Timestamp) -> NDArray[np.bool_]:
        """Quiet days of a channel within a season of an event's beginning."""
        near = np.abs((self.days - start).days) <= SEASON
        return np.asarray((self.part[self.channels.index(channel)] == QUIET) & near)


def event_calendar(
    dataset: Dataset, days: pd.DatetimeIndex, channels: tuple[str, ...], settings: ReviewSettings
) -> Calendar:
    """The calendar of these days; where events overlap a day belongs to the shorter one, between two events to the
    nearer one."""
    owner = np.full((len(channels), len(days)), -1, dtype=np.int64)
    part = np.zeros_like(owner)
    table = dataset.get("events")
    if table is None or table.empty:
        return Calendar(days, channels, _no_events(), owner, part)
    rows = _by_channel(table, channels)
    selling = rows[rows["phase"].isin(SELLING)]
    events = selling.groupby(["event", "kind", "channel"], as_index=False).agg({"start": "min", "end": "max"})
    events = events[(events["end"] >= days[0]) & (events["start"] <= days[-1])]
    events = events.sort_values(["start", "event", "channel"], ignore_index=True)
    for row in rows[~rows["phase"].isin([*SELLING, "return_wave"])].to_dict("records"):
        part[channels.index(row["channel"]), _span(days, row["start"], row["end"])] = HOLIDAY
    length = (events["end"] - events["start"]).to_numpy()
    for number in np.argsort(-length, kind="stable"):
        event = events.iloc[number]
        place = channels.index(event["channel"])
        inside = _span(days, event["start"], event["end"])
        owner[place, inside], part[place, inside] = number, WINDOW
    _zones(events, channels, days, (owner, part), settings)
    return Calendar(days, channels, events, owner, part)


def _zones(
    events: pd.DataFrame,
    channels: tuple[str, ...],
    days: pd.DatetimeIndex,
    grids: tuple[NDArray[np.int64], NDArray[np.int64]],
    settings: ReviewSettings,
) -> None:
    """Quiet days before and after events become theirs."""
    owner, part = grids
    free = part == QUIET
    nearest = np.full(owner.shape, np.iinfo(np.int64).max)
    for number, event in enumerate(events.to_dict("records")):
        place = channels.index(event["channel"])
        start, end = (int((event[name] - days[0]).days) for name in ("start", "end"))
        for zone, first, last in (
            (LEAD, start - settings.lead_days, start - 1),
            (DIP, end + 1, end + settings.dip_days),
        ):
            at = np.arange(max(first, 0), min(last, len(days) - 1) + 1)
            gap = start - at if zone == LEAD else at - end
            mine = at[free[place, at] & (gap < nearest[place, at])]
            nearest[place, mine] = start - mine if zone == LEAD else mine - end
            owner[place, mine], part[place, mine] = number, zone


def _by_channel(table: pd.DataFrame, channels: tuple[str, ...]) -> pd.DataFrame:
    """Rows of events for each channel; a blank channel means all."""
    rows = table[["start", "end"]].assign(**{name: text_of(table[name]) for name in ("event", "kind", "phase")})
    rows["channel"] = text_of(table["channel"]) if "channel" in table else ""
    everywhere = (
        rows[rows["channel"] == ""].drop(columns="channel").merge(pd.DataFrame({"channel": channels}), how="cross")
    )
    return pd.concat([rows[rows["channel"].isin(channels)], everywhere], ignore_index=True)


def _span(days: pd.DatetimeIndex, start: pd.Timestamp, end: pd.Timestamp) -> slice:
    first, last = int((start - days[0]).days), int((end - days[0]).days)
    return slice(max(first, 0), max(last + 1, 0))


def _no_events() -> pd.DataFrame:
    return pd.DataFrame(columns=["event", "kind", "channel", "start", "end"])
