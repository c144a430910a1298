"""Cost tables of all items from the demand paths, in blocks so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.execution.run import Run
from engine.plans.forecast import Demand
from engine.plans.orders import SupplyCase, units_of
from engine.replenishment.grid import Orders, grid_of
from engine.replenishment.service import implied_loss
from engine.replenishment.settings import ReplenishSettings
from engine.replenishment.shelf_life import expiry_of
from engine.replenishment.sources import Sources, changes_from, offers_of, sources_of
from models.inventory.cost_tables import add_aged_rent, fill_tables, interval_demand, lost_sales_levels, projected_sales
from models.inventory.lot_sizing import FREE, LotProblem
from models.inventory.rollout import Start, judge_first_order, weeks_followed
from models.paths import SamplePaths

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BLOCK = 1000
ROLLOUT_PATHS = 128
"""Paths on which the first order is judged; only a few weeks of each are drawn."""
FEN = 100.0


@dataclass(frozen=True)
class Tables:
    """``problem``: the lot-sizing problem, yuan. ``sources``: the suppliers behind it. ``expected`` [items, weeks]:
    units expected to be drawn in each week. ``factor`` [items]: weight of holding cost that makes weekly tables right
    under lost sales. ``spare`` [items]: lots above the need that the tables reach. ``orders``: what the suppliers
    allow."""

    problem: LotProblem
    sources: Sources
    expected: Floats
    factor: Floats
    spare: Ints
    orders: Orders


def build_tables(
    case: SupplyCase, demand: Demand, settings: ReplenishSettings, run: Run, numbers: Ints | None = None
) -> Tables:
    """Expected cost by item, week and cumulative lots, over ``settings.paths`` demand paths and lead-time draws.

    ``numbers`` [items], for a case that is part of a larger one: rows of the items there, so that they draw the same.
    """
    items, weeks = case.scheduled.shape
    numbers = np.arange(items) if numbers is None else numbers
    paths = demand.paths(run.seed_for("replenishment paths"))
    sources = sources_of(case)
    earliest = np.minimum(sources.by_item(np.minimum, "lead_time_weeks"), weeks)
    first_arrival, orders = sources.first_arrival, _orders(case, sources)
    expected, factor = np.zeros((items, weeks)), np.ones(items)
    lot, states, spare = np.ones(items), np.ones(items, dtype=np.int64), np.zeros(items, dtype=np.int64)
    start = np.zeros(items, dtype=np.int64)
    parts: list[Floats] = []
    filled = done = 0
    for rows in _blocks(orders.unit):
        terms = _Terms(earliest[rows], first_arrival[rows], orders.of(rows))
        late = _lateness(case, rows, numbers[rows], settings, run)
        draws = _with_spill(case, rows, item_paths(case, paths, rows, settings.paths))
        block = _Block(case, rows, draws, terms, settings, late)
        expected[rows], factor[rows] = block.expected, block.factor
        lot[rows], states[rows], spare[rows] = block.lot, block.states, block.spare
        start[rows] = filled + block.start[:-1]
        parts.append(block.table())
        _judge(case, block, paths, rows, parts[-1])
        _add_aged(case, block, rows, parts[-1])
        _forbid(case, block, rows, parts[-1])
        filled, done = filled + len(parts[-1]), done + len(rows)
        run.progress("cost tables", done / items)
    problem = LotProblem(
        tables=np.concatenate(parts) if parts else np.zeros(0),
        start=start,
        states=states,
        lot=lot,
        source_start=sources.start,
        most=np.where(sources.arrives, FREE, 0),
        **offers_of(case, sources, lot),
        **changes_from(case, sources, settings),
        **expiry_of(case, expected, settings.shelf_life_share),
    )
    return Tables(problem, sources, expected, factor, spare, orders)


def _blocks(unit: Ints) -> Iterator[Ints]:
    """Rows of the items block by block: those that are planned alone, then the groups, each whole in one block."""
    count = np.bincount(unit)[unit] if len(unit) else unit
    alone = np.flatnonzero(count == 1)
    for begin in range(0, len(alone), BLOCK):
        yield alone[begin : begin + BLOCK]
    shared = np.flatnonzero(count > 1)
    shared = shared[np.argsort(unit[shared], kind="stable")]
    edges = np.flatnonzero(np.diff(unit[shared], prepend=-1))
    while len(edges):
        last = np.searchsorted(edges, edges[0] + BLOCK)
        end = edges[last] if last < len(edges) else len(shared)
        yield shared[edges[0] : end]
        edges = edges[last:]


def _orders(case: SupplyCase, sources: Sources) -> Orders:
    fine, coarse = (sources.by_item(join, "pack_units") for join in (np.gcd, np.lcm))
    ratio = case.items["ratio_units"].to_numpy(np.int64) if "ratio_units" in case.items else np.zeros_like(fine)
    moq = sources.by_item(np.maximum, "moq_units")
    return Orders(fine, coarse, moq, _largest_tier(case), units_of(case.items), ratio)


def _largest_tier(case: SupplyCase) -> Floats:
    """Quantity from which each item's last tier holds, units [items]; 0 without tiers."""
    out = np.zeros(len(case.items))
    np.maximum.at(out, case.tiers["item"].to_numpy(dtype=np.int64), case.tiers["from_units"].to_numpy(dtype=float))
    return out


