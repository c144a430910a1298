"""Goods that are there, by SKU."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of


def stock_units(dataset: Dataset) -> pd.Series:
    """Units on hand and not locked by SKU in the last snapshot; empty without an inventory table."""
    table = dataset.get("inventory")
    if table is None or table.empty:
        return pd.Series(dtype=float)
    last = table[table["date"] == table["date"].max()]
    locked = last["locked"].to_numpy(dtype=float, na_value=0.0) if "locked" in last else 0.0
    units = np.maximum(last["on_hand"].to_numpy(dtype=float) - locked, 0.0)
    found: pd.Series = pd.Series(units, index=text_of(last["sku"])).groupby(level=0).sum()
    return found
