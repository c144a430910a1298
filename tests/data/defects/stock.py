"""Defects of stock, purchase orders and receipts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.data.defects.tools import Rng, Tables, busy_sku, defect, some_rows, with_values


@defect("inventory")
def negative_stock(tables: Tables, rng: Rng) -> None:
    """Stock below 0."""
    tables["inventory"] = with_values(tables["inventory"], some_rows(tables["inventory"], rng, 0.002, 3), "on_hand", -7)


@defect("inventory")
def old_stock(tables: Tables, rng: Rng) -> None:
    """The last stock report is weeks old."""
    inventory = tables["inventory"]
    limit = inventory["date"].max() - pd.Timedelta(days=int(rng.integers(14, 40)))
    tables["inventory"] = inventory[inventory["date"] <= limit].reset_index(drop=True)


@defect("inventory")
def stock_misses_skus(tables: Tables, rng: Rng) -> None:
    """SKUs that sell and are not in the last stock report."""
    inventory, gone = tables["inventory"], [busy_sku(tables, rng) for _ in range(4)]
    last = inventory["date"] == inventory["date"].max()
    tables["inventory"] = inventory[~(last & inventory["sku"].isin(gone))].reset_index(drop=True)


@defect("inventory")
def stock_misses_a_warehouse(tables: Tables, rng: Rng) -> None:
    """The last stock report lacks the largest warehouses."""
    inventory = tables["inventory"]
    last = inventory["date"] == inventory["date"].max()
    held = inventory[last].groupby("warehouse", observed=True)["on_hand"].sum().sort_values()
    gone = held.index[1:].astype(str)
    tables["inventory"] = inventory[~(last & inventory["warehouse"].isin(gone))].reset_index(drop=True)


@defect("inventory", "sales")
def frozen_stock(tables: Tables, rng: Rng) -> None:
    """Stock of a good seller that is not kept up any more."""
    inventory, sku = tables["inventory"], busy_sku(tables, rng)
    since = inventory["date"].max() - pd.Timedelta(days=56)
    rows = np.flatnonzero(((inventory["sku"] == sku) & (inventory["date"] >= since)).to_numpy())
    tables["inventory"] = with_values(inventory, rows, "on_hand", 60)


@defect("inventory")
def stock_slip(tables: Tables, rng: Rng) -> None:
    """Two digits too many on the last count."""
    inventory = tables["inventory"]
    last = (inventory["date"] == inventory["date"].max()) & (inventory["on_hand"] >= 10)
    rows = some_rows(inventory, rng, 0.05, 3, last.to_numpy())
    tables["inventory"] = with_values(inventory, rows, "on_hand", inventory["on_hand"].to_numpy()[rows] * 100)


@defect("inventory", "sales")
def sells_without_stock(tables: Tables, rng: Rng) -> None:
    """A SKU whose stock lies in a warehouse that is not in the table."""
    inventory, sku = tables["inventory"], busy_sku(tables, rng)
    since = inventory["date"].max() - pd.Timedelta(days=70)
    rows = np.flatnonzero(((inventory["sku"] == sku) & (inventory["date"] >= since)).to_numpy())
    tables["inventory"] = with_values(inventory, rows, "on_hand", 0)
    receipts = tables["receipts"]
    tables["receipts"] = receipts[~((receipts["sku"] == sku) & (receipts["date"] >= since))].reset_index(drop=True)


@defect("receipts", "purchase_orders")
def receipts_missing(tables: Tables, rng: Rng) -> None:
    """Receipts of a month were not exported."""
    receipts, orders = tables["receipts"], tables["purchase_orders"]
    last = receipts["date"].max()
    gone = (receipts["date"] > last - pd.Timedelta(days=75)) & (receipts["date"] <= last - pd.Timedelta(days=40))
    assert gone.any() and len(orders)
    tables["receipts"] = receipts[~gone].reset_index(drop=True)


@defect("receipts", "purchase_orders")
def received_too_much(tables: Tables, rng: Rng) -> None:
    """Receipts in pieces, orders in boxes."""
    receipts = tables["receipts"]
    rows = some_rows(receipts, rng, 0.02, 4)
    tables["receipts"] = with_values(receipts, rows, "units", receipts["units"].to_numpy()[rows] * 6)


@defect("receipts", "purchase_orders")
def received_before_order(tables: Tables, rng: Rng) -> None:
    """Receipts dated a year early."""
    receipts = tables["receipts"]
    rows = some_rows(receipts, rng, 0.02, 4)
    days = receipts["date"].to_numpy()[rows] - np.timedelta64(50, "D")
    tables["receipts"] = with_values(receipts, rows, "date", days)


@defect("purchase_orders")
def expected_before_ordered(tables: Tables, rng: Rng) -> None:
    """Expected days before the order."""
    orders = tables["purchase_orders"]
    rows = some_rows(orders, rng, 0.02, 4)
    days = orders["ordered_at"].to_numpy()[rows] - np.timedelta64(20, "D")
    tables["purchase_orders"] = with_values(orders, rows, "expected_at", days)


@defect("purchase_orders", "skus")
def purchase_price_slip(tables: Tables, rng: Rng) -> None:
    """Purchase prices in yuan."""
    orders = tables["purchase_orders"]
    rows = some_rows(orders, rng, 0.03, 4)
    tables["purchase_orders"] = with_values(
        orders, rows, "unit_price_fen", orders["unit_price_fen"].to_numpy()[rows] // 100
    )
