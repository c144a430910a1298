"""History restored for stock-outs and freed of promotions, with totals by category.

Nothing in it looks ahead: the value of a period depends on that period and earlier ones only (and on the effects,
which are given).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.drivers import Drivers
from models.features.clock import CLOCKS, Clock
from models.features.effects import EffectGrid, effect_grid, log_effects, regular_price
from models.features.rivals import with_rivals
from models.features.sums import running
from models.panel import Panel
from models.price import DemandEffects
from models.restoration import restore
from models.shadows import with_shadows


class History(NamedTuple):
    """What kernels read of the past.

    ``units`` float32 [series, periods]: demand, stock-outs restored; ``clean``: the same without the effects of price,
    events and promotions; ``known``, ``hidden`` (censored) bool; ``category``, ``channel`` int32 [series]. ``total``,
    ``counts`` float64 [categories + 1, periods + 1]: running sums of ``clean`` and ``known``, all categories last;
    ``strided``, ``strided_count`` [categories + 1, periods + week]: the same by weekday.
    """

    units: NDArray[np.float32]
    clean: NDArray[np.float32]
    known: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    category: NDArray[np.int32]
    channel: NDArray[np.int32]
    total: NDArray[np.float64]
    counts: NDArray[np.float64]
    strided: NDArray[np.float64]
    strided_count: NDArray[np.float64]


@dataclass(frozen=True)
class FeatureState:
    """Everything the feature kernel reads; ``dates`` are those of the drivers: history and horizon."""

    clock: Clock
    history: History
    grid: EffectGrid
    dates: NDArray[np.datetime64]

    @property
    def shape(self) -> tuple[int, int]:
        """Series and periods of history."""
        series, periods = self.history.units.shape
        return series, periods


def feature_state(panel: Panel, drivers: Drivers, effects: DemandEffects) -> FeatureState:
    """Restore and clean the panel; ``drivers`` cover its periods and the horizon."""
    clock = CLOCKS[panel.frequency]
    units = restore(panel).units
    clean = np.empty_like(units)
    known, hidden = np.array(panel.known, order="C"), np.array(panel.censored, order="C")
    drivers = with_rivals(with_shadows(drivers, effects.felt_shadows()), effects, clock)
    grid = effect_grid(drivers, len(units), effects)
    _clean_kernel(units, clean, effects.category, grid, clock)
    groups, periods = len(effects.categories) + 1, units.shape[1]
    total, count = np.zeros((groups, periods)), np.zeros((groups, periods))
    _totals_kernel(clean, known, effects.category, total, count)
    sums = [running(total[group], count[group], clock.week) for group in range(groups)]
    pooled = [np.stack(parts) for parts in zip(*sums, strict=True)]
    channel = codes(panel.series["channel"].to_numpy())[1]
    history = History(units, clean, known, hidden, effects.category, channel, *pooled)
    return FeatureState(clock, history, grid, drivers.dates)


def codes(values: NDArray[np.str_]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Distinct values, sorted, and the position of each value among them.

    >>> codes(np.array(["b", "a", "b"]))[0]
    ('a', 'b')
    """
    names, position = np.unique(np.asarray(values).astype(str), return_inverse=True)
    return tuple(str(name) for name in names), position.astype(np.int32)


@njit(cache=True, error_model="numpy")
def _clean_kernel(units, clean, category, grid, clock):  # type: ignore[no-untyped-def]
    """Divide by the effects of price, events and promotions, in place."""
    periods = units.shape[1]
    for row in range(units.shape[0]):
        regular = regular_price(grid.price[grid.price_row[row]], periods, clock)
        effect = log_effects(row, category[row], periods, regular, grid)
        for period in range(periods):
            clean[row, period] = units[row, period] / np.exp(effect[period])


@njit(cache=True)
def _totals_kernel(clean, known, category, total, count):  # type: ignore[no-untyped-def]
    """Sums by category and period, all categories last."""
    for row in range(clean.shape[0]):
        for group in (np.int64(category[row]), total.shape[0] - 1):
            for period in range(clean.shape[1]):
                if known[row, period]:
                    total[group, period] += clean[row, period]
                    count[group, period] += 1.0
