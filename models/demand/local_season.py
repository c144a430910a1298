"""Seasonal indices of many series: a weekday shape of their own, shrunk to their group, and a yearly one by group.

A weekday index is a gamma-Poisson posterior mean: the group's shape counts as much as ``PRIOR_UNITS`` units, so that
slow sellers take the group's week and fast ones their own. The year is a harmonic regression on the group's weekly
mean with a linear trend (Harvey 1989, section 2.3; Young, Pedregal and Tych 1999), ridged towards that of all series.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.features.clock import Clock

Floats = NDArray[np.float64]
PRIOR_UNITS = 150.0
"""Units that the group's weekday shape counts for; demand is overdispersed, so more than a Poisson law would ask."""
HARMONICS = 4
LEAST_YEARS = 2
"""Whole years of history from which a yearly shape is told from a trend."""
RIDGE = 0.5
"""Weight of all series' yearly shape in a group's, as a share of its weeks."""
SMALLEST = 0.05
"""Indices stay above, so that dividing by them stays tame."""


def weekday_indices(
    units: NDArray[np.float32], seen: NDArray[np.bool_], group: NDArray[np.int32], start: int, clock: Clock
) -> Floats:
    """Index by period number modulo week, float64 [series, week], mean 1; ``start``: number of the first period.

    >>> from models.features.clock import CLOCKS
    >>> week = np.array([[0, 0, 0, 0, 0, 70, 70]], dtype=np.float32)
    >>> units = np.tile(week, (1, 52))
    >>> weekday_indices(units, units >= 0, np.zeros(1, np.int32), 0, CLOCKS["D"]).round(2)[0]
    array([0.05, 0.05, 0.05, 0.05, 0.05, 3.5 , 3.5 ])
    """
    series, periods = units.shape
    weeks = min(periods, clock.year) // clock.week
    if clock.week == 1 or weeks < 2:
        return np.ones((series, clock.week))
    span = weeks * clock.week
    shape = (series, weeks, clock.week)
    here = seen[:, periods - span :].reshape(shape)
    sold = np.where(here, units[:, periods - span :].reshape(shape), np.float32(0))
    by_day, days = sold.sum(axis=1, dtype=float), here.sum(axis=1, dtype=float)
    mean = by_day.sum(axis=1) / np.maximum(days.sum(axis=1), 1.0)
    expected = days * mean[:, None]
    everywhere = by_day.sum(axis=0) / np.maximum(expected.sum(axis=0), 1e-9) if expected.any() else np.ones(clock.week)
    groups = int(group.max(initial=0)) + 1
    top, bottom = np.zeros((groups, clock.week)), np.zeros((groups, clock.week))
    np.add.at(top, group, by_day)
    np.add.at(bottom, group, expected)
    pooled = (top + PRIOR_UNITS * everywhere) / (bottom + PRIOR_UNITS)
    index = (by_day + PRIOR_UNITS * pooled[group]) / (expected + PRIOR_UNITS)
    index = np.maximum(index / index.mean(axis=1, keepdims=True), SMALLEST)
    return np.roll(index, start + periods - span, axis=1)


def yearly_harmonics(
    units: NDArray[np.float32], seen: NDArray[np.bool_], group: NDArray[np.int32], start: int, clock: Clock
) -> Floats:
    """Coefficients of each group's logarithmic yearly shape, float64 [groups, 2 x HARMONICS]; 0 on a short history."""
    series, periods = units.shape
    groups = int(group.max(initial=0)) + 1
    weeks = periods // clock.week
    if weeks * clock.week < LEAST_YEARS * clock.year or series == 0:
        return np.zeros((groups, 2 * HARMONICS))
    span = weeks * clock.week
    here = seen[:, periods - span :]
    sold = np.where(here, units[:, periods - span :], np.float32(0))
    mean = sold.sum(axis=1, dtype=float) / np.maximum(here.sum(axis=1), 1)
    top, bottom = np.zeros((groups, weeks)), np.zeros((groups, weeks))
    np.add.at(top, group, sold.reshape(series, weeks, clock.week).sum(axis=2, dtype=float))
    np.add.at(bottom, group, here.reshape(series, weeks, clock.week).sum(axis=2) * mean[:, None])
    when = start + periods - span + clock.week * np.arange(weeks) + (clock.week - 1) / 2
    shape = _waves(when, clock.year)
    design = np.column_stack([np.ones(weeks), (when - when.mean()) / clock.year, shape])
    everywhere = _ridge(design, top.sum(axis=0), bottom.sum(axis=0), np.zeros(2 * HARMONICS))
    return np.stack([_ridge(design, top[g], bottom[g], everywhere) for g in range(groups)])


def yearly_indices(coefficients: Floats, first: int, last: int, clock: Clock) -> Floats:
    """Index of the periods numbered ``first <= t < last``, float64 [groups, periods]."""
    shape = _waves(np.arange(first, last, dtype=float), clock.year)
    return np.asarray(np.maximum(np.exp(np.clip(coefficients @ shape.T, -3.0, 3.0)), SMALLEST))


def _waves(when: Floats, year: int) -> Floats:
    angle = 2.0 * np.pi * when[:, None] * np.arange(1, HARMONICS + 1) / (year * 365.25 / 364)
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)


def _ridge(design: Floats, top: Floats, bottom: Floats, towards: Floats) -> Floats:
    """Waves of log(top / bottom) with a free level and trend, pulled towards given ones; weights by expected units."""
    if not top.any():
        return towards
    ratio = np.log(np.maximum(top / np.maximum(bottom, 1e-9), SMALLEST))
    weight = bottom / max(bottom.max(), 1e-9)
    pull = np.concatenate([[0.0, 0.0], np.full(len(towards), RIDGE * weight.sum() / 2)])
    pull[:2] = 1e-9 * max(weight.sum(), 1.0)
    goal = np.concatenate([[0.0, 0.0], towards])
    left = (design * weight[:, None]).T @ design + np.diag(pull)
    return np.asarray(np.linalg.solve(left, design.T @ (weight * ratio) + pull * goal)[2:])
