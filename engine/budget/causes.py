"""What moves sales besides ads and stands in the tables: prices, stock-outs, festivals, promotions, live streams."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.grid import Grid, Places, position
from engine.data.dataset import Dataset
from engine.data.drivers import promotions_by_kind
from engine.data.panels import rows_of

Floats = NDArray[np.float64]
FEWEST_STREAMS = 4
"""Of a host whose pull is learned apart."""
MOST_HOSTS = 6
"""Those with the most streams; each costs the fit a column."""


def known_causes(dataset: Dataset, money: Floats, channels: tuple[str, ...], grid: Grid) -> Floats:
    """Columns of known causes by sales channel and period, float64 [channels, periods, K].

    ``money``: yuan of every row of ``sales``.
    """
    sales = dataset["sales"]
    where = position(sales["channel"], channels)
    columns = [_price_index(sales, money, where, grid, len(channels)), _stock_out(dataset, channels, grid)]
    items = _items(sales, money, channels, where)
    columns += [*_promotions(dataset, items, grid), *_streams(dataset, items, grid)]
    return np.concatenate([np.stack(columns, axis=2), _events(dataset, channels, grid)], axis=2)


def _price_index(sales: pd.DataFrame, money: Floats, where: Places, grid: Grid, rows: int) -> Floats:
    """Money paid / money at each item's own mean price, float64 [channels, periods]; 1 in periods without sales."""
    units = sales["units_paid"].to_numpy(float)
    item = sales["sku"].astype("category").cat.codes.to_numpy().astype(np.int64)
    key = where * (int(item.max(initial=0)) + 1) + item
    total_money = np.bincount(key, weights=money)
    total_units = np.bincount(key, weights=units)
    usual = np.divide(total_money, total_units, out=np.zeros_like(total_money), where=total_units > 0)
    paid = grid.sums(where, sales["date"], money, rows)
    expected = grid.sums(where, sales["date"], units * usual[key], rows)
    return np.divide(paid, expected, out=np.ones_like(paid), where=expected > 0)


def _stock_out(dataset: Dataset, channels: tuple[str, ...], grid: Grid) -> Floats:
    """Item-days out of stock, float64 [channels, periods]; the fit brings it to a common scale."""
    table = dataset.get("availability")
    if table is None or not len(table):
        return np.zeros((len(channels), grid.count))
    lost = 1.0 - table["in_stock_share"].to_numpy(float)
    return grid.sums(position(table["channel"], channels), table["date"], lost, len(channels))


def _events(dataset: Dataset, channels: tuple[str, ...], grid: Grid) -> Floats:
    """Share of each period in every kind and phase of event, float64 [channels, periods, K]."""
    table = dataset.get("events")
    if table is None or not len(table):
        return np.zeros((len(channels), grid.count, 0))
    names = (table["kind"].astype(str) + "." + table["phase"].astype(str)).to_numpy()
    kinds = sorted(set(names))
    first = grid.origin.astype("datetime64[D]") - grid.count * grid.days
    start = (table["start"].to_numpy().astype("datetime64[D]") - first).astype(int)
    stop = (table["end"].to_numpy().astype("datetime64[D]") - first).astype(int) + 1
    place = table["channel"].astype(object).to_numpy() if "channel" in table else np.full(len(table), None)
    days = np.zeros((len(channels), len(kinds), grid.count * grid.days))
    for row in range(len(table)):
        everywhere = pd.isna(place[row]) or str(place[row]) == ""
        rows = slice(None) if everywhere else [i for i, name in enumerate(channels) if name == str(place[row])]
        days[rows, kinds.index(names[row]), max(start[row], 0) : max(stop[row], 0)] = 1.0
    return np.asarray(days.reshape(*days.shape[:2], grid.count, grid.days).mean(axis=3).transpose(0, 2, 1))


def _items(sales: pd.DataFrame, money: Floats, channels: tuple[str, ...], where: Places) -> pd.DataFrame:
    """Items by SKU and sales channel: ``place`` among the channels, ``share`` of what the channel sold in all."""
    frame = pd.DataFrame({"sku": sales["sku"].astype(str).to_numpy(), "place": where, "money": money})
    items = frame.groupby(["sku", "place"], as_index=False)["money"].sum()
    whole = items.groupby("place")["money"].transform("sum").to_numpy(float)
    share = np.divide(items["money"].to_numpy(float), whole, out=np.zeros(len(items)), where=whole > 0)
    channel = np.array(channels, dtype=object)[items["place"].to_numpy()]
    return pd.DataFrame({"sku": items["sku"], "channel": channel, "place": items["place"], "share": share})


def _promotions(dataset: Dataset, items: pd.DataFrame, grid: Grid) -> Iterator[Floats]:
    """By kind of promotion the share of the usual sales that is promoted x strength, [channels, periods] each."""
    for _, rows, start, stop, strength in promotions_by_kind(dataset, items):
        yield _covered(items, rows, start, stop, strength.astype(float), grid)


def _streams(dataset: Dataset, items: pd.DataFrame, grid: Grid) -> Iterator[Floats]:
    """By host the share of the usual sales that is shown in live streams held, [channels, periods] each.

    Hosts with few streams are taken together. Units sold in a stream are no cause: ads bring viewers too.
    """
    table = dataset.get("live_streams")
    if table is None or not len(table):
        return
    signed = table["signed"].fillna(True).astype(bool).to_numpy() if "signed" in table else np.ones(len(table), bool)
    held = table[signed & (table["date"] < pd.Timestamp(grid.origin)).to_numpy()]
    counts = held.groupby(held["host"].astype(str))["stream"].nunique()
    often = counts[counts >= FEWEST_STREAMS].sort_values(ascending=False, kind="stable").index[:MOST_HOSTS]
    host = held["host"].astype(str).where(held["host"].astype(str).isin(often), "")
    for _, part in held.groupby(host, sort=True):
        rows = rows_of(items, part["sku"], part["channel"])
        day = part["date"].to_numpy().astype("datetime64[D]").astype(np.int64)[rows >= 0]
        rows = rows[rows >= 0]
        yield _covered(items, rows, day, day, np.ones(len(rows)), grid)


def _covered(items: pd.DataFrame, rows: Places, start: Places, stop: Places, strength: Floats, grid: Grid) -> Floats:
    """Share of usual sales x strength of items ``rows`` from day ``start`` to ``stop``, means by period [channels,
    periods]."""
    total = grid.count * grid.days
    first = int(grid.origin.astype("datetime64[D]").astype(np.int64)) - total
    begin, end = (np.clip(day - first, 0, total) for day in (start, stop + 1))
    size = strength * items["share"].to_numpy()[rows]
    steps = np.zeros((int(items["place"].max()) + 1, total + 1))
    np.add.at(steps, (items["place"].to_numpy()[rows], begin), size)
    np.add.at(steps, (items["place"].to_numpy()[rows], end), -size)
    days = np.cumsum(steps, axis=1)[:, :-1]
    return np.asarray(days.reshape(len(days), grid.count, grid.days).mean(axis=2))
