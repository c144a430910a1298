"""Estimation of price, event and promotion effects by category.

Negative binomial quasi-likelihood with a log link on each series' own promotion-free level (an offset), ridge towards
all categories together, which in turn lean on weak priors (Cameron and Trivedi 2013, sections 3.3 and 5.5). Zeros
need no special treatment, large series do not drown small ones. Standard errors take weeks as clusters, since a
week's shock is common to many series (Liang and Zeger 1986, the sandwich), and hold the doubt about the priors.

What works beside and around promotions (rivals, shadows) is learned from periods in which nothing of an item's own
runs, and its own effects then once more, freed of it. Effects that may well be nil are shrunk to it as far as their
error reaches (James and Stein 1961, the positive part).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.drivers import PRICE, SHADOW, SUBSIDY, Block, Drivers
from models.features.clock import CLOCKS, Clock
from models.features.effects import effect_grid, flag_names, regular_price
from models.features.rivals import rival_blocks, shelf_of
from models.features.state import codes
from models.panel import Panel
from models.price import DemandEffects
from models.price_cells import Cells, Sample, sample_cells
from models.shadows import causes, shadows_of, with_shadows

Floats = NDArray[np.float64]
PRIOR_ELASTICITY = -1.5
LEAST_ELASTICITY, MOST_ELASTICITY = -6.0, -0.1
PRIOR_PRECISION, CATEGORY_PRECISION = 4.0, 40.0
"""Pull of the priors and of all categories on one, in units of information."""
LARGEST_LIFT = 3.0
ONE_FOR_ALL = 1e7
FELT = 0.1
"""A cause with a smaller log lift than this casts no shadow worth looking for."""
DISPERSION = 0.3
STEPS = 12


def fit_effects(panel: Panel, drivers: Drivers, seed: int) -> DemandEffects:
    """Effects by category from the panel's periods; the drivers may reach beyond them (what follows is not read).

    Drivers without history get no lift; a category without price changes gets the pooled elasticity, a merchant
    without any the prior -1.5. Elasticities stay within [-6, -0.1]. Cannibalisation, shadows and what a platform's
    money does beyond the price are 0 where the data cannot tell.
    """
    labels, category = codes(panel.series["category"].to_numpy())
    clock = CLOCKS[panel.frequency]
    grid = effect_grid(drivers, len(panel.series), None)
    sample = sample_cells(panel, grid, clock, category, seed)
    regular = np.full(len(panel.series), np.nan, dtype=np.float32)
    if PRICE in drivers.blocks:
        _regular_kernel(grid, len(panel.dates), clock, regular)
    start = DemandEffects(labels, category, regular, np.zeros(len(labels)), {}, {}, shelf_of(panel))
    weeks = -(-len(panel.dates) // clock.week)
    by_week = replace(sample, period=sample.period // clock.week)
    subsidy = {SUBSIDY: sample.against_quiet(drivers.blocks[SUBSIDY])} if SUBSIDY in drivers.blocks else {}
    own = _own(by_week, np.zeros(len(sample.row)), subsidy, drivers, start, weeks)
    blocks = _beside(drivers, own, clock)
    if not blocks or sample.busy.all():
        return own
    columns = {name: sample.against_quiet(block) for name, block in blocks.items()}
    lift, error = _quiet(by_week, columns, len(labels), weeks)
    offset = sum(lift[name][sample.category] * column for name, column in columns.items())
    again = _own(by_week, np.asarray(offset), subsidy, drivers, start, weeks)
    return replace(again, lift={**again.lift, **lift}, error={**again.error, **error})


def _own(
    sample: Sample,
    offset: Floats,
    subsidy: Mapping[str, NDArray[np.float32]],
    drivers: Drivers,
    start: DemandEffects,
    weeks: int,
) -> DemandEffects:
    """Elasticities and lifts from the cells in which something of their own runs; ``offset``: log of all else."""
    names = (PRICE, *flag_names(drivers), *subsidy)
    prior = np.zeros(len(names))
    prior[0] = PRIOR_ELASTICITY
    values = np.column_stack([sample.own, *subsidy.values()])
    cells = sample.cells(sample.busy, values, offset)
    estimate, error = _estimate(cells, prior, np.full(len(names), CATEGORY_PRECISION), len(start.categories), weeks)
    lift = {name: estimate[:, number] for number, name in enumerate(names)}
    errors = {name: error[:, number] for number, name in enumerate(names)}
    elasticity = np.clip(lift.pop(PRICE), LEAST_ELASTICITY, MOST_ELASTICITY)
    lift |= {name: _told(lift[name], errors[name]) for name in subsidy}
    lift = {name: np.clip(values, -LARGEST_LIFT, LARGEST_LIFT) for name, values in lift.items()}
    return replace(start, elasticity=elasticity, lift=lift, error=errors)


def _quiet(
    sample: Sample, columns: Mapping[str, NDArray[np.float32]], categories: int, weeks: int
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Lifts and errors of what works beside and around promotions, from cells in which nothing of their own runs.

    A shadow is one for all categories: within a few weeks a season of their own looks just like it.
    """
    drawn = np.array([ONE_FOR_ALL if name.startswith(SHADOW) else CATEGORY_PRECISION for name in columns])
    cells = sample.cells(~sample.busy, np.column_stack(list(columns.values())))
    estimate, error = _estimate(cells, np.zeros(len(columns)), drawn, categories, weeks)
    lift, errors = ({name: part[:, place] for place, name in enumerate(columns)} for part in (estimate, error))
    return {name: _told(lift[name], errors[name]) for name in columns}, errors


