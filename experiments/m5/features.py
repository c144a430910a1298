"""Features of a leaf: a row for (series, origin, target day), read from running sums of the days before the origin.

Nothing of the sales at or after a row's origin is read (a property test changes the future); calendar and prices of
the target day are known ahead. Training and forecasting use the same kernel.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from experiments.m5.data import Codes, Grid, Market

WINDOWS = (7, 14, 28, 56, 112, 224)
WEEKS = (4, 8, 26)
NAMES = (
    "log_base",
    *(f"mean_{days}" for days in WINDOWS),
    *(f"weekday_{weeks}" for weeks in WEEKS),
    *("last_year", "active_28", "since_sale", "store_dept_7", "store_dept_28", "item_7", "item_28", "snap_lift"),
    *("ahead", "age", "price", "price_to_28", "price_to_year", "price_to_dept", "price_change"),
    *("weekday", "month_day", "month", "snap", "event", "event_before", "event_after"),
    *("dept", "store"),
)
CATEGORICAL = ("event", "event_before", "event_after", "dept", "store")
BASE = NAMES.index("log_base")
FLOOR = 0.02
"""Units a day below which no base falls: keeps logarithms finite."""


class Past(NamedTuple):
    """Running sums [.., days + 1] over the days before: units of a leaf, of its store-department, of its item in all
    stores, days with a sale, units on SNAP days, price and listed days; and what is known of each day."""

    units: NDArray[np.float32]
    sales: NDArray[np.float32]
    active: NDArray[np.int16]
    snap_units: NDArray[np.float32]
    group: NDArray[np.float64]
    item: NDArray[np.float64]
    snap_days: NDArray[np.float32]
    price: NDArray[np.float32]
    dept_price: NDArray[np.float32]
    days: NDArray[np.float32]
    codes: Codes
    listed: Codes


def past_of(market: Market) -> Past:
    """Everything :func:`rows` reads."""
    keys, origin = market.keys, market.origin
    codes = {name: pd.factorize(keys[name], sort=True)[0] for name in keys.columns}
    group = codes["store_id"] * (codes["dept_id"].max() + 1) + codes["dept_id"]
    _, group = np.unique(group, return_inverse=True)
    snap = market.calendar[[f"snap_{state}" for state in sorted(keys["state_id"].unique())]].to_numpy(np.float32).T
    on_snap = market.sales * snap[codes["state_id"], :origin]
    listed = np.where(np.isfinite(market.prices).any(axis=1), np.isfinite(market.prices).argmax(axis=1), origin)
    first = np.where((market.sales > 0).any(axis=1), (market.sales > 0).argmax(axis=1), origin)
    columns = [codes["dept_id"], codes["store_id"], codes["state_id"], group, codes["item_id"]]
    return Past(
        _running(market.sales),
        market.sales,
        _running(market.sales > 0).astype(np.int16),
        _running(on_snap),
        _running(summed(market.sales, group)),
        _running(summed(market.sales, codes["item_id"])),
        _running(snap),
        np.nan_to_num(market.prices),
        _mean_price(market.prices, group),
        _days(market.calendar),
        np.stack(columns, axis=1).astype(np.int32),
        np.maximum(listed, np.minimum(first, listed + 60)).astype(np.int32),
    )


def _running(values: NDArray[Any]) -> NDArray[Any]:
    kind = np.float64 if values.dtype == np.float64 else np.float32
    out = np.zeros((values.shape[0], values.shape[1] + 1), dtype=kind)
    np.cumsum(values, axis=1, out=out[:, 1:], dtype=kind)
    return out


def summed(values: NDArray[np.floating], code: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sums of the rows with the same code, float64 [codes, columns]."""
    order = np.argsort(code, kind="stable")
    starts = np.searchsorted(code[order], np.arange(int(code.max()) + 1))
    return np.asarray(np.add.reduceat(values[order], starts, axis=0, dtype=np.float64))


def _mean_price(prices: Grid, group: NDArray[np.int64]) -> NDArray[np.float32]:
    known = np.isfinite(prices)
    total, count = summed(np.where(known, prices, 0.0), group), summed(known.astype(np.float32), group)
    return (total / np.maximum(count, 1.0)).astype(np.float32)


def _days(calendar: pd.DataFrame) -> NDArray[np.float32]:
    """[days, 6]: weekday, day of the month, month, event, event of the day before, of the day after."""
    date = pd.to_datetime(calendar["date"])
    event = pd.factorize(calendar["event_name_1"].fillna(""), sort=True)[0].astype(np.float32)
    sides = np.r_[0.0, event[:-1]], np.r_[event[1:], 0.0]
    return np.stack([date.dt.day_of_week, date.dt.day, date.dt.month, event, *sides], axis=1).astype(np.float32)


@njit(cache=True, error_model="numpy")
def _mean(total, row, start, stop):  # type: ignore[no-untyped-def]
    first = max(start, 0)
    return (total[row, stop] - total[row, first]) / max(stop - first, 1)


