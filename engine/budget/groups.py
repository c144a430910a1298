"""The budget of an ad channel by SKU group: new items, heroes, the rest.

How an ad works on a single SKU is not known: the response is that of an ad channel. What it brings is taken to fall on
SKUs as their expected sales do, so money goes by what a group leaves of them: contribution x expected sales.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.margin import settled_sales, unit_terms
from engine.budget.score import whole_fen
from engine.budget.settings import BudgetSettings
from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.data.stock import placed_orders, stock_units
from engine.plans.forecast import Demand
from models.economics import waterfall
from models.response.curves import ResponseCurves

Floats = NDArray[np.float64]
NEW, HERO, REST = "new", "hero", "rest"
GROUPS = (NEW, HERO, REST)
COLUMNS = ("ad_channel", "group", "skus", "top", "sales_fen", "left_rate", "room_fen", "spend_fen", "why")
NAMED = 5


def by_group(
    dataset: Dataset,
    demand: Demand,
    curves: ResponseCurves,
    channels: pd.DataFrame,
    settings: BudgetSettings,
    weeks: int,
) -> pd.DataFrame:
    """A row an ad channel and SKU group; see ``BudgetPlan.groups``. ``channels``: table of the plan (``ad_channel,
    spend_fen, roi``); ``weeks``: planned."""
    goods = _goods(dataset, demand, settings, weeks)
    parts = []
    for row in channels.to_dict("records"):
        name = str(row["ad_channel"])
        lifted = curves.split[curves.ad_channels.index(name)]
        reach = goods["channel"].map(dict(zip(curves.channels, lifted > 0, strict=True))).fillna(False).astype(bool)
        table = _summed(goods[reach])
        roi = float(row["roi"]) if float(row["roi"]) > 0 else np.inf
        table["room_fen"] = table["supply"] * 100.0 / roi
        share, why = _divided(table, float(row["spend_fen"]), settings)
        table = table.assign(ad_channel=name, spend_fen=whole_fen(share * float(row["spend_fen"]) / 100.0), why=why)
        parts.append(table)
    found = pd.concat(parts, ignore_index=True)
    found["room_fen"] = found["room_fen"].where(np.isfinite(found["room_fen"])).round().astype("Int64")
    return found[list(COLUMNS)]


def _goods(dataset: Dataset, demand: Demand, settings: BudgetSettings, weeks: int) -> pd.DataFrame:
    """A row a series: ``sku, channel, group, sales`` (yuan in the planned weeks), ``left`` (yuan of contribution), and
    ``supply``: yuan that it can still sell, inf where it can be ordered again."""
    frame = pd.DataFrame({name: text_of(demand.series[name]).to_numpy() for name in ("sku", "channel")})
    units = demand.weekly_mean[:, :weeks].sum(axis=1, dtype=float)
    sales = demand.weekly_revenue_yuan[:, :weeks].sum(axis=1, dtype=float)
    price = np.divide(sales, units, out=np.full(len(units), np.nan), where=units > 0)
    frame["sales"] = sales
    if "unit_cost_fen" in dataset["skus"]:
        steps = waterfall(unit_terms(dataset, frame, price, settled_sales(dataset)))
        sold = sales > 0
        rate = np.divide(steps.contribution, price, out=np.zeros(len(sales)), where=sold)
        frame["left"] = sales * np.maximum(np.nan_to_num(rate), 0.0)
    else:
        frame["left"] = sales
    frame["group"] = frame["sku"].map(_group_of(dataset, frame, demand, settings))
    held = _last_stock(dataset, demand).reindex(frame["sku"]).to_numpy(float)
    own = units / np.maximum(frame.assign(units=units).groupby("sku")["units"].transform("sum").to_numpy(float), 1e-9)
    frame["supply"] = np.where(np.isnan(held), np.inf, np.maximum(held * own - units, 0.0) * np.nan_to_num(price))
    return frame


def _group_of(dataset: Dataset, frame: pd.DataFrame, demand: Demand, settings: BudgetSettings) -> dict[str, str]:
    """New: launched lately or within the plan. Heroes: the fewest others that bring ``hero_share`` of sales."""
    skus = dataset["skus"].drop_duplicates("sku")
    launch = skus["launch_date"].to_numpy() if "launch_date" in skus else np.full(len(skus), "NaT", "datetime64[s]")
    origin = demand.dates[0].astype("datetime64[D]")
    fresh = set(text_of(skus["sku"])[(launch > origin - np.timedelta64(settings.new_days, "D"))])
    sales = frame.groupby("sku")["sales"].sum()
    old = sales[~sales.index.isin(fresh)].sort_values(ascending=False, kind="stable")
    ahead = (old.cumsum() - old) / max(float(old.sum()), 1e-9)
    heroes = set(old.index[(ahead < settings.hero_share) & (old > 0)])
    return {sku: NEW if sku in fresh else HERO if sku in heroes else REST for sku in sales.index}


def _last_stock(dataset: Dataset, demand: Demand) -> pd.Series:
    """Units that are there or on their way of SKUs that nobody delivers any more; the others are not in it."""
    terms, skus = dataset.get("supply_terms"), pd.Index(text_of(demand.series["sku"]).unique())
    if terms is None or not len(terms) or dataset.get("inventory") is None:
        return pd.Series(dtype=float)
    origin = pd.Timestamp(demand.dates[0])
    open_ = (
        terms["last_order_date"].isna() | (terms["last_order_date"] >= origin) if "last_order_date" in terms else True
    )
    can = set(text_of(terms["sku"])[np.broadcast_to(np.asarray(open_), len(terms))])
    gone = skus[~skus.isin(sorted(can))]
    coming = placed_orders(dataset, demand.dates[0].astype("datetime64[D]")).groupby("sku")["units"].sum()
    return stock_units(dataset).add(coming, fill_value=0.0).reindex(gone).fillna(0.0)


def _summed(goods: pd.DataFrame) -> pd.DataFrame:
    """Sums by group, all groups in order, with the SKUs that sell most."""
    sums = goods.groupby("group")[["sales", "left", "supply"]].sum().reindex(list(GROUPS)).fillna(0.0)
    by_sku = (
        goods[goods["sales"] > 0]
        .groupby(["group", "sku"])["sales"]
        .sum()
        .reset_index()
        .sort_values("sales", ascending=False, kind="stable")
    )
    top = by_sku.groupby("group")["sku"].agg(lambda names: ", ".join(names.head(NAMED)))
    table = sums.reset_index()
    table["skus"] = table["group"].map(by_sku.groupby("group").size()).fillna(0).astype(np.int64)
    table["top"] = table["group"].map(top).fillna("")
    table["sales_fen"] = np.rint(100.0 * table["sales"]).astype(np.int64)
    table["left_rate"] = (table["left"] / table["sales"].where(table["sales"] > 0)).fillna(0.0)
    return table


def _divided(table: pd.DataFrame, spend_fen: float, settings: BudgetSettings) -> tuple[Floats, list[str]]:
    """Shares of the groups, adding up to 1, and what decided each.

    By contribution; new items at least ``new_share``; none above the room that its supply leaves, which goes to heroes
    and new items first; where all are full the rule is by contribution alone.
    """
    there = table["skus"].to_numpy() > 0
    known = [table[name].to_numpy(float) for name in ("left", "sales") if float(table[name].sum()) > 0]
    rest_only = (table["group"] == REST).to_numpy(float)
    usual = np.asarray(known[0] / known[0].sum() if known else rest_only, dtype=np.float64)
    why = ["contribution"] * len(table)
    share, is_new = usual.copy(), table["group"].to_numpy() == NEW
    if there[is_new].any() and (~is_new & there).any() and share[is_new][0] < settings.new_share:
        share = np.where(
            is_new, settings.new_share, share * (1.0 - settings.new_share) / max(share[~is_new].sum(), 1e-12)
        )
        why[int(np.flatnonzero(is_new)[0])] = "floor of new items"
    room = table["room_fen"].to_numpy(float) / spend_fen if spend_fen > 0 else np.full(len(table), np.inf)
    over = share > room + 1e-12
    rest = float((share - room)[over].sum())
    share[over] = room[over]
    why = ["supply" if full else reason for full, reason in zip(over, why, strict=True)]
    for place in (1, 0, 2):  # heroes, new items, the rest
        taken = min(rest, max(room[place] - share[place], 0.0)) if there[place] else 0.0
        share[place] += taken
        rest -= taken
    return (np.asarray(share, dtype=np.float64), why) if rest < 1e-9 else (usual, ["no supply"] * len(table))
