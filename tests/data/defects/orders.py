"""Defects of customers' orders, where they go and what comes back."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.data.defects.tools import Rng, Tables, busy_channel, defect, quiet_day, some_rows, with_values


@defect("orders")
def bulk_orders(tables: Tables, rng: Rng) -> None:
    """A few customers took dozens of units each."""
    orders = tables["orders"]
    rows = some_rows(orders, rng, 0.0, 4)
    units = rng.integers(40, 200, len(rows))
    amounts = orders["amount_paid_fen"].to_numpy()[rows] * units
    tables["orders"] = with_values(with_values(orders, rows, "units", units), rows, "amount_paid_fen", amounts)


@defect("orders")
def order_burst(tables: Tables, rng: Rng) -> None:
    """Two hundred equal orders of new customers for one SKU on one day."""
    orders = tables["orders"]
    channel = busy_channel(tables, rng)
    day = quiet_day(tables, rng, channel, 60)
    mine = orders[(orders["channel"] == channel) & (orders["ordered_at"] == day)]
    counts = mine["sku"].value_counts()
    sku = str(counts[counts > 0].index[-1])
    line = mine[mine["sku"] == sku].iloc[[0] * 200].reset_index(drop=True)
    number = [f"B{place:018d}" for place in range(200)]
    line = line.assign(
        order_id=number, line="1", customer_id=[f"X{place:08d}" for place in range(200)], state="settled"
    )
    merged = pd.concat([orders, line], ignore_index=True)
    for name in ("order_id", "line", "customer_id", "sku", "channel", "region", "state", "return_reason"):
        merged[name] = merged[name].astype("category")
    tables["orders"] = merged


@defect("orders")
def price_error_orders(tables: Tables, rng: Rng) -> None:
    """Orders at a tenth of the price."""
    orders = tables["orders"]
    rows = some_rows(orders, rng, 0.002, 10, (orders["amount_paid_fen"] > 0).to_numpy())
    tables["orders"] = with_values(orders, rows, "amount_paid_fen", orders["amount_paid_fen"].to_numpy()[rows] // 10)


@defect("orders")
def shipped_before_ordered(tables: Tables, rng: Rng) -> None:
    """Day and month of the shipment swapped."""
    orders = tables["orders"]
    rows = some_rows(orders, rng, 0.01, 10, orders["shipped_at"].notna().to_numpy())
    days = orders["shipped_at"].to_numpy()[rows] - np.timedelta64(60, "D")
    tables["orders"] = with_values(orders, rows, "shipped_at", days)


@defect("orders", "sales")
def half_of_the_orders(tables: Tables, rng: Rng) -> None:
    """The export stopped at its row limit."""
    orders = tables["orders"]
    tables["orders"] = orders[rng.random(len(orders)) < 0.55].reset_index(drop=True)


@defect("region_shares")
def region_shares_do_not_add_up(tables: Tables, rng: Rng) -> None:
    """A region was dropped from the shares."""
    shares = tables["region_shares"]
    keep = ~((shares["region"] == rng.choice(shares["region"].unique())) & (rng.random(len(shares)) < 0.5))
    tables["region_shares"] = shares[keep].reset_index(drop=True)


@defect("returns", "sales")
def return_rates_wrong(tables: Tables, rng: Rng) -> None:
    """Return rates of 75 % in some categories."""
    table = tables["returns"]
    tables["returns"] = with_values(table, some_rows(table, rng, 0.1, 2), "rate", 0.75)


@defect("returns", "sales")
def return_rates_zero(tables: Tables, rng: Rng) -> None:
    """No returns where goods come back."""
    table = tables["returns"]
    rows = np.flatnonzero((table["channel"] == busy_channel(tables, rng)).to_numpy())
    tables["returns"] = with_values(table, rows, "rate", 0.0)
