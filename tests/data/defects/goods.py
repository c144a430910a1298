"""Defects of the goods: SKUs, bundles, listings and prices."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.data.defects.tools import Rng, Tables, busy_channel, busy_sku, defect, sales_days, some_rows, with_values


@defect("sales", "skus")
def sold_after_end(tables: Tables, rng: Rng) -> None:
    """Items marked as ended months ago that go on selling."""
    skus = tables["skus"].copy()
    names = [busy_sku(tables, rng) for _ in range(3)]
    end = pd.Series(skus["end_date"].to_numpy(copy=True), dtype="datetime64[s]")
    end[skus["sku"].isin(names).to_numpy()] = pd.Timestamp(sales_days(tables)[-50])
    launch = skus["launch_date"].to_numpy(copy=True)
    launch[skus["sku"].isin(names).to_numpy()] = sales_days(tables)[0] - np.timedelta64(300, "D")
    tables["skus"] = skus.assign(end_date=end.to_numpy(), launch_date=launch)


@defect("sales", "skus")
def sold_before_launch(tables: Tables, rng: Rng) -> None:
    """Launch dates typed a year late."""
    skus = tables["skus"].copy()
    chosen = skus["sku"].isin([busy_sku(tables, rng, age=60) for _ in range(3)]).to_numpy()
    launch = skus["launch_date"].to_numpy(copy=True)
    launch[chosen] = sales_days(tables)[-10]
    tables["skus"] = skus.assign(launch_date=launch)


@defect("skus")
def no_cost(tables: Tables, rng: Rng) -> None:
    """Costs left blank."""
    skus = tables["skus"]
    cost = skus["unit_cost_fen"].to_numpy(dtype=float)
    cost[skus["sku"].isin([busy_sku(tables, rng) for _ in range(4)]).to_numpy()] = np.nan
    tables["skus"] = skus.assign(unit_cost_fen=cost)


@defect("skus", "sales")
def cost_in_yuan(tables: Tables, rng: Rng) -> None:
    """Costs of some SKUs a hundred times too small."""
    skus = tables["skus"]
    rows = np.flatnonzero(skus["sku"].isin([busy_sku(tables, rng) for _ in range(4)]).to_numpy())
    tables["skus"] = with_values(skus, rows, "unit_cost_fen", skus["unit_cost_fen"].to_numpy()[rows] // 100)


@defect("skus", "sales")
def cost_above_price(tables: Tables, rng: Rng) -> None:
    """Costs of a carton instead of a piece."""
    skus = tables["skus"]
    rows = np.flatnonzero(skus["sku"].isin([busy_sku(tables, rng) for _ in range(3)]).to_numpy())
    tables["skus"] = with_values(skus, rows, "unit_cost_fen", skus["unit_cost_fen"].to_numpy()[rows] * 12)


@defect("skus")
def no_category(tables: Tables, rng: Rng) -> None:
    """Categories left open."""
    tables["skus"] = with_values(tables["skus"], some_rows(tables["skus"], rng, 0.05, 3), "category", "未分类")


@defect("skus")
def vat_in_per_cent(tables: Tables, rng: Rng) -> None:
    """VAT rate typed as 0.3 instead of 0.13."""
    tables["skus"] = with_values(tables["skus"], some_rows(tables["skus"], rng, 0.05, 3), "vat_rate", 0.3)


@defect("skus")
def volume_in_litres(tables: Tables, rng: Rng) -> None:
    """Volumes a thousand times too large."""
    skus = tables["skus"]
    rows = some_rows(skus, rng, 0.05, 3)
    tables["skus"] = with_values(skus, rows, "volume_m3", skus["volume_m3"].to_numpy()[rows] * 1000)


@defect("prices")
def price_slip(tables: Tables, rng: Rng) -> None:
    """A decimal point in the wrong place."""
    prices = tables["prices"]
    rows = some_rows(prices, rng, 0.001, 3)
    factor = rng.choice([0.1, 10.0])
    tables["prices"] = with_values(
        prices, rows, "paid_price_fen", np.maximum(prices["paid_price_fen"].to_numpy()[rows] * factor, 1)
    )


@defect("prices")
def price_zero(tables: Tables, rng: Rng) -> None:
    """Prices of 0."""
    tables["prices"] = with_values(tables["prices"], some_rows(tables["prices"], rng, 0.002, 3), "paid_price_fen", 0)


@defect("prices")
def paid_above_list(tables: Tables, rng: Rng) -> None:
    """List and paid price swapped."""
    prices = tables["prices"]
    rows = some_rows(prices, rng, 0.01, 5)
    list_price = prices["list_price_fen"].to_numpy()[rows]
    tables["prices"] = with_values(prices, rows, "paid_price_fen", np.ceil(list_price * 1.15))


@defect("prices", "skus")
def price_below_cost(tables: Tables, rng: Rng) -> None:
    """Prices at two thirds of the cost."""
    prices = tables["prices"]
    rows = some_rows(prices, rng, 0.005, 5)
    cost = tables["skus"].set_index(tables["skus"]["sku"].astype(str))["unit_cost_fen"]
    own = cost.reindex(prices["sku"].astype(str)).to_numpy(dtype=float)[rows]
    tables["prices"] = with_values(prices, rows, "paid_price_fen", np.maximum(np.floor(own * 0.66), 1))


@defect("prices", "sales")
def price_table_in_yuan(tables: Tables, rng: Rng) -> None:
    """A whole channel of the price table in yuan."""
    prices = tables["prices"]
    rows = np.flatnonzero((prices["channel"] == busy_channel(tables, rng)).to_numpy())
    for name in ("paid_price_fen", "list_price_fen"):
        prices = with_values(prices, rows, name, np.maximum(prices[name].to_numpy()[rows] // 100, 1))
    tables["prices"] = prices


@defect("bundles")
def bundle_of_itself(tables: Tables, rng: Rng) -> None:
    """A bundle that holds itself."""
    bundles = tables["bundles"]
    rows = some_rows(bundles, rng, 0.0, 1, (bundles["kind"] == "bundle").to_numpy())
    whole = str(bundles["bundle_sku"].iloc[rows[0]])
    tables["bundles"] = with_values(bundles, rows, "component_sku", whole)


@defect("bundles")
def unknown_component(tables: Tables, rng: Rng) -> None:
    """A component that is no SKU."""
    bundles = tables["bundles"]
    tables["bundles"] = with_values(bundles, some_rows(bundles, rng, 0.0, 1), "component_sku", "无此编码")


@defect("listings", "channels")
def listing_in_unknown_channel(tables: Tables, rng: Rng) -> None:
    """Listings of a shop that is not in channels."""
    listings = tables["listings"]
    tables["listings"] = with_values(listings, some_rows(listings, rng, 0.05, 3), "channel", "旧店铺")