@njit(cache=True, error_model="numpy")
def _weekday_mean(sales, row, target, origin, start, weeks):  # type: ignore[no-untyped-def]
    """Mean of the target's weekday over the last ``weeks`` weeks before the origin."""
    day = target - 7 * ((target - origin) // 7 + 1)
    total, count = 0.0, 0
    while count < weeks and day >= start:
        total += sales[row, day]
        count += 1
        day -= 7
    return total / count if count else -1.0


@njit(cache=True, error_model="numpy")
def _past_price(price, row, target, span):  # type: ignore[no-untyped-def]
    total, count = 0.0, 0
    for day in range(max(target - span, 0), target, 7):
        if price[row, day] > 0.0:
            total += price[row, day]
            count += 1
    return total / count if count else price[row, target]


@njit(cache=True, error_model="numpy")
def rows(past, series, origins, aheads):  # type: ignore[no-untyped-def]
    """Features float32 [rows, len(NAMES)]: day ``origin + ahead - 1`` (from 0) seen from the days before ``origin``."""
    out = np.zeros((len(series), 34), dtype=np.float32)
    for at in range(len(series)):
        row, origin, ahead = series[at], origins[at], aheads[at]
        target, start = origin + ahead - 1, min(past.listed[row], origins[at])
        dept, store, state, group, item = past.codes[row]
        mean28 = _mean(past.units, row, max(origin - 28, start), origin)
        mean112 = _mean(past.units, row, max(origin - 112, start), origin)
        profile = _weekday_profile(past.group, group, target, origin)
        base = max(0.5 * mean28 + 0.3 * _mean(past.units, row, max(origin - 56, start), origin) + 0.2 * mean112, 0.02)
        base = max(base * profile, 0.02)
        out[at, 0] = np.log(base)
        place = 1
        for days in (7, 14, 28, 56, 112, 224):
            out[at, place] = (_mean(past.units, row, max(origin - days, start), origin) + 0.05) / (base + 0.05)
            place += 1
        for weeks in (4, 8, 26):
            mean = _weekday_mean(past.sales, row, target, origin, start, weeks)
            out[at, place] = (mean + 0.05) / (base + 0.05) if mean >= 0.0 else np.nan
            place += 1
        out[at, place] = np.nan
        if ahead <= 357 and target - 378 >= start and origin - 392 >= start:
            near = _mean(past.units, row, target - 370, target - 357)
            out[at, place] = (near + 0.1) / (_mean(past.units, row, origin - 392, origin - 364) + 0.1)
        out[at, place + 1] = _mean(past.active, row, max(origin - 28, start), origin)
        since = 0
        while since < 60 and origin - since - 1 >= start and past.sales[row, origin - since - 1] == 0.0:
            since += 1
        out[at, place + 2] = since
        usual = _mean(past.group, group, origin - 56, origin) + 0.1
        out[at, place + 3] = _mean(past.group, group, origin - 7, origin) / usual
        out[at, place + 4] = _mean(past.group, group, origin - 28, origin) / usual
        usual = _mean(past.item, item, origin - 56, origin) + 0.1
        out[at, place + 5] = _mean(past.item, item, origin - 7, origin) / usual
        out[at, place + 6] = _mean(past.item, item, origin - 28, origin) / usual
        out[at, place + 7] = _snap_lift(past, row, state, max(origin - 364, start), origin)
        place += 8
        price = past.price[row, target]
        known = price > 0.0
        before = past.price[row, max(target - 7, 0)]
        out[at, place] = ahead
        out[at, place + 1] = min(target - start, 1000)
        out[at, place + 2] = price if known else np.nan
        out[at, place + 3] = price / _past_price(past.price, row, target, 28) if known else np.nan
        out[at, place + 4] = price / _past_price(past.price, row, target, 364) if known else np.nan
        out[at, place + 5] = price / past.dept_price[group, target] if known else np.nan
        out[at, place + 6] = price / before if known and before > 0.0 else np.nan
        place += 7
        out[at, place : place + 3] = past.days[target, :3]
        out[at, place + 3] = past.snap_days[state, target + 1] - past.snap_days[state, target]
        out[at, place + 4 : place + 7] = past.days[target, 3:]
        out[at, place + 7], out[at, place + 8] = dept, store
    return out


@njit(cache=True, error_model="numpy")
def _weekday_profile(total, group, target, origin):  # type: ignore[no-untyped-def]
    """Share of the target's weekday in the group's last eight weeks, 1 a usual day."""
    day = target - 7 * ((target - origin) // 7 + 1)
    units = 0.0
    for back in range(8):
        if day - 7 * back >= 0:
            units += total[group, day - 7 * back + 1] - total[group, day - 7 * back]
    whole = total[group, origin] - total[group, max(origin - 56, 0)]
    return min(max(7.0 * units / whole, 0.3), 3.0) if whole > 0.0 else 1.0


@njit(cache=True, error_model="numpy")
def _snap_lift(past, row, state, first, origin):  # type: ignore[no-untyped-def]
    """Own units a SNAP day over those of another day, shrunk to 1 by 20 units."""
    days = past.snap_days[state, origin] - past.snap_days[state, first]
    on = past.snap_units[row, origin] - past.snap_units[row, first]
    whole = past.units[row, origin] - past.units[row, first]
    share = days / max(origin - first, 1)
    return (on + 20.0 * share) / ((whole + 20.0) * share) if share > 0.0 else 1.0
