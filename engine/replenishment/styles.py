"""Styles and colours as planning units: their sizes joined to one item each before solving, split to sizes after it.

A unit has the position of all its sizes and one set of terms, so that minimum order, packs, tiers and order cost hold
for the style, and cash, capacity and room see its whole order (at the dearest and bulkiest of its sizes). Its table is
the best split of its lots (models/inventory/styles.py): lots ordered earlier may change size from week to week there,
which no buyer can do, so the bound stands and ``Split.extra`` tells what the real split costs more. Sizes that are out
of balance at the start stay so until an order comes: opening stock and placed orders never change size.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from engine.plans.orders import SupplyCase, units_of
from engine.replenishment.shelf_life import waste_yuan
from engine.replenishment.sources import offers_of, sources_of
from engine.replenishment.tables import Tables
from models.inventory.lot_sizing import FREE, LotPlans, LotProblem, no_orders
from models.inventory.styles import join_tables, split_lots

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SUMMED, DEAREST = ["on_hand", "demand_after"], ["unit_cost_fen", "volume_m3", "salvage_fen"]


@dataclass(frozen=True)
class Split:
    """``plans``: by item, each with the offer of its supplier whose price the whole order pays. ``together`` [items,
    weeks]: units of the whole order. ``extra`` [items]: what the sizes of a unit cost more than its joined table says,
    yuan, at its first item."""

    plans: LotPlans
    together: Floats
    extra: Floats


@dataclass(frozen=True)
class Styles:
    """``case``, ``tables``: the planning units. ``items``: tables of the items behind them. ``unit`` [items]."""

    case: SupplyCase
    tables: Tables
    items: Tables
    unit: Ints

    @property
    def groups(self) -> list[Ints]:
        """Items of each unit that has several."""
        order = np.argsort(self.unit, kind="stable")
        edges = np.flatnonzero(np.diff(self.unit[order], prepend=-1))
        return [rows for rows in np.split(order, edges[1:]) if len(rows) > 1]

    def split(self, plans: LotPlans) -> Split:
        """Orders of the units as orders of the items."""
        problem, weeks = self.items.problem, plans.lots.shape[1]
        lots, source = plans.lots[self.unit], self._own_source(plans)
        extra = np.zeros(len(self.unit))
        for rows in self.groups:
            start, states = problem.start[rows], problem.states[rows]
            if not self._prepacked[rows[0]]:
                is_open = self._takes_orders(rows, source)
                lots[rows] = split_lots(problem.tables, start, states, is_open, lots[rows[0]])
            have, week = np.cumsum(lots[rows], axis=1), np.arange(weeks)[None, :]
            own = problem.tables[start[:, None] + week * states[:, None] + have].sum()
            own += waste_yuan(problem, lots[rows], rows)
            extra[rows[0]] = own - self._joined(self.unit[rows[0]], plans.lots)
        units = lots * problem.lot[:, None]
        together = np.zeros(plans.lots.shape)
        np.add.at(together, self.unit, units)
        together = np.where(lots > 0, together[self.unit], 0.0)
        out = no_orders(*problem.shape)
        out.lots[:] = lots
        out.offer[:] = self._offers(plans, lots, together, source)
        return Split(out, together, extra)

    @property
    def certified(self) -> LotProblem:
        """The units' problem without the expiry of those with several sizes: how their lots age depends on the split,
        so no bound may count it."""
        problem = self.tables.problem
        alone = np.bincount(self.unit, minlength=len(problem.states)) < 2
        return problem._replace(expiry=problem.expiry * alone) if len(problem.keeps) else problem

    @property
    def parts(self) -> int:
        """Units of several items."""
        return int((np.bincount(self.unit) > 1).sum()) if len(self.unit) else 0

    @property
    def _prepacked(self) -> NDArray[np.bool_]:
        return self.items.orders.ratio > 0

    def _own_source(self, plans: LotPlans) -> Ints:
        """Row of the items' sources that each unit's order comes from [items, weeks]; -1 without an order."""
        offer = plans.offer[self.unit]
        place = self.tables.problem.offer_source[offer] - self.tables.sources.start[self.unit][:, None]
        return np.where(offer >= 0, self.items.sources.start[:-1][:, None] + place, -1)

    def _takes_orders(self, rows: Ints, source: Ints) -> NDArray[np.bool_]:
        week = np.arange(source.shape[1])[None, :]
        return np.asarray((source[rows] >= 0) & self.items.sources.arrives[source[rows], week])

    def _joined(self, unit: int, lots: Ints) -> float:
        problem = self.tables.problem
        row = problem.start[unit] + np.arange(lots.shape[1]) * problem.states[unit] + np.cumsum(lots[unit])
        return float(problem.tables[row].sum()) + waste_yuan(problem, lots[[unit]], np.array([unit]))

    def _offers(self, plans: LotPlans, lots: Ints, together: Floats, source: Ints) -> Ints:
        """The units' own offers; of sizes that share an order the one on which all its units cost least."""
        problem = self.items.problem
        alone = np.bincount(self.unit)[self.unit] == 1
        shift = problem.offer_start[:-1] - self.tables.problem.offer_start[:-1][self.unit]
        out = np.where(lots > 0, plans.offer[self.unit] + shift[:, None], -1)
        at = np.searchsorted(problem.offer_source, np.arange(len(self.items.sources.table) + 1))
        for item, week in zip(*np.nonzero((lots > 0) & ~alone[:, None]), strict=True):
            offers = np.arange(*at[source[item, week] : source[item, week] + 2])
            units = together[item, week]
            reached = problem.offer_lots[offers] * problem.lot[item] <= units + 1e-9
            reached[0] = True
            cost = problem.offer_price[offers] * units + problem.offer_paid[offers]
            out[item, week] = offers[np.argmin(np.where(reached, cost, np.inf))]
        return out


