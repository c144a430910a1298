"""Run SKUs in chunks of whole groups, so that memory grows with the rows kept, not with SKUs x channels x days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.assortment import Assortment
from engine.demo.demand import StyleDemand
from engine.demo.frames import records
from engine.demo.settings import DemoSettings
from engine.demo.stock import ITEM, SOLD, Clock, Items, Ledger, draw_demand, run_stock
from engine.demo.streams import Streams
from engine.demo.supply import Supply, warehouse_of_region
from engine.demo.world import Timeline, World

CHUNK_SKUS = 500
_SLOW = 0.8
GRADE_A = 0.82
_BUYER_POWER = 0.85
_BIAS_MEAN, _BIAS_SPREAD = -0.12, 0.22


@dataclass(frozen=True)
class Chunk:
    """``rows`` int64 [n]: SKUs. ``wanted``, ``live`` int32 [n, channels, days]: true demand (live streams in) and the
    part of it from live streams; ``book``: what happened. ``asked`` int32 [days] and ``supplied`` [days of history]:
    what the platform that runs a channel ordered and got, by SKU.
    """

    rows: NDArray[np.int64]
    wanted: NDArray[np.int32]
    live: NDArray[np.int32]
    book: Ledger
    asked: dict[int, NDArray[np.int32]]
    supplied: dict[int, NDArray[np.int32]]


@dataclass(frozen=True)
class Shop:
    """All that the days are played with. ``factor`` float32 [channels, days]: ads and platform shocks. ``shares``
    [categories, channels, regions]; ``rate`` float64 [skus]: mean units a day while alive; ``snapshots``: days;
    ``platform``: what the platform orders by day, of the SKUs that it buys.
    """

    settings: DemoSettings
    world: World
    time: Timeline
    goods: Assortment
    demand: StyleDemand
    streams: Streams
    supply: Supply
    factor: NDArray[np.float32]
    shares: NDArray[np.float64]
    rate: NDArray[np.float64]
    snapshots: NDArray[np.int64]
    platform: dict[int, NDArray[np.int32]]


def usual_rate(
    world: World, time: Timeline, goods: Assortment, demand: StyleDemand, factor: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Mean units a day of each SKU over its life inside the timeline, cleared of the rhythm of its category."""
    category = pd.Categorical(goods.styles["category"], list(world.categories)).codes
    rate = np.zeros(len(goods.styles))
    for row, style in enumerate(records(goods.styles)):
        alive = slice(max(style.launch, 0), min(style.end, len(time)))
        if alive.start < alive.stop:
            units = (demand.mean[row, :, alive] * factor[:, alive]).sum(axis=0)
            rate[row] = units.sum() / demand.rhythm[category[row], alive].sum()
    return np.asarray(rate[goods.style_of] * goods.skus["share"].to_numpy())


def play(shop: Shop) -> Iterator[Chunk]:
    """Chunk by chunk through demand and stock."""
    groups = _groups(shop.goods)
    clock = _clock(shop)
    seeds = shop.settings.rng("items").integers(1, 2**31 - 1, (len(shop.goods.skus), 2))
    noise = shop.settings.rng("buyer").normal(0.0, 1.0, (len(shop.goods.skus), 2))
    start = 0
    while start < len(groups):
        stop, size = start, 0
        while stop < len(groups) and size < CHUNK_SKUS:
            size += len(groups[stop])
            stop += 1
        yield _play_chunk(shop, groups[start:stop], clock, seeds, noise)
        start = stop


def _play_chunk(
    shop: Shop, groups: list[list[int]], clock: Clock, seeds: NDArray[np.int64], noise: NDArray[np.float64]
) -> Chunk:
    rows = np.array([row for group in groups for row in group])
    first = np.concatenate([[0], np.cumsum([len(group) for group in groups])])
    skus = shop.goods.skus
    wanted = draw_demand(
        shop.demand.mean,
        shop.goods.style_of[rows],
        skus["share"].to_numpy()[rows],
        shop.factor,
        skus["lumpy"].to_numpy()[rows],
        seeds[rows, 0],
    )
    live = np.zeros_like(wanted)
    place = {int(row): position for position, row in enumerate(rows)}
    shown = shop.streams.of_skus(rows, wanted.shape[2])
    where = np.array([place[row] for row in shown["sku"]], dtype=np.int64)
    np.add.at(live, (where, shown["channel"].to_numpy(), shown["day"].to_numpy()), shown["units"].to_numpy())
    wanted += live
    asked = {int(row): shop.platform[int(row)] for row in rows if int(row) in shop.platform}
    lots = np.zeros((len(rows), 1, wanted.shape[2]), dtype=np.int32)
    for row, units in asked.items():
        lots[place[row], 0] = units
    items = _items(shop, rows, first, place, seeds[rows, 1], noise[rows])
    book = _empty_ledger(len(rows), len(shop.world.channels) + 1, items.share.shape[1], clock)
    run_stock(np.concatenate([wanted, lots], axis=1), items, clock, book)
    supplied = {row: book.flows[SOLD, place[row], -1] for row in asked}
    return Chunk(rows, wanted, live, book._replace(flows=book.flows[:, :, :-1]), asked, supplied)