def item_paths(case: SupplyCase, paths: SamplePaths, rows: Ints, count: int, first: int = 0) -> NDArray[np.float32]:
    """Units that the stock of the items ``rows`` must serve on each path, float32 [rows, paths, weeks]."""
    links = case.fulfilment[rows]
    used = np.unique(links.indices)
    units = paths.block(used, first, count)[:, :, : len(case.weeks)]
    weeks = units.shape[2]
    drawn = links[:, used].astype(np.float32) @ units.reshape(len(used), -1)
    return case.net(np.ascontiguousarray(drawn.reshape(len(rows), count, weeks), dtype=np.float32), rows)


def _with_spill(case: SupplyCase, rows: Ints, draws: NDArray[np.float32]) -> NDArray[np.float32]:
    """Draws [rows, paths, weeks] and what is expected to be served for other items over second lanes."""
    if case.spill is None:
        return draws
    return draws + case.spill[rows][:, None, : draws.shape[2]].astype(np.float32)


@dataclass(frozen=True)
class _Terms:
    """What the suppliers of some items have in common [items]: the ``earliest`` lead time; the ``first`` week of
    arrival; what ``orders`` they take."""

    earliest: Ints
    first: Ints
    orders: Orders


class _Block:
    """The tables of some items."""

    def __init__(
        self,
        case: SupplyCase,
        rows: Ints,
        draws: NDArray[np.float32],
        terms: _Terms,
        settings: ReplenishSettings,
        lateness: Ints,
    ) -> None:
        items = case.items.iloc[rows]
        weeks = len(case.weeks)
        on_hand, scheduled = items["on_hand"].to_numpy(dtype=float), case.scheduled[rows]
        self.lead = items["lead_time_weeks"].to_numpy(dtype=np.int64)
        holding, lost = (items[name].to_numpy(dtype=float) / FEN for name in ("holding_fen_week", "lost_fen"))
        if "service_level" in items:
            level = items["service_level"].to_numpy(dtype=float)
            implied, with_it = implied_loss(level, draws, self.lead, holding)
            lost = np.where(np.isnan(implied), lost, implied)
        self.factor, self.up_to = lost_sales_levels(draws, self.lead, holding, lost)
        if "service_level" in items:
            self.factor = np.where(np.isnan(with_it), self.factor, with_it)
        sales = projected_sales(draws, on_hand, scheduled, terms.earliest)
        self.expected = sales.mean(axis=1, dtype=np.float64)
        self.lateness = lateness
        self.interval = interval_demand(sales, self.lead, terms.earliest, self.lateness)
        before = np.concatenate([np.zeros((len(rows), 1)), np.cumsum(self.expected, axis=1)], axis=1)
        decided = np.maximum(np.arange(weeks)[None, :] - self.lead[:, None], 0)
        self.base = on_hand[:, None] + np.cumsum(scheduled, axis=1) - np.take_along_axis(before, decided, axis=1)
        self.earliest, self.first = terms.earliest, terms.first
        need = np.maximum((self.interval.max(axis=1) - self.base)[:, :], 0.0)
        need = np.where(np.arange(weeks)[None, :] >= self.first[:, None], need, 0.0).max(axis=1)
        self.lot, self.states, self.spare = grid_of(need, terms.orders, settings.states)
        cleared = (items["unit_cost_fen"] - items["salvage_fen"]).to_numpy(dtype=float) / FEN
        after = items["demand_after"].to_numpy(dtype=float)
        self.cost = np.column_stack([holding, lost / self.factor, holding, after, cleared])

    def table(self) -> Floats:
        start = self.start
        out = np.empty(start[-1])
        fill_tables(self.interval, self.base, self.lot, self.first, self.cost, start[:-1], self.states, out)
        return out

    @property
    def start(self) -> Ints:
        """Where the tables of each item begin in those of the block, and the end."""
        return np.concatenate([[0], np.cumsum(self.states * self.interval.shape[2])]).astype(np.int64)


