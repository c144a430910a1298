"""What stock left at the end of the horizon costs: it is sold on at the rate of demand, or cleared.

Without it a plan that ends would see no harm in a purchase of ten years' demand.
"""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True)
def leftover_cost(units: float, holding: float, demand_after: float, clearance_loss: float) -> float:
    """Yuan for ``units`` left. The u-th of them is sold after u / demand_after weeks and pays ``holding`` (a unit and
    week) until then; one that would pay more than ``clearance_loss`` (a unit) is cleared instead.

    ``demand_after``: units a week after the horizon; 0: everything is cleared. Integral of min(h u / d, c) over u.

    >>> leftover_cost(10.0, 1.0, 5.0, 100.0)
    10.0
    >>> leftover_cost(10.0, 1.0, 0.0, 3.0)
    30.0
    >>> leftover_cost(10.0, 1.0, 1.0, 4.0)
    32.0
    """
    if units <= 0.0:
        return 0.0
    if holding <= 0.0 and demand_after > 0.0:
        return 0.0
    if demand_after <= 0.0:
        return units * clearance_loss
    sold_on = min(units, clearance_loss * demand_after / holding)
    return holding * sold_on * sold_on / (2.0 * demand_after) + (units - sold_on) * clearance_loss
