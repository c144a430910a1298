"""Live streams of the data: what they sold, which leaves the baseline, and those that are booked."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.panels import rows_of
from models.demand.live import Bookings, LiveLaw, fit_live, price_band
from models.drivers import PRICE, Drivers
from models.panel import DAYS, Panel

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
USUAL_WEEKS = 4


@dataclass(frozen=True)
class Streams:
    """Shown items whose series are known: ``row``, ``period`` (positions, beyond the history where booked), ``stream``
    (position in ``names``), ``tier`` and ``band`` of each, ``units`` sold, NaN where not reported, and whether it is
    only ``offered``: not signed yet."""

    row: Ints
    period: Ints
    stream: Ints
    tier: Ints
    band: Ints
    units: Floats
    tiers: int
    offered: NDArray[np.bool_]
    names: NDArray[np.str_]


def read_streams(dataset: Dataset, panel: Panel, drivers: Drivers) -> Streams | None:
    """Streams within the drivers' periods as the dataset knows them; None without any."""
    table = dataset.get("live_streams")
    if table is None or table.empty:
        return None
    row = rows_of(panel.series, table["sku"], table["channel"])
    day = table["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    period = (day - drivers.dates[0].astype("datetime64[D]").astype(np.int64)) // DAYS[panel.frequency]
    offered = ~table["signed"].fillna(True).to_numpy(bool) if "signed" in table else np.zeros(len(table), dtype=bool)
    declined = offered & (period < len(panel.dates))
    kept = (row >= 0) & (period >= 0) & (period < len(drivers.dates)) & ~declined
    if not kept.any():
        return None
    tier, tiers = _tiers(dataset, table)
    units = table["units_paid"].to_numpy(dtype=np.float64) if "units_paid" in table else np.full(len(table), np.nan)
    stream, names = pd.factorize(table["stream"].astype(str), sort=True)
    ratio = _price_ratio(table, drivers, row, period, kept)
    shown = (row[kept], period[kept], stream[kept], tier[kept], price_band(ratio[kept]), units[kept])
    return Streams(*shown, tiers, offered[kept], np.asarray(names, dtype=str))


def without_streams(panel: Panel, streams: Streams | None) -> Panel:
    """The panel less what was sold at streams; a period whose stream reports no units is unknown."""
    if streams is None:
        return panel
    past = streams.period < len(panel.dates)
    at = (streams.row[past], streams.period[past])
    units, sold = panel.units.copy(), streams.units[past]
    np.subtract.at(units, at, np.nan_to_num(sold))
    known = panel.known.copy()
    untold = np.isnan(sold)
    known[at[0][untold], at[1][untold]] = False
    return replace(panel, units=np.maximum(units, 0.0, out=units), known=known)


def bookings(
    streams: Streams | None, base: Panel, ahead: NDArray[np.float32]
) -> tuple[Bookings | None, Bookings | None]:
    """Streams to come with the law of past ones: those that are signed, and those on offer; None where there is none.
    ``ahead`` float32 [series, horizon]: units expected without them."""
    coming = np.zeros(0, dtype=bool) if streams is None else streams.period >= len(base.dates)
    if streams is None or not coming.any():
        return None, None
    law = _law(streams, base)
    signed, offered = (
        _coming(streams, np.flatnonzero(coming & asked), base, ahead, law)
        for asked in (~streams.offered, streams.offered)
    )
    return signed, offered


def _coming(streams: Streams, shown: Ints, base: Panel, ahead: NDArray[np.float32], law: LiveLaw) -> Bookings | None:
    """The streams of some shown items."""
    if not len(shown):
        return None
    codes, first, stream = np.unique(streams.stream[shown], return_index=True, return_inverse=True)
    tier, band = streams.tier[shown][first], streams.band[shown][first]
    row, period = streams.row[shown], streams.period[shown] - len(base.dates)
    usual = ahead[row, period].astype(np.float64) / DAYS[base.frequency]
    by_item = (stream.reshape(-1), row, period, usual)
    return Bookings(*by_item, law.chance[tier, band], law.size[tier], law.spread, streams.names[codes])


def _law(streams: Streams, base: Panel) -> LiveLaw:
    """Law of the streams that have run and were reported, each over all items that it showed."""
    told = np.flatnonzero((streams.period < len(base.dates)) & np.isfinite(streams.units))
    usual = _usual(streams.row[told], streams.period[told], base)
    codes, first, stream = np.unique(streams.stream[told], return_index=True, return_inverse=True)
    stream = stream.reshape(-1)
    units, level = (
        np.bincount(stream, values, len(codes)).astype(np.float64) for values in (streams.units[told], usual)
    )
    kept = level > 0
    tier, band = streams.tier[told][first], streams.band[told][first]
    return fit_live(units[kept], level[kept], tier[kept], band[kept], streams.tiers)


def _usual(row: Ints, period: Ints, base: Panel) -> Floats:
    """Mean units a day over the weeks before each period, 0 where none is known."""
    span = max(USUAL_WEEKS * 7 // DAYS[base.frequency], 1)
    total, count = np.zeros(len(row)), np.zeros(len(row))
    for back in range(1, span + 1):
        place = period - back
        good = (place >= 0) & base.known[row, np.maximum(place, 0)]
        total += np.where(good, base.units[row, np.maximum(place, 0)], 0.0)
        count += good
    return total / np.maximum(count, 1.0) / DAYS[base.frequency]


def _tiers(dataset: Dataset, table: pd.DataFrame) -> tuple[Ints, int]:
    """Tier of the host of each row, the first for hosts without one."""
    hosts = dataset.get("hosts")
    if hosts is None or "tier" not in hosts:
        return np.zeros(len(table), dtype=np.int64), 1
    codes, names = pd.factorize(hosts["tier"].astype(str), sort=True)
    known = dict(zip(hosts["host"].astype(str), codes, strict=True))
    return table["host"].astype(str).map(known).fillna(0).to_numpy(np.int64), max(len(names), 1)


def _price_ratio(table: pd.DataFrame, drivers: Drivers, row: Ints, period: Ints, kept: NDArray[np.bool_]) -> Floats:
    """Price at the stream over the shop's price of the period, NaN where either is unknown."""
    ratio = np.full(len(table), np.nan)
    if PRICE in drivers.blocks and "price_fen" in table:
        block = drivers.blocks[PRICE]
        yuan = table["price_fen"].to_numpy(dtype=np.float64) / 100.0
        ratio[kept] = yuan[kept] / block.values[block.group[row[kept]], period[kept]]
    return ratio
