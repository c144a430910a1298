"""Defects of daily sales."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.data.defects.tools import (
    Rng,
    Tables,
    busy_channel,
    busy_sku,
    defect,
    draw_span,
    money_columns,
    promoted_days,
    quiet_day,
    quiet_days,
    sales_days,
    some_rows,
    unit_columns,
    with_values,
)


@defect("sales")
def missing_days(tables: Tables, rng: Rng) -> None:
    """Five days of all sales are not there."""
    first, last = draw_span(tables, rng, 5)
    sales = tables["sales"]
    tables["sales"] = sales[(sales["date"] < first) | (sales["date"] > last)].reset_index(drop=True)


@defect("sales")
def missing_channel_fortnight(tables: Tables, rng: Rng) -> None:
    """Two weeks of one channel are not there."""
    first, last = draw_span(tables, rng, 14)
    sales, channel = tables["sales"], busy_channel(tables, rng)
    gone = (sales["date"] >= first) & (sales["date"] <= last) & (sales["channel"] == channel)
    tables["sales"] = sales[~gone].reset_index(drop=True)


@defect("sales")
def channel_stops(tables: Tables, rng: Rng) -> None:
    """A channel's last five weeks were never exported."""
    sales, channel = tables["sales"], busy_channel(tables, rng)
    gone = (sales["date"] > sales_days(tables)[-36]) & (sales["channel"] == channel)
    tables["sales"] = sales[~gone].reset_index(drop=True)


@defect("sales")
def repeated_day(tables: Tables, rng: Rng) -> None:
    """A day of a channel loaded a second time as the next day."""
    first, last = draw_span(tables, rng, 2)
    sales, channel = tables["sales"], busy_channel(tables, rng)
    mine = sales["channel"] == channel
    copied = sales[mine & (sales["date"] == first)].assign(date=last)
    rest = sales[~(mine & (sales["date"] == last))]
    tables["sales"] = pd.concat([rest, copied.astype(sales.dtypes)]).sort_values(
        ["date", "sku", "channel"], ignore_index=True
    )


@defect("sales")
def week_at_a_tenth(tables: Tables, rng: Rng) -> None:
    """A week of a channel in tens of units and of yuan."""
    _scale_week(tables, rng, 0.1)


@defect("sales")
def week_tenfold(tables: Tables, rng: Rng) -> None:
    """A week of a channel ten times too high, outside of events."""
    channel = busy_channel(tables, rng)
    day = quiet_day(tables, rng, channel)
    _scale_week(tables, rng, 10.0, channel, day)


def _scale_week(
    tables: Tables, rng: Rng, factor: float, channel: str | None = None, first: np.datetime64 | None = None
) -> None:
    sales, channel = tables["sales"], channel or busy_channel(tables, rng)
    first = first if first is not None else draw_span(tables, rng, 7)[0]
    inside = (sales["date"] >= first) & (sales["date"] < first + np.timedelta64(7, "D")) & (sales["channel"] == channel)
    rows = np.flatnonzero(inside)
    for name in (*unit_columns(sales), *money_columns(sales)):
        sales = with_values(sales, rows, name, np.floor(sales[name].to_numpy()[rows] * factor))
    keep = np.ones(len(sales), dtype=bool)
    keep[rows] = sales["units_paid"].to_numpy()[rows] > 0
    tables["sales"] = sales[keep].reset_index(drop=True)


@defect("sales")
def outlier_day(tables: Tables, rng: Rng) -> None:
    """A day of a channel at 15 times, outside of events and live streams."""
    channel = busy_channel(tables, rng)
    sales, day = tables["sales"], quiet_day(tables, rng, channel)
    rows = np.flatnonzero((sales["date"] == day) & (sales["channel"] == channel))
    for name in (*unit_columns(sales), *money_columns(sales)):
        sales = with_values(sales, rows, name, sales[name].to_numpy()[rows] * 15.0)
    tables["sales"] = sales


