"""Running sums of one series, and what is read from them in constant time: windows, levels, seasons, lifts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.features.effects import place_of
from models.kernels import INNER

YEARS = 3
"""How many past years a season is averaged over."""
LEVEL_WEIGHTS = (0.45, 0.35, 0.2)


class Sums(NamedTuple):
    """Running sums over periods 0..t-1 at position t: ``total`` of clean units, ``counts`` of known periods, and the
    same by weekday (``strided``: the sum over t - week, t - 2 weeks, ... at position t)."""

    total: NDArray[np.float64]
    counts: NDArray[np.float64]
    strided: NDArray[np.float64]
    strided_count: NDArray[np.float64]


class Lifts(NamedTuple):
    """By flag, running over its active periods (``start`` [flags + 1]): units and units expected without the flag,
    and the expected units weighted by the flag's strength; the first entry of each flag is 0."""

    start: NDArray[np.int64]
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    strength: NDArray[np.float64]


@njit(cache=True, error_model="numpy")
def running(values, counts, week):  # type: ignore[no-untyped-def]
    """:class:`Sums` of values and counts a period."""
    periods = len(values)
    total, count = np.zeros(periods + 1), np.zeros(periods + 1)
    strided, strided_count = np.zeros(periods + week), np.zeros(periods + week)
    for period in range(periods):
        number = counts[period]
        total[period + 1] = total[period] + values[period]
        count[period + 1] = count[period] + number
        strided[period + week] = strided[period] + values[period]
        strided_count[period + week] = strided_count[period] + number
    return Sums(total, count, strided, strided_count)


@njit(**INNER)
def group_sums(history, group):  # type: ignore[no-untyped-def]
    """:class:`Sums` of a category (the last one: of all series)."""
    return Sums(history.total[group], history.counts[group], history.strided[group], history.strided_count[group])


@njit(**INNER)
def window_mean(sums, start, stop, otherwise):  # type: ignore[no-untyped-def]
    """Mean over the known periods start..stop-1; ``otherwise`` where none is known."""
    first = max(start, 0)
    number = sums.counts[stop] - sums.counts[first]
    return (sums.total[stop] - sums.total[first]) / number if number > 0.0 else otherwise


@njit(**INNER)
def level_at(sums, origin, clock):  # type: ignore[no-untyped-def]
    """Weighted mean of three windows before the origin; an empty one leans on the next longer one."""
    life = window_mean(sums, 0, origin, 0.0)
    long = window_mean(sums, origin - clock.level[2], origin, life)
    middle = window_mean(sums, origin - clock.level[1], origin, long)
    short = window_mean(sums, origin - clock.level[0], origin, middle)
    return LEVEL_WEIGHTS[0] * short + LEVEL_WEIGHTS[1] * middle + LEVEL_WEIGHTS[2] * long


@njit(**INNER)
def past_levels(sums, origin, clock, out):  # type: ignore[no-untyped-def]
    """Level 1, 2, ... years before the origin into ``out`` [YEARS]; NaN from the first year without history on."""
    out[:] = np.nan
    for back in range(YEARS):
        past = origin - (back + 1) * clock.year
        if past < clock.level[0] or sums.counts[past] - sums.counts[max(past - clock.level[1], 0)] <= 0.0:
            break
        out[back] = level_at(sums, past, clock)


@njit(**INNER)
def season_at(sums, origin, target, levels, clock):  # type: ignore[no-untyped-def]
    """Units around the target's date in past years, and the units expected there from the level a year before the
    origin (``levels``, see :func:`past_levels`); zeros without a year of history. Their ratio is the season of the
    target against that of the origin."""
    units, expected = 0.0, 0.0
    for back in range(YEARS):
        if np.isnan(levels[back]):
            break
        middle = target - (back + 1) * clock.year
        start, stop = max(middle - clock.season_half, 0), min(middle + clock.season_half + 1, origin)
        if stop > start:
            units += sums.total[stop] - sums.total[start]
            expected += (sums.counts[stop] - sums.counts[start]) * levels[back]
    return units, expected


