"""Levels that cannot be: a channel at a tenth or ten times of itself, a day far above others, days that repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from engine.data.calendar import lunar_new_year
from engine.data.checks.facts import Facts
from engine.data.checks.finding import Finding, tell
from engine.data.checks.tools import (
    Days,
    Floats,
    Ints,
    Mask,
    codes_of,
    day_text,
    days_of,
    has,
    number,
    runs,
    sum_by,
    usual,
)

LOW, HIGH = 0.2, 5.0
"""A week of a channel at less than this, or more than that, of its last weeks is no market."""
SPRING_DAYS = 14
LEAST_SKU = 4.0
ALONE = 0.7
"""Without other lines to compare with, a week must be this much further off."""
LEAST = 80.0
"""Units that a week must be expected to have, below which chance explains anything."""
DAY_FACTOR, LEAST_DAY = 6.0, 30.0
ROW_FACTOR = 15.0
ROW_UNITS = 30.0
CANDIDATE = 5.0
NEAR = 10
"""Rows before and after with which a row is compared."""
LEAST_OTHERS = 4
EXPLAINED, FESTIVE = 2.0, 4.0
"""How many times more it takes in a promotion, and in an event."""
CHANCE_NEAR, CHANCE_FAR = 6.0, 14.0
"""Sum of log(1 + units) of two equal days from which they are no chance: within a week of each other, or further."""


def level_shifts(facts: Facts) -> Iterator[Finding]:
    """Weeks of a channel, or of all, far from their last weeks in most SKUs while other channels did not move alike."""
    found = shifts(facts.grid, facts.festive, facts.step)
    spring = _spring_weeks(facts, found.low.shape[1])
    low = found.low & ~(spring & (found.own > LOW / 10))
    for kind, flags, factor in (("sales.level_low", low, LOW), ("sales.level_high", found.high, HIGH)):
        weeks = [
            f"{facts.channels[row]} {day_text(facts.day(start))}"
            for row, start in _starts(flags)
            if _in_most_skus(facts, row, start, factor)
        ]
        yield from tell(kind, len(weeks), weeks)
    total = shifts(facts.grid.sum(axis=0, keepdims=True), np.atleast_2d(facts.festive.any(axis=0)), facts.step)
    for kind, flags, factor in (("sales.total_low", total.low, LOW), ("sales.total_high", total.high, HIGH)):
        weeks = [day_text(facts.day(start)) for _, start in _starts(flags) if _in_most_skus(facts, None, start, factor)]
        yield from tell(kind, len(weeks), weeks)


def _spring_weeks(facts: Facts, weeks: int) -> Mask:
    """Weeks around Lunar New Year, when channels come to rest each in its own way."""
    days = facts.first + (np.arange(weeks) * facts.step).astype("timedelta64[D]")
    years = np.unique(days.astype("datetime64[Y]").astype(int) + 1970)
    mask = np.zeros(weeks, dtype=bool)
    for year in years:
        with suppress(ValueError):  # a year beyond the shipped lunar calendar
            distance = (days - np.datetime64(lunar_new_year(int(year)), "D")).astype(int)
            mask |= (distance >= -SPRING_DAYS) & (distance <= SPRING_DAYS - 7)
    return mask


def _starts(flags: Mask) -> list[tuple[int, int]]:
    """Line and first day of the middle week of every run of flagged weeks."""
    return [(row, start + length // 2) for row, line in enumerate(flags) for start, length in runs(line)]


def _in_most_skus(facts: Facts, channel: int | None, start: int, factor: float) -> bool:
    """Whether the usual SKU moved as well: a launch or stock-out of a best-seller moves a channel, not its other SKUs.

    ``factor`` below 1 asks for a fall, above 1 for a rise.
    """
    width = 7 // facts.step
    period = facts.cell % facts.periods
    mine = (facts.cell >= 0) & (facts.sku >= 0) & (period >= start - 4 * width) & (period < start + 5 * width)
    if channel is not None:
        mine &= facts.channel == channel
    sku, period, units = facts.sku[mine], period[mine], facts.units[mine]
    size, begin = len(facts.skus), start >= 4 * width
    base = period < start if begin else period >= start + width
    usual_week = sum_by(np.where(base, sku, -1), units, size) / 4
    week = sum_by(np.where((period >= start) & (period < start + width), sku, -1), units, size)
    known = (usual_week >= LEAST_SKU) & (facts.first_sale <= max(start - 4 * width, width))
    if not begin:
        known &= week > 0
    if known.sum() < 3:
        return bool(begin and size < 3)
    ratio = float(np.median(week[known] / usual_week[known]))
    return ratio < 1.25 * factor if factor < 1 else ratio > factor / 2


class Shifts(NamedTuple):
    """``low``, ``high`` [lines, weeks]: weeks far off; ``own``: typical day over that of the four weeks before."""

    low: Mask
    high: Mask
    own: Floats


def shifts(grid: Floats, festive: Mask, step: int) -> Shifts:
    """Where the typical day of a week (from that period on) is far below or above that of the four weeks before.

    Typical days are medians, so that single days of live streams or bulk orders do not count; how the other lines
    moved is taken out, and a line that stands alone needs a stronger sign. A high week in an event counts only where
    it is four times above every other week of the line.
    """
    width = 7 // step
    if grid.shape[1] <= 5 * width:
        nothing = np.zeros((len(grid), 0), dtype=bool)
        return Shifts(nothing, nothing, nothing.astype(float))
    weeks = np.lib.stride_tricks.sliding_window_view(grid, width, axis=1)
    typical, total = np.median(weeks, axis=2), weeks.sum(axis=2)
    before = np.lib.stride_tricks.sliding_window_view(grid, 4 * width, axis=1)
    usually = _shifted(np.median(before, axis=2), typical.shape[1], width)
    in_all = _shifted(before.mean(axis=2), typical.shape[1], width) * width
    enough = usually * width >= LEAST
    with np.errstate(invalid="ignore", divide="ignore"):
        own = np.where(enough, typical / usually, np.nan)
        whole = np.where(enough, total / in_all, np.nan)
    moved = own / np.clip(_median_of_others(own), LOW, HIGH)
    busy = np.lib.stride_tricks.sliding_window_view(festive, width, axis=1).any(axis=2)
    alone = ALONE if len(grid) == 1 else 1.0
    with np.errstate(invalid="ignore"):
        low = (moved < LOW * alone) & (own < 0.5) & (whole < 2 * LOW)
        high = (moved > HIGH / alone) & (own > HIGH) & (whole > HIGH / 2) & ~busy
        if total.shape[1] > 20 * width:
            top = np.partition(total, -2 * width - 1, axis=1)[:, -2 * width - 1]
            high |= (own > HIGH) & (total > 4 * np.maximum(top, LEAST)[:, None])
    return Shifts(low, high, own)


def _shifted(past: Floats, count: int, width: int) -> Floats:
    """For each week the value of the four weeks before; at the start of the line that of the four weeks after."""
    ahead = past[:, np.minimum(np.arange(count) + width, past.shape[1] - 1)]
    place = np.arange(count) - 4 * width
    return np.where(place >= 0, past[:, np.maximum(place, 0)], ahead)


def _median_of_others(own: Floats) -> Floats:
    """How the other lines moved: the median of their ratios, 1 where there is no other."""
    others = np.ones_like(own)
    for row in range(len(own)):
        rest = np.delete(own, row, axis=0)
        known = ~np.isnan(rest).all(axis=0)
        others[row, known] = np.nanmedian(rest[:, known], axis=0) if len(rest) else 1.0
    return others


def high_days(facts: Facts) -> Iterator[Finding]:
    """Days of a channel far above the days around, outside of every event and live stream."""
    if facts.step != 1 or facts.periods < 15:
        return
    found = []
    for row, (line, festive) in enumerate(zip(facts.grid, facts.festive, strict=True)):
        middle, often = around(line, 14), around(line, 14, 0.8)
        wrong = ~festive & (line > DAY_FACTOR * np.maximum(middle, 2.0)) & (line > DAY_FACTOR / 2 * often)
        for place in np.flatnonzero(wrong & (line > LEAST_DAY)):
            if _high_in_most_skus(facts, row * facts.periods + int(place)):
                found.append(f"{facts.channels[row]} {day_text(facts.day(int(place)))}")
    yield from tell("sales.high_day", len(found), found)


def _high_in_most_skus(facts: Facts, cell: int) -> bool:
    """Whether the usual SKU of a day sold several times what it usually does; one alone is a matter of its row."""
    mine = np.flatnonzero(facts.cell == cell)
    mine = mine[facts.series[mine] >= 0]
    mine = mine[~facts.excluded(mine)]
    middle = usual(facts.units, facts.series, facts.series_count)[facts.series[mine]]
    return len(mine) >= 3 and float(np.nanmedian(facts.units[mine] / middle)) > DAY_FACTOR / 2


def around(line: Floats, reach: int, quantile: float = 0.5) -> Floats:
    """A quantile of the days within ``reach``."""
    padded = np.pad(line, reach, mode="reflect" if len(line) > reach else "edge")
    return np.asarray(np.quantile(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), quantile, axis=1))


def high_rows(facts: Facts) -> Iterator[Finding]:
    """Rows of a SKU and channel far above those around with the goods in stock; far more so in events, promotions."""
    units = np.where(facts.cell >= 0, facts.units, 0.0)

    def short(rows: Ints) -> Mask:
        return facts.short(facts.sku[rows], facts.channel[rows], facts.dates[rows])

    times = times_above(facts.series, facts.dates, units, (ROW_UNITS, ROW_FACTOR), short)
    where = np.flatnonzero(times > 1.0)
    where = where[~facts.streamed.ravel()[facts.cell[where]]]
    times = times[where] / np.where(facts.festive.ravel()[facts.cell[where]], FESTIVE, 1.0)
    where = where[unexplained(facts, times, facts.sku[where], facts.channel[where], facts.dates[where])]
    where = where[~facts.excluded(where)]
    examples = [_row(facts, int(place)) for place in where[:3]]
    yield from tell("sales.high_row", len(where), examples)


def unexplained(facts: Facts, times: Floats, sku: Ints, channel: Ints, days: Days) -> Mask:
    """High values that are no matter of a promotion, in which they must be higher still."""
    return np.asarray(times > np.where(facts.promoted(sku, channel, days), EXPLAINED, 1.0))


def times_above(
    series: Ints, days: Days, values: Floats, limits: tuple[float, float], short: Callable[[Ints], Mask]
) -> Floats:
    """How many times each value stands above ``factor`` medians, and a third of that of high ones, of the rows around.

    ``limits``: the least value that counts, and the factor. ``short`` tells which rows stand for days of a shortage:
    nothing is compared with those. 0 for values below the least and for what is ordinary in its series; only series
    with candidates are sorted.
    """
    least, factor = limits
    middle = usual(values, series, int(series.max(initial=0)) + 1)
    likely = (series >= 0) & (values >= least)
    likely[likely] = values[likely] > CANDIDATE * middle[series[likely]]
    times = np.zeros(len(values))
    if not likely.any():
        return times
    rows = np.flatnonzero(np.isin(series, np.unique(series[likely])) & (values > 0))
    rows = rows[likely[rows] | ~short(rows)]
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
    a, b = (
        (facts.channels[cell // facts.periods], day_text(facts.day(cell % facts.periods))) for cell in (left, right)
    )
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
