"""Estimation of price, event and promotion effects by category.

Negative binomial quasi-likelihood with a log link on each series' own promotion-free level (an offset), ridge towards
all categories together, which in turn lean on weak priors (Cameron and Trivedi 2013, sections 3.3 and 5.5). Zeros
need no special treatment, large series do not drown small ones. Standard errors take the periods as clusters, since a
day's shock is common to many series (Liang and Zeger 1986, the sandwich), and hold the doubt about the priors.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.drivers import PRICE, Drivers
from models.features.clock import CLOCKS, Clock
from models.features.effects import EffectGrid, effect_grid, flag_names, log_price_ratio, regular_price
from models.features.state import codes
from models.panel import Panel
from models.price import DemandEffects

Floats = NDArray[np.float64]
PRIOR_ELASTICITY = -1.5
LEAST_ELASTICITY, MOST_ELASTICITY = -6.0, -0.1
PRIOR_PRECISION, CATEGORY_PRECISION = 4.0, 40.0
"""Pull of the priors and of all categories on one, in units of information."""
LARGEST_LIFT = 3.0
LARGEST_RATIO = 1.5
DISPERSION = 0.3
QUIET_CHANGE = 0.03
LEAST_EXPECTED = 0.01
MAX_CELLS = 1_000_000
STEPS = 12


class Cells(NamedTuple):
    """Sampled periods in which something runs.

    ``units``, ``expected`` (without anything running), ``category``, ``period`` [cells]; drivers of cell i: ``driver``
    (0 = log price ratio, then the flags) and ``value``, from ``pointer[i]`` to ``pointer[i + 1]``.
    """

    units: Floats
    expected: Floats
    category: NDArray[np.int64]
    period: NDArray[np.int64]
    pointer: NDArray[np.int64]
    driver: NDArray[np.int64]
    value: Floats


def fit_effects(panel: Panel, drivers: Drivers, seed: int) -> DemandEffects:
    """Effects by category from the panel's periods; the drivers may reach beyond them (what follows is not read).

    Drivers without history get no lift; a category without price changes gets the pooled elasticity, a merchant
    without any the prior -1.5. Elasticities stay within [-6, -0.1].
    """
    names = flag_names(drivers)
    labels, category = codes(panel.series["category"].to_numpy())
    clock = CLOCKS[panel.frequency]
    grid = effect_grid(drivers, len(panel.series), None)
    cells = _sample(panel, grid, clock, category, seed)
    count = 1 + len(names)
    prior = np.zeros((1, count))
    prior[0, 0] = PRIOR_ELASTICITY
    together = cells._replace(category=np.zeros_like(cells.category))
    pooled = _fit(together, prior, PRIOR_PRECISION)
    estimate = _fit(cells, np.repeat(pooled, len(labels), axis=0), CATEGORY_PRECISION)
    periods = len(panel.dates)
    doubt = _covariance(together, pooled, PRIOR_PRECISION, periods, np.zeros((count, count)))[0]
    error = np.sqrt(np.diagonal(_covariance(cells, estimate, CATEGORY_PRECISION, periods, doubt), axis1=1, axis2=2))
    lift = np.clip(estimate[:, 1:], -LARGEST_LIFT, LARGEST_LIFT)
    regular = np.full(len(panel.series), np.nan, dtype=np.float32)
    if PRICE in drivers.blocks:
        _regular_kernel(grid, len(panel.dates), clock, regular)
    return DemandEffects(
        labels,
        category,
        regular,
        np.clip(estimate[:, 0], LEAST_ELASTICITY, MOST_ELASTICITY),
        {name: lift[:, number] for number, name in enumerate(names)},
        {name: error[:, number] for number, name in enumerate((PRICE, *names))},
    )


def _sample(panel: Panel, grid: EffectGrid, clock: Clock, category: NDArray[np.int32], seed: int) -> Cells:
    """Known periods in stock with a driver running, at most ``MAX_CELLS`` of them."""
    usable = panel.known & ~panel.censored
    quiet = np.empty(usable.shape, dtype=bool)
    _quiet_kernel(quiet, grid, clock)
    picked = np.flatnonzero(usable & ~quiet)
    if len(picked) > MAX_CELLS:
        picked = picked[np.random.default_rng(seed).random(len(picked)) < MAX_CELLS / len(picked)]
    quiet &= usable
    rows, columns = np.divmod(picked, panel.units.shape[1])
    expected = np.zeros(len(picked))
    pointer = np.zeros(len(picked) + 1, dtype=np.int64)
    driver = np.zeros((len(picked), 1 + len(grid.flag_row)), dtype=np.float32)
    starts = np.searchsorted(rows, np.arange(len(category) + 1))
    units = np.ascontiguousarray(panel.units)
    _cell_kernel(starts, columns, units, quiet, grid, clock, driver, expected)
    if clock.week > 1:
        expected *= _weekday_index(panel.units, quiet, category, clock.week)[category[rows], columns % clock.week]
    kept = expected > LEAST_EXPECTED
    rows, columns, driver = rows[kept], columns[kept], driver[kept]
    cell, number = np.nonzero(driver)
    pointer = np.searchsorted(cell, np.arange(len(rows) + 1))
    value = driver[cell, number].astype(float)
    return Cells(
        panel.units[rows, columns].astype(float),
        expected[kept],
        category[rows].astype(np.int64),
        columns.astype(np.int64),
        pointer,
        number,
        value,
    )


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


def _fit(cells: Cells, prior: Floats, precision: float) -> Floats:
    """Estimates [categories, drivers] by bounded Newton steps on the penalised quasi-likelihood."""
    estimate = prior.copy()
    categories, count = prior.shape
    for _ in range(STEPS):
        gradient, hessian = np.zeros((categories, count)), np.zeros((categories, count, count))
        _derivatives(cells, estimate, gradient, hessian)
        gradient -= precision * (estimate - prior)
        hessian += precision * np.eye(count)
        step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        step /= np.maximum(np.abs(step).max(axis=1, keepdims=True), 1.0)
        estimate += step
        if np.abs(step).max() < 1e-5:
            break
    return estimate


def _covariance(cells: Cells, estimate: Floats, precision: float, periods: int, doubt: Floats) -> Floats:
    """Covariance [categories, drivers, drivers] of the estimates; ``doubt``: that of what they are drawn towards."""
    categories, count = estimate.shape
    gradient, hessian = np.zeros((categories, count)), np.zeros((categories, count, count))
    _derivatives(cells, estimate, gradient, hessian)
    scores = np.zeros((categories, periods, count))
    _score_kernel(cells, estimate, scores)
    inverse = np.linalg.inv(hessian + precision * np.eye(count))
    meat = np.einsum("ktd,kte->kde", scores, scores) + precision * np.eye(count)
    drawn = precision * inverse
    return np.asarray(inverse @ meat @ inverse + drawn @ doubt @ drawn)


@njit(cache=True, error_model="numpy")
def _score_kernel(cells, estimate, scores):  # type: ignore[no-untyped-def]
    """Sums of scores by category and period."""
    for cell in range(len(cells.units)):
        category = cells.category[cell]
        start, stop = cells.pointer[cell], cells.pointer[cell + 1]
        effect = 0.0
        for entry in range(start, stop):
            effect += cells.value[entry] * estimate[category, cells.driver[entry]]
        mean = cells.expected[cell] * np.exp(min(max(effect, -4.0), 4.0))
        residual = (cells.units[cell] - mean) / (1.0 + DISPERSION * mean)
        for entry in range(start, stop):
            scores[category, cells.period[cell], cells.driver[entry]] += cells.value[entry] * residual


@njit(cache=True, error_model="numpy")
def _derivatives(cells, estimate, gradient, hessian):  # type: ignore[no-untyped-def]
    for cell in range(len(cells.units)):
        category = cells.category[cell]
        start, stop = cells.pointer[cell], cells.pointer[cell + 1]
        effect = 0.0
        for entry in range(start, stop):
            effect += cells.value[entry] * estimate[category, cells.driver[entry]]
        mean = cells.expected[cell] * np.exp(min(max(effect, -4.0), 4.0))
        weight = 1.0 / (1.0 + DISPERSION * mean)
        for entry in range(start, stop):
            first, slope = cells.driver[entry], weight * cells.value[entry]
            gradient[category, first] += slope * (cells.units[cell] - mean)
            for other in range(start, stop):
                hessian[category, first, cells.driver[other]] += slope * mean * cells.value[other]


@njit(cache=True, error_model="numpy")
def _regular_kernel(grid, periods, clock, out):  # type: ignore[no-untyped-def]
    for row in range(len(out)):
        out[row] = regular_price(grid.price[grid.price_row[row]], periods, clock)[periods]


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


@njit(cache=True, error_model="numpy")
def _cell_kernel(starts, columns, units, quiet, grid, clock, driver, expected):  # type: ignore[no-untyped-def]
    """Centred mean of quiet periods (0: too few) and the drivers of each sampled cell, a row's from ``starts[row]``."""
    periods = units.shape[1]
    for row in range(units.shape[0]):
        if starts[row] == starts[row + 1]:
            continue
        total, count = np.zeros(periods + 1), np.zeros(periods + 1)
        for period in range(periods):
            here = 1.0 if quiet[row, period] else 0.0
            total[period + 1] = total[period] + here * units[row, period]
            count[period + 1] = count[period] + here
        price = grid.price[grid.price_row[row]]
        regular = regular_price(price, periods, clock)
        for entry in range(starts[row], starts[row + 1]):
            period = columns[entry]
            for reach in (clock.centre, 2 * clock.centre):
                first, last = max(period - reach, 0), min(period + reach + 1, periods)
                number = count[last] - count[first]
                if number >= 0.25 * reach:
                    expected[entry] = (total[last] - total[first]) / number
                    break
            ratio = log_price_ratio(price[period], regular[period])
            driver[entry, 0] = min(max(ratio, -LARGEST_RATIO), LARGEST_RATIO)
            for flag in range(grid.flag_row.shape[0]):
                driver[entry, 1 + flag] = grid.value[grid.flag_row[flag, row], period]
