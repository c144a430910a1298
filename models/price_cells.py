"""Cells that effects are estimated from: periods in which something runs, against the quiet ones around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.drivers import Block
from models.features.clock import Clock
from models.features.effects import EffectGrid, log_price_ratio, regular_price
from models.kernels import INNER
from models.panel import Panel

Floats = NDArray[np.float64]
LARGEST_RATIO = 1.5
QUIET_CHANGE = 0.03
LEAST_EXPECTED = 0.01
MAX_CELLS = 1_000_000
QUIET_CELLS = 250_000
"""Cells in which nothing of their own runs: they tell what happens beside and around promotions."""


class Cells(NamedTuple):
    """Sampled periods.

    ``units``, ``expected`` (without anything running), ``category``, ``period`` [cells]; drivers of cell i: ``driver``
    and ``value``, from ``pointer[i]`` to ``pointer[i + 1]``.
    """

    units: Floats
    expected: Floats
    category: NDArray[np.int64]
    period: NDArray[np.int64]
    pointer: NDArray[np.int64]
    driver: NDArray[np.int64]
    value: Floats


@dataclass(frozen=True)
class Sample:
    """``row``, ``period`` int64 [cells]; ``reach`` of the window behind ``expected``; ``own`` float32 [cells,
    1 + flags]: log price ratio and flags. ``quiet`` bool [series, periods]: usable periods in which nothing runs."""

    units: Floats
    expected: Floats
    category: NDArray[np.int64]
    row: NDArray[np.int64]
    period: NDArray[np.int64]
    reach: NDArray[np.int64]
    own: NDArray[np.float32]
    quiet: NDArray[np.bool_]

    @property
    def busy(self) -> NDArray[np.bool_]:
        """Cells in which something of their own runs, bool [cells]."""
        return np.asarray(self.own.any(axis=1))

    def cells(self, chosen: NDArray[np.bool_], values: NDArray[np.float32], offset: Floats | None = None) -> Cells:
        """The chosen cells with drivers ``values`` [cells, drivers]; ``offset`` [cells]: log of what else is known."""
        expected = self.expected if offset is None else self.expected * np.exp(offset)
        values = values[chosen]
        cell, driver = np.nonzero(values)
        return Cells(
            self.units[chosen],
            expected[chosen],
            self.category[chosen],
            self.period[chosen],
            np.searchsorted(cell, np.arange(len(values) + 1)),
            driver,
            values[cell, driver].astype(float),
        )

    def against_quiet(self, block: Block) -> NDArray[np.float32]:
        """A driver in each cell less its mean over the quiet periods behind the cell's expectation, float32 [cells]."""
        out = np.zeros(len(self.row), dtype=np.float32)
        starts = np.searchsorted(self.row, np.arange(len(self.quiet) + 1))
        _against_quiet(starts, self.period, self.reach, self.quiet, block.values, block.group, out)
        return out


def sample_cells(panel: Panel, grid: EffectGrid, clock: Clock, category: NDArray[np.int32], seed: int) -> Sample:
    """Known periods in stock: at most ``MAX_CELLS`` with a driver of their own, ``QUIET_CELLS`` without."""
    usable = panel.known & ~panel.censored
    quiet = np.empty(usable.shape, dtype=bool)
    _quiet_kernel(quiet, grid, clock)
    rng = np.random.default_rng(seed)
    busy = _some(np.flatnonzero(usable & ~quiet), MAX_CELLS, rng)
    quiet &= usable
    picked = np.sort(np.concatenate([busy, _some(np.flatnonzero(quiet), QUIET_CELLS, rng)]))
    rows, columns = np.divmod(picked, panel.units.shape[1])
    expected, reach = np.zeros(len(picked)), np.zeros(len(picked), dtype=np.int64)
    own = np.zeros((len(picked), 1 + len(grid.flag_row)), dtype=np.float32)
    starts = np.searchsorted(rows, np.arange(len(category) + 1))
    units = np.ascontiguousarray(panel.units)
    _cell_kernel(starts, columns, units, quiet, grid, clock, own, expected, reach)
    if clock.week > 1:
        expected *= _weekday_index(panel.units, quiet, category, clock.week)[category[rows], columns % clock.week]
    kept = expected > LEAST_EXPECTED
    rows, columns = rows[kept], columns[kept]
    return Sample(
        panel.units[rows, columns].astype(float),
        expected[kept],
        category[rows].astype(np.int64),
        rows.astype(np.int64),
        columns.astype(np.int64),
        reach[kept],
        own[kept],
        quiet,
    )


