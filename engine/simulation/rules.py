"""The policies that are compared: the plan followed, the plan frozen, and a tuned (R, s, S) rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.orders import OrderPlan
from engine.simulation.draws import Draws
from engine.simulation.measures import profit
from engine.simulation.settings import SimulationSettings
from engine.simulation.stock import Stock, sources_of
from models.inventory.policies import economic_order_quantity, protection, review_levels
from models.inventory.stock_flow import Rule, fixed_rule, order_up_to, simulate

Floats = NDArray[np.float64]
ITEM_PATHS = 80_000


def followed(plan: OrderPlan, stock: Stock) -> Rule:
    """Move to the planned inventory position each week, with the supplier whom the plan orders from in it.

    A gap below half of the smallest order (of one that sizes share: half of what falls to the size by demand), or below
    a quarter of the economic lot, waits: it is not worth an order.
    """
    goods, position = stock.goods, np.nan_to_num(plan.position).T
    source = planned_sources(plan)
    smallest = np.maximum(goods.moq, goods.pack)[source]
    if len(goods.unit):
        total = np.bincount(plan.case.units, stock.mean.sum(axis=1))[plan.case.units]
        part = np.divide(stock.mean.sum(axis=1), total, out=np.zeros(len(total)), where=total > 0)
        smallest = np.maximum(smallest, goods.together[source] * part)
    least = np.maximum(0.5 * smallest, 0.25 * _economic_lot(stock))
    return order_up_to(position, position - least)._replace(source=source)


def planned_sources(plan: OrderPlan) -> NDArray[np.int64]:
    """Row of :func:`sources_of` by week of order [weeks, items]: the supplier of the plan's line, of several the one of
    most units; the first one where nothing is planned. Sizes that share an order have one supplier."""
    items, weeks = plan.quantity.shape
    out = np.tile(np.arange(items), (weeks, 1))
    lines = plan.new_lines
    if lines.empty:
        return out
    keys = ["sku", "warehouse", "pool"]
    index = pd.MultiIndex.from_frame(plan.case.items[keys].astype(str))
    unit = plan.case.units
    own = unit[index.get_indexer(pd.MultiIndex.from_frame(lines[keys].astype(str)))]
    members = pd.DataFrame({"unit": unit, "item": np.arange(items)})
    lines = lines.assign(unit=own).merge(members, on="unit")
    item = lines["item"].to_numpy(dtype=np.int64)
    rows = sources_of(plan.case)
    pairs = pd.MultiIndex.from_arrays([rows["item"], rows["supplier"].astype(str)])
    row = pairs.get_indexer(pd.MultiIndex.from_arrays([item, lines["supplier"].astype(str)]))
    days = lines["order_week"].to_numpy("datetime64[D]") - plan.case.weeks[0].astype("datetime64[D]")
    week = days.astype(np.int64) // 7
    order = np.argsort(lines["units"].to_numpy(), kind="stable")
    order = order[((row >= 0) & (week >= 0) & (week < weeks))[order]]
    out[week[order], item[order]] = row[order]
    return out


def _economic_lot(stock: Stock) -> Floats:
    """Units [items], at most the demand of all weeks."""
    order = stock.values.order[: len(stock.mean)]
    lot = economic_order_quantity(stock.mean.mean(axis=1), order, stock.values.holding)
    return np.asarray(np.minimum(lot, stock.mean.sum(axis=1)))


def frozen(plan: OrderPlan) -> Rule:
    """The planned quantities with their suppliers, whatever happens."""
    return fixed_rule(np.nan_to_num(plan.quantity).T)._replace(source=planned_sources(plan))


@dataclass(frozen=True)
class TunedRule:
    """The (R, s, S) rule with the largest mean profit on the training paths."""

    rule: Rule
    safety_factor: float
    cover_weeks: float


def tune(stock: Stock, training: Draws, settings: SimulationSettings, threads: int) -> TunedRule:
    """Try every safety factor and cover on the training paths, under the limits that hold for the plan."""
    paths = max(8, min(settings.training_paths, ITEM_PATHS // len(stock.mean)))
    demand, lead_weeks = next(training.blocks(paths, paths))
    variance = _variance(demand, stock)
    best: tuple[float, TunedRule] | None = None
    for factor in settings.safety_factors:
        rules = [_review_rule(stock, variance, factor, cover) for cover in settings.cover_weeks]
        flows = simulate(rules, demand, lead_weeks, stock.goods, stock.values, stock.limits, threads)
        for rule, cover, flow in zip(rules, settings.cover_weeks, flows, strict=True):
            earned = float(profit(flow).mean())
            if best is None or earned > best[0]:
                best = earned, TunedRule(rule, factor, cover)
    assert best is not None
    return best[1]


def _review_rule(stock: Stock, variance: Floats, factor: float, cover_weeks: float) -> Rule:
    """s covers the protection interval, S besides the larger of ``cover_weeks`` of demand and the economic lot."""
    goods, mean = stock.goods, stock.mean
    lead = goods.lead[: len(mean)]
    until = protection(mean, lead)[1]
    rest = np.cumsum(mean[:, ::-1], axis=1)[:, ::-1] - until
    cover = protection(mean, lead, cover_weeks)[1] - until
    lot = np.maximum(cover, np.minimum(_economic_lot(stock)[:, None], rest))
    reorder, up_to = review_levels(mean, lead, variance, factor, lot)
    return order_up_to(up_to.T, reorder.T)


def _variance(demand: NDArray[np.float32], stock: Stock) -> Floats:
    """Variance of demand over the protection interval, [items, weeks], with the spread of the lead time.

    An item's ratio of variance to mean is pooled over the weeks, since a few paths say little about one week.
    """
    end, mean = protection(stock.mean, stock.goods.lead[: len(stock.mean)])
    total = np.concatenate([np.zeros((*demand.shape[:2], 1)), np.cumsum(demand, axis=2, dtype=float)], axis=2)
    seen = np.take_along_axis(total, end[:, None, :], axis=2) - total[:, :, :-1]
    spread = seen.var(axis=1, ddof=1).sum(axis=1) / np.maximum(mean.sum(axis=1), 1e-9)
    return np.asarray(spread[:, None] * mean + (stock.mean * stock.lead_sd[:, None]) ** 2)