@njit(cache=True, error_model="numpy")
def weekday_at(sums, origin, target, clock):  # type: ignore[no-untyped-def]
    """Units on the target's weekday over the last weeks, and the units expected there from the mean of all days."""
    week = clock.week
    last = origin - 1 - (origin - 1 - target) % week
    if last < 0:
        return 0.0, 0.0
    first = max(last - week * clock.weekday_weeks, last % week - week)
    number = sums.strided_count[last + week] - sums.strided_count[first + week]
    usual = window_mean(sums, origin - week * clock.weekday_weeks, origin, 0.0)
    return sums.strided[last + week] - sums.strided[first + week], number * usual


@njit(**INNER)
def lifts_of(row, group, units, known, effect, regular, sums, grid, clock):  # type: ignore[no-untyped-def]
    """:class:`Lifts` of one series; ``effect`` is the log effect of everything in each period of history."""
    flags, periods = grid.own, len(units)
    start = np.zeros(flags + 1, dtype=np.int64)
    for flag in range(flags):
        line = grid.flag_row[flag, row]
        start[flag + 1] = start[flag] + grid.pointer[line + 1] - grid.pointer[line] + 1
    observed, expected, strength = np.zeros(start[flags]), np.zeros(start[flags]), np.zeros(start[flags])
    for flag in range(flags):
        line = grid.flag_row[flag, row]
        slope, place = grid.lift[flag, group], start[flag]
        for entry in range(grid.pointer[line], grid.pointer[line + 1]):
            period = grid.active[entry]
            place += 1
            observed[place], expected[place] = observed[place - 1], expected[place - 1]
            strength[place] = strength[place - 1]
            if period < periods and known[period]:
                value = grid.value[line, period]
                usual = level_at(sums, period, clock)
                observed[place] += units[period] / np.exp(effect[period] - slope * value)
                expected[place] += usual
                strength[place] += usual * value
    return Lifts(start, observed, expected, strength)


@njit(**INNER)
def own_lift(flag, row, group, origin, target, lifts, grid, shrink):  # type: ignore[no-untyped-def]
    """Log lift of a flag at the target: the series' own past lift, shrunk to that of its category."""
    line = grid.flag_row[flag, row]
    value = grid.value[line, target]
    if value == 0.0:
        return 0.0
    first = grid.pointer[line]
    place = lifts.start[flag] + place_of(grid.active, first, grid.pointer[line + 1], origin) - first
    expected = lifts.expected[place]
    typical = lifts.strength[place] / expected if expected > 0.0 else 1.0
    pooled = np.exp(grid.lift[flag, group] * typical)
    return np.log((lifts.observed[place] + shrink * pooled) / (expected + shrink)) * value / typical


@njit(**INNER)
def profile_at(flag, row, origin, target, sums, everything, grid, clock, shrink):  # type: ignore[no-untyped-def]
    """Log of how the same day of past occurrences of an event came out against its flat lift, and whether one is known.

    Aligned to the nearer end of the phase, so that 18 June meets 18 June and an opening an opening.
    """
    line = grid.flag_row[flag, row]
    first = grid.pointer[line]
    place = place_of(grid.active, first, grid.pointer[line + 1], target)
    start, stop = grid.run_start[place], grid.run_stop[place]
    from_start, from_end = place - start, stop - 1 - place
    units, expected, all_units, all_expected = 0.0, 0.0, 0.0, 0.0
    while start > first:
        stop = start
        start = grid.run_start[stop - 1]
        entry = start + from_start if from_start <= from_end else stop - 1 - from_end
        if entry < start or entry >= stop or grid.active[entry] >= origin:
            continue
        period, begin = grid.active[entry], grid.active[start]
        number = sums.counts[period + 1] - sums.counts[period]
        units += sums.total[period + 1] - sums.total[period]
        expected += number * level_at(sums, begin, clock)
        number = everything.counts[period + 1] - everything.counts[period]
        all_units += everything.total[period + 1] - everything.total[period]
        all_expected += number * level_at(everything, begin, clock)
    if all_expected <= 0.0:
        return 0.0, False
    pooled = (all_units + shrink) / (all_expected + shrink)
    ratio = np.log((units + shrink * pooled) / (expected + shrink))
    return min(max(ratio, -2.0), 2.0), True
