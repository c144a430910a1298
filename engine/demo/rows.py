"""From the arrays of chunks to rows of the tables: sales, availability, stock, purchases, truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.chunks import Chunk, Shop
from engine.demo.frames import coded
from engine.demo.prices import PriceBook, sku_codes
from engine.demo.stock import GIFTS, RETURNED, SOLD

Columns = dict[str, Any]
_REFUND_ONLY = 0.012


def concatenate(parts: list[Columns]) -> Columns:
    """The columns of all chunks one after the other; the parts are given up on the way."""
    names = list(parts[0])
    whole = {}
    for name in names:
        whole[name] = np.concatenate([part.pop(name) for part in parts])
    return whole


def labelled(shop: Shop, columns: Columns, dates: tuple[str, ...] = ("date",)) -> pd.DataFrame:
    """Codes replaced by categories and positions of days by dates."""
    names: Mapping[str, list[str]] = {
        "sku": sku_codes(shop.goods),
        "channel": list(shop.world.channels),
        "warehouse": list(shop.world.warehouses),
        "supplier": list(shop.supply.suppliers["supplier"]),
    }
    frame: dict[str, object] = {}
    for name, values in columns.items():
        if name in names:
            frame[name] = coded(values, names[name])
        else:
            frame[name] = shop.time.dates(values) if name in dates else values
    return pd.DataFrame(frame, copy=False)


def sales_rows(shop: Shop, prices: PriceBook, chunk: Chunk, rng: np.random.Generator) -> Columns:
    """Rows with anything sold or given; other states are drawn for the units sold."""
    book, world = chunk.book, shop.world
    item, channel, day = np.nonzero((book.flows[SOLD] > 0) | (book.flows[GIFTS] > 0))
    at = (item, channel, day)
    sold, returned = book.flows[SOLD][at], book.flows[RETURNED][at]
    row = chunk.rows[item]
    style = shop.goods.style_of[row]
    cancelled = rng.poisson(sold * world.of("channels", "cancelled")[channel]).astype(np.int32)
    unpaid = rng.poisson(sold * world.of("channels", "unpaid")[channel]).astype(np.int32)
    refund_only = rng.binomial(sold - returned, _REFUND_ONLY).astype(np.int32)
    price = np.round(prices.paid[style, channel, day].astype(float) * 100).astype(np.int64)
    live = np.minimum(chunk.live[at], sold)
    cheaper = _live_discount(shop, chunk, prices, item, channel, day) * live
    paid = sold + cancelled
    amount = price * paid - cheaper
    return {
        "date": day.astype(np.int32),
        "sku": row.astype(np.int32),
        "channel": channel.astype(np.int8),
        "units_ordered": paid + unpaid,
        "units_paid": paid,
        "units_cancelled": cancelled,
        "units_shipped": sold,
        "units_returned": returned,
        "units_refund_only": refund_only,
        "units_gift": book.flows[GIFTS][at],
        "amount_ordered_fen": amount + price * unpaid,
        "amount_paid_fen": amount,
        "amount_cancelled_fen": price * cancelled,
        "amount_returned_fen": _part(amount - price * cancelled, returned, sold),
        "amount_refund_only_fen": _part(amount - price * cancelled, refund_only, sold),
    }


def _part(amount: NDArray[np.int64], units: NDArray[Any], of: NDArray[Any]) -> NDArray[np.int64]:
    """Amount of some of the units, at their mean price."""
    return np.asarray(amount * units // np.maximum(of, 1))


def _live_discount(
    shop: Shop, chunk: Chunk, prices: PriceBook, item: NDArray[Any], channel: NDArray[Any], day: NDArray[Any]
) -> NDArray[np.int64]:
    """Fen by which the price of the live stream is below the shop's, for each row."""
    shown = shop.streams.of_skus(chunk.rows, shop.time.history).drop_duplicates(["sku", "channel", "day"])
    table = np.zeros(len(item), dtype=np.int64)
    if len(shown) == 0 or len(item) == 0:
        return table
    size = (len(shop.goods.skus), len(shop.world.channels), len(shop.time))
    key = np.ravel_multi_index((chunk.rows[item], channel, day), size)
    asked = np.ravel_multi_index(tuple(shown[name].to_numpy() for name in ("sku", "channel", "day")), size)
    order = np.argsort(key)
    position = np.minimum(np.searchsorted(key[order], asked), len(key) - 1)
    found = key[order][position] == asked
    style = shop.goods.style_of[shown["sku"].to_numpy()]
    usual = prices.paid[style, shown["channel"].to_numpy(), shown["day"].to_numpy()]
    saving = np.round(np.maximum(usual - shown["price"].to_numpy(), 0.0) * 100).astype(np.int64)
    table[order[position[found]]] = saving[found]
    return table


