"""Goods that are there and on their way, by SKU."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import SHARED, text_of


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


def open_orders(dataset: Dataset) -> pd.DataFrame:
    """Purchase orders: ``po, sku, warehouse, pool, supplier, ordered_at, expected_at, received_at, units, open_units,
    value_fen`` (of the whole order, NaN without a price)."""
    orders = dataset.get("purchase_orders")
    if orders is None or orders.empty:
        return pd.DataFrame()
    keys = ["po", "sku", "warehouse"]
    table = pd.DataFrame({name: text_of(orders[name]) for name in keys})
    table["pool"] = text_of(orders["pool"]).replace("", SHARED) if "pool" in orders else SHARED
    table["supplier"] = text_of(orders["supplier"]) if "supplier" in orders else ""
    table["ordered_at"], table["expected_at"] = orders["ordered_at"], orders["expected_at"]
    table["units"] = orders["units"].to_numpy(dtype=float)
    price = orders["unit_price_fen"].to_numpy(dtype=float) if "unit_price_fen" in orders else np.nan
    table["value_fen"] = table["units"] * price
    table["received_at"], table["open_units"] = pd.NaT, table["units"]
    receipts = dataset.get("receipts")
    if receipts is not None and len(receipts):
        came = pd.DataFrame({name: text_of(receipts[name]) for name in keys})
        came["came"], came["day"] = receipts["units"].to_numpy(dtype=float), receipts["date"].to_numpy()
        came = came.groupby(keys, as_index=False).agg(came=("came", "sum"), day=("day", "min"))
        table = table.merge(came, on=keys, how="left")
        table["received_at"] = table["day"]
        # one receipt may serve several pools of a line: in their order
        total = table["came"].fillna(0.0)
        before = table.groupby(keys)["units"].cumsum() - table["units"]
        table["open_units"] = table["units"] - np.clip(total - before, 0.0, table["units"])
        table = table.drop(columns=["came", "day"])
    return table


def placed_orders(dataset: Dataset, origin: np.datetime64) -> pd.DataFrame:
    """What is open of them: ``sku, supplier, month`` (of expected arrival, not before ``origin``), ``units``."""
    orders = open_orders(dataset)
    if orders.empty:
        return pd.DataFrame({"sku": [], "supplier": [], "month": [], "units": []})
    day = np.maximum(orders["expected_at"].to_numpy().astype("datetime64[D]"), origin)
    table = orders.assign(month=day.astype("datetime64[M]"), units=orders["open_units"])
    return table.loc[table["units"] > 0, ["sku", "supplier", "month", "units"]].reset_index(drop=True)