def styles_of(case: SupplyCase, items: Tables) -> Styles:
    """Planning units of a case with the tables of its ``items``; the items themselves where none share orders."""
    unit = units_of(case.items)
    if len(unit) == 0 or unit.max() + 1 == len(unit):
        return Styles(case, items, items, unit)
    joined = _unit_case(case, items, unit)
    sources = sources_of(joined)
    first = np.unique(unit, return_index=True)[1]
    problem, weeks = items.problem, items.problem.shape[1]
    start, states, lot = problem.start[first], problem.states[first], problem.lot[first]
    parts, filled = [problem.tables], len(problem.tables)
    styles = Styles(joined, items, items, unit)
    for rows in styles.groups:
        own = _joined_table(items, rows, weeks)
        at = unit[rows[0]]
        start[at], states[at] = filled, own.shape[1]
        lot[at] = problem.lot[rows].sum() if items.orders.ratio[rows[0]] else problem.lot[rows[0]]
        parts.append(own.ravel())
        filled += own.size
    expected = np.zeros((len(first), weeks))
    np.add.at(expected, unit, items.expected)
    united = problem._replace(
        tables=np.concatenate(parts),
        start=start,
        states=states,
        lot=lot,
        source_start=sources.start,
        most=np.where(sources.arrives, FREE, 0),
        **offers_of(joined, sources, lot),
    )
    if len(problem.before):
        owner = items.sources.table["item"].to_numpy(dtype=np.int64)
        place = np.arange(len(owner)) - items.sources.start[owner]
        before = np.zeros(sources.arrives.shape)
        np.add.at(before, sources.start[unit[owner]] + place, problem.before)
        united = united._replace(before=before)
    if len(problem.keeps):
        united = _with_expiry(united, problem, unit)
    tables = Tables(united, sources, expected, items.factor[first], items.spare[first], items.orders.of(first))
    return replace(styles, tables=tables)


def _with_expiry(united: LotProblem, problem: LotProblem, unit: Ints) -> LotProblem:
    """A unit keeps as its sizes together, at the price of the cheapest."""
    keeps = np.zeros((unit.max() + 1, problem.keeps.shape[1]))
    np.add.at(keeps, unit, problem.keeps)
    expiry = np.full(len(keeps), np.inf)
    np.minimum.at(expiry, unit, problem.expiry)
    return united._replace(keeps=keeps, expiry=expiry)


def _joined_table(items: Tables, rows: Ints, weeks: int) -> Floats:
    """Table [weeks, states] of a unit with these items."""
    problem = items.problem
    start, states = problem.start[rows], problem.states[rows]
    if items.orders.ratio[rows[0]]:
        blocks = [problem.tables[at : at + weeks * states[0]] for at in start]
        return np.asarray(np.sum(blocks, axis=0).reshape(weeks, states[0]), dtype=np.float64)
    spare = items.spare[rows]
    need = np.maximum(states - 1 - spare, 0)
    return join_tables(problem.tables, start, states, weeks, int(need.sum() + spare.max()))


