"""Weekly review of one path in plain Python: slow, one item and one order at a time."""

from __future__ import annotations

import math
from typing import Any

from models.inventory.stock_flow import Goods, Limits, Rule, Values


def follow(rule: Rule, demand: Any, lead_weeks: Any, goods: Goods, values: Values, limits: Limits) -> dict[str, Any]:
    """``demand`` and ``lead_weeks`` [weeks][items]. Totals over the path, and ``stock`` and ``units`` by week."""
    weeks, items = len(demand), len(goods.on_hand)
    stock = [float(units) for units in goods.on_hand]
    pipeline = [[float(goods.scheduled[week][item]) for week in range(weeks)] for item in range(items)]
    outstanding = [sum(pipeline[item]) for item in range(items)]
    orders: list[tuple[int, int, float]] = []
    result: dict[str, Any] = {"sold": [], "units": [], "stock": [], "received": [], "revenue": 0.0, "holding": 0.0}
    result |= {"out": 0.0, "lost_yuan": 0.0, "order_cost": 0.0, "second": 0.0}
    for week in range(weeks):
        wishes = {}
        for item in range(items):
            position = stock[item] + outstanding[item]
            wish = rule.fixed[week][item]
            if position <= rule.reorder[week][item]:
                wish += rule.up_to[week][item] - position
            if wish > 1e-9 and goods.can_order[week][item]:
                packs = math.ceil(max(wish, goods.moq[item]) / goods.pack[item] - 1e-9)
                wishes[item] = packs * goods.pack[item]
        placed = [(item, week, units) for item, units in wishes.items()]
        if not _kept(week, orders + placed, weeks, goods, values, limits):
            placed = []
            urgency = {
                item: int(100 * (stock[item] + outstanding[item]) / (stock[item] + outstanding[item] + units))
                for item, units in wishes.items()
            }
            for item in sorted(wishes, key=lambda item: (urgency[item], item)):
                units = wishes[item]
                if _kept(week, [*orders, *placed, (item, week, units)], weeks, goods, values, limits):
                    placed.append((item, week, units))
                    continue
                while units > 0 and units >= goods.moq[item] - 1e-9:
                    # what is cut must fit at the full price
                    if _kept(week, [*orders, *placed, (item, week, units)], weeks, goods, values, limits, dear=True):
                        placed.append((item, week, units))
                        break
                    units -= goods.pack[item]
        orders += placed
        received = sold = 0.0
        bought, short = [0.0] * items, [0.0] * items
        for item, _, units in placed:
            due = week + int(lead_weeks[week][item])
            if due < weeks:
                pipeline[item][due] += units
            outstanding[item] += units
            bought[item] += units
            result["order_cost"] += values.order[item]
        for item in range(items):
            stock[item] += pipeline[item][week]
            outstanding[item] -= pipeline[item][week]
            received += pipeline[item][week]
            wanted = float(demand[week][item])
            if stock[item] <= 0:
                result["out"] += goods.active[item]
            elif wanted > stock[item]:
                result["out"] += goods.active[item] * (wanted - stock[item]) / wanted
            sale = min(stock[item], wanted)
            stock[item] -= sale
            sold += sale
            result["revenue"] += sale * values.revenue[week][item]
            result["lost_yuan"] += (wanted - sale) * values.revenue[week][item]
            short[item] = wanted - sale
        lanes = zip(goods.lane_item, goods.lane_second, goods.lane_share, values.lane_extra, strict=True)
        for item, second, share, extra in lanes:
            sale = min(stock[second], share * short[item])
            stock[second] -= sale
            sold += sale
            result["second"] += sale
            result["revenue"] += sale * (values.revenue[week][item] - extra)
            result["lost_yuan"] -= sale * values.revenue[week][item]
        result["holding"] += sum(stock[item] * values.holding[item] for item in range(items))
        result["sold"].append(sold)
        result["received"].append(received)
        result["units"].append(bought)
        result["stock"].append(list(stock))
    result["purchases"] = sum(bill(item, units, values) for item, _, units in orders)
    result["discount"] = sum(units * values.cost[item] for item, _, units in orders) - result["purchases"]
    result["payments"] = _payments(orders, weeks, goods, values)
    result["left"] = [stock[item] + outstanding[item] for item in range(items)]
    return result


def bill(item: int, units: float, values: Values) -> float:
    """Yuan for an order at the price of its tier."""
    tiers = zip(values.tier_from[item], values.tier_price[item], strict=True)
    return units * min([values.cost[item], *(price for start, price in tiers if units >= start)])


def _payments(
    orders: list[tuple[int, int, float]], weeks: int, goods: Goods, values: Values, dear: bool = False
) -> list[float]:
    """``dear``: the last order at its full price."""
    paid = [0.0] * weeks
    for number, (item, week, units) in enumerate(orders):
        due = units * values.cost[item] if dear and number == len(orders) - 1 else bill(item, units, values)
        for delay, share in zip(goods.pay_weeks[item], goods.pay_share[item], strict=True):
            if week + delay < weeks:
                paid[week + delay] += due * share
    return paid


def _kept(
    week: int,
    orders: list[tuple[int, int, float]],
    weeks: int,
    goods: Goods,
    values: Values,
    limits: Limits,
    dear: bool = False,
) -> bool:
    paid = _payments(orders, weeks, goods, values, dear)
    for later in range(week, weeks):
        if sum(paid[: later + 1]) > limits.cash[later] * (1 + 1e-9):
            return False
    for place, row in enumerate(limits.inbound):
        for later in range(week, weeks):
            booked = sum(
                units
                for item, ordered, units in orders
                if goods.warehouse[item] == place and ordered + goods.lead[item] == later
            )
            if booked > row[later] * (1 + 1e-9):
                return False
    return True
