"""The compiled weekly review of one path: order within the limits, receive, sell. Called by stock_flow.simulate.

The named tuples ``goods, values, limits, rule`` are those of models.inventory.stock_flow. Kernels release the lock, so
that paths run on threads.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from models.inventory.leftover import leftover_cost
from models.kernels import INNER, put

FLOWS = (
    "demand_units",
    "sold_units",
    "received_units",
    "ordered_units",
    "stock_units",
    "stock_yuan",
    "excess_yuan",
    "out_weeks",
    "revenue_yuan",
    "sales_at_cost_yuan",
    "goods_yuan",
    "lost_yuan",
    "holding_yuan",
    "order_cost_yuan",
    "penalty_yuan",
    "purchases_yuan",
    "discount_yuan",
    "payments_yuan",
    "leftover_yuan",
    "second_units",
)
_DEMAND, _SOLD, _RECEIVED, _ORDERED, _STOCK, _VALUE, _EXCESS, _OUT, _REVENUE = range(9)
_AT_COST, _GOODS, _LOST, _HOLDING, _ORDER_COST, _PENALTY = range(9, 15)
_PURCHASES, _DISCOUNT, _PAYMENTS, _LEFTOVER, _SECOND = range(15, 20)
_SLACK = 1.0 + 1e-9  # rounding must not cost a whole pack


@njit(cache=True, nogil=True)
def path_kernel(wanted, lead_weeks, goods, values, limits, rule, total, by_item):  # type: ignore[no-untyped-def]
    """One path: ``wanted`` and ``lead_weeks`` [weeks, items], ``total`` [FLOWS, weeks], ``by_item`` [3, items]."""
    weeks, items = wanted.shape
    arriving = goods.scheduled.copy()
    stock = goods.on_hand.copy()
    position = goods.on_hand.copy()
    for week in range(weeks):
        for item in range(items):
            position[item] += arriving[week, item]
    units = np.empty(items)
    bill = np.empty(items)
    asked = np.empty(items, dtype=np.int64)
    source = np.arange(items)
    short = np.zeros(items)
    back = goods.back.copy()
    paid = np.zeros(weeks)
    booked = np.zeros(limits.inbound.shape)
    for week in range(weeks):
        if rule.source.shape[0] > 0:
            put(rule.source[week], source)
        wishes = asked[: _wish(week, source, position, goods, values, rule, units, bill, asked)]
        if not _book_all(week, wishes, source, units, bill, goods, limits, paid, booked):
            _ration(week, wishes, source, position, goods, values, limits, units, bill, paid, booked)
        _send(week, wishes, source, units, bill, lead_weeks, arriving, position, goods, values, total)
        _receive(week, arriving, stock, total)
        _take_back(week, back, stock, position)
        _sell(week, stock, position, wanted, goods, values, short, back, total, by_item)
        _serve_second(week, stock, position, short, goods, values, back, total, by_item)
        _hold(week, stock, goods, values, total)
    for week in range(weeks):
        total[_PAYMENTS, week] = paid[week]
    for item in range(items):
        total[_LEFTOVER, weeks - 1] += leftover_cost(
            position[item], values.holding[item], values.demand_after[item], values.clearance_loss[item]
        )


@njit(**INNER)
def _wish(week, source, position, goods, values, rule, units, bill, asked):  # type: ignore[no-untyped-def]
    """Fill ``units`` with what the rule wants: the smallest whole packs that cover gap and minimum order; 0 of others.

    ``bill`` is what that costs. The items with an order come first in ``asked``; returns their number.
    """
    for item in range(len(units)):
        gap = rule.fixed[week, item]
        if position[item] <= rule.reorder[week, item]:
            gap += rule.up_to[week, item] - position[item]
        row = source[item]
        units[item] = 0.0
        if gap > 1e-9 and goods.can_order[week, row]:
            units[item] = np.ceil(max(gap, goods.moq[row]) / goods.pack[row] - 1e-9) * goods.pack[row]
    for unit in range(len(goods.unit_start) - 1):
        _share_order(week, unit, source, position, goods, rule, units)
    count = 0
    for item in range(len(units)):
        if units[item] > 0.0:
            size = _whole_order(item, goods, units)
            bill[item] = units[item] * _price(source[item], size, values.cost, values.tier_from, values.tier_price)
            asked[count] = item
            count += 1
    return count


@njit(**INNER)
def _share_order(week, unit, source, position, goods, rule, units):  # type: ignore[no-untyped-def]
    """Bring an order that several items share to whole prepacks, or up to its minimum, pack by pack for the item that
    is farthest below its target."""
    total = bundle = least = 0.0
    is_open = True
    for place in range(goods.unit_start[unit], goods.unit_start[unit + 1]):
        item = goods.unit_items[place]
        if units[item] > 0.0:
            least = max(least, goods.together[source[item]])
        total += units[item]
        bundle += goods.ratio[item]
        is_open &= goods.can_order[week, source[item]]
    packs = np.ceil(max(total, least) / bundle - 1e-9) if bundle > 0.0 and is_open and total > 0.0 else 0.0
    while bundle <= 0.0 and 0.0 < total < least - 1e-9:
        chosen = -1
        for place in range(goods.unit_start[unit], goods.unit_start[unit + 1]):
            item = goods.unit_items[place]
            if goods.can_order[week, source[item]] and (
                chosen < 0 or _filled(week, item, position, rule, units) < _filled(week, chosen, position, rule, units)
            ):
                chosen = item
        units[chosen] += goods.pack[source[chosen]]
        total += goods.pack[source[chosen]]
    for place in range(goods.unit_start[unit], goods.unit_start[unit + 1]):
        if bundle > 0.0:
            units[goods.unit_items[place]] = packs * goods.ratio[goods.unit_items[place]]


@njit(**INNER)
def _filled(week, item, position, rule, units):  # type: ignore[no-untyped-def]
    """Position after ordering as a share of the target."""
    return (position[item] + units[item]) / max(rule.up_to[week, item], 1.0)


@njit(**INNER)
def _whole_order(item, goods, units):  # type: ignore[no-untyped-def]
    """Units of the order that an item's units are part of."""
    if len(goods.unit) == 0 or goods.unit[item] < 0:
        return units[item]
    unit, total = goods.unit[item], 0.0
    for place in range(goods.unit_start[unit], goods.unit_start[unit + 1]):
        total += units[goods.unit_items[place]]
    return total


