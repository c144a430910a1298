"""Smallest order values of suppliers, kept by repair: weeks that fall short are closed, their orders move.

The certified model knows no such minimum, so its bound stands and what the repair costs is told apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.plans.orders import SupplyCase
from engine.replenishment.rows import violation
from engine.replenishment.tables import Tables
from models.inventory.coupling import Coupling, use_of
from models.inventory.lot_sizing import LotPlans
from models.inventory.repair import SLIP, drop, improve

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FEN = 100.0
DEAREST = 0.3
"""A week stays short where closing it would cost more than this share of the value of its orders."""


@dataclass(frozen=True)
class Kept:
    """``plans`` after the repair, what they cost more (yuan), and what still falls short, in words."""

    plans: LotPlans
    extra: float
    warnings: tuple[str, ...]


def keep_minimums(case: SupplyCase, tables: Tables, coupling: Coupling, price: Floats, plans: LotPlans) -> Kept:
    """Close the weeks of order in which a supplier would get less than its minimum, the smallest first, and plan the
    items that ordered in them again beside all others. A week whose closing costs too much stays, with a warning, and
    so do all weeks of a supplier from whom less than one minimum is bought in all."""
    minimum = _minimums(case, tables)
    if not (minimum > 0).any():
        return Kept(plans, 0.0, ())
    shop = _Shop(tables, coupling, price, plans.copied())
    value = shop.order_values()
    settled = np.broadcast_to((value.sum(axis=1) < minimum)[:, None], value.shape).copy()
    while True:
        value = shop.order_values()
        short = (value > 0) & (value < minimum[:, None] - 0.005) & ~settled
        if not short.any():
            break
        supplier, week = np.unravel_index(np.where(short, value, np.inf).argmin(), value.shape)
        if not shop.close(int(supplier), int(week), DEAREST * float(value[supplier, week])):
            settled[supplier, week] = True
    extra = float(shop.plans.cost.sum() - plans.cost.sum())
    return Kept(shop.plans, extra, tuple(_words(case, shop, minimum)))


class _Shop:
    """Plans whose suppliers may be closed in some weeks of order."""

    def __init__(self, tables: Tables, coupling: Coupling, price: Floats, plans: LotPlans) -> None:
        self.problem, self.coupling, self.price, self.plans = tables.problem, coupling, price, plans
        self.names, self.supplier = np.unique(tables.sources.table["supplier"].astype(str), return_inverse=True)
        self.lead = tables.sources.table["lead_time_weeks"].to_numpy(dtype=np.int64)

    def order_values(self) -> Floats:
        """Yuan ordered from every supplier in every week of order [suppliers, weeks]."""
        item, arrival = np.nonzero(self.plans.lots)
        offer = self.plans.offer[item, arrival]
        source = self.problem.offer_source[offer]
        units = self.plans.lots[item, arrival] * self.problem.lot[item]
        out = np.zeros((len(self.names), self.problem.shape[1]))
        value = units * self.problem.offer_price[offer] + self.problem.offer_paid[offer]
        np.add.at(out, (self.supplier[source], arrival - self.lead[source]), value)
        return out

    def close(self, supplier: int, week: int, most: float) -> bool:
        """Close a week of order of a supplier if that costs at most ``most`` yuan and breaks no share; whether it was
        done."""
        arrival = week + self.lead
        rows = np.flatnonzero((self.supplier == supplier) & (arrival < self.problem.shape[1]))
        lots = self.problem.most.copy()
        lots[rows, arrival[rows]] = 0
        problem = self.problem._replace(most=lots)
        trial = self.plans.copied()
        use = use_of(problem, self.coupling, trial.lots, trial.offer)
        item, came = np.nonzero(trial.lots)
        source = problem.offer_source[trial.offer[item, came]]
        moved = np.unique(item[(self.supplier[source] == supplier) & (came - self.lead[source] == week)])
        drop(problem, self.coupling, trial, use, moved)
        improve(problem, self.coupling, self.price, trial, use, moved)
        improve(problem, self.coupling, np.zeros_like(self.price), trial, use, moved)
        if trial.cost.sum() - self.plans.cost.sum() > most or violation(self.coupling, use) > 2 * SLIP:
            return False
        self.problem, self.plans = problem, trial
        return True


def _minimums(case: SupplyCase, tables: Tables) -> Floats:
    """Smallest order of every supplier, yuan, in the order of :class:`_Shop`."""
    names = np.unique(tables.sources.table["supplier"].astype(str))
    stated = case.limits[case.limits["family"] == "minimum_order"]
    found = dict(zip(stated["name"].astype(str), stated["limit"].astype(float) / FEN, strict=True))
    return np.array([found.get(name, 0.0) for name in names])


def _words(case: SupplyCase, shop: _Shop, minimum: Floats) -> list[str]:
    value = shop.order_values()
    out = []
    for supplier in np.flatnonzero(((value > 0) & (value < minimum[:, None] - 0.005)).any(axis=1)):
        weeks = np.flatnonzero((value[supplier] > 0) & (value[supplier] < minimum[supplier] - 0.005))
        day = np.datetime64(case.weeks[weeks[0]], "D")
        out.append(
            f"supplier {shop.names[supplier]}: {len(weeks)} orders stay below its minimum of {minimum[supplier]:,.0f} "
            f"yuan, the first in the week from {day} with {value[supplier, weeks[0]]:,.0f} yuan, because moving them "
            "would cost too much: ask for an exception or add goods"
        )
    return out
