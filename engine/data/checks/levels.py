"""Levels that cannot be: a channel at a tenth or ten times of itself, a day far above others, days that repeat."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.data.checks.facts import Facts
from engine.data.checks.finding import Finding, tell
from engine.data.checks.tools import Floats, Ints, Mask, codes_of, day_text, days_of, has, number, runs, sum_by, usual

LOW, HIGH = 0.2, 5.0
"""A week of a channel at less than this, or more than that, of its last weeks is no market."""
LEAST = 30.0
"""Units that a week must be expected to have, below which chance explains anything."""
DAY_FACTOR = 6.0
ROW_FACTOR = 15.0
ROW_UNITS = 25.0
REPEATED_ROWS = 6
"""Rows of a day and channel from which two equal days are no chance."""


def level_shifts(facts: Facts) -> Iterator[Finding]:
    """Weeks of a channel far from its last weeks, where the other channels did not move alike."""
    low, high = shifts(facts.grid, facts.festive, facts.step)
    yield from tell("sales.level_low", *_weeks(facts, low))
    yield from tell("sales.level_high", *_weeks(facts, high))


def shifts(grid: Floats, festive: Mask, step: int) -> tuple[Mask, Mask]:
    """Where a 7-day sum (from that period on) is far below or above the median of those of the four weeks before.

    The movement of all other lines is taken out where there are any. A high week in an event counts only where
    it is four times above every other week of the line.
    """
    width = 7 // step
    weeks = _moving_sum(grid, width)
    low, high = np.zeros(weeks.shape, dtype=bool), np.zeros(weeks.shape, dtype=bool)
    if weeks.shape[1] <= 5 * width:
        return low, high
    usual_week = _usual_week(weeks, width)
    rest = weeks.sum(axis=0) - weeks
    usual_rest = usual_week.sum(axis=0) - usual_week
    with np.errstate(invalid="ignore", divide="ignore"):
        own = weeks / usual_week
        others = np.where(usual_rest > LEAST, rest / usual_rest, 1.0)
    moved = own / np.clip(others, LOW, HIGH)
    busy = _moving_sum(festive.astype(float), width) > 0
    enough = usual_week >= LEAST
    low = enough & (moved < LOW) & (own < 0.5)
    high = enough & (moved > HIGH) & (own > HIGH) & ~busy
    top = np.partition(weeks, -2 * width - 1, axis=1)[:, -2 * width - 1] if weeks.shape[1] > 20 * width else None
    if top is not None:
        high |= enough & (own > HIGH) & (weeks > 4 * np.maximum(top, LEAST)[:, None])
    return low, high


def _moving_sum(grid: Floats, width: int) -> Floats:
    total = np.cumsum(np.pad(grid, ((0, 0), (1, 0))), axis=1)
    return np.asarray(total[:, width:] - total[:, :-width]) if grid.shape[1] >= width else grid[:, :0]


def _usual_week(weeks: Floats, width: int) -> Floats:
    """Median of the four weeks before; of the four after at the start of the line."""
    count = weeks.shape[1]
    before = [np.roll(weeks, width * back, axis=1) for back in range(1, 5)]
    after = [np.roll(weeks, -width * ahead, axis=1) for ahead in range(1, 5)]
    usual_week = np.median(before, axis=0)
    usual_week[:, : 4 * width] = np.median(after, axis=0)[:, : 4 * width]
    return np.asarray(usual_week[:, :count])


def _weeks(facts: Facts, flags: Mask) -> tuple[int, list[str]]:
    found = [
        f"{name} {day_text(facts.day(start))}"
        for name, line in zip(facts.channels, flags, strict=True)
        for start, _ in runs(line)
    ]
    return len(found), found


def high_days(facts: Facts) -> Iterator[Finding]:
    """Days of a channel far above the days around, outside of every event and live stream."""
    if facts.step != 1 or facts.periods < 15:
        return
    found = []
    for name, line, festive in zip(facts.channels, facts.grid, facts.festive, strict=True):
        middle = _around(line, 14)
        wrong = ~festive & (line > DAY_FACTOR * np.maximum(middle, 2.0)) & (line > LEAST)
        found += [f"{name} {day_text(facts.day(int(place)))}" for place in np.flatnonzero(wrong)]
    yield from tell("sales.high_day", len(found), found)


def _around(line: Floats, reach: int) -> Floats:
    """Median of the days within ``reach``."""
    padded = np.pad(line, reach, mode="reflect")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1))


def high_rows(facts: Facts) -> Iterator[Finding]:
    """Rows of a SKU and channel far above its other rows, outside of events and live streams."""
    middle = usual(facts.units, facts.series, facts.series_count)
    wrong = (facts.cell >= 0) & (facts.series >= 0) & (facts.units >= ROW_UNITS)
    wrong[wrong] = facts.units[wrong] > ROW_FACTOR * middle[facts.series[wrong]]
    wrong[wrong] = ~facts.festive.ravel()[facts.cell[wrong]]
    where = np.flatnonzero(wrong)
    examples = [_row(facts, int(place)) for place in where[:3]]
    yield from tell("sales.high_row", len(where), examples)


def _row(facts: Facts, place: int) -> str:
    sku, channel = facts.skus[facts.sku[place]], facts.channels[facts.channel[place]]
    return f"{sku} {channel} {day_text(facts.dates[place])}: {facts.units[place]:,.0f}"


def repeated_days(facts: Facts) -> Iterator[Finding]:
    """Two days of a channel, or two channels on one day, with the same units and money for every SKU."""
    size = len(facts.channels) * facts.periods
    good = (facts.cell >= 0) & (facts.sku >= 0) & (facts.units > 0)
    rows = np.bincount(facts.cell[good], minlength=size)
    first, second = np.random.default_rng(0).random((2, len(facts.skus)))
    money = facts.units if facts.amount is None else np.nan_to_num(facts.amount)
    weights = (first[facts.sku] * facts.units, second[facts.sku] * money)
    mark = [np.round(sum_by(np.where(good, facts.cell, -1), weight, size), 4) for weight in weights]
    cells = np.flatnonzero(rows >= REPEATED_ROWS)
    order = cells[np.lexsort((cells, mark[1][cells], mark[0][cells]))]
    left, right = order[:-1], order[1:]
    same = np.isclose(mark[0][left], mark[0][right], rtol=1e-9) & np.isclose(mark[1][left], mark[1][right], rtol=1e-9)
    pairs = sorted((int(a), int(b)) for a, b in zip(left[same], right[same], strict=True))
    yield from tell("sales.repeated_day", len(pairs), (_pair(facts, *pair) for pair in pairs))


def _pair(facts: Facts, left: int, right: int) -> str:
    a, b = ((facts.channels[cell // facts.periods], day_text(facts.day(cell % facts.periods))) for cell in (left, right))
    return f"{a[0]} {a[1]} = {b[1]}" if a[0] == b[0] else f"{a[0]} = {b[0]} {a[1]}"


def repeated_media(facts: Facts) -> Iterator[Finding]:
    """Days on which every ad channel spent to the fen what it spent on another day."""
    media = facts.data.get("media")
    if not has(media, "date", "ad_channel", "spend_fen"):
        return
    assert media is not None
    ad, ads = codes_of(media["ad_channel"])
    days = days_of(media["date"])
    spend = number(media, "spend_fen")
    assert spend is not None
    found, day = np.unique(days, return_inverse=True)
    pairs = equal_lines(day.astype(np.int64), ad, spend, len(found), len(ads))
    examples = [f"{day_text(found[a])} = {day_text(found[b])}" for a, b in pairs]
    yield from tell("media.repeated_day", len(pairs), examples)


def equal_lines(line: Ints, column: Ints, values: Floats, lines: int, columns: int) -> list[tuple[int, int]]:
    """Pairs of lines that hold the same positive values, at least two of them different."""
    table = sum_by(np.where(column >= 0, line * columns + column, -1), values, lines * columns).reshape(lines, columns)
    telling = np.flatnonzero([len(np.unique(row[row > 0])) > 1 for row in table])
    order = telling[np.lexsort(table[telling].T)] if len(telling) else telling
    same = (table[order[1:]] == table[order[:-1]]).all(axis=1)
    return sorted((int(a), int(b)) for a, b in zip(order[:-1][same], order[1:][same], strict=True))