@defect("sales")
def bulk_row(tables: Tables, rng: Rng) -> None:
    """One company bought some hundred units of one SKU on a day that nothing else explains."""
    channel, sku = busy_channel(tables, rng), busy_sku(tables, rng)
    sales = tables["sales"]
    near = np.flatnonzero((sales["sku"] == sku) & (sales["channel"] == channel))
    days = sales["date"].to_numpy()[near]
    quiet = np.flatnonzero(quiet_days(tables, channel, days) & ~promoted_days(tables, sku, days))
    assert len(quiet), "no quiet day in this history"
    place = rng.choice(quiet)
    around = sales["units_paid"].to_numpy()[near[max(place - 15, 0) : place + 16]]
    factor = 40.0 * max(np.median(around), 2.0) / max(sales["units_paid"].to_numpy()[near[place]], 1)
    for name in (*unit_columns(sales), *money_columns(sales)):
        sales = with_values(sales, near[[place]], name, np.ceil(sales[name].to_numpy()[near[[place]]] * factor))
    tables["sales"] = sales


@defect("sales")
def units_in_hundreds(tables: Tables, rng: Rng) -> None:
    """Units of some rows slipped by two digits, money did not."""
    sales = tables["sales"]
    rows = some_rows(sales, rng, 0.001, 5)
    for name in unit_columns(sales):
        sales = with_values(sales, rows, name, sales[name].to_numpy()[rows] * 100)
    tables["sales"] = sales


@defect("sales")
def yuan_as_fen(tables: Tables, rng: Rng) -> None:
    """Ten days of a channel hold yuan where fen belong."""
    first, last = draw_span(tables, rng, 10)
    sales, channel = tables["sales"], busy_channel(tables, rng)
    rows = np.flatnonzero((sales["date"] >= first) & (sales["date"] <= last) & (sales["channel"] == channel))
    for name in money_columns(sales):
        sales = with_values(sales, rows, name, sales[name].to_numpy()[rows] // 100)
    tables["sales"] = sales


@defect("sales")
def units_without_money(tables: Tables, rng: Rng) -> None:
    """Gifts booked as paid units."""
    sales = tables["sales"]
    rows = some_rows(sales, rng, 0.01, 10, (sales["units_paid"] > 0).to_numpy())
    tables["sales"] = with_values(sales, rows, "amount_paid_fen", 0)


@defect("sales")
def more_cancelled_than_paid(tables: Tables, rng: Rng) -> None:
    """Cancellations booked on the day of the cancellation."""
    sales = tables["sales"]
    rows = some_rows(sales, rng, 0.01, 10)
    tables["sales"] = with_values(sales, rows, "units_cancelled", sales["units_paid"].to_numpy()[rows] + 2)


@defect("sales")
def paid_above_ordered(tables: Tables, rng: Rng) -> None:
    """Payments of pre-sale orders booked on the day of payment."""
    sales = tables["sales"]
    rows = some_rows(sales, rng, 0.01, 10)
    tables["sales"] = with_values(sales, rows, "units_ordered", np.maximum(sales["units_paid"].to_numpy()[rows] - 1, 0))


@defect("sales")
def negative_units(tables: Tables, rng: Rng) -> None:
    """Returns booked as negative sales."""
    sales = tables["sales"]
    rows = some_rows(sales, rng, 0.005, 8)
    tables["sales"] = with_values(sales, rows, "units_paid", -sales["units_paid"].to_numpy()[rows] - 1)


@defect("sales")
def duplicate_rows(tables: Tables, rng: Rng) -> None:
    """Three days were appended twice."""
    first, last = draw_span(tables, rng, 3)
    sales = tables["sales"]
    again = sales[(sales["date"] >= first) & (sales["date"] <= last)]
    tables["sales"] = pd.concat([sales, again]).sort_values(["date", "sku", "channel"], ignore_index=True)


@defect("sales")
def wrong_year(tables: Tables, rng: Rng) -> None:
    """A handful of rows dated a year ahead."""
    sales = tables["sales"]
    rows = some_rows(sales, rng, 0.0005, 5)
    tables["sales"] = with_values(sales, rows, "date", sales["date"].to_numpy()[rows] + np.timedelta64(365, "D"))
