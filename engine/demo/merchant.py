"""The demo merchant: all tables of the contract, and the truth behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.tables import TABLES
from engine.demo import rows
from engine.demo.assortment import Assortment, make_assortment
from engine.demo.chunks import GRADE_A, Shop, play, usual_rate, warehouse_shares
from engine.demo.demand import StyleDemand, make_demand
from engine.demo.frames import coded
from engine.demo.goods_tables import bundles_table, listings_table, promotions_table, skus_table
from engine.demo.media import Media, lift_tests, make_media, media_table
from engine.demo.money import (
    cash_table,
    channels_table,
    market_size_table,
    owed_by_week,
    owners_table,
    returns_table,
)
from engine.demo.orders import orders_table
from engine.demo.platform_run import platform_demand, platform_orders_table
from engine.demo.prices import PriceBook, make_prices, prices_table
from engine.demo.progress import progress_table
from engine.demo.settings import DemoSettings
from engine.demo.streams import commissions_table, hosts_table, make_streams, streams_table
from engine.demo.supply import make_supply, place_tables, region_shares, supply_tables
from engine.demo.traffic import traffic_table
from engine.demo.truth import law_tables
from engine.demo.world import Timeline, World, events_table, load_world

WEEKS_AHEAD = 26


@dataclass(frozen=True)
class Merchant:
    """``tables``: what the merchant knows, in the contract of ``engine.data.tables``. ``truth``: what nobody knows
    (see :mod:`engine.demo.truth`); it never goes into a workspace.
    """

    tables: dict[str, pd.DataFrame]
    truth: dict[str, pd.DataFrame]


def make_merchant(settings: DemoSettings | None = None) -> Merchant:
    """The demo merchant; the same settings give the same merchant.

    Time and memory grow linearly with the SKUs. Units are int32, money int64 fen, texts categories.
    """
    settings = settings or DemoSettings()
    world = load_world()
    time = Timeline.of(settings)
    events = events_table(world, time)
    goods = make_assortment(settings, world, time)
    prices = make_prices(settings, world, time, goods, events)
    demand = make_demand(settings, world, time, goods, prices, events)
    media = make_media(settings, world, time, _base_sales(demand, prices))
    shop = _open_shop(settings, world, time, goods, demand, prices, media)
    tables, truth = _play(shop, prices, media)
    tables |= _market_tables(shop, prices, media, events, tables["sales"])
    tables |= _supply_side(shop, tables)
    truth |= law_tables(shop, prices, media)
    if settings.small:
        tables["event_progress"], truth["progress_to_come"] = _progress(shop, events, tables["sales"], truth["demand"])
    return Merchant({name: _in_contract_order(name, tables[name]) for name in TABLES if name in tables}, truth)


def _base_sales(demand: StyleDemand, prices: PriceBook) -> NDArray[np.float64]:
    """Expected yuan a day by channel without ads."""
    total = np.zeros(demand.mean.shape[1:])
    for mean, paid in zip(demand.mean, prices.paid, strict=True):
        total += mean * paid
    return total


def _open_shop(
    settings: DemoSettings,
    world: World,
    time: Timeline,
    goods: Assortment,
    demand: StyleDemand,
    prices: PriceBook,
    media: Media,
) -> Shop:
    factor = (media.lift * demand.shock).astype(np.float32)
    platform = platform_demand(settings, world, time, goods, demand, factor)
    rate = usual_rate(world, time, goods, demand, factor)
    for row, units in platform.items():
        rate[row] += units.mean()
    sundays = np.flatnonzero(time.weekday[: time.history] == 6)
    return Shop(
        settings=settings,
        world=world,
        time=time,
        goods=goods,
        demand=demand,
        streams=make_streams(settings, world, time, goods, demand, prices),
        supply=make_supply(settings, world, time, goods, rate),
        factor=factor,
        shares=region_shares(settings, world),
        rate=rate,
        snapshots=np.unique(np.concatenate([[0], sundays, [time.history - 1]])),
        platform=platform,
    )


def _play(shop: Shop, prices: PriceBook, media: Media) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Run every chunk and keep its rows."""
    settings, rng, clock = shop.settings, shop.settings.rng("states"), shop.settings.rng("stock-outs")
    kept: dict[str, list[rows.Columns]] = {name: [] for name in ("sales", "availability", "inventory", "lines")}
    hidden: dict[str, list[rows.Columns]] = {"demand": [], "restocked": []}
    live: list[pd.Series] = []
    supplied: dict[int, NDArray[np.int32]] = {}
    bundles = shop.goods.bundles["bundle"].to_numpy()
    category = _category_codes(shop)
    for chunk in play(shop):
        own = ~np.isin(chunk.rows, bundles)
        stocked = own[:, None] & (warehouse_shares(shop, chunk.rows, category[chunk.rows]) > 0)
        kept["sales"].append(rows.sales_rows(shop, prices, chunk, rng))
        kept["availability"].append(rows.availability_rows(shop, chunk, clock))
        kept["inventory"].append(rows.inventory_rows(shop, chunk, stocked))
        kept["lines"].append(rows.order_rows(chunk))
        hidden["demand"].append(rows.demand_rows(shop, chunk, settings.small))
        hidden["restocked"].append(rows.restocked_rows(chunk) if settings.small else {})
        live.append(rows.live_sold(shop, chunk))
        supplied |= chunk.supplied
    lines = pd.DataFrame(rows.concatenate(kept.pop("lines")))
    tables = {name: rows.labelled(shop, rows.concatenate(parts)) for name, parts in kept.items()}
    tables["live_streams"] = streams_table(shop.world, shop.time, shop.goods, shop.streams, pd.concat(live))
    tables["platform_orders"] = platform_orders_table(shop.world, shop.time, shop.goods, dict(sorted(supplied.items())))
    tables |= _purchases(shop, lines)
    truth = {"demand": rows.labelled(shop, rows.concatenate(hidden["demand"]))}
    if settings.small:
        truth["restocked"] = rows.labelled(shop, rows.concatenate(hidden["restocked"]))
    return tables, truth