def _some(places: NDArray[np.int64], most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    if len(places) <= most:
        return places
    return places[rng.random(len(places)) < most / len(places)]


def _weekday_index(
    units: NDArray[np.float32], quiet: NDArray[np.bool_], category: NDArray[np.int32], week: int
) -> Floats:
    """Mean of each weekday against the mean of all, [categories, week], over quiet periods; shrunk to 1."""
    total, count = np.zeros((category.max() + 1, week)), np.zeros((category.max() + 1, week))
    for phase in range(week):
        here = quiet[:, phase::week]
        np.add.at(total[:, phase], category, np.where(here, units[:, phase::week], 0.0).sum(axis=1, dtype=float))
        np.add.at(count[:, phase], category, here.sum(axis=1))
    rate = total / np.maximum(count, 1.0)
    index = rate / np.maximum(rate.mean(axis=1, keepdims=True), 1e-9)
    weight = total.sum(axis=1, keepdims=True)
    return np.asarray((weight * index + 50.0) / (weight + 50.0))


@njit(cache=True, error_model="numpy")
def _quiet_kernel(quiet, grid, clock):  # type: ignore[no-untyped-def]
    """Nothing runs and the price is close to the regular one (or unknown)."""
    periods = quiet.shape[1]
    for row in range(quiet.shape[0]):
        price = grid.price[grid.price_row[row]]
        regular = regular_price(price, periods, clock)
        for period in range(periods):
            quiet[row, period] = abs(log_price_ratio(price[period], regular[period])) < QUIET_CHANGE
        for flag in range(grid.flag_row.shape[0]):
            line = grid.flag_row[flag, row]
            for entry in range(grid.pointer[line], grid.pointer[line + 1]):
                if grid.active[entry] >= periods:
                    break
                quiet[row, grid.active[entry]] = False


@njit(**INNER)
def _running_sums(quiet, values):  # type: ignore[no-untyped-def]
    """Sum of the values of quiet periods, and their number, before each period and after the last."""
    periods = len(quiet)
    total, count = np.zeros(periods + 1), np.zeros(periods + 1)
    for period in range(periods):
        here = 1.0 if quiet[period] else 0.0
        total[period + 1] = total[period] + here * values[period]
        count[period + 1] = count[period] + here
    return total, count


@njit(cache=True, error_model="numpy")
def _cell_kernel(starts, columns, units, quiet, grid, clock, driver, expected, reached):  # type: ignore[no-untyped-def]
    """Centred mean of quiet periods (0: too few) and the drivers of each sampled cell, a row's from ``starts[row]``."""
    periods = units.shape[1]
    for row in range(units.shape[0]):
        if starts[row] == starts[row + 1]:
            continue
        total, count = _running_sums(quiet[row], units[row])
        price = grid.price[grid.price_row[row]]
        regular = regular_price(price, periods, clock)
        for entry in range(starts[row], starts[row + 1]):
            period = columns[entry]
            for reach in (clock.centre, 2 * clock.centre):
                first, last = max(period - reach, 0), min(period + reach + 1, periods)
                number = count[last] - count[first]
                if number >= 0.25 * reach:
                    expected[entry] = (total[last] - total[first]) / number
                    reached[entry] = reach
                    break
            ratio = log_price_ratio(price[period], regular[period])
            driver[entry, 0] = min(max(ratio, -LARGEST_RATIO), LARGEST_RATIO)
            for flag in range(grid.flag_row.shape[0]):
                driver[entry, 1 + flag] = grid.value[grid.flag_row[flag, row], period]


@njit(cache=True, error_model="numpy")
def _against_quiet(starts, columns, reached, quiet, values, group, out):  # type: ignore[no-untyped-def]
    periods = quiet.shape[1]
    for row in range(quiet.shape[0]):
        if starts[row] == starts[row + 1]:
            continue
        total, count = _running_sums(quiet[row], values[group[row]])
        for entry in range(starts[row], starts[row + 1]):
            period = columns[entry]
            first, last = max(period - reached[entry], 0), min(period + reached[entry] + 1, periods)
            usual = (total[last] - total[first]) / max(count[last] - count[first], 1.0)
            out[entry] = values[group[row], period] - usual
