"""Checks the proof of an order plan: cost, feasibility and bound, from the plan itself, its multipliers and its case.

Only the cost tables are taken from the product (they have oracles of their own); what the lines cost and use, and the
cheapest plan of every item at the multipliers, are found here again by plain loops; what an order of perishable goods
wastes is counted lot by lot. Sizes of a style or colour that share orders (all of one price) are one unit: their tables
are joined by trying every split.
"""

from __future__ import annotations

import re
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
    whole = _whole_orders(plan, tables, orders)
    use = sum((_use(plan, tables, *order) for order in orders), np.zeros(len(plan.rows)))
    limit = plan.rows["limit"].to_numpy(dtype=float)
    cost = sum(_item_cost(tables, item, orders) for item in range(len(plan.case.items)))
    cost += sum(_order_cost(plan, tables, source, units) for source, units in whole)
    price = plan.rows["price"].to_numpy(dtype=float)
    value = sum(_cheapest(plan, tables, members, price) for members in _units(plan))
    least = np.where(plan.rows["family"] == "share", 1000.0, 1.0)
    over = ((use - limit) / np.maximum(limit, least)).max(initial=0.0)
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
        out.append((item, week, source, int(line.units)))
    return out


def _units(plan: OrderPlan) -> list[list[int]]:
    """Items that share orders: same style or colour, supplier, warehouse, pool."""
    found: dict[tuple[str, ...], list[int]] = {}
    for row, item in plan.case.items.iterrows():
        key = tuple(str(item[name]) for name in ("group", "warehouse", "pool", "supplier"))
        found.setdefault(key if item["group"] else (str(row),), []).append(int(row))  # type: ignore[call-overload]
    return list(found.values())


def _whole_orders(plan: OrderPlan, tables: Tables, orders: list[tuple[int, int, int, int]]) -> list[tuple[int, float]]:
    """Orders of all sizes together: the source of one of them, and all units. Minimums and prepacks are checked."""
    out = []
    for members in _units(plan):
        for week in range(len(plan.case.weeks)):
            mine = [order for order in orders if order[0] in members and order[1] == week]
            if not mine:
                continue
            sources = tables.sources.table.iloc[[order[2] for order in mine]]
            assert sources["supplier"].nunique() == 1
            total = sum(order[3] for order in mine)
            assert total >= sources["moq_units"].iloc[0]
            ratio = plan.case.items["ratio_units"].iloc[members]
            if (ratio > 0).any():
                assert {order[0]: order[3] / total for order in mine} == dict(ratio / ratio.sum())
            out.append((mine[0][2], float(total)))
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
    return _use_by(plan, tables, item, week, source) @ [units, _paid(plan, tables, source, units)]


def _use_by(plan: OrderPlan, tables: Tables, item: int, week: int, source: int) -> np.ndarray:
    """What a unit, and a yuan, of an order uses of every row of the plan [rows, 2]."""
    parts = [_part(plan, tables, item, week, source, *part) for part in ((1.0, 0.0), (0.0, 1.0))]
    return np.column_stack(parts)


def _part(plan: OrderPlan, tables: Tables, item: int, week: int, source: int, units: float, money: float) -> np.ndarray:
    case, row = plan.case, tables.sources.table.iloc[source]
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
        elif entry.family == "share":
            found = re.fullmatch(r"(.+) at (most|least) (\d+)% of (.+)", str(entry.name))
            assert found is not None
            counted = found[4] in ("all categories", str(case.items["category"][item]))
            less = (float(found[1] == str(row["supplier"])) - float(found[3]) / 100.0) * counted
            out[at] = money * (less if found[2] == "most" else -less)
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


def _item_cost(tables: Tables, item: int, orders: list[tuple[int, int, int, int]]) -> float:
    problem, total, k = tables.problem, 0.0, 0
    mine = {week: (source, units) for owner, week, source, units in orders if owner == item}
    for week in range(problem.shape[1]):
        if week in mine:
            ordered = round(mine[week][1] / problem.lot[item])
            total += _wasted(tables, item, week, k, k + ordered)
            k += ordered
        total += problem.tables[problem.start[item] + week * problem.states[item] + k]
    return float(total)


def _wasted(tables: Tables, item: int, week: int, before: int, after: int) -> float:
    """What the lots of an order cost that outlive their goods, yuan."""
    problem = tables.problem
    if not len(problem.keeps):
        return 0.0
    lot, keeps = float(problem.lot[item]), float(problem.keeps[item, week])
    beyond = sum(min(max((k + 1) * lot - keeps, 0.0), lot) for k in range(before, after))
    return float(problem.expiry[item]) * beyond


def _joined(plan: OrderPlan, tables: Tables, members: list[int]) -> tuple[np.ndarray, float]:
    """Cost of a unit [weeks, lots] at the best split of its lots, and the units of a lot."""
    problem = tables.problem
    own = []
    for item in members:
        first, states = problem.start[item], int(problem.states[item])
        own.append(problem.tables[first : first + states * problem.shape[1]].reshape(-1, states))
    if len(members) > 1 and plan.case.items["ratio_units"].iloc[members[0]] > 0:
        return sum(own[1:], own[0]), float(sum(problem.lot[members]))
    joined = own[0]
    for table in own[1:]:
        both = np.full((len(table), joined.shape[1] + table.shape[1] - 1), np.inf)
        for k in range(table.shape[1]):
            part = both[:, k : k + joined.shape[1]]
            np.minimum(part, joined + table[:, [k]], out=part)
        joined = both
    return joined, float(problem.lot[members[0]])


def _cheapest(plan: OrderPlan, tables: Tables, members: list[int], price: np.ndarray) -> float:
    """Least cost of a unit when the rows cost ``price``: forward over weeks and cumulative lots. An order that alone
    overruns a limit is in no plan."""
    table, lot = _joined(plan, tables, members)
    item, states = members[0], table.shape[1]
    limit = plan.rows["limit"].to_numpy(dtype=float) * (1.0 + 1e-9) + 1e-9
    limit[(plan.rows["family"] == "share").to_numpy()] = np.inf  # others make up for what one buys
    sources = range(tables.sources.start[item], tables.sources.start[item + 1])
    sizes = {
        (source, lots): (_paid(plan, tables, source, lots * lot), _order_cost(plan, tables, source, lots * lot))
        for source in sources
        for lots in range(1, states)
    }
    value = np.full(states, np.inf)
    value[0] = 0.0
    for week in range(len(table)):
        fresh = value.copy()
        for source in sources:
            row = tables.sources.table.iloc[source]
            if not tables.sources.arrives[source, week]:
                continue
            each = _use_by(plan, tables, item, week, source)
            for lots in range(1, states):
                units = lots * lot
                if units < row["moq_units"] or units % row["pack_units"]:
                    continue
                money, cost = sizes[source, lots]
                use = each @ [units, money]
                if (use > limit).any():
                    continue
                charge = cost + price @ use
                wasted = [_wasted(tables, item, week, k - lots, k) for k in range(lots, states)]
                fresh[lots:] = np.minimum(fresh[lots:], value[: states - lots] + charge + wasted)
        value = fresh + table[week]
    return float(value.min())
