"""Policies of random demand with exact parameters: newsvendor, base stock, (R, S), (R, s, Q) and (s, S).

Backorders, a fixed lead time of L periods, linear costs of a unit on hand and a unit short at the end of a period. An
order of period t arrives before the demand of t + L, so that a position y after ordering is followed by the demand of
L + 1 periods: everything rests on the expected cost ``G(y)`` of that demand.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import stats

Cost = Callable[[int], float]


def newsvendor(
    mean: float, sd: float, holding_cost: float, shortage_cost: float, lead_periods: int = 0
) -> tuple[float, float]:
    """Best stock for normal demand, and its expected cost a period (Arrow, Harris, Marschak 1951).

    With a lead time: the base stock level, up to which an order is placed in every period.

    >>> level, cost = newsvendor(50, 8, 0.18, 0.70)
    >>> round(level, 3), round(cost, 4)
    (56.604, 1.9976)
    """
    factor = float(stats.norm.ppf(shortage_cost / (shortage_cost + holding_cost)))
    spread = sd * math.sqrt(lead_periods + 1)
    cost = (shortage_cost + holding_cost) * float(stats.norm.pdf(factor)) * spread
    return mean * (lead_periods + 1) + factor * spread, cost


def poisson_base_stock(
    mean: float, holding_cost: float, shortage_cost: float, lead_periods: int = 0
) -> tuple[int, float]:
    """Base stock level of Poisson demand, and its expected cost a period.

    >>> level, cost = poisson_base_stock(6, 1, 4)
    >>> level, round(cost, 5)
    (8, 3.57011)
    """
    law = stats.poisson(mean * (lead_periods + 1))
    level = int(law.ppf(shortage_cost / (shortage_cost + holding_cost)))
    return level, _poisson_cost(mean * (lead_periods + 1), holding_cost, shortage_cost)(level)


def poisson_R_S(
    mean: float, holding_cost: float, shortage_cost: float, order_cost: float, review: int, lead_periods: int = 0
) -> tuple[int, float]:
    """Best S of an order up to S every ``review`` periods, and its expected cost a period.

    Each order serves the demand of L + 1 to L + R periods; ``order_cost`` is paid where anything was sold.

    >>> poisson_R_S(6, 1, 4, 0, review=1)[0] == poisson_base_stock(6, 1, 4)[0]
    True
    """
    parts = [
        _poisson_cost(mean * (lead_periods + period), holding_cost, shortage_cost) for period in range(1, review + 1)
    ]

    def held(level: int) -> float:
        return sum(part(level) for part in parts) / review

    level = int(stats.poisson(mean * (lead_periods + 1)).ppf(shortage_cost / (shortage_cost + holding_cost)))
    while held(level + 1) < held(level):
        level += 1
    return level, held(level) + order_cost * -math.expm1(-mean * review) / review


def poisson_r_Q(
    mean: float, holding_cost: float, shortage_cost: float, order_cost: float, lead_time: float
) -> tuple[int, int, float]:
    """Best r, Q and cost a period: Q units are ordered when the position falls to r (Federgruen, Zheng 1992).

    Continuous review, Poisson demand; the position is uniform on r + 1 .. r + Q.

    >>> r, Q, cost = poisson_r_Q(1.5, 20, 150, 100, lead_time=2)
    >>> r, Q, round(cost, 5)
    (3, 5, 107.92358)
    """
    at = _poisson_cost(mean * lead_time, holding_cost, shortage_cost)
    low = high = int(stats.poisson(mean * lead_time).ppf(shortage_cost / (shortage_cost + holding_cost)))
    total, best = order_cost * mean + at(low), math.inf
    while total / (high - low + 1) < best:  # take in the cheaper neighbour while that lowers the mean
        best = total / (high - low + 1)
        below, above = at(low - 1), at(high + 1)
        if min(below, above) >= best:
            break
        total += min(below, above)
        low, high = (low - 1, high) if below < above else (low, high + 1)
    return low - 1, high - low + 1, best


def poisson_s_S(
    mean: float, holding_cost: float, shortage_cost: float, order_cost: float, lead_periods: int = 0
) -> tuple[int, int, float]:
    """Exact (s, S) and cost a period for Poisson demand: up to S when the position is at or below s.

    Source: Zheng, Federgruen (1991), Finding optimal (s, S) policies is about as simple as evaluating a single policy.

    >>> s, S, cost = poisson_s_S(6, 1, 4, 5)
    >>> s, S, round(cost, 5)
    (4, 10, 8.03411)
    """
    law = stats.poisson(mean)
    size = int(law.ppf(1.0 - 1e-12)) + 1
    chance = law.pmf(np.arange(size + 1))
    loss = _poisson_cost(mean * (lead_periods + 1), holding_cost, shortage_cost)

    def cost(reorder: int, up_to: int) -> float:
        # expected visits to each position above the reorder point in one cycle (their equation 2)
        visits = np.zeros(up_to - reorder)
        visits[0] = 1.0 / (1.0 - chance[0])
        for step in range(1, len(visits)):
            back = min(step, size)
            visits[step] = visits[0] * (visits[step - back : step][::-1] @ chance[1 : back + 1])
        levels = [loss(up_to - step) for step in range(len(visits))]
        return float((order_cost + visits @ levels) / visits.sum())

    best_level = int(stats.poisson(mean * (lead_periods + 1)).ppf(shortage_cost / (shortage_cost + holding_cost)))
    reorder = best_level - 1
    while cost(reorder, best_level) > loss(reorder):
        reorder -= 1
    best_up_to, best = best_level, cost(reorder, best_level)
    up_to = best_level + 1
    while loss(up_to) <= best:
        if cost(reorder, up_to) < best:
            best_up_to = up_to
            while cost(reorder + 1, up_to) <= loss(reorder + 1):
                reorder += 1
            best = cost(reorder, up_to)
        up_to += 1
    return reorder, best_up_to, best


def _poisson_cost(mean: float, holding_cost: float, shortage_cost: float) -> Cost:
    """Expected cost of a stock before Poisson demand, remembered by level."""
    law = stats.poisson(mean)
    known: dict[int, float] = {}

    def cost(level: int) -> float:
        if level not in known:
            # E[(y - D)+] = y P(D <= y) - m P(D <= y - 1)
            left = float(level * law.cdf(level) - mean * law.cdf(level - 1)) if level >= 0 else 0.0
            known[level] = holding_cost * left + shortage_cost * (left - level + mean)
        return known[level]

    return cost