def _judge(case: SupplyCase, block: _Block, paths: SamplePaths, rows: Ints, tables: Floats) -> None:
    """The first order of each item by simulation, on the first weeks of more paths."""
    near = weeks_followed(block.first, len(case.weeks))
    if near == 0:
        return
    draws = item_paths(case, replace(paths, mean=paths.mean[:, :near]), rows, ROLLOUT_PATHS)
    draws = _with_spill(case, rows, draws)
    late = np.take(block.lateness, np.arange(ROLLOUT_PATHS) % block.lateness.shape[1], axis=1)
    on_hand = case.items["on_hand"].to_numpy(dtype=float)[rows]
    cost = np.ascontiguousarray(block.cost[:, :2] * np.column_stack([np.ones(len(rows)), block.factor]))
    goods = Start(on_hand, case.scheduled[rows], block.up_to, block.earliest, block.first, cost)
    judge_first_order(draws, late, goods, block.lot, block.start[:-1], block.states, tables)


def _add_aged(case: SupplyCase, block: _Block, rows: Ints, tables: Floats) -> None:
    """The higher rent of stock that lies too long in its warehouse."""
    if "aged_fen_week" not in case.items:
        return
    rate, age = (case.items[name].to_numpy(dtype=float)[rows] for name in ("aged_fen_week", "aged_weeks"))
    if not ((rate > 0) & np.isfinite(age)).any():
        return
    weeks = len(case.weeks)
    until = np.arange(weeks)[None, :] + np.ceil(np.where(np.isfinite(age), age, 0.0)).astype(np.int64)[:, None]
    demand = np.take_along_axis(np.cumsum(block.expected, axis=1), np.minimum(until, weeks - 1), axis=1)
    demand += np.maximum(until - weeks + 1, 0) * block.cost[:, 3:4]
    supply = case.items["on_hand"].to_numpy(dtype=float)[rows, None] + np.cumsum(case.scheduled[rows], axis=1)
    paid = np.where(np.isfinite(age), rate / FEN, 0.0)
    add_aged_rent(supply - demand, block.lot, block.first, paid, block.start[:-1], block.states, tables)


def _forbid(case: SupplyCase, block: _Block, rows: Ints, tables: Floats) -> None:
    """No more than the first batch before an item's trial ends: such states cost infinitely much."""
    if "trial_units" not in case.items:
        return
    most, until = (case.items[name].to_numpy(dtype=np.int64)[rows] for name in ("trial_units", "trial_until"))
    weeks = len(case.weeks)
    for item in np.flatnonzero(most >= 0):
        own = tables[block.start[item] : block.start[item + 1]].reshape(weeks, block.states[item])
        allowed = int(most[item] / block.lot[item] + 1e-9)
        own[: min(until[item], weeks), allowed + 1 :] = np.inf


def _lateness(case: SupplyCase, rows: Ints, numbers: Ints, settings: ReplenishSettings, run: Run) -> Ints:
    """Weeks by which the orders of a path come late (or early): one draw an item and path, so that none overtakes."""
    sd, lead = (case.items[name].to_numpy()[rows] for name in ("lead_time_sd_weeks", "lead_time_weeks"))
    draws = np.zeros((len(rows), settings.paths))
    for first in np.unique(numbers // BLOCK * BLOCK) if (sd > 0).any() else ():
        mine = numbers // BLOCK * BLOCK == first
        place = numbers[mine] - first
        draws[mine] = run.rng("lead times", str(first)).standard_normal((place.max() + 1, settings.paths))[place]
    late: Ints = np.maximum(np.rint(draws * sd[:, None]), -lead[:, None]).astype(np.int64)
    return late
