"""FeatureState: history restored for stock-outs and freed of promotions, with totals by category.

Nothing in it looks ahead: the value of a period depends on that period and earlier ones only (and on the effects,
which are given).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from models.censoring import restored
from models.drivers import Drivers
from models.features.clock import CLOCKS, Clock
from models.features.effects import EffectGrid, effect_grid, log_price_effect, regular_price
from models.panel import Panel
from models.price import DemandEffects


@dataclass(frozen=True)
class FeatureState:
    """Everything the feature kernel reads.

    ``units`` float32 [series, periods]: demand, stock-outs restored; ``clean``: the same without the effects of price,
    events and promotions; ``known`` uint8; ``hidden`` uint8: censored. ``category``, ``channel`` int32 [series].
    ``total``, ``count`` float64 [categories + 1, periods + 1]: running sums of ``clean`` and ``known`` by category,
    all series last. ``level``: mean of known ``clean`` a series, float64 [categories + 1].
    """

    clock: Clock
    units: NDArray[np.float32]
    clean: NDArray[np.float32]
    known: NDArray[np.uint8]
    hidden: NDArray[np.uint8]
    category: NDArray[np.int32]
    channel: NDArray[np.int32]
    total: NDArray[np.float64]
    count: NDArray[np.float64]
    effects: EffectGrid
    dates: NDArray[np.datetime64]

    @property
    def periods(self) -> int:
        """Periods of history."""
        return int(self.units.shape[1])

    def under(self, drivers: Drivers, effects: DemandEffects) -> FeatureState:
        """The same history asked under another calendar (history and horizon)."""
        return replace(self, effects=effect_grid(drivers, len(self.units), effects), dates=drivers.dates)


def codes(values: NDArray[np.str_] | NDArray[np.object_]) -> NDArray[np.int32]:
    """Position of each value among the sorted distinct ones."""
    return np.unique(np.asarray(values).astype(str), return_inverse=True)[1].astype(np.int32)


def feature_state(panel: Panel, drivers: Drivers, effects: DemandEffects) -> FeatureState:
    """Restore and clean the panel; ``drivers`` cover its periods and the horizon."""
    clock = CLOCKS[panel.frequency]
    units = np.array(panel.units, dtype=np.float32, order="C")
    clean = np.empty_like(units)
    known = np.array(panel.known, dtype=np.uint8, order="C")
    hidden = np.array(panel.censored, dtype=np.uint8, order="C")
    share = np.zeros((1, 1), dtype=np.float32) if panel.in_stock is None else np.ascontiguousarray(panel.in_stock)
    grid = effect_grid(drivers, len(units), effects)
    category = effects.category
    _clean_kernel(
        units, clean, known, hidden, share, category,
        grid.price, grid.price_row, grid.flags, grid.flag_row, grid.lift, grid.elasticity,
        clock.week, clock.price_samples, clock.level[0],
    )  # fmt: skip
    groups = len(effects.categories)
    total, count = np.zeros((groups + 1, units.shape[1] + 1)), np.zeros((groups + 1, units.shape[1] + 1))
    _totals_kernel(clean, known, category, total, count)
    channel = codes(panel.series["channel"].to_numpy())
    return FeatureState(clock, units, clean, known, hidden, category, channel, total, count, grid, drivers.dates)


@njit(parallel=True, cache=True)
def _clean_kernel(  # type: ignore[no-untyped-def]
    units, clean, known, hidden, share, category,
    price, price_row, flags, flag_row, lift, elasticity,
    week, samples, memory,
):  # fmt: skip
    """Restore and clean in place; the expected demand of a stock-out is an exponential mean of the past."""
    periods = units.shape[1]
    shared = share.shape[0] == units.shape[0]
    for row in prange(units.shape[0]):
        group = category[row]
        paid = price[price_row[row]]
        regular = regular_price(paid, periods, week, samples)
        effect = np.zeros(periods)
        for flag in range(flag_row.shape[0]):
            slope = lift[flag, group]
            if slope == 0.0:
                continue
            value = flags[flag_row[flag, row]]
            for period in range(periods):
                effect[period] += slope * value[period]
        level, weight = 0.0, 0.0
        decay = 1.0 - 1.0 / memory
        for period in range(periods):
            if known[row, period] == 0:
                units[row, period] = 0.0
                clean[row, period] = 0.0
                continue
            log_factor = effect[period] + log_price_effect(paid[period], regular[period], elasticity[group])
            factor = np.exp(min(max(log_factor, -4.0), 4.0))
            if hidden[row, period] != 0:
                part = share[row, period] if shared else np.float32(0.0)
                expected = level / weight * factor if weight > 0.0 else 0.0
                units[row, period] = restored(units[row, period], part, expected)
            clean[row, period] = units[row, period] / factor
            if hidden[row, period] == 0:
                level = decay * level + clean[row, period]
                weight = decay * weight + 1.0


@njit(cache=True)
def _totals_kernel(clean, known, category, total, count):  # type: ignore[no-untyped-def]
    everything = total.shape[0] - 1
    for row in range(clean.shape[0]):
        group = category[row]
        for period in range(clean.shape[1]):
            if known[row, period] != 0:
                total[group, period + 1] += clean[row, period]
                count[group, period + 1] += 1.0
    for group in range(everything):
        for period in range(1, total.shape[1]):
            total[everything, period] += total[group, period]
            count[everything, period] += count[group, period]
    for group in range(everything + 1):
        for period in range(1, total.shape[1]):
            total[group, period] += total[group, period - 1]
            count[group, period] += count[group, period - 1]
