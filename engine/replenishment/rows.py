"""The coupling rows of a case, and their names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.errors import Relaxation
from engine.plans.orders import SupplyCase
from engine.replenishment.overruns import overrun_notes, relaxations_of
from engine.replenishment.settings import SupplierShare
from engine.replenishment.share_rows import share_rows
from engine.replenishment.sources import Sources
from models.inventory.coupling import BUDGET, CASH, FAMILIES, INBOUND, SHARE, STORAGE, SUPPLIER, Coupling

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FEN = 100.0
UNITS = ("yuan", "units", "m3", "units", "yuan", "yuan")


@dataclass(frozen=True)
class Rows:
    """``coupling``: for the solver. ``names``: frame by row, ``family, name, week, unit, limit``. ``relaxations`` and
    ``warnings``: limits that placed orders overrun; nothing new may be planned there."""

    coupling: Coupling
    names: pd.DataFrame
    relaxations: tuple[Relaxation, ...] = ()
    warnings: tuple[str, ...] = ()


def rows_of(case: SupplyCase, sources: Sources, expected: Floats, shares: tuple[SupplierShare, ...] = ()) -> Rows:
    """Limits in yuan, units and m3 beside placed orders. ``expected`` [items, weeks]: units drawn; ``shares`` of
    suppliers are rows from the first week on, with limit 0: what he gets less his share, in yuan.

    :class:`Infeasible` where the cash is overdrawn for good without any new order.
    """
    build, items, weeks = _Builder(case), case.items, len(case.weeks)
    build.add(CASH, "", case.cash_limit_fen / FEN)
    place = np.asarray([case.warehouses.index(name) for name in items["warehouse"]], dtype=np.int64)
    scheduled = np.zeros_like(case.inbound_limit)
    np.add.at(scheduled, place, case.scheduled)
    room = case.inbound_limit - scheduled
    inbound = np.array([build.add(INBOUND, name, room[row]) for row, name in enumerate(case.warehouses)], dtype=int)
    storage = _storage_rows(build, case, place, expected)
    supplier = _supplier_rows(build, case)
    budget, period = _budget_rows(build, case)
    held = share_rows(case, sources, expected, shares)
    for name, reached in zip(held.names, held.reached, strict=True):
        build.add(SHARE, name, np.array([0.0 if reached else np.inf]), np.zeros(1, dtype=np.int64))
    paid, profile = _paid(case, sources.table)
    volume = items["volume_m3"].to_numpy(dtype=float) if "volume_m3" in items else np.zeros(len(items))
    left = np.concatenate(build.limits)
    names = pd.DataFrame(build.names)
    family = np.repeat(build.families, [len(limit) for limit in build.limits]).astype(np.int64)
    size = np.maximum(np.where(np.isfinite(left), left, 1.0), np.where(family == STORAGE, 1e-3, 1.0))
    size[family == SHARE] = held.size[held.reached]
    coupling = Coupling(
        limit=np.maximum(left, 0.0),
        family=family,
        size=size,
        paid=paid,
        profile=profile,
        inbound=inbound[place],
        storage=storage[place],
        supplier=np.array([supplier.get(name, -1) for name in sources.table["supplier"].astype(str)], dtype=np.int64),
        budget=np.array([budget.get(name, -1) for name in items["category"].astype(str)], dtype=np.int64),
        period=period,
        volume=volume,
        share=np.ascontiguousarray(held.weight[held.reached]),
    )
    assert len(coupling.limit) >= weeks
    return Rows(coupling, names.assign(limit=coupling.limit), relaxations_of(names, left), overrun_notes(names, left))


class _Builder:
    """Collects runs of rows."""

    def __init__(self, case: SupplyCase) -> None:
        self.weeks = case.weeks.astype("datetime64[s]")
        self.limits, self.families = list[Floats](), list[int]()
        self.names: dict[str, list[object]] = {"family": [], "name": [], "week": [], "unit": []}
        self.size = 0

    def add(self, family: int, name: str, limit: Floats, starts: Ints | None = None) -> int:
        """Rows of one family and name, by week (or from the weeks ``starts`` on); the first one's number, -1 where
        nothing is limited."""
        if family != CASH and not np.isfinite(limit).any():
            return -1
        first, self.size = self.size, self.size + len(limit)
        self.limits.append(limit)
        self.families.append(family)
        self.names["family"] += [FAMILIES[family]] * len(limit)
        self.names["name"] += [name] * len(limit)
        self.names["unit"] += [UNITS[family]] * len(limit)
        self.names["week"] += list(self.weeks if starts is None else self.weeks[starts])
        return first


def _storage_rows(build: _Builder, case: SupplyCase, place: Ints, expected: Floats) -> Ints:
    """First storage row by warehouse: the room that stock and placed orders leave."""
    table = case.limits[case.limits["family"] == "storage"]
    out = np.full(len(case.warehouses), -1, dtype=np.int64)
    for row, name in enumerate(case.warehouses):
        own = table[table["name"].astype(str) == name]
        if own.empty:
            continue
        mine = place == row
        items = case.items[mine]
        drawn = np.cumsum(expected[mine], axis=1) - expected[mine]
        stock = items["on_hand"].to_numpy(dtype=float)[:, None] + np.cumsum(case.scheduled[mine], axis=1) - drawn
        filled = (items["volume_m3"].to_numpy(dtype=float)[:, None] * np.maximum(stock, 0.0)).sum(axis=0)
        out[row] = build.add(STORAGE, name, _by_week(own, case) - filled)
    return out


def _supplier_rows(build: _Builder, case: SupplyCase) -> dict[str, int]:
    table = case.limits[case.limits["family"] == "supplier"]
    return {
        str(name): build.add(SUPPLIER, str(name), _by_week(own, case))
        for name, own in table.groupby(table["name"].astype(str), sort=True)
    }


def _budget_rows(build: _Builder, case: SupplyCase) -> tuple[dict[str, int], Ints]:
    """First row of each category's open-to-buy, and the month (0, 1, ...) of every week of arrival."""
    months = case.weeks.astype("datetime64[M]")
    period = (months - months[0]).astype(np.int64)
    starts = np.searchsorted(period, np.arange(period[-1] + 1))
    table = case.limits[case.limits["family"] == "open_to_buy"]
    first = {}
    for name, own in table.groupby(table["name"].astype(str), sort=True):
        limit = np.full(len(starts), np.inf)
        month = (own["week"].to_numpy().astype("datetime64[M]") - months[0]).astype(np.int64)
        kept = (month >= 0) & (month < len(starts))
        limit[month[kept]] = own["limit"].to_numpy(dtype=float)[kept] / FEN
        first[str(name)] = build.add(BUDGET, str(name), limit, starts)
    return first, period


