"""Goods that are there and on their way, by SKU."""

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


def placed_orders(dataset: Dataset, origin: np.datetime64) -> pd.DataFrame:
    """Open purchase orders: ``sku, supplier, month`` (of expected arrival, not before ``origin``), ``units``."""
    orders = dataset.get("purchase_orders")
    if orders is None or orders.empty:
        return pd.DataFrame({"sku": [], "supplier": [], "month": [], "units": []})
    keys = ["po", "sku", "warehouse"]
    table = (
        orders[keys]
        .astype(str)
        .assign(
            units=orders["units"].to_numpy(float),
            supplier=text_of(orders["supplier"]) if "supplier" in orders else "",
            month=np.maximum(orders["expected_at"].to_numpy().astype("datetime64[D]"), origin).astype("datetime64[M]"),
        )
    )
    receipts = dataset.get("receipts")
    if receipts is not None and len(receipts):
        came = receipts[keys].astype(str).assign(came=receipts["units"].to_numpy(float))
        table = table.merge(came.groupby(keys, as_index=False)["came"].sum(), on=keys, how="left")
        table["units"] -= table["came"].fillna(0.0)
    # a line is one order whichever pool it is for; what was received too much on one does not serve another
    table = table[table["units"] > 0]
    return table[["sku", "supplier", "month", "units"]].reset_index(drop=True)
