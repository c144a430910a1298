"""The coupling rows of a case, and their names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.plans.errors import Infeasible, Relaxation
from engine.plans.orders import SupplyCase
from models.inventory.coupling import Coupling, Use

Floats = NDArray[np.float64]
FEN = 100.0


def coupling_of(case: SupplyCase) -> Coupling:
    """Limits in yuan and units, what placed orders take already taken off.

    :class:`Infeasible` where the cash runs out without any new order.
    """
    cash = case.cash_limit_fen / FEN
    if (cash < 0).any():
        week = int(np.argmin(cash))
        raise Infeasible(
            [
                Relaxation(
                    f"cash at the end of the week from {np.datetime64(case.weeks[week], 'D')}, before any new order",
                    float(-cash[week]),
                    "yuan",
                    "Add money to the cash table, or put off flows and instalments of placed orders.",
                )
            ]
        )
    items = case.items
    warehouse = np.asarray([case.warehouses.index(name) for name in items["warehouse"]], dtype=np.int64)
    scheduled = np.zeros_like(case.inbound_limit)
    np.add.at(scheduled, warehouse, case.scheduled)
    paid, profile = _paid(case)
    return Coupling(cash, np.maximum(case.inbound_limit - scheduled, 0.0), paid, profile, warehouse)


def _paid(case: SupplyCase) -> tuple[Floats, NDArray[np.int64]]:
    """Share of an order's cost paid by the end of each week [profiles, weeks of arrival, weeks], and the profile of
    each item: one for each supplier and lead time."""
    weeks = len(case.weeks)
    keys = case.items[["supplier", "lead_time_weeks"]].astype({"supplier": str})
    distinct = keys.drop_duplicates().sort_values(["supplier", "lead_time_weeks"], ignore_index=True)
    profile = keys.merge(distinct.assign(profile=np.arange(len(distinct))), how="left")["profile"].to_numpy(
        dtype=np.int64
    )
    paid = np.zeros((len(distinct), weeks, weeks + 1))
    arrival = np.arange(weeks)
    terms = dict(iter(case.payments.groupby(case.payments["supplier"].astype(str), sort=True)))
    for row, (supplier, lead) in enumerate(zip(distinct["supplier"], distinct["lead_time_weeks"], strict=True)):
        for milestone, delay, share in terms[supplier][["milestone", "weeks", "share"]].itertuples(index=False):
            due = arrival + int(delay) - (int(lead) if milestone == "order" else 0)
            paid[row, arrival, np.clip(due, 0, weeks)] += share
    return np.ascontiguousarray(np.cumsum(paid[:, :, :weeks], axis=2)), profile


def violation(coupling: Coupling, use: Use) -> float:
    """Largest use above a limit, as a share of the limit (of 1 where the limit is smaller)."""
    worst = 0.0
    for limit, used in zip((coupling.cash, coupling.room), use, strict=True):
        finite = np.isfinite(limit)
        if finite.any():
            worst = max(worst, float(((used - limit)[finite] / np.maximum(limit[finite], 1.0)).max()))
    return worst


@dataclass(frozen=True)
class RowNames:
    """Words for a row."""

    case: SupplyCase

    def cash(self, week: int) -> str:
        return f"cash up to the week from {np.datetime64(self.case.weeks[week], 'D')}"

    def room(self, warehouse: int, week: int) -> str:
        return (
            f"inbound of {self.case.warehouses[warehouse]} in the week from {np.datetime64(self.case.weeks[week], 'D')}"
        )
