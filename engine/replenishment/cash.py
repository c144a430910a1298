"""Money for purchases: what is there, what comes in from sales, what is promised already."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.plans.forecast import Demand
from engine.replenishment.settings import ReplenishSettings
from models.panel import Dates

Floats = NDArray[np.float64]


def cash_limit(
    dataset: Dataset,
    demand: Demand,
    net_receipts: Floats,
    orders: pd.DataFrame,
    payments: pd.DataFrame,
    settings: ReplenishSettings,
) -> Floats:
    """Money for new purchases up to and including each week, cumulative, fen [weeks]; inf without a cash table.

    Opening balance + planned flows + settled income of expected sales (``net_receipts``: yuan a unit of demand
    [series, weeks]) - fixed costs of channels - instalments of placed ``orders``. Without VAT on both sides: the tax
    on purchases is set off against the tax on sales.
    """
    weeks = demand.weeks
    cash = dataset.get("cash")
    if not settings.use_cash or cash is None or cash.empty:
        return np.full(len(weeks), np.inf)
    total = _balance(cash, weeks) - np.cumsum(_promised(orders, payments, weeks))
    if settings.income_share > 0:
        total = total + settings.income_share * np.cumsum(_income(dataset, demand, net_receipts))
    return total


def _balance(cash: pd.DataFrame, weeks: Dates) -> Floats:
    """The last opening balance known at the start and all flows from its day on, cumulative by week."""
    kind, day = text_of(cash["kind"]), cash["date"].to_numpy(dtype="datetime64[D]")
    amount = cash["amount_fen"].to_numpy(dtype=float)
    first = weeks[0].astype("datetime64[D]")
    openings = (kind == "opening").to_numpy()
    past = openings & (day <= first)
    chosen = day[past].max() if past.any() else (day[openings].min() if openings.any() else first)
    opening = amount[openings & (day == chosen)].sum()
    flows = ~openings & (day >= min(chosen, first))
    week = np.clip((day[flows] - first).astype(np.int64) // 7, 0, len(weeks))
    return np.asarray(opening + np.cumsum(np.bincount(week, amount[flows], len(weeks) + 1)[: len(weeks)]), dtype=float)


def _promised(orders: pd.DataFrame, payments: pd.DataFrame, weeks: Dates) -> Floats:
    """Instalments of placed orders that fall due in each week, fen."""
    out = np.zeros(len(weeks))
    if orders.empty:
        return out
    first = np.datetime64(weeks[0], "D")
    known = orders[np.isfinite(orders["value_fen"].to_numpy(dtype=float))]
    rows = known.merge(payments, on="supplier", how="left")
    rows["weeks"] = rows["weeks"].fillna(0.0)
    rows["share"] = rows["share"].fillna(1.0)
    came = rows["received_at"].fillna(rows["expected_at"]).to_numpy(dtype="datetime64[D]")
    late = rows["received_at"].isna().to_numpy() & (came < first)
    came = np.where(late, first, came)
    by_arrival = (rows["milestone"] == "arrival").to_numpy()
    anchor = np.where(by_arrival, came, rows["ordered_at"].to_numpy(dtype="datetime64[D]"))
    due = ((anchor - first).astype(np.int64) + 7 * rows["weeks"].to_numpy(dtype=np.int64)) // 7
    kept = (due >= 0) & (due < len(weeks))
    amount = rows["value_fen"].to_numpy(dtype=float) * rows["share"].to_numpy(dtype=float)
    np.add.at(out, due[kept], amount[kept])
    return out


def _income(dataset: Dataset, demand: Demand, net_receipts: Floats) -> Floats:
    """Net income by week of settlement less fixed costs, fen [weeks]; recent sales settle in the first weeks."""
    table = dataset["channels"]
    names = text_of(table["channel"])
    delay = (
        table["settlement_days"].to_numpy(dtype=float, na_value=7.0)
        if "settlement_days" in table
        else np.full(len(table), 7.0)
    )
    fixed = (
        table["fixed_cost_fen_month"].to_numpy(dtype=float, na_value=0.0)
        if "fixed_cost_fen_month" in table
        else np.zeros(len(table))
    )
    weeks = demand.weeks
    out = np.full(len(weeks), -fixed.sum() * 12.0 / 52.0)
    earned = np.nan_to_num(net_receipts) * demand.weekly_mean * 100.0
    paid = demand.weekly_revenue_yuan.sum(axis=1, dtype=np.float64) * 100.0
    channel = text_of(demand.series["channel"]).to_numpy()
    for name, days in zip(names, delay, strict=True):
        members = channel == name
        if not members.any():
            continue
        shift = min(round(days / 7.0), len(weeks))
        weekly = earned[members].sum(axis=0, dtype=np.float64)
        out[shift:] += weekly[: len(weeks) - shift]
        gross = paid[members].sum()
        share = weekly.sum() / gross if gross > 0 else 0.0
        out[:shift] += share * _recent(dataset, name, weeks[0], shift)
    return out


def _recent(dataset: Dataset, channel: str, start: np.datetime64, weeks: int) -> Floats:
    """Money paid in the channel in the ``weeks`` weeks before the start, oldest first, fen."""
    sales = dataset["sales"]
    if weeks == 0 or "amount_paid_fen" not in sales:
        return np.zeros(weeks)
    first = pd.Timestamp(start) - pd.Timedelta(days=7 * weeks)
    rows = sales[(sales["date"] >= first) & (sales["channel"] == channel)]
    week = (rows["date"].to_numpy(dtype="datetime64[D]") - first.to_datetime64().astype("datetime64[D]")).astype(
        int
    ) // 7
    amount = rows["amount_paid_fen"].to_numpy(dtype=float)
    return np.asarray(np.bincount(np.clip(week, 0, weeks - 1), amount, weeks), dtype=float)
