"""Levels that cannot be: a channel at a tenth or ten times of itself, a day far above others, days that repeat."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.data.checks.facts import Facts
from engine.data.checks.finding import Finding, tell
from engine.data.checks.tools import Days, Floats, Ints, Mask, codes_of, day_text, days_of, has, number, runs, sum_by, usual

LOW, HIGH = 0.2, 5.0
"""A week of a channel at less than this, or more than that, of its last weeks is no market."""
ALONE = 0.7
"""Without other lines to compare with, a week must be this much further off."""
LEAST = 30.0
"""Units that a week must be expected to have, below which chance explains anything."""
DAY_FACTOR = 6.0
ROW_FACTOR = 15.0
ROW_UNITS = 25.0
CANDIDATE = 5.0
NEAR = 10
"""Rows before and after with which a row is compared."""
LEAST_OTHERS = 4
SHORT_FACTOR = 3.0
CHANCE_NEAR, CHANCE_FAR = 6.0, 14.0
"""Sum of log(1 + units) of two equal days from which they are no chance: within a week of each other, or further."""


def level_shifts(facts: Facts) -> Iterator[Finding]:
    """Weeks of a channel far from its last weeks, where the other channels did not move alike."""
    low, high = shifts(facts.grid, facts.festive, facts.step)
    yield from tell("sales.level_low", *_weeks(facts, low))
    yield from tell("sales.level_high", *_weeks(facts, high))
    total, festive = facts.grid.sum(axis=0, keepdims=True), facts.festive.any(axis=0, keepdims=True)
    for kind, flags in zip(("sales.total_low", "sales.total_high"), shifts(total, festive, facts.step), strict=True):
        found = [day_text(facts.day(start)) for start, _ in runs(flags[0])]
        yield from tell(kind, len(found), found)


def shifts(grid: Floats, festive: Mask, step: int) -> tuple[Mask, Mask]:
    """Where a 7-day sum (from that period on) is far below or above the median of those of the four weeks before.

    How the other lines moved is taken out; a line that stands alone needs a stronger sign. A high week in an event counts only where
    it is four times above every other week of the line.
    """
    width = 7 // step
    weeks = _moving_sum(grid, width)
    low, high = np.zeros(weeks.shape, dtype=bool), np.zeros(weeks.shape, dtype=bool)
    if weeks.shape[1] <= 5 * width:
        return low, high
    usual_week = _usual_week(weeks, width)
    enough = usual_week >= LEAST
    with np.errstate(invalid="ignore", divide="ignore"):
        own = np.where(enough, weeks / usual_week, np.nan)
    moved = own / np.clip(_median_of_others(own), LOW, HIGH)
    busy = _moving_sum(festive.astype(float), width) > 0
    alone = ALONE if len(grid) == 1 else 1.0
    low = enough & (moved < LOW * alone) & (own < 0.5)
    high = enough & (moved > HIGH / alone) & (own > HIGH) & ~busy
    top = np.partition(weeks, -2 * width - 1, axis=1)[:, -2 * width - 1] if weeks.shape[1] > 20 * width else None
    if top is not None:
        high |= enough & (own > HIGH) & (weeks > 4 * np.maximum(top, LEAST)[:, None])
    return low, high


def _median_of_others(own: Floats) -> Floats:
    """How the other lines moved: the median of their ratios, 1 where there is no other."""
    others = np.ones_like(own)
    for row in range(len(own)):
        rest = np.delete(own, row, axis=0)
        known = ~np.isnan(rest).all(axis=0)
        others[row, known] = np.nanmedian(rest[:, known], axis=0) if len(rest) else 1.0
    return others


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
        middle = around(line, 14)
        wrong = ~festive & (line > DAY_FACTOR * np.maximum(middle, 2.0)) & (line > LEAST)
        found += [f"{name} {day_text(facts.day(int(place)))}" for place in np.flatnonzero(wrong)]
    yield from tell("sales.high_day", len(found), found)


def around(line: Floats, reach: int) -> Floats:
    """Median of the days within ``reach``."""
    padded = np.pad(line, reach, mode="reflect" if len(line) > reach else "edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1))


def high_rows(facts: Facts) -> Iterator[Finding]:
    """Rows of a SKU and channel far above its rows around, outside of events, live streams and its own promotions."""
    times = times_above(facts.series, facts.dates, np.where(facts.cell >= 0, facts.units, 0.0), ROW_UNITS, ROW_FACTOR)
    where = np.flatnonzero(times > 1.0)
    where = where[~facts.festive.ravel()[facts.cell[where]]]
    where = where[unexplained(facts, times[where], facts.sku[where], facts.channel[where], facts.dates[where])]
    examples = [_row(facts, int(place)) for place in where[:3]]
    yield from tell("sales.high_row", len(where), examples)


def unexplained(facts: Facts, times: Floats, sku: Ints, channel: Ints, days: Days) -> Mask:
    """High values that no promotion explains; beside a stock-out, where little could sell, they must be higher."""
    enough = times > np.where(facts.short(sku, channel, days), SHORT_FACTOR, 1.0)
    return enough & ~facts.promoted(sku, channel, days)


def times_above(series: Ints, days: Days, values: Floats, least: float, factor: float) -> Floats:
    """How many times above ``factor`` medians, and a third of it of the high ones, of the rows around each value stands.

    0 for values below ``least`` and for what is ordinary in its series; only series with candidates are sorted.
    """
    middle = usual(values, series, int(series.max(initial=0)) + 1)
    likely = (series >= 0) & (values >= least)
    likely[likely] = values[likely] > CANDIDATE * middle[series[likely]]
    times = np.zeros(len(values))
    rows = np.flatnonzero(np.isin(series, np.unique(series[likely])) & (values > 0)) if likely.any() else []
    rows = np.asarray(rows, dtype=np.int64)
    rows = rows[np.lexsort((days[rows].astype(np.int64), series[rows]))]
    for place in np.flatnonzero(likely[rows]):
        low = max(int(place) - NEAR, 0)
        near = np.delete(np.arange(low, min(int(place) + NEAR + 1, len(rows))), int(place) - low)
        others = values[rows[near[series[rows[near]] == series[rows[place]]]]]
        usually, often = middle[series[rows[place]]], 0.0
        if len(others) >= LEAST_OTHERS:
            usually, often = float(np.median(others)), float(np.quantile(others, 0.8))
        times[rows[place]] = values[rows[place]] / max(factor * usually, factor / 3 * often)
    return times


def _row(facts: Facts, place: int) -> str:
    sku, channel = facts.skus[facts.sku[place]], facts.channels[facts.channel[place]]
    return f"{sku} {channel} {day_text(facts.dates[place])}: {facts.units[place]:,.0f}"


def repeated_days(facts: Facts) -> Iterator[Finding]:
    """Two days of a channel, or two channels on one day, with the same units and money for every SKU."""
    size = len(facts.channels) * facts.periods
    good = (facts.cell >= 0) & (facts.sku >= 0) & (facts.units > 0)
    cell = np.where(good, facts.cell, -1)
    telling = sum_by(cell, np.log1p(facts.units), size)
    first, second = np.random.default_rng(0).random((2, len(facts.skus)))
    money = facts.units if facts.amount is None else np.nan_to_num(facts.amount)
    mark = [sum_by(cell, first[facts.sku] * facts.units, size), sum_by(cell, second[facts.sku] * money, size)]
    cells = np.flatnonzero(telling >= CHANCE_NEAR)
    order = cells[np.lexsort((cells, np.round(mark[0][cells], 4)))]
    left, right = order[:-1], order[1:]
    same = np.isclose(mark[0][left], mark[0][right], rtol=1e-9) & np.isclose(mark[1][left], mark[1][right], rtol=1e-9)
    apart = np.abs(right % facts.periods - left % facts.periods) * facts.step
    same &= (telling[left] >= CHANCE_FAR) | (apart <= 7)
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