def _by_week(own: pd.DataFrame, case: SupplyCase) -> Floats:
    """Limits by planning week; inf where a week has none."""
    found = pd.Series(own["limit"].to_numpy(dtype=float), own["week"].to_numpy().astype("datetime64[D]"))
    return np.asarray(found.reindex(case.weeks.astype("datetime64[D]")).fillna(np.inf), dtype=np.float64)


def _paid(case: SupplyCase, table: pd.DataFrame) -> tuple[Floats, Ints]:
    """Share of an order's cost paid by the end of each week [profiles, weeks of arrival, weeks], and the profile of
    each source: one for each supplier and lead time."""
    weeks = len(case.weeks)
    keys = table[["supplier", "lead_time_weeks"]].astype({"supplier": str})
    distinct = keys.drop_duplicates().sort_values(["supplier", "lead_time_weeks"], ignore_index=True)
    profile = keys.merge(distinct.assign(profile=np.arange(len(distinct))), how="left")["profile"]
    paid = np.zeros((len(distinct), weeks, weeks + 1))
    arrival = np.arange(weeks)
    terms = dict(iter(case.payments.groupby(case.payments["supplier"].astype(str), sort=True)))
    for row, (supplier, lead) in enumerate(zip(distinct["supplier"], distinct["lead_time_weeks"], strict=True)):
        for milestone, delay, share in terms[supplier][["milestone", "weeks", "share"]].itertuples(index=False):
            due = arrival + int(delay) - (int(lead) if milestone == "order" else 0)
            paid[row, arrival, np.clip(due, 0, weeks)] += share
    return np.ascontiguousarray(np.cumsum(paid[:, :, :weeks], axis=2)), profile.to_numpy(dtype=np.int64)


def violation(coupling: Coupling, use: Floats) -> float:
    """Largest use above a limit, as a share of its size."""
    return max(0.0, float(((use - coupling.limit) / coupling.size).max(initial=0.0)))
