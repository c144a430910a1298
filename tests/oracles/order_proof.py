"""Checks the proof of an order plan: cost, feasibility and bound, from the plan itself, its multipliers and its case.

Only the cost tables are taken from the product (they have oracles of their own); what the lines cost and use, and the
cheapest plan of every item at the multipliers, are found here again by plain loops.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.plans.orders import OrderPlan
from engine.replenishment.tables import Tables

WEEK = np.timedelta64(7, "D")


@dataclass(frozen=True)
class Proof:
    """``cost`` and ``bound`` in yuan; ``overrun``: largest use above a limit, as a share of it."""

    cost: float
    bound: float
    overrun: float


def prove(plan: OrderPlan, tables: Tables) -> Proof:
    """The proof of a plan, worked out again."""
    orders = _orders(plan, tables)
    use = sum((_use(plan, tables, *order) for order in orders), np.zeros(len(plan.rows)))
    limit = plan.rows["limit"].to_numpy(dtype=float)
    cost = sum(_item_cost(plan, tables, item, orders) for item in range(len(plan.case.items)))
    price = plan.rows["price"].to_numpy(dtype=float)
    value = sum(_cheapest(plan, tables, item, price) for item in range(len(plan.case.items)))
    over = ((use - limit) / np.maximum(limit, 1.0)).max(initial=0.0)
    return Proof(float(cost), float(value - price @ limit), float(over))


def _orders(plan: OrderPlan, tables: Tables) -> list[tuple[int, int, int, int]]:
    """Every line as item, week of arrival, row of its supplier, units."""
    keys = ["sku", "warehouse", "pool"]
    items = {key: row for row, key in enumerate(plan.case.items[keys].astype(str).itertuples(index=False, name=None))}
    sources = tables.sources.table
    out = []
    for line in plan.lines.astype(dict.fromkeys([*keys, "supplier"], str)).itertuples():
        item = items[line.sku, line.warehouse, line.pool]
        week = int((line.arrival_week.to_numpy() - plan.case.weeks[0]) / WEEK)
        same = (sources["item"] == item) & (sources["supplier"].astype(str) == line.supplier)
        source = int(np.flatnonzero(same)[0])
        assert int((line.arrival_week - line.order_week).days) == 7 * sources["lead_time_weeks"][source]
        assert line.units % sources["pack_units"][source] == 0
        assert line.units >= sources["moq_units"][source]
        out.append((item, week, source, int(line.units)))
    return out


def _paid(plan: OrderPlan, tables: Tables, source: int, units: float) -> float:
    """What an order costs by its supplier's prices, yuan."""
    row = tables.sources.table.iloc[source]
    base = float(row["unit_cost_fen"]) / 100.0
    tiers = plan.case.tiers
    own = tiers[(tiers["item"] == row["item"]) & (tiers["supplier"].astype(str) == str(row["supplier"]))]
    best = units * base
    below, total, done = base, 0.0, 1.0
    for tier in own.sort_values("from_units").itertuples():
        if units >= tier.from_units:
            if tier.incremental:
                total += (tier.from_units - done) * below
                below, done = tier.unit_cost_fen / 100.0, float(tier.from_units)
                best = min(best, total + (units - done + 1.0) * below)
            else:
                best = min(best, units * tier.unit_cost_fen / 100.0)
    return best


def _use(plan: OrderPlan, tables: Tables, item: int, week: int, source: int, units: float) -> np.ndarray:
    """What an order uses of every row of the plan."""
    case, row = plan.case, tables.sources.table.iloc[source]
    money = _paid(plan, tables, source, units)
    paid = np.zeros(len(case.weeks) + 200)
    for term in case.payments[case.payments["supplier"].astype(str) == str(row["supplier"])].itertuples():
        due = week + term.weeks - (row["lead_time_weeks"] if term.milestone == "order" else 0)
        paid[max(due, 0)] += term.share * money
    paid = np.cumsum(paid)
    out = np.zeros(len(plan.rows))
    for at, entry in enumerate(plan.rows.itertuples()):
        when = int((pd.Timestamp(entry.week).to_numpy() - case.weeks[0]) / WEEK)
        if entry.family == "cash":
            out[at] = paid[when]
        elif entry.family == "inbound":
            out[at] = units * (entry.name == case.items["warehouse"][item] and when == week)
        elif entry.family == "storage":
            here = entry.name == case.items["warehouse"][item] and when >= week
            out[at] = units * case.items["volume_m3"][item] * here
        elif entry.family == "supplier":
            out[at] = units * (entry.name == str(row["supplier"]) and when == week)
        else:
            month = case.weeks[week].astype("datetime64[M]") == case.weeks[when].astype("datetime64[M]")
            out[at] = money * (entry.name == str(case.items["category"][item]) and month)
    return out


def _order_cost(plan: OrderPlan, tables: Tables, source: int, units: float) -> float:
    """What counts of an order in the objective: its fixed cost, and its price above the lowest of the item, yuan."""
    row = tables.sources.table.iloc[source]
    item = row["item"]
    tiers, sources = plan.case.tiers, tables.sources.table
    prices = [
        *sources.loc[sources["item"] == item, "unit_cost_fen"],
        *tiers.loc[tiers["item"] == item, "unit_cost_fen"],
    ]
    lowest = min(prices) / 100.0
    return float(row["order_cost_fen"]) / 100.0 + _paid(plan, tables, source, units) - units * lowest


def _item_cost(plan: OrderPlan, tables: Tables, item: int, orders: list[tuple[int, int, int, int]]) -> float:
    problem, total, k = tables.problem, 0.0, 0
    mine = {week: (source, units) for owner, week, source, units in orders if owner == item}
    for week in range(problem.shape[1]):
        if week in mine:
            source, units = mine[week]
            total += _order_cost(plan, tables, source, units)
            k += round(units / problem.lot[item])
        total += problem.tables[problem.start[item] + week * problem.states[item] + k]
    return float(total)


def _cheapest(plan: OrderPlan, tables: Tables, item: int, price: np.ndarray) -> float:
    """Least cost of one item when the rows cost ``price``: forward over weeks and cumulative lots. An order that alone
    overruns a limit is in no plan."""
    problem = tables.problem
    limit = plan.rows["limit"].to_numpy(dtype=float) * (1.0 + 1e-9) + 1e-9
    states, lot = int(problem.states[item]), float(problem.lot[item])
    value = np.full(states, np.inf)
    value[0] = 0.0
    for week in range(problem.shape[1]):
        fresh = value.copy()
        for source in range(tables.sources.start[item], tables.sources.start[item + 1]):
            row = tables.sources.table.iloc[source]
            if not tables.sources.arrives[source, week]:
                continue
            for lots in range(1, states):
                units = lots * lot
                if units < row["moq_units"] or units % row["pack_units"]:
                    continue
                use = _use(plan, tables, item, week, source, units)
                if (use > limit).any():
                    continue
                charge = _order_cost(plan, tables, source, units) + price @ use
                for k in range(lots, states):
                    fresh[k] = min(fresh[k], value[k - lots] + charge)
        at = problem.start[item] + week * states
        value = fresh + problem.tables[at : at + states]
    return float(value.min())
