"""Open-to-buy: what may be bought by category and month, at cost, so that the month ends with the stock it should."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.goods import categories_of, unit_costs
from engine.data.stock import placed_orders, stock_units
from engine.targets.settings import OpenToBuyRule

Floats = NDArray[np.float64]
DAYS_A_WEEK = 7.0
COLUMNS = [
    "category",
    "month",
    "cost_of_sales_fen",
    "start_stock_fen",
    "end_stock_fen",
    "receipts_fen",
    "on_order_fen",
    "open_to_buy_fen",
]


def open_to_buy(
    months: pd.DataFrame,
    goods: Mapping[tuple[str, str], float],
    dataset: Dataset,
    settings: OpenToBuyRule,
    origin: np.datetime64,
) -> pd.DataFrame:
    """Frame of :data:`COLUMNS`, int64 fen at cost without VAT: planned cost of sales + target end stock - stock at
    the start = goods that have to come; less what is on order = open to buy, never below zero.

    ``months``: frame ``month, channel, category, ahead_fen`` (sales that are planned from the origin on, tax
    included). ``goods``: yuan of cost in a yuan of sales by (channel, category). A month begins with what the one
    before is planned to end with, surplus included.
    """
    cost, names, month = _cost_of_sales(months, goods)
    if not len(month):
        return pd.DataFrame({name: [] for name in COLUMNS})
    stock, ordered = _goods(dataset, names, month, origin)
    cover = np.array([settings.categories.get(name, settings.cover_weeks) for name in names])
    wanted = _end_stock(cost, month, cover, origin)
    start = np.zeros_like(cost)
    receipts, free = np.zeros_like(cost), np.zeros_like(cost)
    there = stock
    for step in range(len(month)):
        start[:, step] = there
        needed = np.maximum(cost[:, step] + wanted[:, step] - there, 0.0)
        free[:, step] = np.maximum(needed - ordered[:, step], 0.0)
        receipts[:, step] = np.maximum(needed, ordered[:, step])
        there = np.maximum(there + receipts[:, step] - cost[:, step], 0.0)
    size = len(names), len(month)
    return pd.DataFrame(
        {
            "category": np.repeat(np.array(names, dtype=object), size[1]),
            "month": np.tile(month.astype("datetime64[s]"), size[0]),
            **{
                name: np.rint(100.0 * values).astype(np.int64).ravel()
                for name, values in zip(COLUMNS[2:], (cost, start, wanted, receipts, ordered, free), strict=True)
            },
        }
    )


def _cost_of_sales(
    months: pd.DataFrame, goods: Mapping[tuple[str, str], float]
) -> tuple[Floats, list[str], NDArray[np.datetime64]]:
    """Yuan [categories, months]."""
    pairs = zip(months["channel"].astype(str), months["category"].astype(str), strict=True)
    rate = np.array([goods.get(pair, 0.0) for pair in pairs])
    frame = months.assign(cost=months["ahead_fen"].to_numpy() / 100.0 * rate, category=months["category"].astype(str))
    grid = frame.pivot_table(index="category", columns="month", values="cost", aggfunc="sum", fill_value=0.0)
    month = grid.columns.to_numpy().astype("datetime64[M]")
    return grid.to_numpy(float), [str(name) for name in grid.index], month


def _goods(
    dataset: Dataset, names: list[str], month: NDArray[np.datetime64], origin: np.datetime64
) -> tuple[Floats, Floats]:
    """Stock [categories] and goods on order [categories, months of arrival] at cost, yuan; what arrives after the last
    month is left out."""
    cost, category = unit_costs(dataset).fillna(0.0), categories_of(dataset)
    units = stock_units(dataset)
    value = (units * cost.reindex(units.index).fillna(0.0)).groupby(category.reindex(units.index).to_numpy()).sum()
    orders = placed_orders(dataset, origin)
    ordered = np.zeros((len(names), len(month)))
    worth = orders["units"].to_numpy(float) * orders["sku"].map(cost).fillna(0.0).to_numpy(float)
    row = pd.Index(names).get_indexer(pd.Index(orders["sku"].map(category).fillna("")))
    column = pd.Index(month.astype("datetime64[s]")).get_indexer(
        orders["month"].to_numpy().astype("datetime64[M]").astype("datetime64[s]")
    )
    inside = (row >= 0) & (column >= 0)
    np.add.at(ordered, (row[inside], column[inside]), worth[inside])
    return value.reindex(names).fillna(0.0).to_numpy(float), ordered


def _end_stock(cost: Floats, month: NDArray[np.datetime64], cover: Floats, origin: np.datetime64) -> Floats:
    """Cost of sales of the weeks of cover after each month's end [categories, months]; after the last month its own
    rate goes on."""
    first = np.maximum(month.astype("datetime64[D]"), origin.astype("datetime64[D]"))
    length = ((month + 1).astype("datetime64[D]") - first).astype(float)
    rate = cost / np.maximum(length, 1.0)
    out = np.zeros_like(cost)
    need = np.broadcast_to((cover * DAYS_A_WEEK)[:, None], cost.shape).copy()
    for step in range(len(month)):
        left = need[:, step].copy()
        for later in range(step + 1, len(month)):
            taken = np.minimum(left, length[later])
            out[:, step] += taken * rate[:, later]
            left = left - taken
        out[:, step] += left * rate[:, -1]
    return out
