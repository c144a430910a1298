"""Textbook lot sizes and review levels; :mod:`models.inventory.exact_policies` has those of random demand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

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


def discounted_lot(
    demand: float, order_cost: float, holding_rate: float, tiers: Sequence[tuple[float, float]], incremental: bool
) -> tuple[float, float]:
    """Best lot and cost a period, purchases included, under quantity discounts (Nahmias 2005, section 4.7).

    ``tiers``: (from units, yuan a unit), the first from 0. ``holding_rate``: a period, for a yuan in stock. The price
    of a tier holds for all units of the lot, or where ``incremental`` for the units within the tier.

    >>> lot, cost = discounted_lot(1300, 8, 0.3, [(0, 0.75), (400, 0.72), (800, 0.68)], incremental=False)
    >>> round(lot), round(cost, 2)
    (800, 978.6)
    """
    best = (0.0, np.inf)
    spent = 0.0  # on the units of cheaper lots, incremental
    for number, (least, price) in enumerate(tiers):
        most = tiers[number + 1][0] if number + 1 < len(tiers) else np.inf
        fixed = order_cost + (spent - price * least if incremental else 0.0)
        lot = min(max(float(economic_order_quantity(demand, fixed, holding_rate * price)), least), most)
        total = spent + price * (lot - least) if incremental else price * lot
        if lot > 0.0 and lot < np.inf:
            cost = (order_cost + total) * demand / lot + holding_rate * total / 2.0
            best = min(best, (lot, cost), key=lambda entry: entry[1])
        spent += price * (most - least) if most < np.inf else 0.0
    return best


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