@njit(**INNER)
def _price(row, units, cost, tier_from, tier_price):  # type: ignore[no-untyped-def]
    """Yuan a unit of an order of this size with a source (all-units tiers)."""
    price = cost[row]
    for tier in range(tier_from.shape[1]):
        if units >= tier_from[row, tier] - 1e-9:
            price = min(price, tier_price[row, tier])
    return price


@njit(**INNER)
def _book_all(week, asked, source, units, bill, goods, limits, paid, booked):  # type: ignore[no-untyped-def]
    """Enter the orders of a week into the payments by week and the agreed arrivals by warehouse and week.

    Books nothing and returns False when that would break a limit.
    """
    new_paid, new_booked = paid.copy(), booked.copy()
    for item in asked:
        row = source[item]
        for milestone in range(goods.pay_share.shape[1]):
            due = week + goods.pay_weeks[row, milestone]
            if due < len(paid):
                new_paid[due] += bill[item] * goods.pay_share[row, milestone]
        arrival = week + goods.lead[row]
        if arrival < len(paid):
            new_booked[goods.warehouse[item], arrival] += units[item]
    spent = 0.0
    for later in range(len(paid)):
        spent += new_paid[later]
        if later >= week and spent > limits.cash[later] * _SLACK:
            return False
        for place in range(booked.shape[0]):
            if later >= week and new_booked[place, later] > limits.inbound[place, later] * _SLACK:
                return False
    for later in range(len(paid)):
        paid[later] = new_paid[later]
        for place in range(booked.shape[0]):
            booked[place, later] = new_booked[place, later]
    return True


