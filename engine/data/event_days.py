"""What kind of event day each day of a sales channel is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd


def event_kinds(events: pd.DataFrame | None, channels: Iterable[str]) -> pd.Series:
    """Phase of each event day by date and sales channel, the first day of a phase apart.

    ``events``: the table of that name; a blank channel in it means all ``channels``.

    >>> row = {"event": "618-2026", "phase": "main", "start": pd.Timestamp("2026-06-17"), "end": "2026-06-18"}
    >>> event_kinds(pd.DataFrame([row]), ["天猫"]).tolist()
    ['main first', 'main']
    """
    channels = list(channels)
    found: dict[tuple[pd.Timestamp, str], str] = {}
    rows: list[dict[str, Any]] = []
    if events is not None:
        rows = events.sort_values(["event", "phase", "start"]).to_dict("records")  # type: ignore[assignment]
    for entry in rows:
        for day in pd.date_range(entry["start"], entry["end"]):
            name = f"{entry['phase']}{' first' if day == entry['start'] else ''}"
            channel = entry.get("channel")
            for one in channels if pd.isna(channel) or not channel else [str(channel)]:
                found.setdefault((day, one), name)
    index = pd.MultiIndex.from_tuples(list(found), names=["date", "channel"]) if found else None
    empty = pd.MultiIndex.from_arrays([pd.DatetimeIndex([]), pd.Index([], dtype=str)])
    return pd.Series(list(found.values()), index=empty if index is None else index, dtype=object)
