"""The rule to beat: order up to a cover in weeks of a seasonal moving average.

Demand ahead = mean of the last 13 deseasonalised weeks x one seasonal index by week of the year for all items. Weeks
that ran out are restored as the product restores them, so that the rule does not lose by its own stock-outs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.readers.vn2 import KEYS
from experiments.vn2.history import History
from experiments.vn2.shelf import Shelf
from models.panel import Panel
from models.restoration import restore

Floats = NDArray[np.float64]
Policy = Callable[[History, Shelf], Floats]
MEAN_WEEKS, YEAR, AHEAD = 13, 52, 8
COVERS = tuple(np.arange(2.5, 4.51, 0.25).tolist())
"""Weeks of cover that are tried; the challenge's own benchmark takes 4."""


@dataclass(frozen=True)
class Cover:
    """Order up to the demand of the next ``weeks`` weeks (a fraction of the last one counts in part)."""

    weeks: float

    def __call__(self, history: History, shelf: Shelf) -> Floats:
        """Whole units to order [items]."""
        ahead = moving_average(history)
        whole = int(self.weeks)
        target = ahead[:, :whole].sum(axis=1) + (self.weeks - whole) * ahead[:, min(whole, AHEAD - 1)]
        return np.asarray(np.maximum(np.rint(target - shelf.position), 0.0))


def moving_average(history: History) -> Floats:
    """Units expected in each of the next ``AHEAD`` weeks, float64 [items, AHEAD]."""
    demand, known = restored(history)
    index = seasonal_index(demand, known)
    phase = np.arange(demand.shape[1] + AHEAD) % YEAR
    recent = slice(-MEAN_WEEKS, None)
    plain = demand / index[phase[: demand.shape[1]]]
    count = known[:, recent].sum(axis=1)
    level = (plain * known)[:, recent].sum(axis=1) / np.maximum(count, 1)
    return np.asarray(level[:, None] * index[phase[demand.shape[1] :]])


def restored(history: History) -> tuple[Floats, NDArray[np.bool_]]:
    """Demand float64 [items, weeks] and whether the item was sold yet."""
    rows = history.given.sales.index
    department = history.given.master.set_index(KEYS)["Department"].reindex(rows).fillna("").astype(str)
    known = np.cumsum(history.sales, axis=1) > 0
    series = pd.DataFrame(
        {
            "sku": rows.get_level_values("Product"),
            "channel": rows.get_level_values("Store"),
            "category": department.to_numpy(),
        }
    )
    weeks = pd.to_datetime(history.given.sales.columns[: history.weeks]).to_numpy(dtype="datetime64[D]")
    panel = Panel(series, weeks, "W", history.sales.astype(np.float32), known, ~history.in_stock)
    return restore(panel).units.astype(float), known


def seasonal_index(demand: Floats, known: NDArray[np.bool_]) -> Floats:
    """Index by week number modulo 52, mean 1: mean demand of an item and week over that of the year around it,
    averaged over years, smoothed over three weeks; 1 below a year of history."""
    weeks = demand.shape[1]
    if weeks < YEAR:
        return np.ones(YEAR)
    total = pd.Series((demand * known).sum(axis=0) / np.maximum(known.sum(axis=0), 1))
    around = total.rolling(YEAR, center=True).mean().bfill().ffill()
    ratio = (total / around).groupby(np.arange(weeks) % YEAR).mean().to_numpy()
    smooth = (np.roll(ratio, 1) + ratio + np.roll(ratio, -1)) / 3.0
    return np.asarray(smooth / smooth.mean())
