"""Customers of the year: how many, who is new, who came back, and in which groups they stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.targets.review.year import Year
from models.customers import GROUPS, Repurchase, repurchase, rfm

LOST = ("cancelled", "ordered")
"""States of orders that no customer paid for in the end."""
COVERED = 0.95
NO_GROUPS = pd.DataFrame({"group": [], "customers": [], "share": [], "orders": [], "money_fen": [], "recency_days": []})


@dataclass(frozen=True)
class Customers:
    """``groups``: frame ``group, customers, share, orders, money_fen, recency_days``. ``orders``: paid orders of the
    days known. ``whole``: the order lines cover the year under review; ``first``: from when on they are known."""

    groups: pd.DataFrame
    orders: int
    came: Repurchase
    whole: bool
    first: pd.Timestamp
    money_fen: int


def customers_of(dataset: Dataset, year: Year) -> tuple[Customers | None, list[str]]:
    """Customers from order lines; None where there are none, and what cannot be told."""
    table = dataset.get("orders")
    if table is None or table.empty:
        return None, ["no orders: orders, customers and repurchase cannot be told; order value is a day's buyers'"]
    rows = table[(table["ordered_at"] <= year.end) & ~table["state"].astype(str).isin(LOST)]
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
    orders = mine["order_id"].nunique() if len(mine) else 0
    if "customer_id" not in rows or rows["customer_id"].isna().all():
        notes.append("no customer_id in orders: new and returning customers cannot be told")
        return Customers(NO_GROUPS, orders, Repurchase(0, 0, 0, 0), whole, first, int(_paid(mine).sum())), notes
    return _with_customers(rows[rows["customer_id"].notna()], mine, (orders, whole, first), year), notes


def _with_customers(
    rows: pd.DataFrame, mine: pd.DataFrame, told: tuple[int, bool, pd.Timestamp], year: Year
) -> Customers:
    code = pd.factorize(rows["customer_id"].astype("category").cat.codes, sort=True)[0].astype(np.int64)
    day = rows["ordered_at"].to_numpy().astype("datetime64[D]").astype(np.int64)
    start, end = (int(np.datetime64(date, "D").astype(np.int64)) for date in year.span())
    orders, whole, first = told
    known = day >= int(np.datetime64(year.before_start, "D").astype(np.int64))
    came = repurchase(code[known], day[known], start, end)
    order = rows["order_id"].astype("category").cat.codes.to_numpy()
    inside = day >= start
    baskets = pd.DataFrame({"order": order, "customer": code, "day": day, "money": _paid(rows)})[inside]
    baskets = baskets.groupby("order", as_index=False).agg({"customer": "first", "day": "first", "money": "sum"})
    groups = _groups(baskets, end) if len(baskets) else NO_GROUPS
    return Customers(groups, orders, came, whole, first, int(_paid(mine).sum()))


def _groups(baskets: pd.DataFrame, today: int) -> pd.DataFrame:
    customer, day, money = (baskets[name].to_numpy() for name in ("customer", "day", "money"))
    table = rfm(customer, day, money, today)
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
