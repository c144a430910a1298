"""Drivers and their effects in the form that kernels read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.drivers import (
    EVENT,
    LIST_PRICE,
    PRICE,
    PROMOTION,
    RIVAL_PRICES,
    RIVAL_PROMOTIONS,
    SHADOW,
    SUBSIDY,
    Drivers,
)
from models.kernels import INNER
from models.price import DemandEffects

LARGEST_PRICE_EFFECT = 3.0
PULLS = (RIVAL_PRICES, RIVAL_PROMOTIONS, SUBSIDY)


class EffectGrid(NamedTuple):
    """Flat arrays over history and horizon; a flag is an event, a promotion or a shadow, in this order.

    ``price``, ``list_price`` float32 [groups, periods] with ``price_row``, ``list_row`` int32 [series]; ``value``
    float32 [rows, periods] with ``flag_row`` int32 [flags, series]; ``active``: the periods in which a row of
    ``value`` is not 0, those of row r from ``pointer[r]`` to ``pointer[r + 1]``, with the place in ``active`` where
    their unbroken run begins (``run_start``) and ends (``run_stop``, excluded); ``lift`` float64 [flags, categories];
    ``elasticity`` float64 [categories]; ``events``: how many of the flags, the first ones, are events; ``own``: how
    many are events or promotions. ``rivals`` (by price), ``promoted`` (rivals by promotion) and ``subsidy`` float32
    [groups, periods] with their rows int32 [series], and their lifts ``pull`` float64 [3, categories].
    """

    price: NDArray[np.float32]
    price_row: NDArray[np.int32]
    list_price: NDArray[np.float32]
    list_row: NDArray[np.int32]
    value: NDArray[np.float32]
    flag_row: NDArray[np.int32]
    active: NDArray[np.int32]
    pointer: NDArray[np.int64]
    run_start: NDArray[np.int64]
    run_stop: NDArray[np.int64]
    lift: NDArray[np.float64]
    elasticity: NDArray[np.float64]
    events: int
    own: int
    rivals: NDArray[np.float32]
    rivals_row: NDArray[np.int32]
    promoted: NDArray[np.float32]
    promoted_row: NDArray[np.int32]
    subsidy: NDArray[np.float32]
    subsidy_row: NDArray[np.int32]
    pull: NDArray[np.float64]


def flag_names(drivers: Drivers) -> tuple[str, ...]:
    """Events, then promotions, then shadows, each sorted."""
    return drivers.names(EVENT) + drivers.names(PROMOTION) + drivers.names(SHADOW)


def effect_grid(drivers: Drivers, series: int, effects: DemandEffects | None) -> EffectGrid:
    """Flatten the drivers; without ``effects`` every effect is nil (and there is one category)."""
    periods = len(drivers.dates)
    names = flag_names(drivers)
    blocks = [drivers.blocks[name] for name in names]
    starts = np.cumsum([0, *(len(block.values) for block in blocks)])
    rows = [block.group + start for block, start in zip(blocks, starts, strict=False)]
    nothing = np.zeros((1, periods), dtype=np.float32)
    value = np.concatenate([block.values for block in blocks] or [nothing]).astype(np.float32, copy=False)
    row, active = np.nonzero(value)
    none = np.zeros(1 if effects is None else len(effects.categories))
    lift = [none if effects is None else effects.lift.get(name, none) for name in names]
    return EffectGrid(
        *_dense(drivers, PRICE, series, np.nan),
        *_dense(drivers, LIST_PRICE, series, np.nan),
        value,
        np.array(rows, dtype=np.int32).reshape(len(names), series),
        active.astype(np.int32),
        np.searchsorted(row, np.arange(len(value) + 1)),
        *_runs(row, active),
        np.array(lift).reshape(len(names), len(none)),
        none if effects is None else effects.elasticity,
        len(drivers.names(EVENT)),
        len(names) - len(drivers.names(SHADOW)),
        *_dense(drivers, RIVAL_PRICES, series, 0.0),
        *_dense(drivers, RIVAL_PROMOTIONS, series, 0.0),
        *_dense(drivers, SUBSIDY, series, 0.0),
        np.array([none if effects is None else effects.lift.get(name, none) for name in PULLS]),
    )


def _runs(row: NDArray[np.int64], active: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First place and the place after the last of the run of consecutive periods that each entry belongs to."""
    if not len(active):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    breaks = np.flatnonzero((np.diff(active) != 1) | (np.diff(row) != 0)) + 1
    edges = np.concatenate([[0], breaks, [len(active)]])
    length = np.diff(edges)
    return np.repeat(edges[:-1], length), np.repeat(edges[1:], length)


