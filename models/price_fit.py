"""Estimation of price, event and promotion effects by category.

Negative binomial quasi-likelihood with a log link on each series' own promotion-free level (an offset), ridge towards
all categories together, which in turn lean on weak priors (Cameron and Trivedi 2013, sections 3.3 and 5.5). Zeros
need no special treatment, large series do not drown small ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numba import njit, prange
from numpy.typing import NDArray

from models.drivers import PRICE, Drivers
from models.features.clock import CLOCKS
from models.features.effects import effect_grid, flag_names, regular_price
from models.panel import Panel
from models.price import DemandEffects

Floats = NDArray[np.float64]
PRIOR_ELASTICITY = -1.5
LEAST_ELASTICITY, MOST_ELASTICITY = -6.0, -0.1
PRIOR_PRECISION = 4.0
"""Pull of the priors, as a number of units of information."""
CATEGORY_PRECISION = 40.0
LARGEST_LIFT = 3.0
DISPERSION = 0.3
MAX_CELLS = 300_000
STEPS = 12


@dataclass(frozen=True)
class _Cells:
    """Sampled periods: ``design`` [cells, 1 + flags] (log price ratio, flags), units, expected units, category, weight."""

    design: Floats
    units: Floats
    expected: Floats
    category: NDArray[np.int64]
    weight: Floats


def fit_effects(panel: Panel, drivers: Drivers, seed: int) -> DemandEffects:
    """Effects by category from the panel's periods; the drivers may reach beyond them (what follows is not read).

    Drivers without history get no lift; a category without price changes gets the pooled elasticity, a merchant
    without any the prior -1.5. Elasticities stay within [-6, -0.1].
    """
    names = flag_names(drivers)
    labels, category = np.unique(panel.series["category"].to_numpy().astype(str), return_inverse=True)
    cells = _sample(panel, drivers, category.astype(np.int32), len(labels), seed)
    prior = np.zeros(1 + len(names))
    prior[0] = PRIOR_ELASTICITY
    pooled = _fit(cells, prior, PRIOR_PRECISION)
    by_category = np.tile(pooled, (len(labels), 1))
    order = np.argsort(cells.category, kind="stable")
    bounds = np.searchsorted(cells.category[order], np.arange(len(labels) + 1))
    for number in range(len(labels)):
        part = order[bounds[number] : bounds[number + 1]]
        if len(part):
            by_category[number] = _fit(_take(cells, part), pooled, CATEGORY_PRECISION)
    seen = cells.design.any(axis=0) if len(cells.units) else np.zeros(1 + len(names), dtype=bool)
    lift = np.clip(np.where(seen[1:], by_category[:, 1:], 0.0), -LARGEST_LIFT, LARGEST_LIFT)
    return DemandEffects(
        tuple(str(label) for label in labels),
        category.astype(np.int32),
        reference_prices(panel, drivers),
        np.clip(by_category[:, 0], LEAST_ELASTICITY, MOST_ELASTICITY),
        {name: lift[:, number] for number, name in enumerate(names)},
    )


def reference_prices(panel: Panel, drivers: Drivers) -> NDArray[np.float32]:
    """Regular price of each series at the end of the panel, yuan; NaN where there is no price."""
    clock = CLOCKS[panel.frequency]
    out = np.full(len(panel.series), np.nan, dtype=np.float32)
    if PRICE in drivers.blocks:
        block = drivers.blocks[PRICE]
        _regular_kernel(block.values, block.group, len(panel.dates), clock.week, clock.price_samples, out)
    return out


@njit(parallel=True, cache=True)
def _regular_kernel(price, group, periods, week, samples, out):  # type: ignore[no-untyped-def]
    for row in prange(len(group)):
        regular = regular_price(price[group[row]], periods, week, samples)
        out[row] = regular[periods]


def _take(cells: _Cells, part: NDArray[np.integer]) -> _Cells:
    return _Cells(cells.design[part], cells.units[part], cells.expected[part], cells.category[part], cells.weight[part])


def _sample(panel: Panel, drivers: Drivers, category: NDArray[np.int32], categories: int, seed: int) -> _Cells:
    """Periods with something running, and a thinner sample of quiet ones."""
    clock = CLOCKS[panel.frequency]
    grid = effect_grid(drivers, len(panel.series), None, categories)
    usable = panel.known & ~panel.censored
    quiet = np.zeros(usable.shape, dtype=bool)
    _quiet_kernel(quiet, grid.price, grid.price_row, grid.flags, grid.flag_row, clock.week, clock.price_samples)
    running = usable & ~quiet
    share = min(MAX_CELLS / max(int(running.sum()), 1), 1.0)
    rng = np.random.default_rng(seed)
    picked = np.flatnonzero(running)
    if share < 1.0:
        picked = picked[rng.random(len(picked)) < share]
    return _gather(panel, grid, quiet, usable, picked, category)


def _gather(panel, grid, quiet, usable, picked, category) -> _Cells:  # type: ignore[no-untyped-def]
    clock = CLOCKS[panel.frequency]
    rows, columns = np.divmod(picked, panel.units.shape[1])
    design = np.zeros((len(rows), 1 + grid.flag_row.shape[0]))
    expected = np.zeros(len(rows))
    weekday = _weekday_index(panel, quiet & usable, category)
    _expected_kernel(
        np.ascontiguousarray(rows), np.ascontiguousarray(columns), np.ascontiguousarray(panel.units), quiet & usable, grid.price, grid.price_row,
        grid.flags, grid.flag_row, clock.week, clock.price_samples, clock.centre, design, expected,
    )  # fmt: skip
    expected *= weekday[category[rows], columns % clock.week]
    kept = expected > 0.01
    rows, columns = rows[kept], columns[kept]
    return _Cells(
        design[kept],
        panel.units[rows, columns].astype(float),
        expected[kept],
        category[rows].astype(np.int64),
        np.ones(len(rows)),
    )


def _weekday_index(panel: Panel, usable: NDArray[np.bool_], category: NDArray[np.int32]) -> Floats:
    """Mean of each weekday against the mean of all, [categories, week], over quiet periods."""
    week = CLOCKS[panel.frequency].week
    sums = pd.DataFrame({"category": np.repeat(category, week), "phase": np.tile(np.arange(week), len(category))})
    units = np.stack(
        [
            np.where(usable[:, phase::week], panel.units[:, phase::week], 0).sum(axis=1, dtype=float)
            for phase in range(week)
        ],
        axis=1,
    )
    count = np.stack([usable[:, phase::week].sum(axis=1) for phase in range(week)], axis=1)
    sums["units"], sums["count"] = units.ravel(), count.ravel().astype(float)
    table = sums.groupby(["category", "phase"])[["units", "count"]].sum()
    rate = (table["units"] / table["count"].clip(lower=1)).to_numpy().reshape(-1, week)
    mean = rate.mean(axis=1, keepdims=True)
    weight = table["units"].to_numpy().reshape(-1, week).sum(axis=1, keepdims=True)
    return np.asarray((weight * rate / np.maximum(mean, 1e-9) + 50.0) / (weight + 50.0))


def _fit(cells: _Cells, prior: Floats, precision: float) -> Floats:
    """Newton steps on the penalised quasi-likelihood, halved where they leave the plausible range."""
    estimate = prior.copy()
    penalty = precision * np.eye(len(prior))
    for _ in range(STEPS):
        mean = cells.expected * np.exp(np.clip(cells.design @ estimate, -4.0, 4.0))
        weight = cells.weight / (1.0 + DISPERSION * mean)
        gradient = cells.design.T @ (weight * (cells.units - mean)) - precision * (estimate - prior)
        hessian = cells.design.T @ (cells.design * (weight * mean)[:, None]) + penalty
        step = np.linalg.solve(hessian, gradient)
        estimate = estimate + step * min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-5:
            break
    return estimate


@njit(parallel=True, cache=True)
def _quiet_kernel(quiet, price, price_row, flags, flag_row, week, samples):  # type: ignore[no-untyped-def]
    """Nothing runs and the price is within 3 % of the regular one (or unknown)."""
    periods = quiet.shape[1]
    for row in prange(quiet.shape[0]):
        paid = price[price_row[row]]
        regular = regular_price(paid, periods, week, samples)
        for period in range(periods):
            change = np.log(paid[period] / regular[period]) if paid[period] > 0.0 and regular[period] > 0.0 else 0.0
            quiet[row, period] = abs(change) < 0.03
        for flag in range(flag_row.shape[0]):
            value = flags[flag_row[flag, row]]
            for period in range(periods):
                if value[period] != 0.0:
                    quiet[row, period] = False


@njit(parallel=True, cache=True)
def _expected_kernel(  # type: ignore[no-untyped-def]
    rows, columns, units, usable, price, price_row, flags, flag_row, week, samples, centre, design, expected
):
    """Centred mean of quiet periods and the design of each sampled cell (rows are sorted)."""
    periods = units.shape[1]
    starts = np.searchsorted(rows, np.arange(units.shape[0] + 1))
    for row in prange(units.shape[0]):
        if starts[row] == starts[row + 1]:
            continue
        total, count = np.zeros(periods + 1), np.zeros(periods + 1)
        for period in range(periods):
            here = 1.0 if usable[row, period] else 0.0
            total[period + 1] = total[period] + here * units[row, period]
            count[period + 1] = count[period] + here
        paid = price[price_row[row]]
        regular = regular_price(paid, periods, week, samples)
        for entry in range(starts[row], starts[row + 1]):
            period = columns[entry]
            for reach in (centre, 2 * centre):
                first, last = max(period - reach, 0), min(period + reach + 1, periods)
                number = count[last] - count[first]
                if number >= 0.25 * reach:
                    expected[entry] = (total[last] - total[first]) / number
                    break
            if paid[period] > 0.0 and regular[period] > 0.0:
                change = np.log(paid[period] / regular[period])
                design[entry, 0] = min(max(change, -1.5), 1.5)
            for flag in range(flag_row.shape[0]):
                design[entry, 1 + flag] = flags[flag_row[flag, row], period]