@njit(**INNER)
def _ration(week, asked, source, position, goods, values, limits, units, bill, paid, booked):  # type: ignore[no-untyped-def]
    """Grant the orders of a week one by one within the limits, most urgent first; cut to packs, never below a minimum;
    those that items share whole or not at all.

    Few calls an item: numba counts references of every array that it hands on.
    """
    left = np.empty(len(paid))
    _cash_left(paid, limits.cash, left)
    for item in _by_urgency(asked, position, units):
        row = source[item]
        arrival = week + goods.lead[row]
        place = goods.warehouse[item]
        granted = 0.0
        for price in (bill[item] / units[item], values.cost[row]):  # an order that is cut may lose its tier
            most = units[item]
            if arrival < len(paid):
                most = min(most, limits.inbound[place, arrival] * _SLACK - booked[place, arrival])
            owed = 0.0
            for milestone in range(goods.pay_share.shape[1]):
                due = week + goods.pay_weeks[row, milestone]
                owed += goods.pay_share[row, milestone] * price
                if due < len(paid) and owed > 0.0:
                    most = min(most, left[due] / owed)
            granted = np.floor(most / goods.pack[row] + 1e-9) * goods.pack[row]
            if granted >= units[item]:
                break
        shared = len(goods.unit) > 0 and goods.unit[item] >= 0
        if granted <= 0.0 or granted < goods.moq[row] - 1e-9 or (shared and granted < units[item]):
            units[item] = -1.0 if shared else 0.0
            continue
        units[item] = granted
        if not shared:
            bill[item] = granted * _price(row, granted, values.cost, values.tier_from, values.tier_price)
        for milestone in range(goods.pay_share.shape[1]):
            due = week + goods.pay_weeks[row, milestone]
            if due < len(paid):
                paid[due] += bill[item] * goods.pay_share[row, milestone]
        if arrival < len(paid):
            booked[place, arrival] += granted
        _cash_left(paid, limits.cash, left)
    for unit in range(len(goods.unit_start) - 1):
        _withdraw(week, unit, source, goods, units, bill, paid, booked)


@njit(**INNER)
def _withdraw(week, unit, source, goods, units, bill, paid, booked):  # type: ignore[no-untyped-def]
    """Take an order that several items share back where one of them was refused."""
    refused = False
    for place in range(goods.unit_start[unit], goods.unit_start[unit + 1]):
        refused |= units[goods.unit_items[place]] < 0.0
    for place in range(goods.unit_start[unit], goods.unit_start[unit + 1]):
        item = goods.unit_items[place]
        row = source[item]
        if refused and units[item] > 0.0:
            for milestone in range(goods.pay_share.shape[1]):
                due = week + goods.pay_weeks[row, milestone]
                if due < len(paid):
                    paid[due] -= bill[item] * goods.pay_share[row, milestone]
            if week + goods.lead[row] < len(paid):
                booked[goods.warehouse[item], week + goods.lead[row]] -= units[item]
        if refused:
            units[item] = 0.0


@njit(**INNER)
def _by_urgency(asked, position, units):  # type: ignore[no-untyped-def]
    """Items with an order, least stock against its target first (a counting sort into hundredths)."""
    start = np.zeros(102, dtype=np.int64)
    for item in asked:
        start[int(100.0 * position[item] / (position[item] + units[item])) + 1] += 1
    for step in range(1, len(start)):
        start[step] += start[step - 1]
    order = np.empty(len(asked), dtype=np.int64)
    for item in asked:
        step = int(100.0 * position[item] / (position[item] + units[item]))
        order[start[step]] = item
        start[step] += 1
    return order


@njit(**INNER)
def _cash_left(paid, cash, left):  # type: ignore[no-untyped-def]
    """Fill ``left`` [weeks] with what may still fall due in a week without breaking that or a later week's limit."""
    spent = 0.0
    for week in range(len(paid)):
        spent += paid[week]
        left[week] = cash[week] * _SLACK - spent
    for week in range(len(paid) - 2, -1, -1):
        left[week] = min(left[week], left[week + 1])


@njit(**INNER)
def _send(week, asked, source, units, bill, lead_weeks, arriving, position, goods, values, total):  # type: ignore[no-untyped-def]
    """Send the orders of a week on their way. A further source is as late as the first would be."""
    ordered = purchases = discount = cost = 0.0
    for item in asked:
        if units[item] > 0.0:
            row = source[item]
            due = week + lead_weeks[week, item]
            if row != item:
                due = week + max(due - week + goods.lead[row] - goods.lead[item], min(goods.lead[row], 1))
            if due < arriving.shape[0]:
                arriving[due, item] += units[item]
            position[item] += units[item]
            ordered += units[item]
            purchases += bill[item]
            discount += units[item] * values.cost[item] - bill[item]
            cost += values.order[row] if _leads(item, goods, units) else 0.0
    total[_ORDERED, week] = ordered
    total[_PURCHASES, week] = purchases
    total[_DISCOUNT, week] = discount
    total[_ORDER_COST, week] = cost


