"""The demand behind a panel's sales: every stocked-out period restored from its own sales, comparable days and items.

What a period lets expect is the level of the series times factors of the day: of its category, of the category in
its channel and of its product (spu). All are sums of sales over sums of *exposure* (share of the period in stock times
what was expected): by Wald's identity that ratio stays right when an item sells out because the day is busy, where the
mean over fully stocked days is too low. A period's own sales then move its rate as far as the dispersion of demand
around such expectations, estimated by category from stocked and stocked-out days alike, makes believable. A period
that is only flagged (share 0) although it sold something says nothing to levels and factors: what it sold is chosen by
the stock. Nothing looks ahead: a period is restored from earlier ones and from the other series of the same day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.censoring import DISPERSION, lost_deviation, restored
from models.features.clock import CLOCKS
from models.kernels import INNER
from models.panel import Panel

Grid = NDArray[np.float32]
PRIOR_UNITS = (25.0, 25.0, 1.0 / DISPERSION)
"""Units that "a day like any other" counts for in a day's factor of category, category x channel and product."""
PRIOR_PERIODS = 2.0
"""Periods that the category's mean level counts for in the level of a series, so that a first stock-out is not zero."""
PRIOR_NOISE = 100.0
"""Squared units that the usual dispersion counts for in a category's own."""
LEAST_DISPERSED, MOST_DISPERSED = 0.05, 3.0
LEAST_FACTOR, MOST_FACTOR = 0.05, 20.0
LEAST_SHARE = 0.25
WEEKDAY_PACE = 0.2
"""How fast the usual factor of a weekday follows its last one."""


@dataclass(frozen=True)
class Restored:
    """``units`` float32 [series, periods]: demand, the sales where nothing was out of stock. ``deviation`` float32:
    standard deviation of the restored part, 0 elsewhere."""

    units: Grid
    deviation: Grid


def restore(panel: Panel) -> Restored:
    """Demand of every known period; unknown ones are 0. Cost linear in series x periods.

    >>> import pandas as pd
    >>> series = pd.DataFrame({"sku": ["a"], "channel": ["x"], "category": ["c"]})
    >>> units, seen = np.full((1, 60), 4.0, dtype=np.float32), np.ones((1, 60), dtype=bool)
    >>> out = np.zeros((1, 60), dtype=bool); out[0, 50], units[0, 50] = True, 2.0
    >>> share = np.where(out, 0.5, 1.0).astype(np.float32)
    >>> days = np.datetime64("2026-01-01") + np.arange(60)
    >>> restore(Panel(series, days, "D", units, seen, out, share)).units[0, 49:52].round(1).tolist()
    [4.0, 4.0, 4.0]
    """
    units = np.where(panel.known & np.isfinite(panel.units), panel.units, np.float32(0))
    if not (panel.censored & panel.known).any():
        return Restored(units, np.zeros_like(units))
    units, known = units.T.copy(), panel.known.T.copy()
    deviation, share = np.zeros_like(units), _share_in_stock(panel)
    clock = CLOCKS[panel.frequency]
    _restore(units, deviation, known, share, _keys(panel), clock.week, 1.0 - 1.0 / float(clock.level[0]))
    return Restored(np.ascontiguousarray(units.T), np.ascontiguousarray(deviation.T))


def as_demand(panel: Panel) -> Panel:
    """The panel with restored units, censored only where it could be bought for less than a quarter of the period.

    What is left censored is a guess from the rest of the panel; the others were told by their own sales, so that errors
    and lifts of busy days that ran out are neither lost nor made up. A flag (share 0) on a period with sales says that
    it sold out: it counts, since the periods that sell out are the busy ones.
    """
    if not (panel.censored & panel.known).any():
        return panel
    share = np.zeros(panel.units.shape, dtype=np.float32) if panel.in_stock is None else panel.in_stock
    silent = (share < LEAST_SHARE) & ((share > 0) | ~(panel.units > 0))
    return replace(panel, units=restore(panel).units, censored=panel.censored & silent, in_stock=None)


def _share_in_stock(panel: Panel) -> Grid:
    """[periods, series]: 1 in stock throughout, 0 where no more is known than a flag."""
    share = 0.0 if panel.in_stock is None else np.clip(panel.in_stock.T, np.float32(0), np.float32(1))
    return np.where(panel.censored.T, share, np.float32(1)).astype(np.float32)


