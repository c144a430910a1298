"""The challenge's stock room: orders that arrive after two full weeks, sales from the shelf, lost sales, costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HOLDING, SHORTAGE = 0.2, 1.0
"""EUR a unit left at the end of a week, EUR a unit of demand that was lost (rules of the challenge)."""


@dataclass(frozen=True)
class Shelf:
    """Units [items] at the end of a week: on hand, due at the start of the next week (W+1) and of the one after."""

    on_hand: Floats
    next_week: Floats
    week_after: Floats

    @property
    def position(self) -> Floats:
        """Everything on hand or on its way."""
        return np.asarray(self.on_hand + self.next_week + self.week_after)


@dataclass(frozen=True)
class Week:
    """``sold``, ``cost`` (EUR) float64 [items] and ``sold_out`` bool: nothing was left, demand may have been more."""

    sold: Floats
    cost: Floats
    sold_out: NDArray[np.bool_]


def one_week(shelf: Shelf, order: Floats, demand: Floats) -> tuple[Shelf, Week]:
    """Place ``order`` (end of week X, sellable at the start of X + 3), then live through the next week.

    >>> one = np.ones(1)
    >>> after, week = one_week(Shelf(2 * one, one, 4 * one), 5 * one, 6 * one)
    >>> after.on_hand.item(), after.next_week.item(), after.week_after.item()
    (0.0, 4.0, 5.0)
    >>> week.sold.item(), week.cost.item(), week.sold_out.item()
    (3.0, 3.0, True)
    """
    there = shelf.on_hand + shelf.next_week
    sold = np.minimum(there, demand)
    left = there - sold
    cost = HOLDING * left + SHORTAGE * (demand - sold)
    return Shelf(left, shelf.week_after, order), Week(sold, cost, left <= 0.0)
