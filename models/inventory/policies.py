"""Textbook ordering policies: economic order quantity, newsvendor, (R, s, S) and the exact (s, S) of Poisson demand."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]


def economic_order_quantity(demand: ArrayLike, order_cost: ArrayLike, holding_cost: ArrayLike) -> Floats:
    """Lot that balances set-up and holding, sqrt(2 K d / h) (Harris 1913); 0 without set-up cost, inf without holding.

    ``demand`` units and ``holding_cost`` yuan a unit in the same period, ``order_cost`` yuan an order; they broadcast.

    >>> round(float(economic_order_quantity(1300, 8, 0.225)), 3)
    304.047
    """
    fixed = 2.0 * np.asarray(order_cost, dtype=float) * np.asarray(demand, dtype=float)
    holding = np.asarray(holding_cost, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(fixed > 0.0, np.sqrt(fixed / holding), 0.0)


def newsvendor(mean: float, sd: float, holding_cost: float, shortage_cost: float) -> tuple[float, float]:
    """Best stock for one period of normal demand, and its expected cost (Arrow, Harris, Marschak 1951).

    Costs are yuan a unit left and a unit short.

    >>> level, cost = newsvendor(50, 8, 0.18, 0.70)
    >>> round(level, 3), round(cost, 4)
    (56.604, 1.9976)
    """
    factor = float(stats.norm.ppf(shortage_cost / (shortage_cost + holding_cost)))
    return mean + factor * sd, (shortage_cost + holding_cost) * float(stats.norm.pdf(factor)) * sd


def protection(
    mean: Floats, lead_weeks: NDArray[np.int64], extra_weeks: float = 0.0
) -> tuple[NDArray[np.int64], Floats]:
    """Weeks [items, weeks] after an order's review period and lead time, and expected demand until then.

    An order of week t must last until the order of week t + 1 arrives: over the weeks t to t + lead. ``mean`` units
    [items, weeks]. ``extra_weeks`` lengthens the interval; weeks past the last one count nothing.

    >>> protection(np.array([[1.0, 2.0, 4.0]]), np.array([1]))[1].tolist()
    [[3.0, 6.0, 4.0]]
    """
    weeks = mean.shape[1]
    total = np.concatenate([np.zeros((len(mean), 1)), np.cumsum(mean, axis=1)], axis=1)
    start = np.arange(weeks)
    end = np.minimum(start + lead_weeks[:, None] + 1 + extra_weeks, weeks)
    whole = np.floor(end).astype(np.int64)
    rows = np.arange(len(mean))[:, None]
    beyond = (end - whole) * (total[rows, np.minimum(whole + 1, weeks)] - total[rows, whole])
    return whole, total[rows, whole] + beyond - total[:, :-1]


def poisson_s_S(mean: float, holding_cost: float, shortage_cost: float, order_cost: float) -> tuple[int, int, float]:
    """Exact (s, S) and cost a period: Poisson demand of a period, backorders, no lead time (Zheng, Federgruen 1991).

    An order up to S is placed when the stock is at or below s.

    >>> s, S, cost = poisson_s_S(6, 1, 4, 5)
    >>> s, S, round(cost, 5)
    (4, 10, 8.03411)
    """
    law = stats.poisson(mean)
    size = int(law.ppf(1.0 - 1e-12)) + 1
    chance = law.pmf(np.arange(size + 1))

    def loss(level: int) -> float:
        units = level - np.arange(size + 1)
        return float(chance @ (holding_cost * np.maximum(units, 0) + shortage_cost * np.maximum(-units, 0)))

    def cost(reorder: int, up_to: int) -> float:
        # expected visits to each stock level above the reorder point in one cycle (their equation 2)
        visits = np.zeros(up_to - reorder)
        visits[0] = 1.0 / (1.0 - chance[0])
        for step in range(1, len(visits)):
            back = min(step, size)
            visits[step] = visits[0] * (visits[step - back : step][::-1] @ chance[1 : back + 1])
        levels = [loss(up_to - step) for step in range(len(visits))]
        return float((order_cost + visits @ levels) / visits.sum())

    best_level = int(law.ppf(shortage_cost / (shortage_cost + holding_cost)))
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


def review_levels(
    mean: Floats, lead_weeks: NDArray[np.int64], variance: Floats, factor: float, lot: Floats
) -> tuple[Floats, Floats]:
    """Reorder level s and order-up-to level S of an (R, s, S) rule, each [items, weeks].

    s = expected demand over the protection interval + ``factor`` x its standard deviation; S = s + ``lot``
    (Silver, Pyke, Thomas 2017, section 6.7).

    >>> one = np.ones((1, 3))
    >>> review_levels(one, np.array([0]), one, 2.0, 5 * one)[0].tolist()
    [[3.0, 3.0, 3.0]]
    """
    reorder = protection(mean, lead_weeks)[1] + factor * np.sqrt(np.maximum(variance, 0.0))
    return reorder, reorder + lot
