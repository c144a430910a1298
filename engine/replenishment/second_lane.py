"""Demand that its first warehouse is short of and the second serves at extra cost: who serves whom, and how much."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.execution.run import Run
from engine.plans.forecast import Demand
from engine.plans.orders import SECOND_COLUMNS, SupplyCase
from engine.replenishment.settings import ReplenishSettings
from engine.replenishment.sources import sources_of
from engine.replenishment.tables import item_paths
from models.inventory.cost_tables import projected_sales
from models.paths import SamplePaths

Floats = NDArray[np.float64]
BLOCK = 1000
PATHS = 64
"""Paths on which shortages are counted."""


def worthwhile(lanes: pd.DataFrame, lost_fen: Floats) -> pd.DataFrame:
    """The lanes on which a sale still earns something: nobody ships at a loss."""
    earns = lanes["extra_fen"].to_numpy(dtype=float) < lost_fen[lanes["item"].to_numpy(dtype=np.int64)]
    kept: pd.DataFrame = lanes[earns].reset_index(drop=True)
    return kept


def second_lanes(network: pd.DataFrame, drawn: Floats, need: Floats, planned: NDArray[np.bool_]) -> pd.DataFrame:
    """``second_lanes`` of a case with the ``planned`` items, from those of the network.

    ``drawn`` [series, weeks]: demand that draws on stock; ``need`` [items, weeks]: the same by item.
    """
    place = np.where(planned, np.cumsum(planned) - 1, -1)
    units = network["units"].to_numpy(dtype=float) * drawn.sum(axis=1)[network["series"].to_numpy(dtype=np.int64)]
    lanes = network[["item", "second"]].assign(units=units, extra=units * network["extra_fen"].to_numpy(dtype=float))
    lanes = lanes[lanes["units"] > 0].groupby(["item", "second"], as_index=False)[["units", "extra"]].sum()
    item = lanes["item"].to_numpy(dtype=np.int64)
    lanes["share"] = np.minimum(lanes["units"] / need.sum(axis=1)[item], 1.0)
    lanes["extra_fen"] = lanes["extra"] / lanes["units"]
    lanes["item"], lanes["second"] = place[item], place[lanes["second"].to_numpy(dtype=np.int64)]
    kept = (lanes["item"] >= 0) & (lanes["second"] >= 0)
    return lanes.loc[kept, list(SECOND_COLUMNS)].reset_index(drop=True)


def with_spill(case: SupplyCase, demand: Demand, settings: ReplenishSettings, run: Run) -> SupplyCase:
    """The case with ``spill``, where the settings want the second lane known and there is one.

    What an item is expected to be short of before its first order can come is drawn from the items behind it.
    """
    lanes = case.second_lanes
    if not (settings.use_second_lane and len(lanes)):
        return case
    origin = lanes["item"].to_numpy(dtype=np.int64)
    paths = demand.paths(run.seed_for("second lane"))
    short = np.zeros(case.scheduled.shape)
    rows = np.unique(origin)
    for block in np.split(rows, np.arange(BLOCK, len(rows), BLOCK)):
        short[block] = _short(case, paths, block)
    spill = np.zeros(short.shape)
    np.add.at(spill, lanes["second"].to_numpy(np.int64), lanes["share"].to_numpy(float)[:, None] * short[origin])
    return replace(case, spill=spill)


def _short(case: SupplyCase, paths: SamplePaths, rows: NDArray[np.int64]) -> Floats:
    """Units that the items are expected to be short of in each week before an order can arrive [rows, weeks]."""
    items, sources = case.items.iloc[rows], sources_of(case)
    lead = np.minimum(sources.first_arrival[rows], len(case.weeks))
    draws = item_paths(case, paths, rows, PATHS)
    sold = projected_sales(draws, items["on_hand"].to_numpy(dtype=float), case.scheduled[rows], lead)
    return np.asarray((draws - sold).mean(axis=1, dtype=np.float64))
