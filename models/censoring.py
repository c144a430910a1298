"""Sales under stock-outs: what would have been bought.

Sales of a period without stock are a lower bound of demand. Leaving such periods out makes forecasts spiral down
(orders follow sales, sales follow stock; the days left out are the busy ones), so they are filled with the demand
that is expected given what was seen. Demand is taken as negative binomial: Poisson with a gamma rate of the period
(Greenwood and Yule 1920), so that a period that sold fast before it ran out is believed to have been a busy one.
"""

from __future__ import annotations

import math

from numba import njit

DISPERSION = 0.3
"""Variance of demand = mean + 0.3 mean^2 where nothing better is known."""


LARGE = 200.0
"""Units beyond which the law is taken as normal, to spare the sum over its mass."""


@njit(cache=True)
def expected_above(mean: float, sold: float, dispersion: float = DISPERSION) -> float:
    """E[D | D >= sold] of a negative binomial with that mean and dispersion.

    >>> round(expected_above(2.0, 0.0), 6)
    2.0
    >>> expected_above(2.0, 5.0) > 5.0
    True
    """
    if mean <= 0.0:
        return sold
    if sold <= 0.0:
        return mean
    size = 1.0 / dispersion
    deviation = math.sqrt(mean + dispersion * mean * mean)
    if mean > LARGE or sold > mean + LARGE:
        score = (sold - mean) / deviation
        tail = 0.5 * math.erfc(score / math.sqrt(2.0))
        if score > 6.0 or tail <= 0.0:
            return sold
        return max(mean + deviation * math.exp(-0.5 * score * score) / math.sqrt(2.0 * math.pi) / tail, sold)
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
def restored(sold: float, in_stock: float, mean: float, dispersion: float = DISPERSION) -> float:
    """Demand of a period in which the item was in stock for a share of the time, 0 <= ``in_stock`` < 1.

    A partly covered period lost the rest at the rate that its own sales and the expected ``mean`` make likely: the
    posterior rate of a gamma law, mean (1 / d + sold) / (1 / d + in_stock mean), d the dispersion. A period that is
    only flagged (share 0) although it sold something says no more than that demand was at least the sales.

    >>> restored(2.0, 0.5, 4.0)
    4.0
    >>> restored(6.0, 0.5, 4.0) > 8.0
    True
    """
    if in_stock > 0.0:
        return sold + (1.0 - in_stock) * rate_given(sold, in_stock, mean, dispersion)
    return expected_above(mean, sold, dispersion) if sold > 0.0 else mean


@njit(cache=True)
def rate_given(sold: float, in_stock: float, mean: float, dispersion: float = DISPERSION) -> float:
    """Expected demand of a whole period like this one, given its sales in the share in stock.

    >>> rate_given(2.0, 0.5, 4.0)
    4.0
    """
    size = 1.0 / dispersion
    return max(mean, 0.0) * (size + max(sold, 0.0)) / (size + in_stock * max(mean, 0.0))


@njit(cache=True)
def lost_deviation(sold: float, in_stock: float, lost: float, dispersion: float = DISPERSION) -> float:
    """Standard deviation of the ``lost`` units: Poisson chance and the doubt about the period's rate.

    The rate's gamma law has the shape 1 / d + sold after the sales of the share in stock; nothing is learned from a
    share of 0.

    >>> round(lost_deviation(0.0, 0.0, 2.0), 3)
    1.789
    """
    shape = 1.0 / dispersion + (max(sold, 0.0) if in_stock > 0.0 else 0.0)
    return math.sqrt(lost + lost * lost / shape)
