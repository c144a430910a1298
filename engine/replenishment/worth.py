"""What better terms of a supplier would be worth: later payment, the next price tier."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.replenishment.settings import ReplenishSettings
from engine.replenishment.tables import Tables
from models.inventory.coupling import Coupling
from models.inventory.lot_sizing import LotPlans

Floats = NDArray[np.float64]
FEN = 100.0
DAYS = 15


def supplier_worth(
    tables: Tables, coupling: Coupling, price: Floats, plan: LotPlans, settings: ReplenishSettings
) -> pd.DataFrame:
    """Frame ``supplier, purchases_fen, payment_days_fen, next_tier_fen``, the largest purchases first.

    ``payment_days_fen``: gain if all orders of the plan were paid 15 days later, interest on the money and what the
    cash of those weeks is worth (its multiplier); ``next_tier_fen``: what the next lower price of each order would take
    off it. Both hold for the orders as planned; better terms would also change the orders, so they are worth a little
    more.
    """
    problem, table = tables.problem, tables.sources.table
    item, arrival = np.nonzero(plan.lots)
    offer = plan.offer[item, arrival]
    source = problem.offer_source[offer]
    units = plan.lots[item, arrival] * problem.lot[item]
    money = units * problem.offer_price[offer] + problem.offer_paid[offer]
    paid = coupling.paid[coupling.profile[source], arrival]
    cash = price[: problem.shape[1]]
    later = money * ((paid - _later(paid, DAYS / 7.0)) @ cash + settings.capital_rate_year * DAYS / 365.0)
    following = np.minimum(offer + 1, len(problem.offer_source) - 1)
    has_next = (problem.offer_source[following] == source) & (following > offer)
    saved = np.where(has_next, problem.offer_price[offer] - problem.offer_price[following], 0.0) * units
    frame = pd.DataFrame(
        {
            "supplier": table["supplier"].astype(str).to_numpy()[source],
            "purchases_fen": FEN * money,
            "payment_days_fen": FEN * later,
            "next_tier_fen": FEN * np.maximum(saved, 0.0),
        }
    )
    total = frame.groupby("supplier", as_index=False).sum().sort_values("purchases_fen", ascending=False)
    return total.round().astype(dict.fromkeys(total.columns[1:], np.int64)).reset_index(drop=True)


def _later(paid: Floats, weeks: float) -> Floats:
    """Cumulative payments [orders, weeks] put off by ``weeks``, between whole weeks in proportion."""
    whole, part = int(weeks), weeks - int(weeks)
    return np.asarray((1.0 - part) * _shifted(paid, whole) + part * _shifted(paid, whole + 1), dtype=np.float64)


def _shifted(paid: Floats, weeks: int) -> Floats:
    out = np.zeros_like(paid)
    if weeks < paid.shape[1]:
        out[:, weeks:] = paid[:, : paid.shape[1] - weeks]
    return out
