"""Proportional fill with bounds and exact rounding: how a number reaches the leaves so that everything adds up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.integer]
HALVINGS = 100


def largest_remainder(values: Floats, group: Codes, totals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole numbers in proportion to ``values`` that add up to ``totals`` in every group.

    ``values`` [n] >= 0, ``group`` [n] position in ``totals``. Hamilton's method: everybody gets the whole part of his
    quota, the rest goes to the largest fractions (earlier entries first). A zero gets nothing unless its whole group
    is zero, which then shares evenly; a group without members must have the total 0.

    >>> largest_remainder(np.array([1.0, 1.0, 1.0]), np.array([0, 0, 0]), np.array([100])).tolist()
    [34, 33, 33]
    """
    size = len(totals)
    members = np.bincount(group, minlength=size)
    if ((members == 0) & (totals != 0)).any():
        raise ValueError("a group with a total has no member")
    sums = np.bincount(group, values, size)
    weight = np.where(sums[group] > 0, values, 1.0)
    sums = np.where(sums > 0, sums, members)
    quota = weight * (totals[group] / np.where(sums[group] > 0, sums[group], 1.0))
    whole = np.floor(quota).astype(np.int64)
    over = np.bincount(group, whole.astype(np.float64), size).astype(np.int64) - totals
    rest = quota - whole
    while (over > 0).any():  # a quota's last bit above its true value
        order = np.lexsort((np.arange(len(values)), rest, whole <= 0, group))
        whole[order[_rank(group[order], members) < np.maximum(over, 0)[group[order]]]] -= 1
        over = np.bincount(group, whole.astype(np.float64), size).astype(np.int64) - totals
    order = np.lexsort((np.arange(len(values)), -rest, weight <= 0, group))
    positive = np.bincount(group, weight > 0, size).astype(np.int64)
    rank = _rank(group[order], members)
    sharers = np.maximum(positive, 1)[group[order]]
    short = -over[group[order]]
    extra = np.where(rank < sharers, short // sharers + (rank < short % sharers), 0)
    whole[order] += extra
    return whole


def _rank(sorted_group: Codes, members: NDArray[np.integer]) -> NDArray[np.int64]:
    """Position of each entry within its group, for groups in ascending order."""
    start = np.concatenate([[0], np.cumsum(members)[:-1]])
    return np.asarray(np.arange(len(sorted_group)) - start[sorted_group], dtype=np.int64)


def fill(totals: Floats, weight: Floats, lower: Floats, upper: Floats, group: Codes) -> tuple[Floats, Floats]:
    """Values in proportion to ``weight`` within bounds that add up to ``totals`` in every group.

    x = clip(s_g weight, lower, upper) with the one factor s_g that fits each group, found by halving. Also returns
    what could not be placed, [groups] (positive: the upper bounds hold back, negative: the lower ones force more); that
    rest is then spread by weight over the bounds, so that the sums hold anyway.

    >>> fill(np.array([10.0]), np.ones(3), np.zeros(3), np.array([2.0, 9.0, 9.0]), np.zeros(3, dtype=int))[0]
    array([2., 4., 4.])
    """
    size = len(totals)
    sums = np.bincount(group, weight, size)
    weight = np.where(sums[group] > 0, weight, 1.0)
    positive = weight > 0
    span = np.bincount(group, weight, size)

    def placed(factor: Floats) -> Floats:
        return np.where(positive, np.clip(factor[group] * weight, lower, upper), 0.0)

    top = np.where(positive, np.where(np.isfinite(upper), upper, totals[group]), 0.0) / np.where(positive, weight, 1.0)
    low, high = np.zeros(size), totals / np.where(span > 0, span, 1.0)
    np.maximum.at(high, group, top)
    np.maximum.at(high, group, np.where(positive, lower / np.where(positive, weight, 1.0), 0.0))
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        below = np.bincount(group, placed(middle), size) < totals
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    values = placed(high)
    gap = totals - np.bincount(group, values, size)
    unplaced = np.where(np.abs(gap) > 1e-6 * np.maximum(totals, 1.0), gap, 0.0)
    base = np.bincount(group, np.maximum(values, 0.0), size)
    scaled = np.where(base[group] > 0, values * (totals / np.where(base > 0, base, 1.0))[group], 0.0)
    even = weight * (totals / np.where(span > 0, span, 1.0))[group]
    return np.where(base[group] > 0, scaled, even), unplaced