def _progress(
    shop: Shop, events: pd.DataFrame, sales: pd.DataFrame, demand: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hours of event days: those of the history, and those to come, of which nobody knows yet."""
    last = pd.Timestamp(shop.time.last_day)
    sold = sales.rename(columns={"units_paid": "units"})[["date", "sku", "channel", "units"]]
    wanted = demand.loc[demand["date"] > last, ["date", "sku", "channel", "units"]]
    whole = pd.concat([sold[sold["units"] > 0], wanted], ignore_index=True)
    table = progress_table(shop.settings, shop.world, shop.time, shop.goods, events, whole)
    past = table["date"] <= last
    return table[past].reset_index(drop=True), table[~past].reset_index(drop=True)


def _purchases(shop: Shop, lines: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """``purchase_orders`` placed by the last day and ``receipts`` of what has arrived."""
    supply, time = shop.supply, shop.time
    lines = lines.sort_values(["ordered", "sku", "warehouse"], kind="stable", ignore_index=True)
    supplier = supply.of_style[shop.goods.style_of[lines["sku"]]]
    names = list(supply.suppliers["supplier"])
    batches, batch = np.unique(lines["ordered"].to_numpy() * len(names) + supplier, return_inverse=True)
    days = pd.DatetimeIndex(time.dates(batches // len(names))).strftime("%y%m%d")
    po = coded(batch, [f"PO{day}-{names[which][3:]}" for day, which in zip(days, batches % len(names), strict=True)])
    quoted = supply.expected[supplier, np.clip(lines["ordered"], 0, None)]
    early = (lines["ordered"] < 0).to_numpy()
    quoted = np.where(early, lines["arrival"], quoted)
    shared: dict[str, Any] = {"po": po, "sku": lines["sku"].to_numpy(), "warehouse": lines["warehouse"].to_numpy()}
    orders = rows.labelled(
        shop,
        {
            **shared,
            "supplier": supplier,
            "ordered_at": lines["ordered"].to_numpy(),
            "expected_at": quoted,
            "units": lines["units"].to_numpy(),
            "unit_price_fen": np.round(supply.unit_price[lines["sku"]] * 100).astype(np.int64),
        },
        dates=("ordered_at", "expected_at"),
    ).assign(pool=lambda frame: pd.Categorical(["shared"] * len(frame)))
    receipts = rows.labelled(
        shop,
        {
            **shared,
            "date": lines["arrival"].to_numpy(),
            "units": lines["units"].to_numpy(),
            "defects": lines["defects"].to_numpy(),
        },
    )
    here = (lines["arrival"] < time.history).to_numpy()
    return {"purchase_orders": orders, "receipts": receipts[here].reset_index(drop=True)}


def _market_tables(
    shop: Shop, prices: PriceBook, media: Media, events: pd.DataFrame, sales: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    settings, world, time, goods = shop.settings, shop.world, shop.time, shop.goods
    units, money = (_by_channel_day(shop, sales, name) for name in ("units_paid", "amount_paid_fen"))
    usual = np.stack([np.convolve(np.pad(line, 28, mode="edge"), np.full(57, 1 / 57), "valid") for line in units])
    tables = {
        "traffic": traffic_table(settings, world, time, units, usual),
        "channels": channels_table(world),
        "prices": prices_table(world, time, goods, prices),
        "promotions": promotions_table(world, time, goods, prices, shop.demand.display),
        "events": events,
        "hosts": hosts_table(world),
        "host_commissions": commissions_table(world),
        "media": media_table(settings, world, time, media, money / 100.0),
        "lift_tests": lift_tests(settings, world, time, media),
        "skus": skus_table(settings, world, time, goods),
        "bundles": bundles_table(time, goods),
        "listings": listings_table(settings, world, goods),
        "owners": owners_table(world),
        "market_size": market_size_table(settings, world, _monthly(shop, sales)),
    }
    if settings.small and settings.order_days:
        tables["orders"] = orders_table(settings, world, time, sales, shop.shares, _category_codes(shop), events)
    return tables


def _supply_side(shop: Shop, tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    time, goods, supply = shop.time, shop.goods, shop.supply
    units_week = 7.0 * float(shop.rate.sum())
    volume = np.array([shop.world.book["categories"][name]["volume"] for name in goods.styles["category"]])
    stock = tables["inventory"].groupby("date")["on_hand"].sum().mean()
    made = supply_tables(shop.world, goods, supply, units_week)
    made |= place_tables(shop.world, shop.shares, units_week, float(stock * volume.mean()))
    made["returns"] = returns_table(shop.world, GRADE_A)
    cost = np.zeros(len(time))
    for row, mean in enumerate(shop.demand.mean):
        cost += (mean * shop.factor).sum(axis=0) * goods.styles["unit_cost"].to_numpy()[row]
    weeks = min(WEEKS_AHEAD, (len(time) - time.history) // 7)
    weekly = cost[time.history : time.history + 7 * weeks].reshape(weeks, 7).sum(axis=1)
    for row, units in shop.platform.items():
        cost += units * goods.styles["unit_cost"].to_numpy()[goods.style_of[row]]
    orders = tables["purchase_orders"]
    lines = pd.DataFrame(
        {
            "supplier": orders["supplier"].astype(str),
            "ordered": (orders["ordered_at"].to_numpy().astype("datetime64[D]") - time.days[0]).astype(int),
            "arrival": (orders["expected_at"].to_numpy().astype("datetime64[D]") - time.days[0]).astype(int),
            "amount": orders["units"] * orders["unit_price_fen"] / 100.0,
        }
    )
    made["cash"] = cash_table(shop.settings, time, weekly, owed_by_week(time, lines, made["payment_terms"], weeks))
    return made


def _by_channel_day(shop: Shop, sales: pd.DataFrame, column: str) -> NDArray[np.float64]:
    days = (sales["date"].to_numpy().astype("datetime64[D]") - shop.time.days[0]).astype(np.int64)
    shape = (len(shop.world.channels), shop.time.history)
    key = sales["channel"].cat.codes.to_numpy().astype(np.int64) * shape[1] + days
    return np.bincount(key, weights=sales[column], minlength=shape[0] * shape[1]).astype(float).reshape(shape)


def _monthly(shop: Shop, sales: pd.DataFrame) -> pd.DataFrame:
    """Own sales by month and category in yuan."""
    category = _category_codes(shop)[sales["sku"].cat.codes]
    month = sales["date"].to_numpy().astype("datetime64[M]")
    months = np.unique(month)
    key = np.searchsorted(months, month) * len(shop.world.categories) + category
    total = np.bincount(
        key, weights=sales["amount_paid_fen"] / 100.0, minlength=len(months) * len(shop.world.categories)
    )
    return pd.DataFrame(
        {
            "date": np.repeat(months.astype("datetime64[s]"), len(shop.world.categories)),
            "category": coded(np.tile(np.arange(len(shop.world.categories)), len(months)), list(shop.world.categories)),
            "amount": total,
        }
    )


def _category_codes(shop: Shop) -> NDArray[np.int64]:
    """Category of each SKU."""
    codes = pd.Categorical(shop.goods.styles["category"], list(shop.world.categories)).codes
    return codes.astype(np.int64)[shop.goods.style_of]


def _in_contract_order(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    return frame[[column for column in TABLES[name].names if column in frame]]