def live_sold(shop: Shop, chunk: Chunk) -> pd.Series:
    """Units really sold at each stream row of the chunk."""
    shown = shop.streams.of_skus(chunk.rows, shop.time.history)
    place = np.zeros(len(shop.goods.skus), dtype=np.int64)
    place[chunk.rows] = np.arange(len(chunk.rows))
    at = (place[shown["sku"].to_numpy()], shown["channel"].to_numpy(), shown["day"].to_numpy())
    demand, sold = chunk.live[at], chunk.book.flows[SOLD][at]
    return pd.Series(shown["units"].to_numpy() * np.minimum(demand, sold) // np.maximum(demand, 1), index=shown.index)


def availability_rows(shop: Shop, chunk: Chunk, rng: np.random.Generator) -> Columns:
    """SKU, channel and day where the SKU, launched, listed and not ended, was not in stock all day.

    Customers come at uniform times, so the day's share in stock is the time of the last unit's buyer.
    """
    style = shop.goods.style_of[chunk.rows]
    days = np.arange(shop.time.history)
    launch, end = (shop.goods.styles[name].to_numpy()[style][:, None] for name in ("launch", "end"))
    item, day = np.nonzero(chunk.book.ran_out & (days >= launch) & (days < end))
    served, wanted = (grid[item, :, day].sum(axis=1) for grid in (chunk.book.flows[SOLD], chunk.wanted))
    share = np.where(served > 0, rng.beta(np.maximum(served, 1), wanted - served + 1), 0.0)
    listed = shop.goods.listed[style[item]]
    which, channel = np.nonzero(listed)
    return {
        "date": day[which].astype(np.int32),
        "sku": chunk.rows[item[which]].astype(np.int32),
        "channel": channel.astype(np.int8),
        "in_stock_share": np.minimum(np.ceil(1000.0 * share[which]), 999.0) / 1000.0,
    }


def inventory_rows(shop: Shop, chunk: Chunk, stocked: NDArray[np.bool_]) -> Columns:
    """Weekly stock of SKUs with a stock of their own (``stocked`` [n, warehouses]), from their launch on."""
    style = shop.goods.style_of[chunk.rows]
    begun = shop.snapshots[None, :] >= shop.goods.styles["launch"].to_numpy()[style][:, None]
    open_rows = stocked[:, :, None] & (begun[:, None, :] | (chunk.book.on_hand > 0))
    item, place, moment = np.nonzero(open_rows | (chunk.book.on_hand > 0))
    return {
        "date": shop.snapshots[moment].astype(np.int32),
        "sku": chunk.rows[item].astype(np.int32),
        "warehouse": place.astype(np.int8),
        "on_hand": chunk.book.on_hand[item, place, moment],
    }


def order_rows(chunk: Chunk) -> Columns:
    """Purchase lines: SKU, ordered, arrival (true), warehouse, units, defects."""
    orders, lines = chunk.book.orders, chunk.book.lines
    item, line = np.nonzero(np.arange(orders.shape[1])[None, :] < lines[:, None])
    found = orders[item, line]
    names = ("ordered", "arrival", "warehouse", "units", "defects")
    return {"sku": chunk.rows[item].astype(np.int32), **{name: found[:, place] for place, name in enumerate(names)}}


def demand_rows(shop: Shop, chunk: Chunk, by_day: bool) -> Columns:
    """Truth: demand by SKU, channel and day, or by planning week (blocks of 7 days that end with the last day)."""
    wanted, shift = chunk.wanted, 0
    if not by_day:
        shift = shop.time.history % 7
        weeks = (wanted.shape[2] - shift) // 7
        wanted = wanted[:, :, shift : shift + 7 * weeks].reshape(*wanted.shape[:2], weeks, 7).sum(axis=3)
    item, channel, period = np.nonzero(wanted)
    return {
        "date": (shift + period * (1 if by_day else 7)).astype(np.int32),
        "sku": chunk.rows[item].astype(np.int32),
        "channel": channel.astype(np.int8),
        "units": wanted[item, channel, period].astype(np.int32),
    }


def restocked_rows(chunk: Chunk) -> Columns:
    """Truth: good returns put back on the shelf by SKU and day."""
    item, day = np.nonzero(chunk.book.restocked)
    return {
        "date": day.astype(np.int32),
        "sku": chunk.rows[item].astype(np.int32),
        "units": chunk.book.restocked[item, day],
    }
