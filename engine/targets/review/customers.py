"""Customers of the year: how many, who is new, who came back, and in which groups they stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.targets.review.year import DAY, QUIET_START, Year
from models.customers import GROUPS, Repurchase, repurchase, rfm

LOST = ("cancelled", "ordered")
"""States of orders that no customer paid for in the end."""
COVERED = 0.95
NO_GROUPS = pd.DataFrame({"group": [], "customers": [], "share": [], "orders": [], "money_fen": [], "recency_days": []})


@dataclass(frozen=True)
class Bought:
    """What one year's order lines tell: paid ``orders`` and their money, who came (nobody where customers have no
    numbers), and the money of customers who had bought in the year before it (``old_fen``) and of the others
    (``new_fen``); NaN where the year before it is not known."""

    orders: int
    money_fen: int
    came: Repurchase
    new_fen: float
    old_fen: float


@dataclass(frozen=True)
class Customers:
    """``groups``: frame ``group, customers, share, orders, money_fen, recency_days`` of the year under review. ``now``
    and ``before``: both years, the one before None where order lines do not cover it. ``whole``: they cover the year
    under review."""

    groups: pd.DataFrame
    now: Bought
    before: Bought | None
    whole: bool


def customers_of(dataset: Dataset, year: Year) -> tuple[Customers | None, list[str]]:
    """Customers from order lines; None where there are none, and what cannot be told."""
    table = dataset.get("orders")
    if table is None or table.empty:
        return None, ["no orders: orders, customers and repurchase cannot be told; order value is a day's buyers'"]
    rows = table[(table["ordered_at"] < year.end + DAY) & ~table["state"].astype(str).isin(LOST)]
    notes: list[str] = []
    if "suspicious" in rows:
        odd = rows["suspicious"].fillna(False).astype(bool)
        if odd.any():
            notes.append(f"{int(odd.sum()):,} suspicious order lines are left out of orders and customers")
        rows = rows[~odd]
    first = pd.Timestamp(rows["ordered_at"].min()) if len(rows) else year.end
    known = max(first, year.start)
    mine = rows[rows["ordered_at"] >= year.start]
    days = int((year.end - known).days) + 1
    whole = days >= COVERED * year.days and len(mine) > 0
    if not whole:
        notes.append(
            f"orders are known from {known:%Y-%m-%d} on, {days} of {year.days} days: customers are of those days"
        )
    if "customer_id" not in rows or rows["customer_id"].isna().all():
        notes.append("no customer_id in orders: new and returning customers cannot be told")
        rows = rows.assign(customer_id=np.nan)
    elif first > year.before_start + QUIET_START * DAY:
        notes.append(
            f"orders are known from {first:%Y-%m-%d} on: who had bought before that day counts as a new customer"
        )
    code = rows["customer_id"].astype("category").cat.codes.to_numpy().astype(np.int64)
    rows = rows.assign(customer=code, money=_paid(rows))
    earlier = None
    if first <= year.before_start + QUIET_START * DAY:
        start, end = year.span(before=True)
        earlier = _bought(rows, (start, end), start - (end - start), first)
    now = _bought(rows, year.span(), year.before_start, first)
    return Customers(_groups(rows, year), now, earlier, whole), notes


def _bought(
    rows: pd.DataFrame, span: tuple[pd.Timestamp, pd.Timestamp], since: pd.Timestamp, first: pd.Timestamp
) -> Bought:
    """One year; who bought from ``since`` on and before it is an old customer. ``first``: first day known."""
    start, end = span
    day = rows["ordered_at"].dt.floor("D")
    inside = rows[(day >= start) & (day <= end)]
    orders, money = int(inside["order_id"].nunique()), int(inside["money"].sum())
    named = rows[(rows["customer"] >= 0) & (day >= since) & (day <= end)]
    number = named["ordered_at"].to_numpy().astype("datetime64[D]").astype(np.int64)
    limits = (int(np.datetime64(date, "D").astype(np.int64)) for date in span)
    came = repurchase(named["customer"].to_numpy(), number, *limits)
    if not came.customers or first > start - DAY:
        return Bought(orders, money, came, float("nan"), float("nan"))
    old = set(named.loc[named["ordered_at"] < start, "customer"])
    returning = inside["customer"].isin(old)
    sums = [float(inside.loc[mask & (inside["customer"] >= 0), "money"].sum()) for mask in (~returning, returning)]
    return Bought(orders, money, came, *sums)


def _groups(rows: pd.DataFrame, year: Year) -> pd.DataFrame:
    """RFM groups of the year's customers; none where they have no numbers."""
    mine = rows[(rows["customer"] >= 0) & (rows["ordered_at"] >= year.start)]
    if mine.empty:
        return NO_GROUPS
    day = mine["ordered_at"].to_numpy().astype("datetime64[D]").astype(np.int64)
    orders = mine.assign(day=day).groupby("order_id", as_index=False, observed=True)
    baskets = orders.agg({"customer": "first", "day": "first", "money": "sum"})
    customer, day, money = (baskets[name].to_numpy() for name in ("customer", "day", "money"))
    table = rfm(customer, day, money, int(np.datetime64(year.end, "D").astype(np.int64)))
    found = table.groupby("group").agg(
        customers=("customer", "size"),
        orders=("orders", "sum"),
        money_fen=("money", "sum"),
        days=("recency_days", "mean"),
    )
    found = found.reindex([name for name in GROUPS if name in found.index]).rename(columns={"days": "recency_days"})
    found.insert(1, "share", found["customers"] / found["customers"].sum())
    found["money_fen"] = np.rint(found["money_fen"]).astype("int64")
    return found.rename_axis("group").reset_index()


def _paid(rows: pd.DataFrame) -> np.ndarray:
    if "amount_paid_fen" not in rows:
        return np.zeros(len(rows))
    return rows["amount_paid_fen"].fillna(0).to_numpy(dtype=float)
