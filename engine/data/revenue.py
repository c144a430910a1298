"""Net sales in units and money by group and period: what targets and the long horizon are measured in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from models.panel import Dates

Counts = NDArray[np.int64]


YEAR = np.timedelta64(365, "D")


@dataclass(frozen=True)
class NetSales:
    """Sales after cancellations before shipment.

    ``groups``: frame of the key columns, sorted, plain index. ``dates``: days or first days of months without a gap.
    ``units`` float64 [groups, dates]. ``amount_fen`` int64 [groups, dates], tax included; None where the merchant
    has given neither amounts nor prices.
    """

    groups: pd.DataFrame
    dates: Dates
    units: NDArray[np.float64]
    amount_fen: Counts | None

    @property
    def last_year(self) -> NDArray[np.bool_]:
        """Dates within 365 days of the last one, bool [dates]."""
        if not len(self.dates):
            return np.zeros(0, dtype=np.bool_)
        return np.asarray(self.dates > self.dates.max() - YEAR)


def net_sales(dataset: Dataset, by: Sequence[str], period: Literal["D", "M"] = "D") -> NetSales:
    """Paid minus cancelled, summed by ``by`` (of sku, channel, category).

    Money is ``amount_paid - amount_cancelled`` where sales hold amounts, else units x the price in force.
    """
    sales = dataset["sales"]
    codes, groups = _groups(dataset, sales, list(by))
    days = sales["date"].to_numpy().astype(f"datetime64[{period}]")
    if not len(sales):
        empty = np.zeros((0, 0))
        return NetSales(groups, np.array([], dtype="datetime64[D]"), empty, empty.astype(np.int64))
    first = days.min()
    dates = np.arange(first, days.max() + 1)
    cell = codes * len(dates) + (days - first).astype(np.int64)
    units = _column(sales, "units_paid") - _column(sales, "units_cancelled")
    amount = _amount(dataset, sales, units)
    shape = (len(groups), len(dates))

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(cell, values, shape[0] * shape[1]), dtype=np.float64).reshape(shape)

    return NetSales(
        groups,
        cast(Dates, dates.astype("datetime64[D]")),
        np.maximum(total(units), 0.0),
        None if amount is None else np.maximum(np.rint(total(amount)), 0).astype(np.int64),
    )


def _groups(dataset: Dataset, sales: pd.DataFrame, by: list[str]) -> tuple[Counts, pd.DataFrame]:
    """Row of ``groups`` for each row of sales."""
    code = np.zeros(len(sales), dtype=np.int64)
    names: list[pd.Index] = []
    for column in by:
        if column == "category":
            sku = sales["sku"].astype("category").cat
            master = dataset["skus"].drop_duplicates("sku")
            of = pd.Series(master["category"].astype(str).to_numpy(), index=master["sku"].astype(str))
            name = of.reindex(sku.categories.astype(str)).fillna("").to_numpy()
            own, unique = pd.factorize(pd.Series(name), sort=True)
            part = own[sku.codes.to_numpy()]
        else:
            text = sales[column].astype("category").cat
            own, unique = pd.factorize(pd.Series(text.categories.astype(str)), sort=True)
            part = own[text.codes.to_numpy()]
        names.append(pd.Index(unique))
        code = code * max(len(unique), 1) + part
    row, found = pd.factorize(code, sort=True)
    found = np.asarray(found, dtype=np.int64)
    columns = {}
    for column, index in zip(reversed(by), reversed(names), strict=True):
        columns[column] = index.to_numpy()[found % max(len(index), 1)] if len(found) else np.array([], dtype=object)
        found = found // max(len(index), 1)
    return row.astype(np.int64), pd.DataFrame(columns)[by].astype(str)


def net_fen(sales: pd.DataFrame) -> NDArray[np.float64]:
    """Fen of each row of sales, paid minus cancelled; the cancelled part in proportion to units where no money is given
    for it. Sales must hold ``amount_paid_fen``."""
    paid = _column(sales, "amount_paid_fen")
    if "amount_cancelled_fen" in sales or "units_cancelled" not in sales:
        return paid - _column(sales, "amount_cancelled_fen")
    units = _column(sales, "units_paid")
    part = np.minimum(_column(sales, "units_cancelled"), units) * paid
    return np.asarray(paid - np.floor_divide(part, units, out=np.zeros_like(paid), where=units > 0))


def _column(sales: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Blanks, and a column that is not there, are 0."""
    return sales[name].fillna(0).to_numpy(dtype=np.float64) if name in sales else np.zeros(len(sales))


def _amount(dataset: Dataset, sales: pd.DataFrame, units: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Fen a row of sales, None where nothing tells."""
    if "amount_paid_fen" in sales and float(sales["amount_paid_fen"].fillna(0).sum()) > 0:
        return net_fen(sales)
    prices = dataset.get("prices")
    if prices is None or prices.empty:
        return None
    price = price_on(prices, sales)
    return None if np.isnan(price).all() else units * np.nan_to_num(price)


def price_on(prices: pd.DataFrame, rows: pd.DataFrame, column: str = "paid_price_fen") -> NDArray[np.float64]:
    """Paid price in fen (or another column of ``prices``) in force on ``date`` for the ``sku`` and ``channel`` of each
    row; NaN where none stands yet."""
    skus = pd.Index(prices["sku"].astype("category").cat.categories.astype(str))
    channels = pd.Index(prices["channel"].astype("category").cat.categories.astype(str))
    start, _ = _key(prices, skus, channels)
    order = np.argsort(start, kind="stable")
    start, value = start[order], prices[column].to_numpy(dtype=np.float64)[order]
    asked, paired = _key(rows, skus, channels)
    at = np.searchsorted(start, asked, side="right") - 1
    safe = np.maximum(at, 0)
    same = (at >= 0) & paired & (start[safe] >> 20 == asked >> 20) if len(start) else np.zeros(len(rows), dtype=bool)
    return np.where(same, value[safe], np.nan) if len(start) else np.full(len(rows), np.nan)


def _key(frame: pd.DataFrame, skus: pd.Index, channels: pd.Index) -> tuple[Counts, NDArray[np.bool_]]:
    """SKU, channel and day in one sortable number; False where the pair has no price at all."""
    sku, channel = frame["sku"].astype("category").cat, frame["channel"].astype("category").cat
    row = skus.get_indexer(sku.categories.astype(str))[sku.codes.to_numpy()]
    column = channels.get_indexer(channel.categories.astype(str))[channel.codes.to_numpy()]
    day = frame["date"].to_numpy().astype("datetime64[D]").astype(np.int64) + 2**18
    pair = np.maximum(row, 0) * len(channels) + np.maximum(column, 0)
    return (pair.astype(np.int64) << 20) + day, (row >= 0) & (column >= 0)
