"""Drivers and their effects in the form that kernels read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.drivers import EVENT, LIST_PRICE, PRICE, PROMOTION, Drivers
from models.price import DemandEffects


@dataclass(frozen=True)
class EffectGrid:
    """Flat arrays over history and horizon.

    ``price``, ``list_price`` float32 [groups, periods] with ``price_row``, ``list_row`` int32 [series];
    ``flags`` float32 [rows, periods] with ``flag_row`` int32 [flags, series]; ``lift`` float64 [flags, categories];
    ``elasticity`` float64 [categories]; ``events``: how many of the flags, the first ones, are events.
    """

    price: NDArray[np.float32]
    price_row: NDArray[np.int32]
    list_price: NDArray[np.float32]
    list_row: NDArray[np.int32]
    flags: NDArray[np.float32]
    flag_row: NDArray[np.int32]
    lift: NDArray[np.float64]
    elasticity: NDArray[np.float64]
    events: int


def flag_names(drivers: Drivers) -> tuple[str, ...]:
    """Events, then promotions, each sorted."""
    return drivers.names(EVENT) + drivers.names(PROMOTION)


def effect_grid(drivers: Drivers, series: int, effects: DemandEffects | None, categories: int = 1) -> EffectGrid:
    """Flatten the drivers; without ``effects`` every effect is nil."""
    periods = len(drivers.dates)
    nothing = np.full((1, periods), np.nan, dtype=np.float32)
    nobody = np.zeros(series, dtype=np.int32)
    price, list_price = drivers.blocks.get(PRICE), drivers.blocks.get(LIST_PRICE)
    names = flag_names(drivers)
    rows, values, start = [], [], 0
    for name in names:
        block = drivers.blocks[name]
        rows.append(block.group + np.int32(start))
        values.append(block.values)
        start += len(block.values)
    count = categories if effects is None else len(effects.categories)
    none = np.zeros(count)
    lift = [none if effects is None else effects.lift.get(name, none) for name in names]
    return EffectGrid(
        nothing if price is None else np.ascontiguousarray(price.values),
        nobody if price is None else price.group,
        nothing if list_price is None else np.ascontiguousarray(list_price.values),
        nobody if list_price is None else list_price.group,
        np.concatenate(values) if values else np.zeros((1, periods), dtype=np.float32),
        np.stack(rows).astype(np.int32) if rows else np.zeros((0, series), dtype=np.int32),
        np.stack(lift) if lift else np.zeros((0, count)),
        none if effects is None else effects.elasticity,
        len(drivers.names(EVENT)),
    )


@njit(cache=True)
def regular_price(price, periods, week, samples):  # type: ignore[no-untyped-def]
    """Regular price before each period 0..periods: median of weekly samples of the past, NaN without a past.

    ``price`` float32 [at least periods]. The regular price of period t uses prices before t only (at t = 0 the first
    price itself).
    """
    regular = np.full(periods + 1, np.nan, dtype=np.float32)
    buffer = np.empty(samples, dtype=np.float32)
    current = np.float32(np.nan)
    for period in range(periods + 1):
        if period % week == 0 or np.isnan(current):
            count = 0
            for back in range(samples):
                sample = period - 1 - back * week
                if sample < 0:
                    break
                if not np.isnan(price[sample]):
                    buffer[count] = price[sample]
                    count += 1
            if count > 0:
                current = np.median(buffer[:count])
        regular[period] = current
        if np.isnan(current) and period < periods and not np.isnan(price[period]):
            regular[period] = price[period]
    return regular


@njit(cache=True)
def log_price_effect(price, regular, elasticity):  # type: ignore[no-untyped-def]
    """Log demand at ``price`` against demand at the regular price, within a factor of 20; 0 where unknown."""
    if np.isnan(price) or np.isnan(regular) or regular <= 0.0 or price <= 0.0:
        return 0.0
    return min(max(elasticity * np.log(price / regular), -3.0), 3.0)
