"""Sums of the sales rows: one pass of SQL for each table of sums, so that ten million rows are no burden."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.in_memory import in_memory
from engine.data.network import text_of
from engine.data.revenue import price_on
from engine.targets.review.year import Year

MEMORY = "2GB"
UNITS = ("ordered", "paid", "cancelled", "shipped", "returned", "refund_only")
AMOUNTS = ("ordered", "paid", "cancelled", "returned", "refund_only")
SUMS = (
    "units",
    "units_returned",
    "units_refund_only",
    *(f"{name}_fen" for name in (*AMOUNTS, "net", "shipped", "under_way", "not_settled")),
)
"""``units``: paid minus cancelled. ``net_fen``: their money; ``shipped_fen``: the shipped part of it;
``under_way_fen``: of that, not yet received; ``not_settled_fen``: of what is kept, not yet paid out by the platform."""
TEXTS = ("sku", "channel", "region", "category")


@dataclass(frozen=True)
class Sales:
    """The sales rows behind SQL. ``known``: which columns the merchant gave; ``priced``: money is known."""

    connection: duckdb.DuckDBPyConnection
    year: Year
    known: frozenset[str]
    priced: bool

    def by_month(self) -> pd.DataFrame:
        """``before`` (bool), ``month`` (of the year under review), ``sku, channel`` and SUMS, of both years."""
        return self._sums("before, month, sku, channel", "rows")

    def by_region(self) -> pd.DataFrame:
        """``before, region, sku, channel`` and SUMS; region "" where the rows have none."""
        return self._sums("before, region, sku, channel", "rows")

    def by_day(self) -> pd.DataFrame:
        """``date, channel`` and SUMS of every day known."""
        return self._sums("date, channel", "every_row")

    def by_category(self, category: pd.Series) -> pd.DataFrame:
        """``date, channel, category`` and SUMS of every day known; ``category``: of each SKU (index)."""
        names = pd.DataFrame({"sku": category.index.astype(str), "category": category.to_numpy(dtype=str)})
        self.connection.register("categories", names)
        source = "every_row AS r LEFT JOIN categories AS c ON r.sku = c.sku"
        return self._sums("date, channel, coalesce(c.category, 'nan') AS category", source)

    def on(self, calendar: pd.DataFrame) -> pd.DataFrame:
        """SUMS by ``label, sku, channel`` over the days of a calendar: frame ``date, channel, label`` (int). A day may
        stand under several labels."""
        days = calendar.assign(date=calendar["date"].astype("datetime64[s]"), channel=calendar["channel"].astype(str))
        self.connection.register("calendar", days)
        source = "every_row AS r JOIN calendar AS c ON r.date = CAST(c.date AS DATE) AND r.channel = c.channel"
        return self._sums("label, r.sku AS sku, r.channel AS channel", source)

    def _sums(self, keys: str, source: str) -> pd.DataFrame:
        sums = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in SUMS)
        found = self.connection.execute(f"SELECT {keys}, {sums} FROM {source} GROUP BY ALL ORDER BY ALL").df()
        for name in ("date", "month"):
            if name in found:
                found[name] = found[name].astype("datetime64[s]")
        return found.astype({name: "category" for name in TEXTS if name in found} | dict.fromkeys(SUMS, np.int64))


@contextmanager
def open_sales(dataset: Dataset, year: Year, delivery_days: int, threads: int) -> Iterator[Sales]:
    """All sales. Money that is not given is units x the price in force."""
    sales, priced = _with_money(dataset, dataset["sales"])
    known = frozenset(sales.columns)
    settles = _settlement(dataset, year, delivery_days)
    with in_memory(threads=threads, memory_limit=MEMORY) as connection:
        connection.register("sales", sales)
        connection.register("settles", settles)
        connection.execute(f"CREATE VIEW every_row AS {_rows(sales, year, delivery_days)}")
        connection.execute(
            f"""CREATE VIEW rows AS SELECT *, date < {_day(year.start)} AS before, CAST(date_trunc('month', CASE WHEN
            date < {_day(year.start)} THEN date + INTERVAL {_ahead(year)} ELSE date END) AS DATE) AS month
            FROM every_row WHERE date BETWEEN {_day(year.start)} AND {_day(year.end)}
            OR date BETWEEN {_day(year.before_start)} AND {_day(year.before_end)}"""
        )
        yield Sales(connection, year, known, priced)


def _with_money(dataset: Dataset, sales: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """The sales with ``amount_paid_fen``, and whether money is known at all."""
    if "amount_paid_fen" in sales and float(sales["amount_paid_fen"].fillna(0).sum()) > 0:
        return sales, True
    prices = dataset.get("prices")
    if prices is None or prices.empty:
        return sales, False
    price = np.nan_to_num(price_on(prices, sales))
    amounts = {
        f"amount_{state}_fen": np.rint(price * sales[f"units_{state}"].fillna(0).to_numpy(dtype=float))
        for state in AMOUNTS
        if f"units_{state}" in sales
    }
    return sales.assign(**amounts), bool(price.any())


def _settlement(dataset: Dataset, year: Year, delivery_days: int) -> pd.DataFrame:
    """Last order day of each channel whose money has been paid out: frame ``channel, day``."""
    channels = dataset["channels"]
    wait = channels["settlement_days"].fillna(0) if "settlement_days" in channels else pd.Series(0, channels.index)
    days = pd.to_timedelta(wait.astype(int) + delivery_days, unit="D")
    return pd.DataFrame({"channel": text_of(channels["channel"]), "day": year.last - days})


def _rows(sales: pd.DataFrame, year: Year, delivery_days: int) -> str:
    """One row a row of sales, every state in units and fen; a missing state is 0, money that is not given for it in
    proportion to units (of what is ordered it cannot be told)."""
    units = {name: _number(sales, f"units_{name}") for name in UNITS}
    part = "CASE WHEN units > 0 THEN least({0}, units) * net_fen // units ELSE 0 END"
    money = {name: _number(sales, f"amount_{name}_fen") for name in AMOUNTS}
    if not money["cancelled"] and units["cancelled"] and money["paid"]:
        paid, gone = units["paid"], units["cancelled"]
        money["cancelled"] = f"CASE WHEN {paid} > 0 THEN least({gone}, {paid}) * {money['paid']} // {paid} ELSE 0 END"
    amounts = {
        name: money[name] or (part.format(f"units_{name}") if units[name] else "0")
        for name in ("returned", "refund_only")
    }
    shipped = part.format("units_shipped") if units["shipped"] else "net_fen"
    received = _day(year.last - pd.Timedelta(days=delivery_days))
    region = "coalesce(CAST(region AS VARCHAR), '')" if "region" in sales else "''"
    return f"""
    SELECT *, CASE WHEN date > coalesce(day, {received}) THEN greatest(kept_fen, 0) ELSE 0 END AS not_settled_fen
    FROM (SELECT *, shipped_fen - under_way_fen - returned_fen - refund_only_fen AS kept_fen FROM (
    SELECT *, CASE WHEN date > {received} THEN greatest(shipped_fen - returned_fen - refund_only_fen, 0) ELSE 0 END
    AS under_way_fen FROM (
    SELECT *, {shipped} AS shipped_fen, {amounts["returned"]} AS returned_fen,
    {amounts["refund_only"]} AS refund_only_fen
    FROM (SELECT *, units_paid - units_cancelled AS units, paid_fen - cancelled_fen AS net_fen FROM (
    SELECT CAST(date AS DATE) AS date, CAST(sku AS VARCHAR) AS sku, CAST(channel AS VARCHAR) AS channel,
    {region} AS region, {", ".join(f"{code or 0} AS units_{name}" for name, code in units.items())},
    {", ".join(f"{money[name] or 0} AS {name}_fen" for name in ("ordered", "paid", "cancelled"))}
    {"".join(f", {money[name]} AS amount_{name}_fen" for name in ("returned", "refund_only") if money[name])}
    FROM sales))))) LEFT JOIN settles USING (channel)"""


def _number(sales: pd.DataFrame, name: str) -> str:
    """SQL of a column as a whole number with blanks as 0; "" where it is missing."""
    if name not in sales:
        return ""
    if pd.api.types.is_integer_dtype(sales[name].dtype):
        return f"CAST(coalesce({name}, 0) AS BIGINT)"
    return f"CASE WHEN {name} IS NULL OR isnan({name}) THEN 0 ELSE CAST(round({name}) AS BIGINT) END"


def _day(day: pd.Timestamp) -> str:
    return f"DATE '{day:%Y-%m-%d}'"


def _ahead(year: Year) -> str:
    return "364 DAY" if year.weekly else "1 YEAR"