def _groups(goods: Assortment) -> list[list[int]]:
    """SKUs that share stock, in the order in which they draw on it; groups by their first SKU."""
    linked = [
        [*(int(part) for part in parts["component"]), int(parts["bundle"].iloc[0])]
        for _, parts in goods.bundles.groupby("bundle")
    ]
    linked += [[int(pair.item), int(pair.gift)] for pair in records(goods.gifts)]
    taken = {row for group in linked for row in group}
    return sorted(linked + [[row] for row in range(len(goods.skus)) if row not in taken], key=lambda group: group[0])


def _clock(shop: Shop) -> Clock:
    time = shop.time
    rhythm = shop.demand.rhythm.astype(float) ** _BUYER_POWER
    known = np.concatenate([np.zeros((len(rhythm), 1)), np.cumsum(rhythm, axis=1)], axis=1)
    snapshot = np.full(time.history, -1)
    snapshot[shop.snapshots] = np.arange(len(shop.snapshots))
    return Clock(time.weekday[: time.history], snapshot, shop.supply.arrival, shop.supply.expected, known)


def _items(
    shop: Shop,
    rows: NDArray[np.int64],
    first: NDArray[np.int64],
    place: dict[int, int],
    seed: NDArray[np.int64],
    noise: NDArray[np.float64],
) -> Items:
    world, goods, styles = shop.world, shop.goods, shop.goods.styles
    style = goods.style_of[rows]
    category = np.array([world.categories.index(name) for name in styles["category"].to_numpy()[style]])
    returned = world.of("categories", "return")[category][:, None] * world.of("channels", "returned")[None, :]
    returned = np.concatenate([returned, np.zeros((len(rows), 1))], axis=1)  # the platform keeps what it has bought
    traits = np.zeros(len(rows), dtype=ITEM)
    traits["launch"], traits["end"] = styles["launch"].to_numpy()[style], styles["end"].to_numpy()[style]
    traits["category"], traits["supplier"] = category, shop.supply.of_style[style]
    traits["moq"], traits["pack"], traits["seed"] = shop.supply.moq[rows], shop.supply.pack[rows], seed
    traits["level"] = shop.rate[rows] * np.exp(np.where(traits["launch"] < 0, 0.1, 0.3) * noise[:, 0])
    traits["bias"] = np.exp(_BIAS_MEAN + _BIAS_SPREAD * noise[:, 1])
    traits["grade_a"] = GRADE_A
    traits["defect"] = shop.supply.suppliers["defect"].to_numpy()[traits["supplier"]]
    traits["gift"], traits["gift_end"] = -1, -1
    for pair in records(goods.gifts):
        if pair.item in place:
            here = place[pair.item]
            traits["gift"][here] = place[pair.gift]
            traits["gift_start"][here], traits["gift_end"][here] = pair.start, pair.end
    shares = warehouse_shares(shop, rows, category)
    return Items(first, traits, shares, returned, _parts(goods, len(rows), place))


def _parts(goods: Assortment, count: int, place: dict[int, int]) -> NDArray[np.int64]:
    """Components and quantities of the bundles of a chunk, [n, 2, 2]."""
    parts = np.zeros((count, 2, 2), dtype=np.int64)
    parts[:, :, 0] = -1
    for part in records(goods.bundles):
        if part.bundle in place:
            own = parts[place[part.bundle]]
            own[0 if own[0, 0] < 0 else 1] = place[part.component], part.quantity
    return parts


def warehouse_shares(shop: Shop, rows: NDArray[np.int64], category: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of each warehouse in the demand of SKUs; slow ones lie in the first warehouse only."""
    nearest = np.eye(len(shop.world.warehouses))[warehouse_of_region(shop.world)]
    weights = shop.world.of("channels", "weight") * shop.goods.listed[shop.goods.style_of[rows]]
    shares = np.einsum("nc,ncr,rw->nw", weights, shop.shares[category], nearest)
    shares /= shares.sum(axis=1, keepdims=True)
    shares[shop.rate[rows] < _SLOW] = np.eye(len(shop.world.warehouses))[0]
    return np.asarray(shares)


def _empty_ledger(count: int, channels: int, places: int, clock: Clock) -> Ledger:
    days = len(clock.weekday)
    return Ledger(
        flows=np.zeros((3, count, channels, days), dtype=np.int32),
        ran_out=np.zeros((count, days), dtype=bool),
        restocked=np.zeros((count, days), dtype=np.int32),
        on_hand=np.zeros((count, places, clock.snapshot.max() + 1), dtype=np.int32),
        orders=np.zeros((count, (days // 7 + 3) * places, 5), dtype=np.int32),
        lines=np.zeros(count, dtype=np.int64),
    )
