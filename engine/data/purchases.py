"""Purchases whose customer is told: the one place that says what counts as one, and which is a customer's first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.data.panels import UNSOLD


def purchases(dataset: Dataset, before: np.datetime64 | None = None) -> pd.DataFrame:
    """Paid order lines up to ``before``, a row each: ``date``, ``customer`` (a number), ``channel``, ``yuan`` and
    ``first``: whether it is of the customer's first order ever seen.

    Orders not paid, cancelled or marked as suspicious (刷单) count for nothing; no rows where the orders tell no
    customers or no amounts.
    """
    orders = dataset.get("orders")
    if orders is None or "customer_id" not in orders or "amount_paid_fen" not in orders:
        return pd.DataFrame(columns=["date", "customer", "channel", "yuan", "first"])
    kept = orders["customer_id"].notna() & ~orders["state"].isin(UNSOLD)
    if before is not None:
        kept &= orders["ordered_at"] < pd.Timestamp(before)
    if "suspicious" in orders:
        kept &= ~orders["suspicious"].fillna(False).astype(bool)
    rows = orders[kept.to_numpy()]
    yuan = rows["amount_paid_fen"].fillna(0).to_numpy(dtype=np.float64) / 100.0
    lines = pd.DataFrame({"date": rows["ordered_at"], "channel": text_of(rows["channel"]), "yuan": yuan})
    lines["customer"] = pd.factorize(rows["customer_id"])[0]
    return lines.assign(first=lines["date"] == lines.groupby("customer")["date"].transform("min"))
