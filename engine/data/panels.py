"""From tables to arrays: the history of every series.

Sales are scattered into float32 grids by one kernel, so that memory is that of the grid and time that of the rows.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.exclusions import excluded_periods
from engine.data.platform_run import platform_run
from engine.plans.errors import BadInput, Problem
from models.panel import DAYS, Dates, Frequency, Panel

Floats = NDArray[np.float32]
Codes = NDArray[np.int64]
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
    day = days_of(sales["date"])
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
    columns = (days_of(lines["ordered_at"]) - dates[0].astype(np.int64)) // DAYS[by]
    inside = (rows >= 0) & (columns < len(dates))
    _add(units, rows[inside], columns[inside], -lines["units"].to_numpy(dtype=np.float32)[inside])


def days_of(column: pd.Series) -> Codes:
    """Days since 1970."""
    return column.to_numpy().astype("datetime64[D]").astype(np.int64)


def first_day_ahead(dataset: Dataset, frequency: Frequency) -> np.datetime64:
    """The day after the panel of these sales: the first one to forecast."""
    return cast(np.datetime64, _grid(days_of(dataset["sales"]["date"]), frequency)[-1] + DAYS[frequency])


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
    day = days_of(prices["date"])
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
    day = days_of(table["date"])
    step = DAYS[frequency]
    columns = (day - dates[0].astype(np.int64)) // step
    inside = (rows >= 0) & (columns >= 0) & (columns < len(dates))
    daily = frequency == "W" and not (np.unique(day) % 7 == dates[0].astype(np.int64) % 7).all()
    lost = (1.0 - table["in_stock_share"].to_numpy(dtype=np.float32)) / (7.0 if daily else 1.0)
    share = np.zeros((len(series), len(dates)), dtype=np.float32)
    _add(share, rows[inside], columns[inside], lost[inside])
    np.subtract(1.0, share, out=share)
    return np.maximum(share, 0.0, out=share)


@njit(cache=True)
def _add(grid, rows, columns, values):  # type: ignore[no-untyped-def]
    for entry in range(len(rows)):
        if columns[entry] >= 0:
            grid[rows[entry], columns[entry]] += values[entry]