def _keys(panel: Panel) -> NDArray[np.int64]:
    """Category, category x channel and product of each series, int64 [3, series]."""
    category = panel.series["category"].astype(str)
    product = panel.series["spu" if "spu" in panel.series else "sku"].astype(str)
    parts = (category, category + "|" + panel.series["channel"].astype(str), product)
    return np.stack([np.unique(part.to_numpy(), return_inverse=True)[1] for part in parts]).astype(np.int64)


@njit(cache=True, error_model="numpy")
def _restore(units, deviation, known, share, keys, week, decay):  # type: ignore[no-untyped-def]
    """Restore in place, one period after the other; arrays [periods, series]."""
    periods, series = units.shape
    group, groups = keys[0], keys[0].max() + 1
    sold, exposed = np.zeros(series), np.zeros(series)
    usual, noise = np.ones((groups, week)), np.full((groups, 2), PRIOR_NOISE)
    for entry in range(groups):
        noise[entry, 0] *= DISPERSION
    for t in range(periods):
        level = _levels(sold, exposed, known[t], group, groups)
        factor, mean = _factors(units[t], known[t], share[t], keys, level, usual[:, t % week])
        for row in range(series):
            if not known[t, row]:
                continue
            g, seen, part, expected = group[row], float(units[t, row]), float(share[t, row]), mean[row]
            demand = seen
            if part < 1.0:
                dispersion = min(noise[g, 0] / noise[g, 1], MOST_DISPERSED)
                demand = restored(seen, part, expected, dispersion)
                units[t, row] = demand
                deviation[t, row] = lost_deviation(seen, part, max(demand - seen, 0.0), dispersion)
            if exposed[row] > PRIOR_PERIODS:
                square = (demand - expected) ** 2 + float(deviation[t, row]) ** 2
                noise[g, 0] += max(square - expected, -expected * expected)
                noise[g, 1] += expected * expected
            sold[row] = decay * sold[row] + (seen / factor[row] if part > 0.0 else 0.0)
            exposed[row] = decay * exposed[row] + part
        for entry in range(groups):
            noise[entry, 0] = max(noise[entry, 0], LEAST_DISPERSED * noise[entry, 1])


@njit(**INNER)
def _levels(sold, exposed, known, group, groups):  # type: ignore[no-untyped-def]
    """Sales over exposure of each series, pulled to the mean of its category's series of the day."""
    top, bottom = np.zeros(groups), np.zeros(groups)
    for row in range(len(sold)):
        if known[row] and exposed[row] > 0.0:
            top[group[row]] += sold[row] / exposed[row]
            bottom[group[row]] += 1.0
    level = np.empty(len(sold))
    for row in range(len(sold)):
        usual = top[group[row]] / max(bottom[group[row]], 1.0)
        level[row] = (sold[row] + PRIOR_PERIODS * usual) / (exposed[row] + PRIOR_PERIODS)
    return level


@njit(**INNER)
def _factors(units, known, share, keys, level, usual):  # type: ignore[no-untyped-def]
    """How busy the day is for each series, and its expected demand, which leaves its own sales of the day out.

    ``usual`` [categories] is the factor of the weekday so far and follows that of the day. The product's factor
    serves the expectation only: it is too noisy for the level.
    """
    series, group = len(units), keys[0]
    factor, mean = np.empty(series), np.empty(series)
    for row in range(series):
        factor[row] = usual[group[row]]
        mean[row] = level[row] * factor[row]
    others = mean.copy()
    for stage in range(3):
        key = keys[stage]
        top = np.full(key.max() + 1, PRIOR_UNITS[stage])
        bottom, sales, exposure = top.copy(), np.zeros(series), np.zeros(series)
        for row in range(series):
            if known[row]:
                sales[row], exposure[row] = units[row] if share[row] > 0.0 else 0.0, share[row] * mean[row]
                top[key[row]] += sales[row]
                bottom[key[row]] += exposure[row]
        for row in range(series):
            k = key[row]
            whole = min(max(top[k] / bottom[k], LEAST_FACTOR), MOST_FACTOR)
            rest = max(top[k] - sales[row], 0.0) / max(bottom[k] - exposure[row], PRIOR_UNITS[stage])
            others[row] *= min(max(rest, LEAST_FACTOR), MOST_FACTOR)
            mean[row] *= whole
            if stage < 2:
                factor[row] *= whole
        if stage == 0:
            for entry in range(len(usual)):
                usual[entry] *= min(max(top[entry] / bottom[entry], LEAST_FACTOR), MOST_FACTOR) ** WEEKDAY_PACE
    return factor, others
