"""Days that are missing: in all sales, in one channel, in tables that run beside sales; dates far from all others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from engine.data.checks.facts import Facts, bulk
from engine.data.checks.finding import Finding, Level, tell
from engine.data.checks.tools import Floats, day_text, days_of, has, names_of, runs
from engine.data.tables import TABLES

SILENT_DAYS = 28
"""A channel without sales for so long at the end of the history is asked about."""
EXPECTED = 20.0
"""A hole in which so many units would have sold is no chance."""
SPARSE = 0.2
"""A shop closed on more than this share of its days is one that sells now and then."""
MONTH = 28
RUNNING = ("traffic", "media", "orders", "availability", "inventory")
"""Tables that go on beside sales and should reach as far."""
FACTS = ("sales", "availability", "traffic", "orders", "media", "inventory", "receipts", "live_streams")
"""Tables of what happened, with one date a row."""
AHEAD_DAYS = 14
DAILY = ("traffic", "media", "orders")


def sales_gaps(facts: Facts) -> Iterator[Finding]:
    """Periods without any sale between the first and the last one; a day closed every year is no gap."""
    total = facts.grid.sum(axis=0)
    empty = np.flatnonzero(total == 0)
    if len(total) < 2 or not len(empty):
        return
    days = facts.first + (empty * facts.step).astype("timedelta64[D]")
    closed = _every_year(days)
    yield from tell("sales.closed_days", int(closed.sum()), (day_text(day) for day in days[closed]))
    left = days[~closed]
    sparse = len(left) > SPARSE * len(total)
    longest = max((length for _, length in runs(total == 0)), default=0) * facts.step
    level: Level = "note" if sparse and longest < MONTH else "warning"
    yield from tell("sales.gap", len(left), (day_text(day) for day in left), level, longest=longest)


def _every_year(days: np.ndarray) -> np.ndarray:
    """Days that are missing in at least two years under the same month and day."""
    label = pd.Series(pd.DatetimeIndex(days.astype("datetime64[s]")).strftime("%m-%d"))
    return label.duplicated(keep=False).to_numpy()


def channel_gaps(facts: Facts) -> Iterator[Finding]:
    """Holes in the sales of one channel while others sold, too long for its level and not known as shortages."""
    open_days = facts.grid.sum(axis=0) > 0
    found = []
    for row, (name, line) in enumerate(zip(facts.channels, facts.grid, strict=True)):
        sold = np.flatnonzero(line > 0)
        if len(sold) < 8:
            continue
        part = (line == 0) & open_days
        part[: sold[0]] = part[sold[-1] :] = False
        holes = [(start, length) for start, length in runs(part) if _lost(line, start, length) >= EXPECTED]
        inner = line[sold[0] : sold[-1] + 1]
        others = (inner == 0).sum() - sum(length for _, length in holes)
        if others <= SPARSE * len(inner):
            found += [
                f"{name} {day_text(facts.day(start))} ({length * facts.step} d)"
                for start, length in holes
                if facts.shortages[row, start : start + length].mean() < 0.5
            ]
    yield from tell("sales.channel_gap", len(found), found)


def _lost(line: Floats, start: int, length: int) -> float:
    """Units that a hole would have held at the lower end of what sells around it."""
    around = np.concatenate([line[max(start - 28, 0) : start], line[start + length : start + length + 28]])
    return length * float(np.quantile(around, 0.1)) if len(around) else 0.0


def silent_channels(facts: Facts) -> Iterator[Finding]:
    """Channels that stopped selling before the end of the history, or never sold."""
    silent, never = [], []
    last = facts.periods - 1
    for name, line in zip(facts.channels, facts.grid, strict=True):
        sold = np.flatnonzero(line > 0)
        quiet = last - sold[-1] if len(sold) else 0
        before = line[max(sold[-1] - 28, 0) : sold[-1] + 1] if len(sold) else line[:0]
        if len(sold) and (
            quiet * facts.step >= SILENT_DAYS
            or (quiet * facts.step >= 3 and quiet * np.quantile(before, 0.1) >= EXPECTED)
        ):
            silent.append(f"{name} ({day_text(facts.day(int(sold[-1])))})")
    channels = facts.data.get("channels")
    if has(channels, "channel"):
        assert channels is not None
        selling = set(facts.channels[facts.grid.sum(axis=1) > 0])
        never = sorted({str(name) for name in channels["channel"]} - selling)
    yield from tell("channels.silent", len(silent), silent)
    yield from tell("channels.never_sold", len(never), never)


def stray_dates(facts: Facts) -> Iterator[Finding]:
    """Rows dated far from all others, or in a future that cannot have happened."""
    for name in FACTS:
        frame = facts.data.get(name)
        column = TABLES[name].date
        if not has(frame, str(column)):
            continue
        assert frame is not None and column is not None
        days = days_of(frame[column])
        good = days[~np.isnat(days)]
        if not len(good):
            continue
        first, last = bulk(good)
        far = np.unique(good[(good < first) | (good > last)])
        yield from tell("dates.stray", len(far), (day_text(day) for day in far), table=name, column=column)
        if name in (*RUNNING, "receipts") and last > facts.last + AHEAD_DAYS:
            ahead = int((last - facts.last).astype(np.int64))
            yield from tell("dates.ahead", ahead, table=name, until=day_text(last), last=day_text(facts.last))


def old_tables(facts: Facts) -> Iterator[Finding]:
    """Tables that run beside sales and end long before them, or have holes."""
    for name in RUNNING:
        frame = facts.data.get(name)
        column = str(TABLES[name].date)
        if not has(frame, column):
            continue
        assert frame is not None
        found = days_of(frame[column])
        days = np.unique(found[~np.isnat(found)])
        if not len(days):
            continue
        spacing = float(np.median(np.diff(days).astype(np.int64))) if len(days) > 2 else 1.0
        age = int((facts.last - days[days <= facts.last].max(initial=days[0])).astype(np.int64))
        allowed = 7 + 3 * spacing if name == "inventory" else SILENT_DAYS + 3 * spacing
        if name != "availability":
            yield from tell(
                "tables.old", age if age > allowed else 0, table=name, last=day_text(facts.last - age), age=age
            )
        steps = np.diff(days).astype(np.int64)
        holes = np.flatnonzero(steps > 1)
        if name in DAILY and spacing == 1 and len(holes) and (steps[holes] - 1).sum() <= SPARSE * (steps.sum() + 1):
            missing = int((steps[holes] - 1).sum())
            yield from tell("tables.hole", missing, (day_text(days[place] + 1) for place in holes), table=name)


def unknown_in_sales(facts: Facts) -> Iterator[Finding]:
    """Regions of sales that no lane or share knows."""
    shares = facts.data.get("region_shares")
    if "region" in facts.sales and has(shares, "region"):
        assert shares is not None
        left = {str(name) for name in facts.sales["region"].dropna().unique()} - {""}
        left -= {str(name) for name in shares["region"].unique()}
        yield from tell("sales.unknown_region", *names_of(left))
