"""Cost tables of all items from the demand paths, in blocks so that memory stays flat."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.execution.run import Run
from engine.plans.forecast import Demand
from engine.plans.orders import SupplyCase
from engine.replenishment.settings import ReplenishSettings
from engine.replenishment.sources import Sources, changes_from, offers_of, sources_of
from models.inventory.cost_tables import fill_tables, interval_demand, lost_sales_levels, projected_sales
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
    under lost sales."""

    problem: LotProblem
    sources: Sources
    expected: Floats
    factor: Floats


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
    first_arrival, tier = sources.first_arrival, _largest_tier(case)
    fine, coarse = (sources.by_item(join, "pack_units") for join in (np.gcd, np.lcm))
    moq = sources.by_item(np.maximum, "moq_units")
    expected, factor = np.zeros((items, weeks)), np.ones(items)
    lot, states = np.ones(items), np.ones(items, dtype=np.int64)
    parts: list[Floats] = []
    for begin in range(0, items, BLOCK):
        rows = np.arange(begin, min(begin + BLOCK, items))
        terms = _Terms(earliest[rows], first_arrival[rows], fine[rows], coarse[rows], moq[rows], tier[rows])
        late = _lateness(case, rows, numbers[rows], settings, run)
        block = _Block(case, rows, item_paths(case, paths, rows, settings.paths), terms, settings, late)
        expected[rows], factor[rows] = block.expected, block.factor
        lot[rows], states[rows] = block.lot, block.states
        parts.append(block.table())
        _judge(case, block, paths, rows, parts[-1])
        run.progress("cost tables", (begin + len(rows)) / items)
    start = np.concatenate([[0], np.cumsum(states * weeks)[:-1]]).astype(np.int64) if items else np.zeros(0, np.int64)
    problem = LotProblem(
        tables=np.concatenate(parts) if parts else np.zeros(0),
        start=start,
        states=states,
        lot=lot,
        source_start=sources.start,
        most=np.where(sources.arrives, FREE, 0),
        **offers_of(case, sources, lot),
        **changes_from(case, sources, settings),
    )
    return Tables(problem, sources, expected, factor)


def _largest_tier(case: SupplyCase) -> Floats:
    """Quantity from which each item's last tier holds, units [items]; 0 without tiers."""
    out = np.zeros(len(case.items))
    np.maximum.at(out, case.tiers["item"].to_numpy(dtype=np.int64), case.tiers["from_units"].to_numpy(dtype=float))
    return out


def item_paths(case: SupplyCase, paths: SamplePaths, rows: Ints, count: int, first: int = 0) -> NDArray[np.float32]:
    """Units drawn from the items ``rows`` on each path, float32 [rows, paths, weeks]."""
    links = case.fulfilment[rows]
    used = np.unique(links.indices)
    units = paths.block(used, first, count)[:, :, : len(case.weeks)]
    weeks = units.shape[2]
    drawn = links[:, used].astype(np.float32) @ units.reshape(len(used), -1)
    return np.ascontiguousarray(drawn.reshape(len(rows), count, weeks), dtype=np.float32)


@dataclass(frozen=True)
class _Terms:
    """What the suppliers of some items have in common [items]: the ``earliest`` lead time; the ``first`` week of
    arrival; the unit that all packs are multiples of (``fine``), and that is a multiple of all packs (``coarse``); the
    largest minimum order; the quantity of the last price tier."""

    earliest: Ints
    first: Ints
    fine: Ints
    coarse: Ints
    moq: Ints
    tier: Floats


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
        self.factor, self.up_to = lost_sales_levels(draws, self.lead, holding, lost)
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
        spare = np.maximum(np.maximum(terms.moq, terms.coarse), np.minimum(terms.tier, need))
        fits = np.ceil((need + spare) / terms.fine) <= settings.states
        steps = np.maximum(np.ceil((need + spare) / (terms.coarse * float(settings.states))), 1.0)
        self.lot = np.where(fits, terms.fine, terms.coarse * steps)
        lots = np.ceil(need / self.lot) + np.ceil(spare / self.lot)
        self.states = np.where(need > 0, lots + 1, 1).astype(np.int64)
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
    late = np.take(block.lateness, np.arange(ROLLOUT_PATHS) % block.lateness.shape[1], axis=1)
    on_hand = case.items["on_hand"].to_numpy(dtype=float)[rows]
    cost = np.ascontiguousarray(block.cost[:, :2] * np.column_stack([np.ones(len(rows)), block.factor]))
    goods = Start(on_hand, case.scheduled[rows], block.up_to, block.earliest, block.first, cost)
    judge_first_order(draws, late, goods, block.lot, block.start[:-1], block.states, tables)


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
