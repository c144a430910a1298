"""The same year under another calendar of events: moved, longer, shorter or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from pydantic import Field, ValidationError

from engine.data.dataset import Dataset
from engine.data.recurrence import COLUMNS, windows_until
from engine.plans.errors import BadInput, Problem
from engine.plans.settings import Settings

MAIN = "main"
DAY = timedelta(days=1)


class EventChange(Settings):
    """How an event of the year differs from the calendar that stands."""

    shift_days: int = Field(default=0, ge=-60, le=60)
    """Days later; below 0: earlier. Its pre-sale, returns and what else belongs to it move along."""
    longer_days: int = Field(default=0, ge=-60, le=60)
    """Days longer; below 0: shorter, by no more than a day is left."""
    dropped: bool = False
    """It does not happen."""


class CalendarChange(Settings):
    """A calendar file: changes by kind of event; an empty file is the calendar that stands."""

    events: dict[str, EventChange] = Field(default_factory=dict)


def read_calendar(file: Path) -> CalendarChange:
    """A calendar file; :class:`BadInput` with everything that is wrong in it."""
    try:
        content = yaml.safe_load(file.read_text("utf-8"))
        return CalendarChange.model_validate({} if content is None else content)
    except OSError:
        problems = [Problem(str(file), "cannot be read", remedy="Check the path.")]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problems = [Problem(str(file), f"is not YAML: {error}")]
    except ValidationError as error:
        problems = [
            Problem(str(file), entry["msg"], column=".".join(map(str, entry["loc"])), value=str(entry["input"]))
            for entry in error.errors()
        ]
    raise BadInput(problems)


def under_calendar(dataset: Dataset, changes: Mapping[str, EventChange], year: int) -> Dataset:
    """The dataset whose events of ``year`` are changed; what is expected of that year and the next stands in its table
    as if it were announced, so that nothing that was dropped comes back by itself.

    Windows of a kind that begin in the year, all phases and channels, move together; the main one grows, and what
    begins after it moves on. :class:`BadInput` names all kinds that the year does not have.
    """
    windows = windows_until(dataset, date(year + 1, 12, 31))
    years = np.array([start.year for start in windows["start"]], dtype=np.int64)
    known = sorted(set(windows.loc[years == year, "kind"]))
    wrong = [name for name in changes if name not in known]
    if wrong:
        there = ", ".join(known) or "none"
        told = "does not happen in the year"
        raise BadInput([Problem("calendar", told, column="events", value=n, expected=f"one of {there}") for n in wrong])
    table = dataset["events"]
    past = table[(table["start"].dt.year < year).to_numpy()]
    ahead = windows[years >= year]
    rows = [row for _, part in ahead.groupby(["kind", "channel"], sort=True) for row in _changed(part, changes, year)]
    fresh = pd.DataFrame(rows, columns=COLUMNS).drop_duplicates()
    fresh["event"] = [f"{kind}-{start.year}" for kind, start in zip(fresh["kind"], fresh["start"], strict=True)]
    fresh["channel"] = fresh["channel"].where(fresh["channel"] != "", None)
    for name in ("start", "end"):
        fresh[name] = pd.to_datetime(fresh[name]).astype(table[name].dtype)
    texts = [name for name in ("event", "kind", "channel", "phase") if name in table]
    whole = pd.concat([past.astype(dict.fromkeys(texts, object)), fresh], ignore_index=True)
    return replace(dataset, tables={**dataset.tables, "events": whole}, _seen={})


def _changed(part: pd.DataFrame, changes: Mapping[str, EventChange], year: int) -> list[list[object]]:
    """Windows of one kind and channel."""
    change = changes.get(part["kind"].iloc[0], EventChange())
    own = part[[start.year == year for start in part["start"]]]
    mains = own.loc[own["phase"] == MAIN, "start"]
    found: list[list[object]] = []
    for kind, phase, channel, start, end in part[COLUMNS].itertuples(index=False):
        if start.year != year:
            found.append([kind, phase, channel, start, end])
        elif not change.dropped:
            later = phase != MAIN and bool((mains < start).any())
            first = start + (change.shift_days + change.longer_days * later) * DAY
            last = end + (change.shift_days + change.longer_days * (later or phase == MAIN)) * DAY
            found.append([kind, phase, channel, first, max(first, last)])
    return found
