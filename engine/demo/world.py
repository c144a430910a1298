"""The invented world around the merchant, as ``configs/demo.yaml`` describes it, and the axis of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.calendar import festival_events, lunar_new_year
from engine.data.configs import read_config
from engine.demo.settings import DemoSettings

EVENTS_UNTIL = date(2027, 12, 31)
_LEAST_EVENT_DAYS = 400


@dataclass(frozen=True)
class World:
    """Parsed ``configs/demo.yaml``; every mapping keeps the order of the file."""

    book: dict[str, Any]

    @cached_property
    def channels(self) -> tuple[str, ...]:
        return tuple(self.book["channels"])

    @property
    def platform(self) -> dict[str, Any]:
        """The channel that a platform runs."""
        entry: dict[str, Any] = self.book["platform_run"]
        return entry

    @property
    def platform_name(self) -> str:
        return str(self.platform["name"])

    @cached_property
    def categories(self) -> tuple[str, ...]:
        return tuple(self.book["categories"])

    @cached_property
    def warehouses(self) -> tuple[str, ...]:
        return tuple(self.book["warehouses"])

    @cached_property
    def regions(self) -> tuple[str, ...]:
        return tuple(self.book["regions"])

    @cached_property
    def ads(self) -> tuple[str, ...]:
        return tuple(self.book["ads"])

    def of(self, part: str, field: str) -> NDArray[np.float64]:
        """One figure of every entry of a part: ``of("channels", "weight")``."""
        return np.array([entry[field] for entry in self.book[part].values()], dtype=float)


def load_world() -> World:
    """The shipped world."""
    return World(read_config("demo.yaml"))


@dataclass(frozen=True)
class Timeline:
    """Days of history and of the announced future. ``days`` datetime64[D]; the first ``history`` of them are past."""

    days: NDArray[np.datetime64]
    history: int

    @classmethod
    def of(cls, settings: DemoSettings) -> Timeline:
        last = np.datetime64(settings.last_day, "D")
        return cls(last + np.arange(1 - settings.days, settings.future_days + 1), settings.days)

    def __len__(self) -> int:
        return len(self.days)

    @property
    def last_day(self) -> np.datetime64:
        """Last day of history."""
        day: np.datetime64 = self.days[self.history - 1]
        return day

    @cached_property
    def weekday(self) -> NDArray[np.int64]:
        """0 = Monday."""
        return (self.days.astype(np.int64) + 3) % 7

    @cached_property
    def day_of_year(self) -> NDArray[np.int64]:
        return np.asarray((self.days - self.days.astype("datetime64[Y]")).astype(np.int64) + 1)

    @cached_property
    def years(self) -> NDArray[np.float64]:
        """Years since the first day."""
        return np.arange(len(self.days)) / 365.25

    @cached_property
    def lunar_offset(self) -> NDArray[np.int64]:
        """Days from the nearest Lunar New Year's Day, negative before it."""
        first, last = self.days[0].astype(date).year, self.days[-1].astype(date).year
        anchors = np.array([lunar_new_year(year) for year in range(first - 1, last + 2)], dtype="datetime64[D]")
        gaps = (self.days[:, None] - anchors[None, :]).astype(np.int64)
        return np.asarray(gaps[np.arange(len(self.days)), np.abs(gaps).argmin(axis=1)])

    def index(self, day: np.datetime64 | pd.Timestamp) -> int:
        """Position of a day, also outside of the axis."""
        return int((pd.Timestamp(day) - pd.Timestamp(self.days[0])).days)

    def dates(self, positions: NDArray[np.integer]) -> NDArray[np.datetime64]:
        """Dates of positions (also outside of the axis) as the tables hold them."""
        return np.asarray((self.days[0] + positions.astype("timedelta64[D]")).astype("datetime64[s]"))


def events_table(world: World, time: Timeline) -> pd.DataFrame:
    """Festivals from the first day of history to the end of the announced calendar."""
    first, last = time.days[0].astype(date), time.days[-1].astype(date)
    return festival_events(
        first, max(last, EVENTS_UNTIL, last + timedelta(days=_LEAST_EVENT_DAYS)), {c: c for c in world.channels}
    )
