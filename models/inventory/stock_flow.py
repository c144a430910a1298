"""Stock flow under weekly review: what a rule orders, receives and sells on many paths of demand.

A week runs: look at the inventory position and order, receive what is due, sell what stock allows (lost sales), serve
what is short from other items where a second lane leads there. Items meet besides only where orders share money or room
at a warehouse; then the most urgent orders come first. Every rule is run on the same demand and lead times (common
random numbers; Law 2015, Simulation Modeling and Analysis, 11.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.inventory.review_kernel import FLOWS, path_kernel

Floats = NDArray[np.float64]
FloatGrid = NDArray[np.float32]


class Goods(NamedTuple):
    """The items: ``on_hand`` units [items], ``scheduled`` units that arrive [weeks, items], ``warehouse`` [items].

    By source, the first suppliers of all items in their order and then further ones: ``can_order`` bool [weeks,
    sources], ``lead`` agreed weeks int64, ``pack`` and ``moq`` units [sources], ``pay_weeks`` int64 and ``pay_share``
    [sources, milestones]: weeks after the order, ascending, and share of its cost.
    ``excess`` [items]: units above which stock counts as slow. ``active`` 0 or 1 [items]: counts for stock-outs.
    Second lanes, in the order in which they draw: ``lane_item`` is served, where it is short, from ``lane_second`` up
    to ``lane_share`` of what it is short of; shares of an item add up to 1 at most.
    Goods that come back sellable: ``back`` units [weeks, items] of earlier sales, and of the units sold the part
    ``back_share`` after ``back_weeks`` [items], one at least; empty where nothing does.
    Orders that several items share (the sizes of a style): ``unit`` [items], -1 alone, its items ``unit_items`` from
    ``unit_start`` on; ``together`` [sources]: units that such an order reaches; ``ratio`` [items]: units in a prepack
    of the unit, 0 where sizes are free. Order cost and tiers hold for the whole order. Empty where nothing is shared.
    """

    on_hand: Floats
    scheduled: Floats
    can_order: NDArray[np.bool_]
    lead: NDArray[np.int64]
    pack: Floats
    moq: Floats
    warehouse: NDArray[np.int64]
    pay_weeks: NDArray[np.int64]
    pay_share: Floats
    excess: Floats
    active: Floats
    lane_item: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    lane_second: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    lane_share: Floats = np.zeros(0)
    back: Floats = np.zeros((0, 0))
    back_share: Floats = np.zeros(0)
    back_weeks: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    unit: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    unit_start: NDArray[np.int64] = np.zeros(1, dtype=np.int64)
    unit_items: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    together: Floats = np.zeros(0)
    ratio: Floats = np.zeros(0)


class Values(NamedTuple):
    """Yuan: net ``revenue`` a unit sold [weeks, items]; a unit's ``cost`` by source (purchases; of the first ones:
    stock), ``goods`` (cost charged to a sale), ``holding`` a week, ``penalty`` when lost, ``order`` a line by source.
    What is left at the end costs by :func:`leftover_cost` with ``demand_after`` (units a week) and ``clearance_loss``
    (a unit).

    ``tier_from`` units and ``tier_price`` [sources, tiers]: a lower price for the whole of an order of that size.
    ``lane_extra`` [lanes]: what a unit served over a second lane costs more.
    """

    revenue: Floats
    cost: Floats
    goods: Floats
    holding: Floats
    penalty: Floats
    demand_after: Floats
    clearance_loss: Floats
    order: Floats
    tier_from: Floats
    tier_price: Floats
    lane_extra: Floats = np.zeros(0)


class Limits(NamedTuple):
    """``cash`` yuan [weeks], cumulative payments allowed; ``inbound`` units [warehouses, weeks] by agreed arrival."""

    cash: Floats
    inbound: Floats


class Rule(NamedTuple):
    """What to order in a week: ``fixed`` units, and ``up_to - position`` when the position is at or below
    ``reorder``. All float64 [weeks, items]; quantities are raised to packs and the minimum order. ``source`` [weeks,
    items]: where; empty: with the first suppliers."""

    reorder: Floats
    up_to: Floats
    fixed: Floats
    source: NDArray[np.int64] = np.zeros((0, 0), dtype=np.int64)


@dataclass(frozen=True)
class Flows:
    """``total`` float64 [FLOWS, paths, weeks], summed over items; ``out_weeks`` in item-weeks without stock.

    ``item_demand, item_sold, item_out`` float64 [items]: sums over paths and weeks.
    """

    total: Floats
    item_demand: Floats
    item_sold: Floats
    item_out: Floats

    def of(self, name: str) -> Floats:
        """One flow, [paths, weeks]."""
        return np.asarray(self.total[FLOWS.index(name)])


def fixed_rule(quantity: Floats) -> Rule:
    """Order ``quantity`` [weeks, items] as it stands."""
    return Rule(np.full(quantity.shape, -1.0), np.zeros(quantity.shape), np.ascontiguousarray(quantity, dtype=float))


def order_up_to(up_to: Floats, reorder: Floats | None = None) -> Rule:
    """(R, s, S) with weekly levels [weeks, items]; (R, S) where no reorder level is given."""
    target = np.ascontiguousarray(up_to, dtype=float)
    trigger = target if reorder is None else np.ascontiguousarray(reorder, dtype=float)
    return Rule(trigger, target, np.zeros(target.shape))


def draw_lead_weeks(lead: NDArray[np.int64], sd_weeks: Floats, weeks: int, seed: int, path: int) -> NDArray[np.int16]:
    """Whole weeks until an order is sellable on one path, int16 [weeks, items], by week of the order.

    Normal around the agreed lead time, rounded, never below one week unless none was agreed. The numbers depend on
    nothing but the seed and the path.

    >>> draw_lead_weeks(np.array([2]), np.array([0.0]), 3, seed=1, path=0).ravel().tolist()
    [2, 2, 2]
    """
    if not (sd_weeks > 0.0).any():
        return np.tile(lead.astype(np.int16), (weeks, 1))
    noise = np.random.Generator(np.random.Philox(key=seed, counter=path << 192))
    drawn = noise.standard_normal((weeks, len(lead)), dtype=np.float32)
    drawn *= sd_weeks.astype(np.float32)
    drawn += lead.astype(np.float32)
    np.rint(drawn, out=drawn)
    return np.maximum(drawn, np.minimum(lead, 1).astype(np.float32), out=drawn).astype(np.int16)


def simulate(
    rules: Sequence[Rule],
    demand: FloatGrid,
    lead_weeks: Sequence[NDArray[np.int16]],
    goods: Goods,
    values: Values,
    limits: Limits,
    threads: int = 1,
) -> list[Flows]:
    """Run every rule on ``demand`` float32 [items, paths, weeks] and ``lead_weeks``, [weeks, items] a path.

    Result: one :class:`Flows` a rule. ValueError when shapes do not agree.
    """
    items, paths, weeks = demand.shape
    by_rule = [grid for rule in rules for grid in rule if grid.size or grid is not rule.source]
    grids = [goods.scheduled, goods.can_order[:, :items], values.revenue, *lead_weeks, *by_rule]
    if any(grid.shape != (weeks, items) for grid in grids) or len(lead_weeks) != paths:
        raise ValueError(f"every grid must be [{weeks} weeks, {items} items], with lead times for {paths} paths")
    total = np.zeros((len(rules), paths, len(FLOWS), weeks))
    by_item = np.zeros((len(rules), paths, 3, items))

    def follow(path: int) -> None:
        wanted = np.ascontiguousarray(demand[:, path].T)
        for number, rule in enumerate(rules):
            path_kernel(
                wanted, lead_weeks[path], goods, values, limits, rule, total[number, path], by_item[number, path]
            )

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(follow, range(paths)))
    return [Flows(total[number].transpose(1, 0, 2), *by_item[number].sum(axis=0)) for number in range(len(rules))]
