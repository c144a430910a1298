"""How deep festivals cut prices and how strongly they attract, phase by phase."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.frames import records
from engine.demo.world import Timeline, World

Grid = NDArray[np.float32]
_PEAK_DAYS = 3
_OTHER_DAYS = 0.55
_WAITING_DAYS, _WAITING = 7, 0.86


def festival_depth(world: World, time: Timeline, events: pd.DataFrame) -> tuple[tuple[str, ...], Grid]:
    """Occurrences with a discount, and the discount of each, float32 [occurrences, channels, days].

    Full on the first days of an opening and on the days up to the peak of the main phase, about half on the others.
    """
    rules = world.book["festivals"]
    inside = events[events["kind"].isin([name for name, rule in rules.items() if rule["discount"] > 0])]
    inside = inside[inside["phase"].astype(str) != "return_wave"]
    occurrences = tuple(sorted(inside["event"].astype(str).unique()))
    depth = np.zeros((len(occurrences), len(world.channels), len(time)), dtype=np.float32)
    for entry in records(inside):
        shape = np.full(_days(entry), _OTHER_DAYS)
        if entry.phase in ("opening", "balance"):
            shape[:_PEAK_DAYS] = 1.0
        elif entry.phase == "main":
            peak = peak_position(entry, rules[entry.kind])
            shape[max(peak + 1 - _PEAK_DAYS, 0) : peak + 1] = 1.0
        row, channel = occurrences.index(entry.event), world.channels.index(entry.channel)
        _place(depth[row, channel], time.index(entry.start), rules[entry.kind]["discount"] * shape)
    return occurrences, depth


def festival_pull(
    world: World, time: Timeline, events: pd.DataFrame, occurrences: tuple[str, ...]
) -> tuple[NDArray[np.float64], Grid]:
    """Log attraction apart from price: of all festivals [channels, days], and of each of ``occurrences``."""
    rules = world.book["festivals"]
    total = np.zeros((len(world.channels), len(time)))
    single = np.zeros((len(occurrences), len(world.channels), len(time)), dtype=np.float32)
    for entry in records(events):
        if entry.phase not in rules.get(entry.kind, {}):
            continue
        shape = _attraction(entry, rules[entry.kind])
        channels = range(len(world.channels)) if pd.isna(entry.channel) else [world.channels.index(entry.channel)]
        for channel in channels:
            _place(total[channel], time.index(entry.start), shape)
            if entry.event in occurrences:
                _place(single[occurrences.index(entry.event), channel], time.index(entry.start), shape)
    big = events[events["kind"].isin(["双11", "618"])]
    waiting = np.full(_WAITING_DAYS, np.log(_WAITING))
    for entry in records(big.groupby(["event", "channel"], observed=True)["start"].min().reset_index()):
        _place(total[world.channels.index(entry.channel)], time.index(entry.start) - _WAITING_DAYS, waiting)
    return total, single


def peak_position(entry: Any, rule: dict[str, Any]) -> int:
    """Day of the peak inside a window: the rule's ``peak`` where it falls inside, else the last day."""
    if "peak" in rule:
        peak = pd.Timestamp(f"{entry.start.year}-{rule['peak']}")
        if entry.start <= peak <= entry.end:
            return int((peak - entry.start).days)
    return _days(entry) - 1


def _attraction(entry: Any, rule: dict[str, Any]) -> NDArray[np.float64]:
    """Log factor by day of a window: its first day, its peak (the eve feels half of it), the others."""
    opening, closing, rest = np.log(rule[entry.phase])
    shape = np.full(_days(entry), rest)
    peak = peak_position(entry, rule) if entry.phase == "main" else len(shape) - 1
    shape[max(peak - 1, 0)] = 0.5 * (closing + rest)
    shape[0] = opening
    shape[peak] = closing
    return shape


def _days(entry: Any) -> int:
    return int((entry.end - entry.start).days) + 1


def _place(line: NDArray[Any], start: int, shape: NDArray[np.float64]) -> None:
    """Add ``shape`` from position ``start``, cut at the ends of the line."""
    low, high = max(start, 0), min(start + len(shape), len(line))
    if low < high:
        line[low:high] += shape[low - start : high - start]