@njit(**INNER)
def _leads(item, goods, units):  # type: ignore[no-untyped-def]
    """An item pays for the order: it is alone in it, or the first one."""
    if len(goods.unit) == 0 or goods.unit[item] < 0:
        return True
    for place in range(goods.unit_start[goods.unit[item]], goods.unit_start[goods.unit[item] + 1]):
        if units[goods.unit_items[place]] > 0.0:
            return goods.unit_items[place] == item
    return False


@njit(**INNER)
def _receive(week, arriving, stock, total):  # type: ignore[no-untyped-def]
    """Put what is due into stock."""
    received = 0.0
    for item in range(len(stock)):
        stock[item] += arriving[week, item]
        received += arriving[week, item]
    total[_RECEIVED, week] = received


@njit(**INNER)
def _take_back(week, back, stock, position):  # type: ignore[no-untyped-def]
    """Put what came back sellable into stock; only then does it count in the position."""
    if back.shape[0] > 0:
        for item in range(len(stock)):
            stock[item] += back[week, item]
            position[item] += back[week, item]


@njit(**INNER)
def _send_back(week, item, sold, goods, back):  # type: ignore[no-untyped-def]
    """Of what is sold a part comes back later."""
    if back.shape[0] > 0:
        due = week + goods.back_weeks[item]
        if due < back.shape[0]:
            back[due, item] += goods.back_share[item] * sold


@njit(**INNER)
def _sell(week, stock, position, wanted, goods, values, short, back, total, by_item):  # type: ignore[no-untyped-def]
    """Sell from stock, lose the rest."""
    all_demand = all_sold = outs = at_cost = 0.0
    revenue = goods_cost = missed = penalty = 0.0
    for item in range(len(stock)):
        demand = float(wanted[week, item])
        sold = min(stock[item], demand)
        lost = demand - sold
        out = 0.0
        if stock[item] <= 0.0:
            out = goods.active[item]
        elif lost > 0.0:
            out = goods.active[item] * lost / demand
        stock[item] -= sold
        position[item] -= sold
        short[item] = lost
        _send_back(week, item, sold, goods, back)
        all_demand += demand
        all_sold += sold
        outs += out
        revenue += sold * values.revenue[week, item]
        at_cost += sold * values.cost[item]
        goods_cost += sold * values.goods[item]
        missed += lost * values.revenue[week, item]
        penalty += lost * values.penalty[item]
        by_item[0, item] += demand
        by_item[1, item] += sold
        by_item[2, item] += out
    total[_DEMAND, week] = all_demand
    total[_SOLD, week] = all_sold
    total[_OUT, week] = outs
    total[_REVENUE, week] = revenue
    total[_AT_COST, week] = at_cost
    total[_GOODS, week] = goods_cost
    total[_LOST, week] = missed
    total[_PENALTY, week] = penalty


@njit(**INNER)
def _serve_second(week, stock, position, short, goods, values, back, total, by_item):  # type: ignore[no-untyped-def]
    """What items are short of is sold from other items' stock where a second lane leads there, at extra cost."""
    for lane in range(len(goods.lane_item)):
        item, second = goods.lane_item[lane], goods.lane_second[lane]
        sold = min(goods.lane_share[lane] * short[item], stock[second])
        if sold > 0.0:
            stock[second] -= sold
            position[second] -= sold
            _send_back(week, second, sold, goods, back)
            total[_SOLD, week] += sold
            total[_SECOND, week] += sold
            total[_REVENUE, week] += sold * (values.revenue[week, item] - values.lane_extra[lane])
            total[_AT_COST, week] += sold * values.cost[second]
            total[_GOODS, week] += sold * values.goods[second]
            total[_LOST, week] -= sold * values.revenue[week, item]
            total[_PENALTY, week] -= sold * values.penalty[item]
            by_item[1, item] += sold


@njit(**INNER)
def _hold(week, stock, goods, values, total):  # type: ignore[no-untyped-def]
    """Hold what is left."""
    left = value = excess = holding = 0.0
    for item in range(len(stock)):
        rest = stock[item]
        left += rest
        value += rest * values.cost[item]
        excess += max(0.0, rest - goods.excess[item]) * values.cost[item]
        holding += rest * values.holding[item]
    total[_STOCK, week] = left
    total[_VALUE, week] = value
    total[_EXCESS, week] = excess
    total[_HOLDING, week] = holding