def _unit_case(case: SupplyCase, items: Tables, unit: Ints) -> SupplyCase:
    """The case of the planning units: quantities summed, money and room by the dearest and bulkiest size."""
    first = np.unique(unit, return_index=True)[1]
    shared = np.bincount(unit) > 1
    part = case.only(first)
    frame = part.items.copy()
    by_unit = case.items.groupby(unit)
    for name in SUMMED:
        frame[name] = by_unit[name].sum().to_numpy()
    for name in DEAREST:
        frame[name] = by_unit[name].max().to_numpy()
    if "shelf_life_weeks" in frame:
        frame["shelf_life_weeks"] = by_unit["shelf_life_weeks"].min().to_numpy()
    prepacked = shared & (frame["ratio_units"] > 0).to_numpy()
    bundle = by_unit["ratio_units"].sum().to_numpy()
    frame["pack_units"] = np.where(prepacked, bundle, frame["pack_units"])
    others = part.alternatives.copy()
    if len(others):
        owner = others["item"].to_numpy(dtype=np.int64)
        others["pack_units"] = np.where(prepacked[owner], bundle[owner], others["pack_units"])
        every = case.alternatives.assign(unit=unit[case.alternatives["item"].to_numpy(dtype=np.int64)])
        dearest = every.groupby(["unit", "supplier"], observed=True)["unit_cost_fen"].max()
        keys = pd.MultiIndex.from_arrays([owner, others["supplier"]])
        others["unit_cost_fen"] = dearest.reindex(keys).to_numpy(dtype=np.int64)
    scheduled = np.zeros((len(first), len(case.weeks)))
    np.add.at(scheduled, unit, case.scheduled)
    links = sparse.csr_array((np.ones(len(unit)), (unit, np.arange(len(unit)))))
    return replace(
        part,
        items=frame,
        scheduled=scheduled,
        returns=None if case.returns is None else np.asarray(links @ case.returns),
        reserved=None if case.reserved is None else np.asarray(links @ case.reserved),
        fulfilment=sparse.csr_array(links @ case.fulfilment),
        can_order=_open(case.can_order, unit, prepacked),
        tiers=_unit_tiers(case, unit),
        alternatives=others,
        alternatives_open=_alternatives_open(case, part, unit, prepacked),
    )


def _open(placed: NDArray[np.bool_], unit: Ints, prepacked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A unit takes orders while any of its sizes does; a prepack while all of them do."""
    some = np.zeros((unit.max() + 1, placed.shape[1]), dtype=bool)
    every = np.ones_like(some)
    np.logical_or.at(some, unit, placed)
    np.logical_and.at(every, unit, placed)
    return np.where(prepacked[:, None], every, some)


def _alternatives_open(
    case: SupplyCase, part: SupplyCase, unit: Ints, prepacked: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """The same for further suppliers, in the order of the part's rows."""
    if not len(case.alternatives):
        return part.may_order_alternative
    names = case.alternatives["supplier"].astype(str).to_numpy()
    keys = pd.MultiIndex.from_arrays([unit[case.alternatives["item"].to_numpy(dtype=np.int64)], names])
    wanted = pd.MultiIndex.from_arrays([part.alternatives["item"], part.alternatives["supplier"].astype(str)])
    row = wanted.get_indexer(keys)
    return _open(case.may_order_alternative, row, prepacked[part.alternatives["item"].to_numpy(dtype=np.int64)])


def _unit_tiers(case: SupplyCase, unit: Ints) -> pd.DataFrame:
    """Tiers that all sizes of a unit have, at the dearest price of any."""
    tiers = case.tiers
    if not len(tiers):
        return tiers
    keys = ["item", "supplier", "from_units", "incremental"]
    found = tiers.assign(item=unit[tiers["item"].to_numpy(dtype=np.int64)]).groupby(keys, observed=True)
    frame = found["unit_cost_fen"].agg(["max", "size"]).reset_index()
    whole = frame["size"].to_numpy() == np.bincount(unit)[frame["item"].to_numpy(dtype=np.int64)]
    kept: pd.DataFrame = frame[whole].rename(columns={"max": "unit_cost_fen"})[list(tiers.columns)]
    return kept.reset_index(drop=True)
