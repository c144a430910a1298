"""Goods that are there and on their way, by SKU and by category."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of


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


def unit_costs(dataset: Dataset) -> pd.Series:
    """Yuan a unit without VAT by SKU; NaN where it is unknown."""
    skus = dataset["skus"].drop_duplicates("sku")
    cost = skus["unit_cost_fen"].to_numpy(dtype=float, na_value=np.nan) if "unit_cost_fen" in skus else np.nan
    return pd.Series(cost, index=text_of(skus["sku"]), dtype=float) / 100.0


def categories_of(dataset: Dataset) -> pd.Series:
    """Category by SKU."""
    skus = dataset["skus"].drop_duplicates("sku")
    return pd.Series(text_of(skus["category"]).to_numpy(), index=text_of(skus["sku"]))