def _dense(drivers: Drivers, name: str, series: int, otherwise: float) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    if name not in drivers.blocks:
        return np.full((1, len(drivers.dates)), otherwise, dtype=np.float32), np.zeros(series, dtype=np.int32)
    block = drivers.blocks[name]
    return np.ascontiguousarray(block.values), block.group


@njit(**INNER)
def _median(values, count):  # type: ignore[no-untyped-def]
    """Median of the first ``count`` values, which are sorted in place."""
    for right in range(1, count):
        value = values[right]
        left = right - 1
        while left >= 0 and values[left] > value:
            values[left + 1] = values[left]
            left -= 1
        values[left + 1] = value
    middle = count // 2
    return values[middle] if count % 2 == 1 else (values[middle - 1] + values[middle]) / 2


@njit(**INNER)
def place_of(periods, first, last, period):  # type: ignore[no-untyped-def]
    """First place in ascending ``periods[first:last]`` that is not before ``period``, as an index of the whole."""
    while first < last:
        middle = (first + last) // 2
        if periods[middle] < period:
            first = middle + 1
        else:
            last = middle
    return first


@njit(cache=True, error_model="numpy")
def regular_price(price, periods, clock):  # type: ignore[no-untyped-def]
    """Regular price before each period 0..periods: median of weekly samples of the past, NaN without a past.

    That of period t uses prices before t only; before the first known price it is that price itself.
    """
    regular = np.full(periods + 1, np.nan, dtype=np.float32)
    samples = np.empty(clock.price_weeks, dtype=np.float32)
    current = np.float32(np.nan)
    for period in range(periods + 1):
        if period % clock.week == 0 or np.isnan(current):
            count = 0
            for back in range(clock.price_weeks):
                sample = period - 1 - back * clock.week
                if sample < 0:
                    break
                if not np.isnan(price[sample]):
                    samples[count] = price[sample]
                    count += 1
            if count > 0:
                current = _median(samples, count)
        regular[period] = current
        if np.isnan(current) and period < periods:
            regular[period] = price[period]
    return regular


@njit(**INNER)
def log_price_ratio(price, regular):  # type: ignore[no-untyped-def]
    """log(price / regular), 0 where either is unknown."""
    return np.log(price / regular) if price > 0.0 and regular > 0.0 else 0.0


@njit(**INNER)
def log_price_effect(price, regular, elasticity):  # type: ignore[no-untyped-def]
    """Log demand at ``price`` against demand at the regular price, bounded; 0 where unknown."""
    effect = elasticity * log_price_ratio(price, regular)
    return min(max(effect, -LARGEST_PRICE_EFFECT), LARGEST_PRICE_EFFECT)


@njit(**INNER)
def rival_effect(row, group, period, grid):  # type: ignore[no-untyped-def]
    """Log effect of what the rest of the shelf has on offer."""
    by_price = grid.pull[0, group] * grid.rivals[grid.rivals_row[row], period]
    return by_price + grid.pull[1, group] * grid.promoted[grid.promoted_row[row], period]


@njit(**INNER)
def subsidy_effect(row, group, period, grid):  # type: ignore[no-untyped-def]
    """Log effect of the platform's part of the discount beyond that of the price."""
    return grid.pull[2, group] * grid.subsidy[grid.subsidy_row[row], period]


@njit(**INNER)
def log_effects(row, group, periods, regular, grid):  # type: ignore[no-untyped-def]
    """Log effect of everything in each period of one series, float64 [periods]."""
    effect = np.empty(periods)
    price = grid.price[grid.price_row[row]]
    for period in range(periods):
        effect[period] = log_price_effect(price[period], regular[period], grid.elasticity[group])
        effect[period] += rival_effect(row, group, period, grid) + subsidy_effect(row, group, period, grid)
    for flag in range(grid.flag_row.shape[0]):
        slope = grid.lift[flag, group]
        line = grid.flag_row[flag, row]
        if slope == 0.0:
            continue
        for entry in range(grid.pointer[line], grid.pointer[line + 1]):
            period = grid.active[entry]
            if period >= periods:
                break
            effect[period] += slope * grid.value[line, period]
    for period in range(periods):
        effect[period] = min(max(effect[period], -4.0), 4.0)
    return effect