def _beside(drivers: Drivers, effects: DemandEffects, clock: Clock) -> dict[str, Block]:
    """Blocks of what works beside and around the own effects: shadows of what is felt, and rivals."""
    felt = [
        cause
        for cause, members in causes(drivers).items()
        if any(np.abs(effects.lift[name]).max(initial=0.0) >= FELT for name in members)
    ]
    names = [name for cause in felt for name in shadows_of(cause)]
    shaded = with_shadows(drivers, names)
    found = {name: shaded.blocks[name] for name in names} | rival_blocks(drivers, effects, clock)
    return {name: block for name, block in found.items() if block.values.any()}


def _told(lift: Floats, error: Floats) -> Floats:
    """Lifts shrunk towards 0 by the share of their square that their error explains.

    >>> _told(np.array([0.1, -0.2]), np.array([0.1, 0.1])).round(3).tolist()
    [0.0, -0.15]
    """
    noise = (error / np.where(lift == 0.0, np.inf, lift)) ** 2
    return np.asarray(lift * np.maximum(1.0 - noise, 0.0))


def _estimate(cells: Cells, prior: Floats, drawn: Floats, categories: int, weeks: int) -> tuple[Floats, Floats]:
    """Estimates and standard errors [categories, drivers]; ``drawn`` [drivers]: pull of all categories on one."""
    together = cells._replace(category=np.zeros_like(cells.category))
    weak = np.full(len(prior), PRIOR_PRECISION)
    pooled = _fit(together, prior[None, :], weak)
    estimate = _fit(cells, np.repeat(pooled, categories, axis=0), drawn)
    doubt = _covariance(together, pooled, weak, weeks, np.zeros((len(prior), len(prior))))[0]
    covariance = _covariance(cells, estimate, drawn, weeks, doubt)
    return estimate, np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))


def _fit(cells: Cells, prior: Floats, precision: Floats) -> Floats:
    """Estimates [categories, drivers] by bounded Newton steps on the penalised quasi-likelihood."""
    estimate = prior.copy()
    categories, count = prior.shape
    for _ in range(STEPS):
        gradient, hessian = np.zeros((categories, count)), np.zeros((categories, count, count))
        _derivatives(cells, estimate, gradient, hessian)
        gradient -= precision * (estimate - prior)
        hessian += np.diag(precision)
        step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        step /= np.maximum(np.abs(step).max(axis=1, keepdims=True), 1.0)
        estimate += step
        if np.abs(step).max() < 1e-5:
            break
    return estimate


def _covariance(cells: Cells, estimate: Floats, precision: Floats, periods: int, doubt: Floats) -> Floats:
    """Covariance [categories, drivers, drivers] of the estimates; ``doubt``: that of what they are drawn towards."""
    categories, count = estimate.shape
    gradient, hessian = np.zeros((categories, count)), np.zeros((categories, count, count))
    _derivatives(cells, estimate, gradient, hessian)
    scores = np.zeros((categories, periods, count))
    _score_kernel(cells, estimate, scores)
    inverse = np.linalg.inv(hessian + np.diag(precision))
    meat = np.einsum("ktd,kte->kde", scores, scores) + np.diag(precision)
    drawn = inverse * precision
    return np.asarray(inverse @ meat @ inverse + drawn @ doubt @ drawn.transpose(0, 2, 1))


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
