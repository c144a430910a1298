"""From tables to arrays: the history of every series and the calendar of everything announced.

Sales are scattered into float32 grids by one kernel, so that memory is that of the grid and time that of the rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.exclusions import excluded_periods
from engine.data.platform_run import platform_run
from engine.plans.errors import BadInput, Problem
from models.drivers import EVENT, LIST_PRICE, MECHANISM, PRICE, PROMOTION, SUBSIDY, Block, Drivers
from models.panel import DAYS, Dates, Frequency, Panel

Floats = NDArray[np.float32]
Codes = NDArray[np.int64]
ALL_CHANNELS = ""
GAP_RUN: dict[Frequency, int] = {"D": 3, "W": 1}
UNSOLD = ("ordered", "cancelled")
"""States of order lines that are in no demand."""
BUSY_ROWS = 5.0
"""A channel with this many sales rows a period is never silent by chance: Poisson probability of none below 1 %."""


def build_panel(dataset: Dataset, frequency: Frequency) -> Panel:
    """History of every sku x channel that ever sold or is about to be launched, through the last day with sales.

    Demand is ``units_paid - units_cancelled``, less what orders marked ``suspicious`` hold. A series is known from its
    launch (``skus.launch_date`` or its first price, whichever is later, and never after its first sale) to its end;
    periods in which a busy channel reports nothing at all, or that are excluded, are a gap, not zero demand. Weeks keep
    the weekday of weekly tables; days are summed to weeks that end on the last day, a first one not whole is left out.
    """
    sales = dataset["sales"]
    if sales.empty:
        raise BadInput([Problem("sales", "holds no rows", remedy="Give at least one period of sales.")])
    day = _days(sales["date"])
    dates = _grid(day, frequency)
    series = _series(dataset, sales)
    rows = rows_of(series, sales["sku"], sales["channel"])
    columns = (day - dates[0].astype(np.int64)) // DAYS[frequency]
    demand = sales["units_paid"].to_numpy(dtype=np.float32)
    if "units_cancelled" in sales:
        demand = demand - np.nan_to_num(sales["units_cancelled"].to_numpy(dtype=np.float32))
    units = np.zeros((len(series), len(dates)), dtype=np.float32)
    _add(units, rows, columns, demand)
    _leave_out(units, _suspicious(dataset), series, dates, frequency)
    np.maximum(units, 0.0, out=units)
    known = _known(dataset, series, dates, rows, columns)
    known &= ~_gaps(series, rows, columns, len(dates), frequency)[series["channel"].cat.codes.to_numpy()]
    left_out = excluded_periods(dataset, series, dates, frequency)
    known &= ~left_out
    units[left_out] = 0.0
    gaps = _gaps(series, rows, columns, len(dates), frequency)
    # a platform orders on some days only: its silence is no hole
    gaps[series["channel"].cat.categories.isin(platform_run(dataset)[0])] = False
    known &= ~gaps[series["channel"].cat.codes.to_numpy()]
    share = _in_stock(dataset, series, dates, frequency)
    censored = np.zeros(units.shape, dtype=bool) if share is None else share < 1.0
    return Panel(_plain(series), dates, frequency, units, known, censored, share)


def _suspicious(dataset: Dataset) -> pd.DataFrame | None:
    """Paid order lines that are marked as brushing or bulk. The mark is the merchant's and can be taken back."""
    orders = dataset.get("orders")
    if orders is None or "suspicious" not in orders:
        return None
    marked = orders["suspicious"].fillna(False).to_numpy(dtype=bool)
    return orders[marked & ~orders["state"].isin(UNSOLD).to_numpy()]


def _leave_out(units: Floats, lines: pd.DataFrame | None, series: pd.DataFrame, dates: Dates, by: Frequency) -> None:
    """Take order lines out of the units; goods that moved stay in the stock tables."""
    if lines is None:
        return
    rows = rows_of(series, lines["sku"], lines["channel"])
    columns = (_days(lines["ordered_at"]) - dates[0].astype(np.int64)) // DAYS[by]
    inside = (rows >= 0) & (columns < len(dates))
    _add(units, rows[inside], columns[inside], -lines["units"].to_numpy(dtype=np.float32)[inside])


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


def _days(column: pd.Series) -> Codes:
    """Days since 1970."""
    return column.to_numpy().astype("datetime64[D]").astype(np.int64)


