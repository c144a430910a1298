"""What lay still: turnover days and the share of slow movers, at cost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.goods import unit_costs
from engine.data.network import text_of
from engine.targets.review.settings import ReviewSettings
from engine.targets.review.slices import of_sku
from engine.targets.review.sums import Sales
from engine.targets.review.year import DAY

FIGURES = ["stock_fen", "mean_stock_fen", "goods_fen", "turnover_days", "slow_fen", "slow_share", "slow_skus"]
BEFORE = ["stock_fen", "turnover_days", "slow_fen", "slow_share"]
COLUMNS = ["category", *FIGURES, *(f"before_{name}" for name in BEFORE)]
EMPTY = pd.DataFrame({name: pd.Series(dtype=str if name == "category" else float) for name in COLUMNS})
FEW_COUNTS = 4


def stock_table(
    dataset: Dataset, sales: Sales, cells: pd.DataFrame, settings: ReviewSettings
) -> tuple[pd.DataFrame, list[str]]:
    """Frame COLUMNS by category, "" for all of them first; and what cannot be told.

    Turnover days = mean stock at cost over the days it was counted / daily cost of goods sold. Slow: stock beyond
    ``slow_cover_days`` of the sales of the last ``slow_days``. ``before_``: the same of the year before at today's
    costs, NaN where its stock was not counted.
    """
    cost = 100.0 * unit_costs(dataset)
    inventory = dataset.get("inventory")
    if inventory is None or inventory.empty:
        return EMPTY, ["no inventory: turnover days and slow movers cannot be told"]
    if cost.isna().all():
        return EMPTY, ["no unit costs in skus: stock cannot be valued, turnover days and slow movers cannot be told"]
    now, counts = _stock_of(dataset, sales, cells, settings, before=False)
    if not counts:
        return EMPTY, ["no inventory in the year under review: turnover days and slow movers cannot be told"]
    notes = []
    if counts < FEW_COUNTS:
        notes.append(f"stock was counted on {counts} days of the year only: turnover days are rough")
    before, counted = _stock_of(dataset, sales, cells, settings, before=True)
    if counted < FEW_COUNTS or not sales.year.compares:
        before = before.assign(**dict.fromkeys(BEFORE, np.nan))
    past = before[BEFORE].astype(float).add_prefix("before_").reindex(now.index)
    return now.join(past).rename_axis("category").reset_index()[COLUMNS], notes


def _stock_of(
    dataset: Dataset, sales: Sales, cells: pd.DataFrame, settings: ReviewSettings, before: bool
) -> tuple[pd.DataFrame, int]:
    """FIGURES by category (index) of one of the years, and on how many days its stock was counted."""
    inventory, cost, (first, last) = dataset["inventory"], 100.0 * unit_costs(dataset), sales.year.span(before)
    inside = inventory[(inventory["date"] >= first) & (inventory["date"] <= last)]
    if inside.empty:
        return pd.DataFrame(columns=FIGURES, dtype=float), 0
    unit = of_sku(inside["sku"], cost.fillna(0.0)).to_numpy(dtype=float)
    value = pd.DataFrame(
        {"sku": text_of(inside["sku"]), "date": inside["date"], "units": inside["on_hand"].astype(float)}
    )
    value["fen"] = value["units"] * unit
    counts = int(inside["date"].nunique())
    by_sku = pd.DataFrame({"mean_stock_fen": value.groupby("sku")["fen"].sum() / counts})
    left = value[value["date"] == value["date"].max()]
    by_sku = by_sku.join(left.groupby("sku")[["units", "fen"]].sum()).fillna(0.0)
    by_sku["slow_fen"] = _slow(by_sku, _recent(sales, cells, settings, last), cost, settings)
    days = sales.year.before_days if before else sales.year.days
    return _by_category(dataset, by_sku, cells[cells["before"] == before], cost, days), counts


def _recent(sales: Sales, cells: pd.DataFrame, settings: ReviewSettings, end: pd.Timestamp) -> pd.Series:
    """Units of each SKU in the last days before ``end``."""
    channels = sorted(cells["channel"].astype(str).unique())
    days = pd.date_range(end - (settings.slow_days - 1) * DAY, end)
    calendar = pd.MultiIndex.from_product([days, channels], names=["date", "channel"]).to_frame(index=False)
    found = sales.on(calendar.assign(label=0))
    return found.groupby(found["sku"].astype(str))["units"].sum()


def _slow(stock: pd.DataFrame, sold: pd.Series, cost: pd.Series, settings: ReviewSettings) -> pd.Series:
    """Value of the stock beyond the cover that the last days' sales need."""
    needed = sold.clip(lower=0).reindex(stock.index).fillna(0.0) * settings.slow_cover_days / settings.slow_days
    excess = (stock["units"] - needed).clip(lower=0.0)
    return excess * cost.reindex(stock.index).fillna(0.0)


def _by_category(
    dataset: Dataset, by_sku: pd.DataFrame, cells: pd.DataFrame, cost: pd.Series, days: int
) -> pd.DataFrame:
    sold = cells["units"].to_numpy() * of_sku(cells["sku"], cost).to_numpy(dtype=float)
    goods = pd.Series(sold, cells["sku"].astype(str))
    by_sku = by_sku.join(goods.groupby(level=0).sum().rename("goods_fen"), how="outer").fillna(0.0)
    master = dataset["skus"].drop_duplicates("sku")
    category = pd.Series(text_of(master["category"]).to_numpy(), index=text_of(master["sku"])).reindex(by_sku.index)
    by_sku["slow_skus"] = (by_sku["slow_fen"] > 0).astype("int64")
    sums = ["fen", "mean_stock_fen", "goods_fen", "slow_fen", "slow_skus"]
    table = (
        by_sku.groupby(category.fillna("").to_numpy())[sums].sum().sort_values("fen", ascending=False, kind="stable")
    )
    table = pd.concat([table.sum().to_frame("").T, table]).rename(columns={"fen": "stock_fen"})
    daily = table["goods_fen"] / days
    table["turnover_days"] = table["mean_stock_fen"] / daily.where(daily > 0)
    table["slow_share"] = table["slow_fen"] / table["stock_fen"].where(table["stock_fen"] > 0)
    table["slow_skus"] = table["slow_skus"].astype("int64")
    for name in ("stock_fen", "mean_stock_fen", "goods_fen", "slow_fen"):
        table[name] = np.rint(table[name]).astype("int64")
    return table[FIGURES]
