"""Festivals return by date, by weekday, with the moon or with Easter."""

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.recurrence import festival_days


def dataset(rows, **tables) -> Dataset:
    events = pd.DataFrame(rows, columns=["kind", "phase", "channel", "start", "end"])
    events["event"] = events["kind"]
    for name in ("start", "end"):
        events[name] = pd.to_datetime(events[name])
    return Dataset({"events": events, **tables}, "0")


def days_of(found, name, channel=0):
    return [str(day) for day in found.days[found.values[channel, :, found.names.index(name)] > 0]]


def test_rules_are_learned_from_the_past():
    rows = [
        ("fixed", "main", None, "2024-06-18", "2024-06-19"),
        ("fixed", "main", None, "2025-06-18", "2025-06-19"),
        ("thanks", "main", None, "2024-11-28", "2024-11-28"),
        ("thanks", "main", None, "2025-11-27", "2025-11-27"),
        ("moon", "main", "A", "2024-02-10", "2024-02-12"),
        ("moon", "main", "A", "2025-01-29", "2025-01-31"),
        ("egg", "holiday", None, "2024-03-31", "2024-03-31"),
        ("egg", "holiday", None, "2025-04-20", "2025-04-20"),
    ]
    found = festival_days(dataset(rows), ["A", "B"], np.datetime64("2026-01-01"), np.datetime64("2027-12-31"))
    assert days_of(found, "fixed.main") == ["2026-06-18", "2026-06-19", "2027-06-18", "2027-06-19"]
    assert days_of(found, "thanks.main") == ["2026-11-26", "2027-11-25"]
    assert days_of(found, "moon.main") == [
        "2026-02-17",
        "2026-02-18",
        "2026-02-19",
        *(f"2027-02-0{d}" for d in (6, 7, 8)),
    ]
    assert days_of(found, "moon.main", 1) == []
    assert days_of(found, "egg.holiday") == ["2026-04-05", "2027-03-28"]


def test_what_stopped_does_not_return_and_what_is_announced_stays():
    rows = [
        ("gone", "main", None, "2022-06-01", "2022-06-02"),
        ("new", "main", None, "2025-12-01", "2025-12-03"),
        ("new", "main", None, "2026-12-05", "2026-12-06"),
    ]
    found = festival_days(dataset(rows), ["A"], np.datetime64("2026-01-01"), np.datetime64("2026-12-31"))
    assert found.names == ("new.main",)
    assert days_of(found, "new.main") == ["2026-12-05", "2026-12-06"]
    assert found.weekly(52).shape == (1, 52, 1)


def test_shipped_calendar_takes_over_where_it_knows_the_kind():
    rows = [("双11", "main", "A", "2025-11-01", "2025-11-14")]
    channels = pd.DataFrame({"channel": ["A"], "kind": ["shop"], "platform": ["天猫"]})
    found = festival_days(
        dataset(rows, channels=channels), ["A"], np.datetime64("2026-10-01"), np.datetime64("2026-12-31")
    )
    assert {"双11.main", "双11.opening"} <= set(found.names)


def test_no_events_no_columns():
    empty = Dataset({}, "0")
    assert festival_days(empty, ["A"], np.datetime64("2026-01-01"), np.datetime64("2026-01-07")).values.shape == (
        1,
        7,
        0,
    )
