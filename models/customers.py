"""Customers by what they did: groups by recency, frequency and money, and who came back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
GROUPS = (
    "core",
    "promising",
    "to keep",
    "to win back",
    "steady",
    "newcomers",
    "fading",
    "lost",
)
"""Groups by (recent, frequent, spending): yes-yes-yes, yes-no-yes, no-yes-yes, no-no-yes, then the same without
spending."""
_GROUP_OF = {
    (True, True, True): "core",
    (True, False, True): "promising",
    (False, True, True): "to keep",
    (False, False, True): "to win back",
    (True, True, False): "steady",
    (True, False, False): "newcomers",
    (False, True, False): "fading",
    (False, False, False): "lost",
}


def rfm(customer: Ints, day: Ints, money: Floats, today: int) -> pd.DataFrame:
    """One row a customer number that bought: ``customer, recency_days, orders, money, group``, by customer.

    ``customer``, ``day``, ``money`` [orders]. Recent: not longer ago than half of the customers; frequent and spending:
    more than the mean customer. Source: Hughes (1994); the eight groups as the trade names them.

    >>> rfm(np.array([0, 0, 1]), np.array([1, 9, 5]), np.array([10.0, 20.0, 5.0]), 10)["group"].tolist()
    ['core', 'lost']
    """
    table = pd.DataFrame({"customer": customer, "day": day, "money": money})
    found = table.groupby("customer", sort=True).agg(
        last=("day", "max"), orders=("day", "size"), money=("money", "sum")
    )
    found.insert(0, "recency_days", today - found.pop("last"))
    recent = found["recency_days"] <= found["recency_days"].median()
    frequent, spending = (found[name] > found[name].mean() for name in ("orders", "money"))
    found["group"] = [_GROUP_OF[flags] for flags in zip(recent, frequent, spending, strict=True)]
    return found.reset_index()


@dataclass(frozen=True)
class Repurchase:
    """``customers`` who bought in a period and, of them, those who ``repeated`` (on two days or more in the period) and
    those who had bought before it (``returning``). ``old``: customers of the time before."""

    customers: int
    repeated: int
    returning: int
    old: int

    @property
    def rate(self) -> float:
        """Repurchase rate: customers who bought on two days or more / customers who bought, in the same period."""
        return self.repeated / self.customers if self.customers else float("nan")

    @property
    def old_rate(self) -> float:
        """Old customers' repurchase: customers of the time before who bought again / customers of the time before."""
        return self.returning / self.old if self.old else float("nan")


def repurchase(customer: Ints, day: Ints, start: int, end: int) -> Repurchase:
    """Who came back between two days (both included); everything before ``start`` is the time before.

    >>> found = repurchase(np.array([0, 0, 1, 2, 2]), np.array([1, 12, 11, 13, 14]), 10, 20)
    >>> found, round(found.rate, 3), found.old_rate
    (Repurchase(customers=3, repeated=1, returning=1, old=1), 0.333, 1.0)
    """
    size = int(customer.max(initial=-1)) + 1
    inside, earlier = (day >= start) & (day <= end), day < start
    visits = np.unique(np.stack([customer[inside], day[inside]]), axis=1)[0] if inside.any() else customer[:0]
    count = np.bincount(visits, minlength=size)
    known = np.bincount(customer[earlier], minlength=size) > 0
    came = count > 0
    return Repurchase(int(came.sum()), int((count > 1).sum()), int((came & known).sum()), int(known.sum()))
