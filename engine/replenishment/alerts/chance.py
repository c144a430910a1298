"""Chances from the demand paths: running out, running over, and what is left at the end of a season."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.network import ITEM
from engine.execution.run import Run
from engine.plans.orders import OrderPlan, SupplyCase
from engine.replenishment.alerts.positions import Planned, Positions
from engine.replenishment.alerts.settings import AlertSettings
from engine.replenishment.tables import item_paths
from models.inventory.run_out import run_out

Floats = NDArray[np.float64]
BLOCK = 1000


@dataclass(frozen=True)
class Chance:
    """By item of the plan.

    ``probability, without`` [items]: stock runs out within the watched weeks, with the planned orders and without
    them; ``day`` [items]: median day of the paths that do (inf: none). ``lost, lost_without`` [items, weeks]: mean
    units lost. ``first_short`` float32 [items, paths]: day on which stock falls short without the planned orders.
    ``saved`` [items]: mean units saved within the watched weeks when the next arrival is speeded up, ``next_units``
    [items] of it (0: there is none). ``too_much`` [items]: probability that stock outlasts the overstock limit.
    ``left, leftover`` [items]: probability and mean units of stock left when the SKU ends.
    """

    probability: Floats
    without: Floats
    day: Floats
    lost: Floats
    lost_without: Floats
    first_short: NDArray[np.float32]
    saved: Floats
    next_units: Floats
    too_much: Floats
    left: Floats
    leftover: Floats


def chances(planned: Planned, positions: Positions, settings: AlertSettings, run: Run) -> Chance:
    """Chances of every item of the plan, in blocks so that memory stays flat."""
    case = planned.orders.case
    items, weeks = case.scheduled.shape
    arrivals = case.scheduled + planned_arrivals(planned.orders)
    sooner, moved = speeded_up(arrivals, settings.ways_out.expedite_weeks, settings.watch_weeks)
    found = _empty(items, weeks, settings.paths)
    found.next_units[:] = moved
    paths = planned.demand.paths(run.seed_for("alert paths"))
    spread = positions.column("lead_sd_weeks")[:items]
    watch = min(settings.watch_weeks, weeks)
    for first in range(0, items, BLOCK):
        rows = np.arange(first, min(first + BLOCK, items))
        draws = item_paths(case, paths, rows, settings.paths)
        late = _late(spread[rows], settings.paths, run, first)
        stock = positions.column("on_hand")[rows]
        ahead = run_out(draws, stock, arrivals[rows], late)
        alone = run_out(draws, stock, case.scheduled[rows], late)
        quick = run_out(draws, stock, sooner[rows], late)
        found.lost[rows], found.lost_without[rows] = ahead.lost, alone.lost
        saved = (ahead.lost - quick.lost)[:, :watch]
        found.saved[rows] = np.maximum(saved.sum(axis=1), 0.0)
        found.probability[rows], found.day[rows] = _within(ahead.day, 7.0 * watch)
        found.without[rows], _ = _within(alone.day, 7.0 * watch)
        found.first_short[rows] = alone.day
        _surplus(found, positions, draws, rows, settings)
        run.progress("chances", (first + len(rows)) / items)
    return found


def _empty(items: int, weeks: int, paths: int) -> Chance:
    def grid() -> Floats:
        return np.zeros((items, weeks))

    def column() -> Floats:
        return np.zeros(items)

    short = np.zeros((items, paths), dtype=np.float32)
    return Chance(column(), column(), column(), grid(), grid(), short, column(), column(), column(), column(), column())


def planned_arrivals(orders: OrderPlan) -> Floats:
    """Units of the planned orders that become sellable at the start of each week [items, weeks]."""
    case, lines = orders.case, orders.new_lines
    out = np.zeros(case.scheduled.shape)
    if lines.empty:
        return out
    row = _rows(case, lines)
    first = case.weeks[0].astype("datetime64[D]")
    week = (lines["arrival_week"].to_numpy(dtype="datetime64[D]") - first).astype(np.int64) // 7
    kept = (row >= 0) & (week >= 0) & (week < len(case.weeks))
    np.add.at(out, (row[kept], week[kept]), lines["units"].to_numpy(dtype=float)[kept])
    return out


def speeded_up(arrivals: Floats, weeks: int, watch: int) -> tuple[Floats, Floats]:
    """The arrivals [items, weeks] with the first one after week 0 (looked for within ``watch``) moved earlier, and its
    units [items].

    >>> sooner, units = speeded_up(np.array([[0.0, 0.0, 5.0, 3.0]]), 1, 4)
    >>> sooner.tolist(), units.tolist()
    ([[0.0, 5.0, 0.0, 3.0]], [5.0])
    """
    later = arrivals[:, : watch + 1] > 0
    later[:, 0] = False
    week = later.argmax(axis=1)
    row = np.arange(len(arrivals))
    units = np.where(week > 0, arrivals[row, week], 0.0)
    out = arrivals.copy()
    np.add.at(out, (row, week), -units)
    np.add.at(out, (row, np.maximum(week - weeks, 0)), units)
    return out, units


def _late(spread: Floats, paths: int, run: Run, first: int) -> NDArray[np.int64]:
    """Weeks by which all orders of a path are late [items, paths], one draw so that none overtakes."""
    if not (spread > 0).any():
        return np.zeros((len(spread), paths), dtype=np.int64)
    draws = run.rng("alert lead times", str(first)).standard_normal((len(spread), paths))
    late: NDArray[np.int64] = np.rint(draws * spread[:, None]).astype(np.int64)
    return late


def _within(day: Floats, limit: float) -> tuple[Floats, Floats]:
    """Share of the paths that run out before ``limit`` days, and the median day of these (inf: none)."""
    sooner = np.where(day < limit, day, np.inf)
    count = np.isfinite(sooner).sum(axis=1)
    ordered = np.sort(sooner, axis=1)
    middle = np.take_along_axis(ordered, np.maximum((count - 1) // 2, 0)[:, None], axis=1)[:, 0]
    return count / day.shape[1], middle


def _surplus(
    found: Chance, positions: Positions, draws: NDArray[np.float32], rows: NDArray[np.int64], settings: AlertSettings
) -> None:
    """Probability that stock outlasts the overstock limit and the end of the SKU."""
    stock = (positions.column("on_hand") + positions.column("scheduled"))[rows]
    limit = np.full(len(positions), settings.overstock_days / 7.0)
    asked = _asked(positions, draws, rows, limit)
    found.too_much[rows] = (asked < stock[:, None]).mean(axis=1)
    end = positions.column("end_weeks")
    ends = np.isfinite(end[rows])
    asked = _asked(positions, draws, rows, np.where(np.isfinite(end), end, 0.0))
    left = np.maximum(stock[:, None] - asked, 0.0)
    found.left[rows] = np.where(ends, (left >= 1.0).mean(axis=1), 0.0)
    found.leftover[rows] = np.where(ends, left.mean(axis=1), 0.0)


def _asked(positions: Positions, draws: NDArray[np.float32], rows: NDArray[np.int64], weeks: Floats) -> Floats:
    """Units asked for within so many fractional weeks on each path; beyond the horizon in proportion to the mean."""
    horizon = draws.shape[2]
    inside = np.clip(weeks[rows], 0.0, horizon)
    whole = np.minimum(inside.astype(np.int64), horizon - 1)
    total = np.cumsum(draws, axis=2, dtype=np.float64)
    before = np.where(whole[:, None] > 0, _pick(total, np.maximum(whole - 1, 0)), 0.0)
    asked = before + (inside - whole)[:, None] * _pick(draws.astype(np.float64), whole)
    expected = positions.demand_until(weeks)[rows]
    so_far = positions.demand_until(np.minimum(weeks, float(horizon)))[rows]
    more = np.divide(expected, so_far, out=np.ones(len(rows)), where=so_far > 0)
    return np.asarray(asked * more[:, None], dtype=np.float64)


def _pick(grid: Floats, week: NDArray[np.int64]) -> Floats:
    """Column ``week`` of each item [items, paths]."""
    picked = np.take_along_axis(grid, week[:, None, None], axis=2)
    return picked.reshape(picked.shape[:2])


def _rows(case: SupplyCase, lines: pd.DataFrame) -> NDArray[np.int64]:
    """Item of each line, -1 where there is none."""
    items = pd.MultiIndex.from_frame(case.items[ITEM].astype(str))
    return items.get_indexer(pd.MultiIndex.from_frame(lines[ITEM].astype(str))).astype(np.int64)
