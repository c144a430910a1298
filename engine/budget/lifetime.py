"""What new customers buy after their first order, from the orders of those who came before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.purchases import purchases

Floats = NDArray[np.float64]
MOST_DAYS = 365
LEAST_WATCHED = 30
"""Customers who must have been watched to an age for what is bought at it to count."""
CUSTOMERS_OF_DOUBT = 30.0
"""Customers as all are, for whom a sales channel's own count."""


@dataclass(frozen=True)
class Later:
    """``yuan`` float64 [channels]: what a customer whose first order was there pays for later orders within ``days`` of
    it, wherever he buys; 0 days where orders tell nothing."""

    yuan: Floats
    days: int


def later_orders(dataset: Dataset, channels: tuple[str, ...]) -> Later:
    """Mean cumulative purchases by age (Nelson 1995), so that customers who came late count for the days that they have
    been watched. Customers of the first third of the orders are left out: their first order may be an older one. Not
    carried on beyond the age to which ``LEAST_WATCHED`` customers were watched, nor beyond a year.
    """
    nothing, lines = Later(np.zeros(len(channels)), 0), purchases(dataset)
    if lines.empty:
        return nothing
    lines["day"] = lines["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    begin, end = int(lines["day"].min()), int(lines["day"].max())
    first = lines.sort_values("day", kind="stable").drop_duplicates("customer").set_index("customer")
    first = first[first["day"] > begin + (end - begin) / 3]
    watched = np.minimum(end - first["day"].to_numpy(), MOST_DAYS)
    if len(first) < LEAST_WATCHED:
        return nothing
    days = int(np.sort(watched)[-LEAST_WATCHED])
    later = lines[lines["customer"].isin(first.index)].copy()
    later["age"] = later["day"] - later["customer"].map(first["day"])
    later = later[(later["age"] > 0) & (later["age"] <= days)]
    at_risk = len(watched) - np.searchsorted(np.sort(watched), np.arange(days + 1))
    bought = np.bincount(later["age"].to_numpy(np.int64), later["yuan"].to_numpy(), days + 1)
    curve = np.cumsum(bought / at_risk)
    whole = float(curve[-1])
    expected = pd.Series(curve[np.minimum(watched, days)]).groupby(first["channel"].to_numpy()).sum()
    actual = later.groupby(later["customer"].map(first["channel"]))["yuan"].sum()
    ours, usual = (part.reindex(list(channels)).fillna(0.0).to_numpy(dtype=np.float64) for part in (actual, expected))
    doubt = CUSTOMERS_OF_DOUBT * whole
    factor = np.divide(ours + doubt, usual + doubt, out=np.ones(len(channels)), where=usual + doubt > 0)
    return Later(np.asarray(factor * whole), days)
