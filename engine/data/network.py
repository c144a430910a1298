"""The stock network: which items (SKU x warehouse x pool) serve the demand of which series (SKU x channel).

Demand of a channel is split to regions of delivery by shares, regions draw on the warehouse of their first lane and,
where that is short, on the one of their second at extra cost. Bundles and gifts are exploded into components. Stock
bound to a channel serves that channel alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from engine.data.dataset import Dataset
from engine.data.platform_run import platform_run
from models.panel import Dates

SHARED = "shared"
MAIN = "main"
ITEM = ["sku", "warehouse", "pool"]
_WAY = ["warehouse", "second", "share", "extra_fen"]


@dataclass(frozen=True)
class Network:
    """``items``: frame ``sku, warehouse, pool``, sorted. ``fulfilment``: sparse [items, series], units of the item for
    each unit of the series' demand. ``warehouses``: names, sorted. ``second``: frame ``item, second, series, units,
    extra_fen``: of an item's units for a unit of the series' demand, those that another item of the SKU and pool can
    serve instead, and what a unit then costs more. ``assumptions``: what was not in the tables."""

    items: pd.DataFrame
    fulfilment: sparse.csr_array
    warehouses: tuple[str, ...]
    second: pd.DataFrame
    assumptions: tuple[str, ...] = ()


def build_network(dataset: Dataset, series: pd.DataFrame, weeks: Dates) -> Network:
    """The network for the series of a forecast (frame ``sku, channel, category``) over the planning weeks.

    Items without demand but with stock are left out: there is nothing to buy for them.
    """
    bound, assumed = _bound_stock(dataset), list[str]()
    untold = sorted(platform_run(dataset)[1] & set(text_of(series["channel"])))
    if untold:
        assumed.append(f"no platform_orders for {', '.join(untold)}: the platform is taken to order what it sells")
    warehouses = _warehouses(dataset, assumed)
    demand = _exploded(dataset, series, weeks)
    split = _warehouse_shares(dataset, series, warehouses, assumed)
    entries = demand.merge(split, on="series")
    entries = _with_pools(entries, bound)
    entries = entries[entries["units"] > 0]
    items = entries[ITEM].drop_duplicates().sort_values(ITEM, ignore_index=True)
    numbers = pd.MultiIndex.from_frame(items)
    row = numbers.get_indexer(pd.MultiIndex.from_frame(entries[ITEM]))
    units = (entries["units"].to_numpy(), (row, entries["series"].to_numpy()))
    links = sparse.csr_array(sparse.coo_array(units, (len(items), len(series))))
    return Network(items, links, warehouses, _second(entries.assign(item=row), numbers), tuple(assumed))


def _second(entries: pd.DataFrame, numbers: pd.MultiIndex) -> pd.DataFrame:
    """``second`` of the network: what the warehouse of a second lane serves, where it carries the SKU."""
    other = pd.MultiIndex.from_frame(entries[["sku", "second", "pool"]].set_axis(ITEM, axis=1))
    lanes = entries.assign(second=numbers.get_indexer(other))
    lanes = lanes[(lanes["second"] >= 0) & (lanes["second"] != lanes["item"])]
    return lanes[["item", "second", "series", "units", "extra_fen"]].reset_index(drop=True)


def text_of(values: pd.Series) -> pd.Series:
    """Text with blanks as "": categories of different tables then compare and merge."""
    return values.astype(object).where(values.notna(), "").astype(str)


def _warehouses(dataset: Dataset, assumed: list[str]) -> tuple[str, ...]:
    """All warehouses named in the tables; one assumed ``main`` where there is none."""
    for name in ("warehouses", "inventory", "purchase_orders"):
        table = dataset.get(name)
        if table is not None and len(table):
            return tuple(sorted(set(text_of(table["warehouse"]))))
    assumed.append(f"no warehouses: all stock lies in one, {MAIN}")
    return (MAIN,)


def _bound_stock(dataset: Dataset) -> pd.DataFrame:
    """Stock bound to a channel: frame ``sku, channel, warehouse``."""
    parts = [
        pd.DataFrame(
            {"sku": text_of(table["sku"]), "channel": text_of(table["pool"]), "warehouse": text_of(table["warehouse"])}
        )
        for table in (dataset.get("inventory"), dataset.get("purchase_orders"))
        if table is not None and "pool" in table
    ]
    if not parts:
        return pd.DataFrame(columns=["sku", "channel", "warehouse"], dtype=str)
    rows = pd.concat(parts).drop_duplicates()
    return rows[~rows["channel"].isin(["", SHARED])].sort_values(["sku", "channel", "warehouse"], ignore_index=True)


def _exploded(dataset: Dataset, series: pd.DataFrame, weeks: Dates) -> pd.DataFrame:
    """Demand in components: frame ``series, sku, channel, units`` (units of the SKU per unit of the series)."""
    own = pd.DataFrame(
        {
            "series": np.arange(len(series)),
            "sku": text_of(series["sku"]),
            "channel": text_of(series["channel"]),
            "units": 1.0,
        }
    )
    bundles = dataset.get("bundles")
    if bundles is None or bundles.empty:
        return own
    parts = pd.DataFrame(
        {
            "bundle": text_of(bundles["bundle_sku"]),
            "component": text_of(bundles["component_sku"]),
            "bundled": text_of(bundles["kind"]) == "bundle",
            "quantity": bundles["quantity"].to_numpy(dtype=float) * _active_share(bundles, weeks),
        }
    )
    stock = dataset.get("inventory")
    stocked = set() if stock is None else set(text_of(stock["sku"]))
    parts = parts[~(parts["bundled"] & parts["bundle"].isin(stocked))]
    added = own.merge(parts, left_on="sku", right_on="bundle")
    added = pd.DataFrame(
        {
            "series": added["series"],
            "sku": added["component"],
            "channel": added["channel"],
            "units": added["quantity"],
        }
    )
    exploded = set(parts.loc[parts["bundled"], "bundle"])
    return pd.concat([own[~own["sku"].isin(exploded)], added], ignore_index=True)


def _active_share(bundles: pd.DataFrame, weeks: Dates) -> np.ndarray:
    """Share of the planning weeks in which a gift runs; a bundle holds whenever it sells."""
    first = weeks.astype("datetime64[D]")[:, None]
    last = first + np.timedelta64(6, "D")
    share = np.ones(len(bundles))
    active = np.ones((len(weeks), len(bundles)), dtype=bool)
    if "start" in bundles:
        start = bundles["start"].to_numpy(dtype="datetime64[D]")
        active &= np.isnat(start) | (last >= start)
    if "end" in bundles:
        end = bundles["end"].to_numpy(dtype="datetime64[D]")
        active &= np.isnat(end) | (first <= end)
    gifts = (text_of(bundles["kind"]) == "gift").to_numpy()
    share[gifts] = active.mean(axis=0)[gifts]
    return share


def _warehouse_shares(
    dataset: Dataset, series: pd.DataFrame, warehouses: tuple[str, ...], assumed: list[str]
) -> pd.DataFrame:
    """Share of each series' demand by warehouse and the one behind it: frame ``series, warehouse, second, share,
    extra_fen``."""
    keys = pd.DataFrame(
        {
            "series": np.arange(len(series)),
            "category": text_of(series["category"]),
            "channel": text_of(series["channel"]),
        }
    )
    fallback = _main_warehouse(dataset, warehouses)
    shares, served = dataset.get("region_shares"), _serving(dataset)
    if len(warehouses) == 1 or shares is None or shares.empty or served.empty:
        if len(warehouses) > 1:
            assumed.append(f"no region_shares or lanes: all demand is served from {fallback}")
        return _all_from(fallback, keys)
    table = pd.DataFrame(
        {
            "category": text_of(shares["category"]) if "category" in shares else "",
            "channel": text_of(shares["channel"]),
            "region": text_of(shares["region"]),
            "share": shares["share"].to_numpy(dtype=float),
        }
    )
    table = table[table["share"] > 0]
    table = table.join(served, on="region")
    table["warehouse"], table["second"] = table["warehouse"].fillna(fallback), table["second"].fillna("")
    table["extra_fen"] = table["share"] * table["extra_fen"].fillna(0.0)
    ways = ["category", "channel", "warehouse", "second"]
    table = table.groupby(ways)[["share", "extra_fen"]].sum().reset_index()
    table["extra_fen"] /= table["share"]
    table["share"] /= table.groupby(["category", "channel"])["share"].transform("sum")
    special = keys.merge(table, on=["category", "channel"])
    rest = keys[~keys["series"].isin(special["series"])]
    general = rest.merge(table[table["category"] == ""].drop(columns="category"), on="channel")
    rest = rest[~rest["series"].isin(general["series"])]
    if len(rest):
        names = ", ".join(sorted(set(rest["channel"]))[:5])
        assumed.append(f"no region_shares for {names}: served from {fallback}")
    columns = ["series", *_WAY]
    return pd.concat([special[columns], general[columns], _all_from(fallback, rest)])


def _all_from(warehouse: str, keys: pd.DataFrame) -> pd.DataFrame:
    return keys[["series"]].assign(warehouse=warehouse, second="", share=1.0, extra_fen=0.0)


def _serving(dataset: Dataset) -> pd.DataFrame:
    """Frame ``warehouse, second, extra_fen`` by region: who serves it first, by lanes or because he lies there; who
    does when that one is short ("": nobody), and what a unit then costs more."""
    lanes = dataset.get("lanes")
    if lanes is not None and len(lanes):
        table = pd.DataFrame(
            {
                "region": text_of(lanes["destination"]),
                "warehouse": text_of(lanes["origin"]),
                "rank": lanes["rank"].to_numpy() if "rank" in lanes else 1,
                "cost": lanes["cost_fen"].fillna(0).to_numpy(dtype=float) if "cost_fen" in lanes else 0.0,
                "kind": text_of(lanes["kind"]) if "kind" in lanes else "region",
            }
        )
        table = table[table["kind"] == "region"].sort_values(["region", "rank", "warehouse"])
        table = table.drop_duplicates(["region", "warehouse"])
        place = table.groupby("region").cumcount()
        first, second = (table[place == number].set_index("region") for number in (0, 1))
        behind = second.reindex(first.index)
        dearer = (behind["cost"] - first["cost"]).clip(lower=0.0).fillna(0.0)
        return first[["warehouse"]].assign(second=behind["warehouse"].fillna(""), extra_fen=dearer)
    places = dataset.get("warehouses")
    if places is None or "region" not in places:
        return pd.DataFrame(columns=["warehouse", "second", "extra_fen"], dtype=str)
    table = pd.DataFrame({"region": text_of(places["region"]), "warehouse": text_of(places["warehouse"])})
    table = table.sort_values(["region", "warehouse"]).drop_duplicates("region").set_index("region")
    return table.assign(second="", extra_fen=0.0)


def _main_warehouse(dataset: Dataset, warehouses: tuple[str, ...]) -> str:
    """The warehouse with most stock, the first by name where there is no stock."""
    stock = dataset.get("inventory")
    if stock is None or stock.empty:
        return warehouses[0]
    held = stock["on_hand"].groupby(text_of(stock["warehouse"])).sum().sort_index()
    return str(held.idxmax())


def _with_pools(entries: pd.DataFrame, bound: pd.DataFrame) -> pd.DataFrame:
    """Adds ``pool``: demand of a channel with stock of its own draws on that, in the same warehouse where it can."""
    entries = entries.assign(units=entries["units"] * entries["share"], pool=SHARED)
    if bound.empty:
        return entries
    first = bound.drop_duplicates(["sku", "channel"]).set_index(["sku", "channel"])["warehouse"]
    keys = pd.MultiIndex.from_frame(entries[["sku", "channel"]])
    own = keys.isin(first.index)
    here = pd.MultiIndex.from_frame(entries[["sku", "channel", "warehouse"]]).isin(pd.MultiIndex.from_frame(bound))
    moved = first.reindex(keys).to_numpy()
    entries["pool"] = np.where(own, entries["channel"], entries["pool"])
    entries["warehouse"] = np.where(own & ~here, moved, entries["warehouse"])
    entries["second"] = np.where(own & ~here, "", entries["second"])
    return entries
