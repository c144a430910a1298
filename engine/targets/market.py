"""Size of the market by category, for share goals."""

from __future__ import annotations

import numpy as np

from engine.data.dataset import Dataset
from engine.data.network import text_of

MONTHS = 12


def known_market(dataset: Dataset) -> dict[str, float]:
    """Yuan of the last 12 known months of each category that has as many."""
    table = dataset.get("market_size")
    if table is None or table.empty:
        return {}
    month = table["date"].to_numpy().astype("datetime64[M]").astype(np.int64)
    rows = table.assign(category=text_of(table["category"]), month=month)
    # each category from its own latest month on, unless it is a year behind
    rows = rows[rows["month"] > rows.groupby("category")["month"].transform("max") - MONTHS]
    rows = rows[rows["month"] > month.max() - 2 * MONTHS]
    sums = rows.groupby("category").agg(yuan=("amount_fen", "sum"), months=("month", "nunique"))
    return {str(name): float(row.yuan) / 100.0 for name, row in sums.iterrows() if row.months == MONTHS}
