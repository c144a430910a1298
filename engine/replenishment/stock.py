"""Opening stock and placed orders: what is there and what is on its way."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.network import ITEM, SHARED, text_of
from engine.plans.errors import MissingInput
from engine.replenishment.settings import SupplyDefaults
from models.panel import Dates

Floats = NDArray[np.float64]
OVERDUE_WEEK = 1
"""Placed orders that should have come already are expected in this week."""


def opening_stock(
    dataset: Dataset, items: pd.DataFrame, mean_week: Floats, defaults: SupplyDefaults | None
) -> tuple[Floats, bool]:
    """Units on hand and not locked by the last snapshot, and whether they were assumed (``opening_cover_weeks``)."""
    stock = dataset.get("inventory")
    if stock is None or stock.empty:
        if defaults is None or defaults.opening_cover_weeks is None:
            raise MissingInput(
                "inventory", "add inventory (库存), or opening_cover_weeks under supply_defaults in plan.yaml"
            )
        return np.round(mean_week * defaults.opening_cover_weeks), True
    last = stock[stock["date"] == stock["date"].max()]
    locked = last["locked"].to_numpy(dtype=float, na_value=0.0) if "locked" in last else 0.0
    units = np.maximum(last["on_hand"].to_numpy(dtype=float) - locked, 0.0)
    return _by_item(items, last, units), False


def scheduled_receipts(orders: pd.DataFrame, items: pd.DataFrame, weeks: Dates) -> Floats:
    """Units of placed orders that become sellable at the start of each week [items, weeks], to the nearest week."""
    out = np.zeros((len(items), len(weeks)))
    if orders.empty:
        return out
    live = orders[orders["open_units"] > 0]
    row = _rows(items, live)
    week = arrival_week(live["expected_at"], weeks)
    kept = (row >= 0) & (week < len(weeks))
    np.add.at(out, (row[kept], week[kept]), live["open_units"].to_numpy()[kept])
    return out


def arrival_week(expected: pd.Series, weeks: Dates) -> NDArray[np.int64]:
    """Week in which goods expected on a day count as sellable; overdue ones come in ``OVERDUE_WEEK``."""
    days = (expected.to_numpy(dtype="datetime64[D]") - weeks[0].astype("datetime64[D]")).astype(np.int64)
    return np.where(days < 0, min(OVERDUE_WEEK, len(weeks) - 1), (days + 3) // 7)


def _by_item(items: pd.DataFrame, table: pd.DataFrame, units: Floats) -> Floats:
    pool = text_of(table["pool"]).replace("", SHARED) if "pool" in table else pd.Series(SHARED, index=table.index)
    keys = pd.DataFrame({"sku": text_of(table["sku"]), "warehouse": text_of(table["warehouse"]), "pool": pool})
    row = _rows(items, keys)
    out = np.zeros(len(items))
    np.add.at(out, row[row >= 0], units[row >= 0])
    return out


def _rows(items: pd.DataFrame, table: pd.DataFrame) -> NDArray[np.int64]:
    """Row of each entry's item, -1 where there is none."""
    return pd.MultiIndex.from_frame(items[ITEM]).get_indexer(pd.MultiIndex.from_frame(table[ITEM])).astype(np.int64)
