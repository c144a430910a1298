"""The year by month, channel, category, product line, role, region, and hero against long tail."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.targets.review.ads import spent
from engine.targets.review.funnel import Traffic
from engine.targets.review.settings import ReviewSettings
from engine.targets.review.year import Year

ATTRIBUTES = ("category", "product_line", "role", "brand")
SUMMED = ["net_fen", "units", "returned_fen", "known_fen"]
SLICE = [*SUMMED, "contribution_fen"]
COLUMNS = [
    *("dimension", "key", "net_fen", "before_fen", "change_fen", "growth", "share", "units", "price_fen", "returned"),
    *("contribution_fen", "contribution_before_fen", "margin", "ads_fen", "ad_ratio", "skus"),
]


def goods_of(dataset: Dataset, cells: pd.DataFrame, settings: ReviewSettings) -> pd.DataFrame:
    """Attributes by SKU (index): those of the master, ``class`` (hero, middle, tail) and ``life`` (new, continuing,
    dropped)."""
    master = dataset["skus"].drop_duplicates("sku")
    names = [name for name in ATTRIBUTES if name in master]
    goods = pd.DataFrame({name: text_of(master[name]).to_numpy() for name in names}, index=text_of(master["sku"]))
    sold = cells.groupby(["sku", "before"], observed=True)["net_fen"].sum().unstack("before").fillna(0)
    sold = sold.reindex(columns=[False, True], fill_value=0)
    sold.index = sold.index.astype(str)
    goods = goods.reindex(goods.index.union(sold.index)).fillna("")
    goods["class"] = classes(sold.sum(axis=1), settings.hero_share, settings.tail_share).reindex(goods.index)
    life = np.select([sold[True] <= 0, sold[False] <= 0], ["new", "dropped"], "continuing")
    goods["life"] = pd.Series(life, index=sold.index).reindex(goods.index)
    return goods.fillna("")


def classes(money: pd.Series, hero_share: float, tail_share: float) -> pd.Series:
    """hero, middle or tail by SKU: heroes are the fewest that bring ``hero_share``, the tail the last ``tail_share``.

    >>> classes(pd.Series([60.0, 25.0, 10.0, 5.0], index=list("abcd")), 0.5, 0.2).tolist()
    ['hero', 'middle', 'tail', 'tail']
    """
    ranked = money.clip(lower=0).sort_values(ascending=False, kind="stable")
    total = float(ranked.sum())
    ahead = (ranked.cumsum() - ranked) / total if total > 0 else ranked * 0.0
    found = np.select([ahead < hero_share, ahead < 1.0 - tail_share], ["hero", "middle"], "tail")
    return pd.Series(found, index=ranked.index).reindex(money.index)


def sliced(cells: pd.DataFrame, dimension: str, key: pd.Series, compares: bool) -> pd.DataFrame:
    """One row a key of a dimension, largest first; ``key``: of each cell. Growth is NaN without a year before."""
    known = cells["net_fen"].where(cells["contribution_fen"].notna(), 0)
    rows = cells.assign(key=key.astype(str).to_numpy(), known_fen=known)
    wide = pd.DataFrame(rows.groupby(["key", "before"])[SLICE].sum(min_count=1).unstack("before"))
    sums = wide.reindex(columns=pd.MultiIndex.from_product([SLICE, [False, True]]))
    for flag in (False, True):
        # what was not sold left nothing; what was sold at unknown cost left something unknown
        sold = sums["units", flag].fillna(0.0) != 0
        sums["contribution_fen", flag] = sums["contribution_fen", flag].where(sold, 0.0)
        for name in SUMMED:
            sums[name, flag] = sums[name, flag].fillna(0.0)
    now, before = (pd.DataFrame({name: sums[name, flag] for name in SLICE}) for flag in (False, True))
    table = pd.DataFrame({"dimension": dimension, "key": sums.index.to_numpy()}, index=sums.index)
    table["net_fen"], table["before_fen"] = now["net_fen"].astype("int64"), before["net_fen"].astype("int64")
    table["change_fen"] = table["net_fen"] - table["before_fen"]
    table["growth"] = _ratio(table["change_fen"], table["before_fen"]) if compares else np.nan
    table["share"] = table["net_fen"] / max(int(table["net_fen"].sum()), 1)
    table["units"] = now["units"].astype("int64")
    table["price_fen"] = _ratio(now["net_fen"], now["units"])
    table["returned"] = _ratio(now["returned_fen"], now["net_fen"])
    table["contribution_fen"], table["contribution_before_fen"] = now["contribution_fen"], before["contribution_fen"]
    table["margin"] = _ratio(now["contribution_fen"], now["known_fen"])
    table["ads_fen"] = table["ad_ratio"] = np.nan
    mine = rows[~rows["before"] & (rows["units"] > 0)]
    table["skus"] = mine.groupby("key")["sku"].nunique().reindex(table.index).fillna(0).astype("int64")
    return table.sort_values("net_fen", ascending=False, kind="stable", ignore_index=True)[COLUMNS]


def all_slices(
    cells: pd.DataFrame, regions: pd.DataFrame | None, goods: pd.DataFrame, ads: pd.DataFrame | None, year: Year
) -> pd.DataFrame:
    """Every dimension below one another; a dimension without names is left out."""
    tables = [_with_ads(sliced(cells, "channel", cells["channel"], year.compares), ads, year)]
    for name in goods.columns:
        if (goods[name] != "").any():
            tables.append(sliced(cells, name, of_sku(cells["sku"], goods[name]), year.compares))
    if regions is not None:
        tables.append(sliced(regions, "region", regions["region"], year.compares))
    return pd.concat(tables, ignore_index=True)


def of_sku(sku: pd.Series, attribute: pd.Series) -> pd.Series:
    """An attribute of the SKU of each row, fast on categories."""
    kind = sku.astype("category").cat
    values = attribute.reindex(kind.categories.astype(str)).to_numpy()
    return pd.Series(values[kind.codes.to_numpy()], index=sku.index)


def _with_ads(table: pd.DataFrame, ads: pd.DataFrame | None, year: Year) -> pd.DataFrame:
    if ads is None:
        return table
    money = spent(ads, *year.span()).reindex(table["key"]).fillna(0.0).to_numpy()
    return table.assign(ads_fen=money, ad_ratio=_ratio(pd.Series(money), table["net_fen"]))


def by_month(cells: pd.DataFrame, ads: pd.DataFrame | None, traffic: Traffic | None, year: Year) -> pd.DataFrame:
    """One row a month of the year: sales, the same month of the year before, contribution, ads, visitors."""
    table = sliced(cells, "month", cells["month"], year.compares)
    table["month"] = pd.to_datetime(table["key"]).astype("datetime64[s]")
    table = table.sort_values("month", ignore_index=True)
    if ads is not None:
        mine = ads[(ads["date"] >= year.start) & (ads["date"] <= year.end)]
        monthly = mine.groupby(mine["date"].dt.to_period("M").dt.to_timestamp())["spend_fen"].sum()
        table["ads_fen"] = monthly.reindex(table["month"]).fillna(0.0).to_numpy()
        table["ad_ratio"] = _ratio(table["ads_fen"], table["net_fen"])
    counts = None if traffic is None else traffic.months.set_index("month").reindex(table["month"])
    for name in ("visitors", "buyers"):
        table[name] = np.nan if counts is None else counts[name].to_numpy(dtype=float)
    table["conversion"] = _ratio(table["buyers"], table["visitors"])
    names = [
        "month",
        "net_fen",
        "before_fen",
        "change_fen",
        "growth",
        "units",
        "returned",
        "contribution_fen",
        "margin",
    ]
    return table[[*names, "ads_fen", "ad_ratio", "visitors", "conversion"]]


def _ratio(over: pd.Series, under: pd.Series) -> pd.Series:
    base = under.astype(float)
    return over.astype(float) / base.where(base > 0)
