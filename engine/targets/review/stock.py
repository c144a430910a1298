"""What lay still: turnover days and the share of slow movers, at cost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.targets.review.earned import unit_costs
from engine.targets.review.settings import ReviewSettings
from engine.targets.review.slices import of_sku
from engine.targets.review.sums import Sales
from engine.targets.review.year import DAY, Year

COLUMNS = [
    "category",
    "stock_fen",
    "mean_stock_fen",
    "goods_fen",
    "turnover_days",
    "slow_fen",
    "slow_share",
    "slow_skus",
]
EMPTY = pd.DataFrame({name: pd.Series(dtype=str if name == "category" else float) for name in COLUMNS})


def stock_table(
    dataset: Dataset, sales: Sales, cells: pd.DataFrame, settings: ReviewSettings
) -> tuple[pd.DataFrame, list[str]]:
    """Frame COLUMNS by category, "" for all of them first; and what cannot be told.

    Turnover days = mean stock at cost over the days it was counted / daily cost of goods sold. Slow: stock beyond
    ``slow_cover_days`` of the sales of the last ``slow_days``.
    """
    inventory, year = dataset.get("inventory"), sales.year
    cost = unit_costs(dataset)
    if inventory is None or inventory.empty:
        return EMPTY, ["no inventory: turnover days and slow movers cannot be told"]
    if cost.isna().all():
        return EMPTY, ["no unit costs in skus: stock cannot be valued, turnover days and slow movers cannot be told"]
    inside = inventory[(inventory["date"] >= year.start) & (inventory["date"] <= year.end)]
    if inside.empty:
        return EMPTY, ["no inventory in the year under review: turnover days and slow movers cannot be told"]
    notes = []
    counts = inside["date"].nunique()
    if counts < 4:
        notes.append(f"stock was counted on {counts} days of the year only: turnover days are rough")
    unit = of_sku(inside["sku"], cost.fillna(0.0)).to_numpy(dtype=float)
    value = pd.DataFrame(
        {"sku": text_of(inside["sku"]), "date": inside["date"], "units": inside["on_hand"].astype(float)}
    )
    value["fen"] = value["units"] * unit
    by_sku = pd.DataFrame({"mean_stock_fen": value.groupby("sku")["fen"].sum() / counts})
    last = value[value["date"] == value["date"].max()]
    by_sku = by_sku.join(last.groupby("sku")[["units", "fen"]].sum()).fillna(0.0)
    by_sku["slow_fen"] = _slow(by_sku, _recent(sales, cells, settings), cost, settings)
    return _by_category(dataset, by_sku, cells, cost, year), notes


def _recent(sales: Sales, cells: pd.DataFrame, settings: ReviewSettings) -> pd.Series:
    """Units of each SKU in the last days."""
    channels = sorted(cells["channel"].astype(str).unique())
    days = pd.date_range(sales.year.end - (settings.slow_days - 1) * DAY, sales.year.end)
    calendar = pd.MultiIndex.from_product([days, channels], names=["date", "channel"]).to_frame(index=False)
    found = sales.on(calendar.assign(label=0))
    return found.groupby(found["sku"].astype(str))["units"].sum()


def _slow(stock: pd.DataFrame, sold: pd.Series, cost: pd.Series, settings: ReviewSettings) -> pd.Series:
    """Value of the stock beyond the cover that the last days' sales need."""
    needed = sold.clip(lower=0).reindex(stock.index).fillna(0.0) * settings.slow_cover_days / settings.slow_days
    excess = (stock["units"] - needed).clip(lower=0.0)
    return excess * cost.reindex(stock.index).fillna(0.0)


def _by_category(
    dataset: Dataset, by_sku: pd.DataFrame, cells: pd.DataFrame, cost: pd.Series, year: Year
) -> pd.DataFrame:
    now = cells[~cells["before"]]
    goods = pd.Series(now["units"].to_numpy() * of_sku(now["sku"], cost).to_numpy(dtype=float), now["sku"].astype(str))
    by_sku = by_sku.join(goods.groupby(level=0).sum().rename("goods_fen"), how="outer").fillna(0.0)
    master = dataset["skus"].drop_duplicates("sku")
    category = pd.Series(text_of(master["category"]).to_numpy(), index=text_of(master["sku"])).reindex(by_sku.index)
    by_sku["slow_skus"] = (by_sku["slow_fen"] > 0).astype("int64")
    sums = ["fen", "mean_stock_fen", "goods_fen", "slow_fen", "slow_skus"]
    table = (
        by_sku.groupby(category.fillna("").to_numpy())[sums].sum().sort_values("fen", ascending=False, kind="stable")
    )
    table = pd.concat([table.sum().to_frame("").T, table]).rename(columns={"fen": "stock_fen"})
    daily = table["goods_fen"] / year.days
    table["turnover_days"] = table["mean_stock_fen"] / daily.where(daily > 0)
    table["slow_share"] = table["slow_fen"] / table["stock_fen"].where(table["stock_fen"] > 0)
    table["slow_skus"] = table["slow_skus"].astype("int64")
    for name in ("stock_fen", "mean_stock_fen", "goods_fen", "slow_fen"):
        table[name] = np.rint(table[name]).astype("int64")
    return table.rename_axis("category").reset_index()[COLUMNS]