def _grid(day: Codes, frequency: Frequency) -> Dates:
    first, last = int(day.min()), int(day.max())
    step = DAYS[frequency]
    if frequency == "W" and not (np.unique(day) % 7 == first % 7).all():
        weeks = max((last - first + 1) // 7, 1)
        first = last + 1 - 7 * weeks
    return cast(Dates, np.arange(first, last + 1, step).astype("datetime64[D]"))


def _series(dataset: Dataset, sales: pd.DataFrame) -> pd.DataFrame:
    """One row a pair with sales or a launch to come, sorted by sku and channel, with the attributes of the SKU."""
    sold = sales[["sku", "channel"]].drop_duplicates().astype(str)
    pairs = pd.concat([sold, _to_come(dataset, sold)]).drop_duplicates()
    pairs = pairs.sort_values(["sku", "channel"], ignore_index=True)
    skus = dataset["skus"].assign(sku=lambda frame: frame["sku"].astype(str)).drop_duplicates("sku")
    attributes = [name for name in ("spu", "category", "brand", "role", "launch_date", "end_date") if name in skus]
    series = pairs.merge(skus[["sku", *attributes]], on="sku", how="left")
    series["category"] = series["category"].astype(object).where(series["category"].notna(), "").astype(str)
    series["sku"] = series["sku"].astype("category")
    series["channel"] = series["channel"].astype("category")
    return series


def _to_come(dataset: Dataset, sold: pd.DataFrame) -> pd.DataFrame:
    """Pairs of SKUs that never sold and are launched after the last day, in the channels that list or price them."""
    skus = dataset["skus"]
    if "launch_date" not in skus:
        return sold.iloc[:0]
    last = np.datetime64(pd.Timestamp(dataset.last_day).date(), "D")
    later = skus["launch_date"].to_numpy().astype("datetime64[D]") > last
    planned = set(skus["sku"][later].astype(str)) - set(sold["sku"])
    tables = [table for table in (dataset.get("listings"), dataset.get("prices")) if table is not None]
    named = [table[["sku", "channel"]][table["sku"].isin(planned).to_numpy()].astype(str) for table in tables]
    return pd.concat([sold.iloc[:0], *named]).drop_duplicates()


def _plain(series: pd.DataFrame) -> pd.DataFrame:
    return series.assign(sku=series["sku"].astype(str), channel=series["channel"].astype(str))


def _codes(values: pd.Series, names: pd.Index) -> Codes:
    """Position of each value in ``names``, -1 where absent; through the categories, so that 20 M rows are cheap."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        table = names.get_indexer(values.cat.categories.astype(str))
        codes = values.cat.codes.to_numpy().astype(np.int64)
        return np.where(codes >= 0, np.append(table, -1)[codes], -1)
    return np.asarray(names.get_indexer(pd.Index(values.astype(str))), dtype=np.int64)


def rows_of(series: pd.DataFrame, sku: pd.Series, channel: pd.Series) -> Codes:
    """Series row of each (sku, channel), -1 where there is no such series."""
    skus, channels = (pd.Index(series[name].astype(str).unique()).sort_values() for name in ("sku", "channel"))
    table = np.full((len(skus) + 1, len(channels) + 1), -1, dtype=np.int64)
    table[_codes(series["sku"], skus), _codes(series["channel"], channels)] = np.arange(len(series))
    return table[_codes(sku, skus), _codes(channel, channels)]


def _known(dataset: Dataset, series: pd.DataFrame, dates: Dates, rows: Codes, columns: Codes) -> NDArray[np.bool_]:
    """From launch or first sale to the end date."""
    first_sale = np.full(len(series), len(dates), dtype=np.int64)
    inside = columns >= 0
    np.minimum.at(first_sale, rows[inside], columns[inside])
    start = first_sale.copy()
    evidence = [_first_price(dataset, series)]
    if "launch_date" in series:
        evidence.append(series["launch_date"].to_numpy().astype("datetime64[D]"))
    given = np.stack(evidence)
    has = ~np.isnat(given).all(axis=0)
    launch = np.where(np.isnat(given), np.datetime64("1900-01-01"), given).max(axis=0)
    column = np.clip(np.searchsorted(dates, launch), 0, len(dates))
    start[has] = np.minimum(first_sale, column)[has]
    known = np.arange(len(dates)) >= start[:, None]
    known &= ~ended(series, dates)
    return known


def ended(series: pd.DataFrame, dates: Dates) -> NDArray[np.bool_]:
    """bool [series, periods]: the SKU is no longer sold (``end_date`` lies before the period)."""
    if "end_date" not in series:
        return np.zeros((len(series), len(dates)), dtype=bool)
    end = series["end_date"].to_numpy().astype("datetime64[D]")
    return np.asarray(dates > np.where(np.isnat(end), np.datetime64("9999-12-31"), end)[:, None])


def _first_price(dataset: Dataset, series: pd.DataFrame) -> Dates:
    first = np.full(len(series), np.datetime64("NaT"), dtype="datetime64[D]")
    prices = dataset.get("prices")
    if prices is None or prices.empty:
        return first
    rows = rows_of(series, prices["sku"], prices["channel"])
    day = _days(prices["date"])
    earliest = np.full(len(series) + 1, np.iinfo(np.int64).max)
    np.minimum.at(earliest, rows, day)
    found = earliest[:-1] < np.iinfo(np.int64).max
    first[found] = earliest[:-1][found].astype("datetime64[D]")
    return first


def _gaps(series: pd.DataFrame, rows: Codes, columns: Codes, periods: int, frequency: Frequency) -> NDArray[np.bool_]:
    """bool [channels, periods]: a busy channel reports nothing for several periods (a hole in the export)."""
    channel = series["channel"].cat.codes.to_numpy()[rows]
    count = np.zeros((len(series["channel"].cat.categories), periods), dtype=np.int64)
    inside = columns >= 0
    np.add.at(count, (channel[inside], columns[inside]), 1)
    gaps = np.zeros(count.shape, dtype=bool)
    for row, reported in enumerate(count):
        if not (reported > 0).any() or np.median(reported[reported > 0]) < BUSY_ROWS:
            continue
        edges = np.flatnonzero(np.diff(np.concatenate([[1], reported > 0, [1]]).astype(np.int8)))
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            gaps[row, start:stop] = stop - start >= GAP_RUN[frequency]
    return gaps


def _in_stock(dataset: Dataset, series: pd.DataFrame, dates: Dates, frequency: Frequency) -> Floats | None:
    """Share of the period in stock, float32 [series, periods]; None where the merchant gives none."""
    table = dataset.get("availability")
    if table is None or table.empty:
        return None
    rows = rows_of(series, table["sku"], table["channel"])
    day = _days(table["date"])
    step = DAYS[frequency]
    columns = (day - dates[0].astype(np.int64)) // step
    inside = (rows >= 0) & (columns >= 0) & (columns < len(dates))
    daily = frequency == "W" and not (np.unique(day) % 7 == dates[0].astype(np.int64) % 7).all()
    lost = (1.0 - table["in_stock_share"].to_numpy(dtype=np.float32)) / (7.0 if daily else 1.0)
    share = np.zeros((len(series), len(dates)), dtype=np.float32)
    _add(share, rows[inside], columns[inside], lost[inside])
    np.subtract(1.0, share, out=share)
    return np.maximum(share, 0.0, out=share)


def _price_blocks(dataset: Dataset, series: pd.DataFrame, dates: Dates, frequency: Frequency) -> dict[str, Block]:
    prices = dataset.get("prices")
    if prices is None or prices.empty:
        return {}
    rows = rows_of(series, prices["sku"], prices["channel"])
    day = _days(prices["date"])
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
        for channel, start, stop in zip(where, _days(part["start"]), _days(part["end"]), strict=True):
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
    for name, rows, start, stop, strength in _promotions(dataset, series):
        promoted = np.unique(rows)
        group = np.zeros(len(series), dtype=np.int32)
        group[promoted] = np.arange(1, len(promoted) + 1)
        values = np.zeros((len(promoted) + 1, len(dates)), dtype=np.float32)
        first = int(dates[0].astype(np.int64))
        _fill_windows(values, group[rows], np.stack([start, stop]), strength, first, DAYS[frequency])
        if values.any():
            blocks[name] = Block(values, group)
    return blocks


def _promotions(dataset: Dataset, series: pd.DataFrame) -> Iterable[tuple[str, Codes, Codes, Codes, Floats]]:
    """Name, series row, first day, last day and strength of the promotions of each kind."""
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
            start, stop = _days(whole["start"]), _days(whole["end"])
            yield f"{PROMOTION}{kind}", rows[kept], start[kept], stop[kept], strength[kept]


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
def _add(grid, rows, columns, values):  # type: ignore[no-untyped-def]
    for entry in range(len(rows)):
        if columns[entry] >= 0:
            grid[rows[entry], columns[entry]] += values[entry]


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
