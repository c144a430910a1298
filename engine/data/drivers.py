"""From tables to arrays: prices, events and promotions of every series, as announced."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.panels import days_of, rows_of
from models.drivers import EVENT, LIST_PRICE, MECHANISM, PRICE, PROMOTION, SUBSIDY, Block, Drivers
from models.panel import DAYS, Dates, Frequency, Panel

Floats = NDArray[np.float32]
Codes = NDArray[np.int64]
ALL_CHANNELS = ""


def build_drivers(dataset: Dataset, panel: Panel, horizon: int) -> Drivers:
    """Prices, events and promotions over the panel's periods and ``horizon`` more.

    Weekly values are means over the seven days. What is not announced stays as it is: the last price holds, no event
    runs. A series without any price has NaN throughout.
    """
    dates = np.concatenate([panel.dates, panel.future_dates(horizon)]).astype("datetime64[D]")
    blocks = _price_blocks(dataset, panel.series, dates, panel.frequency)
    blocks |= _event_blocks(dataset, panel.series, dates, panel.frequency)
    blocks |= _promotion_blocks(dataset, panel.series, dates, panel.frequency)
    return Drivers(dates, panel.frequency, blocks)


def _price_blocks(dataset: Dataset, series: pd.DataFrame, dates: Dates, frequency: Frequency) -> dict[str, Block]:
    prices = dataset.get("prices")
    if prices is None or prices.empty:
        return {}
    rows = rows_of(series, prices["sku"], prices["channel"])
    day = days_of(prices["date"])
    kept = np.flatnonzero(rows >= 0)
    kept = kept[np.lexsort((day[kept], rows[kept]))]
    rows, day = rows[kept], day[kept]
    own = np.arange(len(series), dtype=np.int32)
    blocks = {}
    for name, column in ((PRICE, "paid_price_fen"), (LIST_PRICE, "list_price_fen")):
        if column not in prices:
            continue
        yuan = (prices[column].to_numpy(dtype=np.float64)[kept] / 100.0).astype(np.float32)
        yuan[~(np.isfinite(yuan) & (yuan > 0))] = np.nan
        if np.isnan(yuan).all():
            continue
        blocks[name] = Block(_steps(len(series), dates, frequency, rows, day, yuan), own)
    if PRICE in blocks and "platform_subsidy_fen" in prices:
        added = _subsidy(prices.iloc[kept])
        if added.any():
            values = np.nan_to_num(_steps(len(series), dates, frequency, rows, day, added))
            blocks[SUBSIDY] = Block(values, own)
    return blocks


def _subsidy(prices: pd.DataFrame) -> Floats:
    """log((paid price + what the platform adds) / paid price) of each row, 0 where either is unknown."""
    paid, added = (prices[name].to_numpy(np.float64) for name in ("paid_price_fen", "platform_subsidy_fen"))
    good = np.isfinite(paid) & (paid > 0) & np.isfinite(added) & (added > 0)
    share = np.divide(added, paid, out=np.zeros(len(paid)), where=good)
    return np.log1p(share).astype(np.float32)


def _steps(series: int, dates: Dates, frequency: Frequency, rows: Codes, day: Codes, values: Floats) -> Floats:
    """Steps of series laid out over the periods, float32 [series, periods]; NaN before the first one."""
    grid = np.full((series, len(dates)), np.nan, dtype=np.float32)
    _fill_steps(grid, rows, day, values, int(dates[0].astype(np.int64)), DAYS[frequency])
    return grid


def _event_blocks(dataset: Dataset, series: pd.DataFrame, dates: Dates, frequency: Frequency) -> dict[str, Block]:
    """One block a kind and phase, and one a mechanism where some kind did not always have the same; one row a channel.

    So a mechanism that the platform has dropped passes nothing on, and the event keeps what it does itself.
    """
    events = dataset.get("events")
    if events is None or events.empty:
        return {}
    channels = pd.Index(series["channel"].astype(str).unique()).sort_values()
    group = channels.get_indexer(series["channel"].astype(str)).astype(np.int32)
    blocks = {}
    table = events.assign(
        kind=events["kind"].astype(str), phase=events["phase"].astype(str), mechanism=_blank(events, "mechanism")
    )
    changed = table.groupby("kind")["mechanism"].transform("nunique").gt(1) & table["mechanism"].ne("")
    named = table[table["mechanism"].isin(set(table.loc[changed, "mechanism"]))]
    table = pd.concat([table, named.assign(kind=named["mechanism"], phase=MECHANISM)])
    for (kind, phase), part in table.groupby(["kind", "phase"], sort=True):
        values = np.zeros((len(channels), len(dates)), dtype=np.float32)
        where = _blank(part, "channel")
        for channel, start, stop in zip(where, days_of(part["start"]), days_of(part["end"]), strict=True):
            target = slice(None) if channel == ALL_CHANNELS else channels.get_indexer([channel])
            if channel == ALL_CHANNELS or target[0] >= 0:  # type: ignore[index]
                cover = _cover(int(start), int(stop), dates, frequency)
                values[target] = np.maximum(values[target], cover)
        if values.any():
            blocks[f"{EVENT}{kind}.{phase}"] = Block(values, group)
    return blocks


def _promotion_blocks(dataset: Dataset, series: pd.DataFrame, dates: Dates, frequency: Frequency) -> dict[str, Block]:
    """One block a kind; row 0 holds nothing and serves every series that is never promoted."""
    blocks = {}
    for kind, rows, start, stop, strength in promotions_by_kind(dataset, series):
        promoted = np.unique(rows)
        group = np.zeros(len(series), dtype=np.int32)
        group[promoted] = np.arange(1, len(promoted) + 1)
        values = np.zeros((len(promoted) + 1, len(dates)), dtype=np.float32)
        first = int(dates[0].astype(np.int64))
        _fill_windows(values, group[rows], np.stack([start, stop]), strength, first, DAYS[frequency])
        if values.any():
            blocks[f"{PROMOTION}{kind}"] = Block(values, group)
    return blocks


def promotions_by_kind(dataset: Dataset, series: pd.DataFrame) -> Iterable[tuple[str, Codes, Codes, Codes, Floats]]:
    """Kind, series row, first day, last day (as days since 1970) and strength of the promotions, kind by kind.

    ``series``: frame ``sku, channel``; what belongs to none of them is left out.
    """
    table = dataset.get("promotions")
    if table is not None and not table.empty:
        for kind, part in table.assign(kind=table["kind"].astype(str)).groupby("kind", sort=True):
            channel = _blank(part, "channel")
            everywhere = part[(channel == ALL_CHANNELS).to_numpy()]
            names = pd.Index(series["channel"].astype(str).unique())
            spread = [everywhere.assign(channel=name) for name in names]
            whole = pd.concat(
                [part[(channel != ALL_CHANNELS).to_numpy()].assign(channel=lambda f: f["channel"].astype(str)), *spread]
            )
            rows = rows_of(series, whole["sku"], whole["channel"])
            kept = rows >= 0
            strength = (
                whole["strength"].fillna(1.0).to_numpy(dtype=np.float32)
                if "strength" in whole
                else np.ones(len(whole), dtype=np.float32)
            )
            start, stop = days_of(whole["start"]), days_of(whole["end"])
            yield str(kind), rows[kept], start[kept], stop[kept], strength[kept]


def _blank(frame: pd.DataFrame, column: str) -> pd.Series:
    """A text column as plain text, blank where missing."""
    if column not in frame:
        return pd.Series(ALL_CHANNELS, index=frame.index)
    return frame[column].astype(object).where(frame[column].notna(), ALL_CHANNELS).astype(str)


def _cover(start: int, stop: int, dates: Dates, frequency: Frequency) -> Floats:
    """Share of each period that lies in the days ``start`` to ``stop`` (included)."""
    step = DAYS[frequency]
    begin = dates.astype("datetime64[D]").astype(np.int64)
    days = np.minimum(begin + step, stop + 1) - np.maximum(begin, start)
    return (np.maximum(days, 0) / step).astype(np.float32)


@njit(cache=True)
def _fill_steps(grid, rows, day, values, first, step):  # type: ignore[no-untyped-def]
    """Values hold from their day to the next row of the series; a period takes the mean over its known days."""
    periods = grid.shape[1]
    last = first + periods * step
    count = len(rows)
    for entry in range(count):
        start = max(day[entry], first)
        stop = last if entry + 1 == count or rows[entry + 1] != rows[entry] else min(day[entry + 1], last)
        if np.isnan(values[entry]) or stop <= start:
            continue
        for period in range((start - first) // step, (stop - 1 - first) // step + 1):
            begin = first + period * step
            share = (min(stop, begin + step) - max(start, begin)) / step
            before = grid[rows[entry], period]
            if share >= 1.0 or np.isnan(before):
                grid[rows[entry], period] = values[entry]
            else:
                grid[rows[entry], period] = (1.0 - share) * before + share * values[entry]


@njit(cache=True)
def _fill_windows(grid, rows, span, strength, first, step):  # type: ignore[no-untyped-def]
    """The strongest promotion of a period, weighted by the share of its days."""
    periods = grid.shape[1]
    for entry in range(len(rows)):
        start = max(span[0, entry], first)
        stop = min(span[1, entry] + 1, first + periods * step)
        if stop <= start:
            continue
        for period in range((start - first) // step, (stop - 1 - first) // step + 1):
            begin = first + period * step
            share = (min(stop, begin + step) - max(start, begin)) / step
            grid[rows[entry], period] = max(grid[rows[entry], period], share * strength[entry])
