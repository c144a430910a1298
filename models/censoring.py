"""Sales under stock-outs: what would have been bought.

Sales of a period without stock are a lower bound of demand. Leaving such periods out makes forecasts spiral down
(orders follow sales, sales follow stock), so they are filled with the demand that is expected given what was seen.
"""

from __future__ import annotations

import math

from numba import njit

DISPERSION = 0.3
"""Variance of demand = mean + 0.3 mean^2: a fixed negative binomial; dispersion by item does not pay."""


LARGE = 200.0
"""Units beyond which the law is taken as normal, to spare the sum over its mass."""


@njit(cache=True)
def expected_above(mean: float, sold: float) -> float:
    """E[D | D >= sold] of a negative binomial with that mean and ``DISPERSION``.

    >>> round(expected_above(2.0, 0.0), 6)
    2.0
    >>> expected_above(2.0, 5.0) > 5.0
    True
    """
    if mean <= 0.0:
        return sold
    if sold <= 0.0:
        return mean
    size = 1.0 / DISPERSION
    deviation = math.sqrt(mean + DISPERSION * mean * mean)
    if mean > LARGE or sold > mean + LARGE:
        score = (sold - mean) / deviation
        tail = 0.5 * math.erfc(score / math.sqrt(2.0))
        if score > 6.0 or tail <= 0.0:
            return sold
        return mean + deviation * math.exp(-0.5 * score * score) / math.sqrt(2.0 * math.pi) / tail
    chance = size / (size + mean)
    mass = math.exp(size * math.log(chance))
    below, below_units = 0.0, 0.0
    for units in range(math.ceil(sold)):
        below += mass
        below_units += mass * units
        mass *= (units + size) / (units + 1.0) * (1.0 - chance)
    above = 1.0 - below
    return max((mean - below_units) / above, sold) if above > 1e-9 else sold


@njit(cache=True)
def restored(sold: float, in_stock: float, mean: float) -> float:
    """Demand of a period in which the item was in stock for a share of the time, 0 <= ``in_stock`` < 1.

    A partly covered period lost the expected sales of the rest. A period that is only flagged (share 0) although it
    sold something says no more than that demand was at least the sales.

    >>> restored(3.0, 0.5, 4.0)
    5.0
    """
    if in_stock > 0.0 or sold <= 0.0:
        return sold + (1.0 - in_stock) * mean
    return expected_above(mean, sold)
