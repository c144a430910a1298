"""Draws of demand and lead times for the items of a case, block by block of paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from engine.plans.forecast import Demand
from engine.plans.orders import SupplyCase
from engine.simulation.stock import Stock
from models.inventory.stock_flow import draw_lead_weeks
from models.paths import SamplePaths


@dataclass(frozen=True)
class Draws:
    """``blocks`` yields demand float32 [items, paths, weeks] and lead times [weeks, items] by path, always the same."""

    links: sparse.csr_array
    rows: NDArray[np.int64]
    paths: SamplePaths
    lead: NDArray[np.int64]
    lead_sd: NDArray[np.float64]
    weeks: int
    seed: int
    case: SupplyCase

    def blocks(self, paths: int, size: int) -> Iterator[tuple[NDArray[np.float32], list[NDArray[np.int16]]]]:
        for first in range(0, paths, size):
            count = min(size, paths - first)
            series = self.paths.block(self.rows, first, count)[:, :, : self.weeks]
            items = self.links @ series.reshape(len(self.rows), count * self.weeks)
            lead_weeks = [
                draw_lead_weeks(self.lead, self.lead_sd, self.weeks, self.seed, path)
                for path in range(first, first + count)
            ]
            yield self.case.bound(np.asarray(items, dtype=np.float32).reshape(-1, count, self.weeks)), lead_weeks


def item_mean(case: SupplyCase, demand: Demand) -> NDArray[np.float64]:
    """Expected units that the stock of each item must serve, [items, weeks]. ValueError when demand does not cover the
    case's weeks."""
    weeks = len(case.weeks)
    if not np.array_equal(demand.weeks[:weeks].astype("datetime64[D]"), case.weeks.astype("datetime64[D]")):
        raise ValueError("the demand does not begin with the weeks of the order plan")
    return case.net((case.fulfilment @ demand.weekly_mean[:, :weeks].astype(float))[:, None, :])[:, 0]


def draws(case: SupplyCase, demand: Demand, stock: Stock, seed: int) -> Draws:
    """Draws for a seed; only series that an item serves are drawn."""
    rows = np.unique(case.fulfilment.indices).astype(np.int64)
    links = sparse.csr_array(case.fulfilment[:, rows].astype(np.float32))
    lead = stock.goods.lead[: len(stock.mean)]
    return Draws(links, rows, demand.paths(seed), lead, stock.lead_sd, len(case.weeks), seed, case)
