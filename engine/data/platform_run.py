"""Channels that a platform runs: it buys from the merchant, and sells to the consumers what it has bought.

Its purchase orders are what draws on the merchant's stock and what he is paid for, so that they stand in the place of
sales, at its prices; what its consumers buy is the platform's business.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping
from dataclasses import replace
from typing import cast

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset

KIND = "platform_run"
UNITS, MONEY = ("units_ordered", "units_paid", "units_shipped"), ("amount_ordered_fen", "amount_paid_fen")
KEYS = ["date", "sku", "channel"]


def platform_run(dataset: Dataset) -> tuple[frozenset[str], frozenset[str]]:
    """Channels that a platform runs: those whose purchase orders are there, and the others."""
    channels = dataset.get("channels")
    if channels is None or "kind" not in channels:
        return frozenset(), frozenset()
    run = set(channels["channel"].astype(str)[(channels["kind"].astype(str) == KIND).to_numpy()])
    orders = dataset.get("platform_orders")
    told = set() if orders is None else run & set(orders["channel"].astype(str))
    return frozenset(told), frozenset(run - told)


def with_platform_orders(dataset: Dataset) -> Dataset:
    """The dataset in which platforms' purchase orders are the sales of the channels that they run, and their prices
    the prices; the consumers' sales, prices and availability of these channels are left out.

    Orders after the last day with sales wait for it; of weekly sales they count in their week.
    """
    told, _ = platform_run(dataset)
    if not told:
        return dataset
    orders = dataset["platform_orders"]
    orders = orders[orders["channel"].astype(str).isin(told)].astype(dict.fromkeys(KEYS[1:], str))
    sales = dataset["sales"]
    orders = orders.assign(
        amount=orders["units"] * orders["unit_price_fen"], day=_on_grid(orders["date"], sales["date"])
    )
    sums = {"units": "sum", "amount": "sum"} | ({"known_at": "max"} if "known_at" in orders else {})
    daily = orders.groupby(["day", "sku", "channel"], as_index=False).agg(sums).rename(columns={"day": "date"})
    daily = daily[daily["units"] > 0]
    new = {"sales": _replaced(sales, _as_sales(daily[daily["date"] <= sales["date"].max()], sales), told)}
    prices = dataset.get("prices")
    if prices is not None:
        new["prices"] = _replaced(prices, _as_prices(daily), told)
    share = dataset.get("availability")
    if share is not None:
        new["availability"] = share[~share["channel"].astype(str).isin(told)]
    stored = cast("MutableMapping[str, pd.DataFrame]", dataset.tables)  # read as it is asked for, never written
    return replace(dataset, tables=ChainMap(new, stored), _seen={})


def _on_grid(days: pd.Series, grid: pd.Series) -> pd.Series:
    """Days moved back to the weekday of weekly sales; as they are where sales come daily."""
    weekday = grid.dt.weekday.unique()
    if len(weekday) != 1 or grid.nunique() < 2:
        return days
    return days - pd.to_timedelta((days.dt.weekday - weekday[0]) % 7, unit="D")


def _as_sales(daily: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """Orders by day as rows of the sales table: nothing of them is cancelled or comes back."""
    rows = daily.drop(columns=["units", "amount"])
    for name in sales.columns:
        if name in UNITS:
            rows[name] = daily["units"]
        elif name in MONEY:
            rows[name] = daily["amount"]
        elif name.startswith(("units_", "amount_")):
            rows[name] = 0
    return rows


def _as_prices(daily: pd.DataFrame) -> pd.DataFrame:
    """The mean price of a day's orders as a step."""
    price = np.rint(daily["amount"] / daily["units"]).astype(np.int64)
    return daily.drop(columns=["units", "amount"]).assign(paid_price_fen=price)


def _replaced(table: pd.DataFrame, rows: pd.DataFrame, channels: frozenset[str]) -> pd.DataFrame:
    """The table with these rows in the place of the channels' own, texts as categories, by date."""
    texts = [name for name in table.columns if isinstance(table[name].dtype, pd.CategoricalDtype)]
    kept = table[~table["channel"].astype(str).isin(channels)].astype(dict.fromkeys(texts, object))
    rows = rows.reindex(columns=table.columns).astype({"date": table["date"].dtype})
    parts = [part for part in (kept, rows) if len(part)]
    whole = pd.concat(parts, ignore_index=True) if parts else kept
    whole = whole.sort_values(KEYS, kind="stable", ignore_index=True)
    return whole.astype(dict.fromkeys(texts, "category"))
