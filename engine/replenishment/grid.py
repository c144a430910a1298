"""How finely an item is planned: units a lot, and how many lots its tables reach."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Orders(NamedTuple):
    """What the suppliers of some items allow [items]: the unit that all packs are multiples of (``fine``), and one that
    is a multiple of all packs (``coarse``); the largest minimum order ``moq``; the quantity of the last price ``tier``;
    the planning ``unit`` (items with the same one share an order, and minimum and tier are of all of them); ``ratio``:
    units in a prepack of the unit, 0 without."""

    fine: Ints
    coarse: Ints
    moq: Ints
    tier: Floats
    unit: Ints
    ratio: Ints

    def of(self, rows: Ints) -> Orders:
        """Those of some items."""
        fine, coarse, moq = self.fine[rows], self.coarse[rows], self.moq[rows]
        return Orders(fine, coarse, moq, self.tier[rows], self.unit[rows], self.ratio[rows])


class Grid(NamedTuple):
    """``lot``: units; ``states``: number of cumulative lots of the tables, 0 included; ``spare``: lots above the need
    that an order may bring [items]."""

    lot: Floats
    states: Ints
    spare: Ints


def grid_of(need: Floats, orders: Orders, most: int) -> Grid:
    """The grid of items whose demand may ask for ``need`` units [items]; at most about ``most`` lots an item."""
    spare = np.maximum(np.maximum(orders.moq, orders.coarse), np.minimum(orders.tier, need))
    fits = np.ceil((need + spare) / orders.fine) <= most
    steps = np.maximum(np.ceil((need + spare) / (orders.coarse * float(most))), 1.0)
    lot = np.where(fits, orders.fine, orders.coarse * steps)
    above = np.ceil(spare / lot)
    states = np.where(need > 0, np.ceil(need / lot) + above + 1, 1)
    grid = Grid(lot, states.astype(np.int64), above.astype(np.int64))
    shared = np.bincount(orders.unit)[orders.unit] > 1
    return _with_groups(grid, need, orders, most, shared) if shared.any() else grid


def _with_groups(grid: Grid, need: Floats, orders: Orders, most: int, shared: NDArray[np.bool_]) -> Grid:
    """Items that share orders have one lot, or their part of one prepack; the minimum counts once for all of them."""
    unit = orders.unit

    def of_all(ufunc: np.ufunc, values: NDArray[np.generic], empty: float) -> Floats:
        out = np.full(unit.max() + 1, empty, dtype=values.dtype)
        ufunc.at(out, unit, values)
        return np.asarray(out[unit], dtype=np.float64)

    members, total = of_all(np.add, np.ones(len(unit)), 0.0), of_all(np.add, need, 0.0)
    coarse = of_all(np.lcm, orders.coarse, 1)
    least = of_all(np.maximum, np.maximum(orders.moq.astype(np.float64), np.minimum(orders.tier, total)), 0.0)
    spare = np.maximum(least, coarse)
    free = coarse * np.maximum(np.ceil((total + spare) / (coarse * most * (members + 1.0) / 2.0)), 1.0)
    bundle, ratio = of_all(np.add, orders.ratio, 0), np.maximum(orders.ratio, 1)
    packs = of_all(np.maximum, np.ceil(need / ratio), 0.0)
    more = np.ceil(spare / np.maximum(bundle, 1.0))
    several = np.maximum(np.ceil((packs + more) / most), 1.0)
    packed = shared & (bundle > 0)
    lot = np.where(packed, ratio * several, free)
    above = np.where(packed, np.ceil(more / several), np.ceil(spare / free))
    reach = np.where(packed, np.ceil(packs / several), np.ceil(need / free))
    needed = np.where(packed, total, need) > 0
    states = np.where(needed, reach + above + 1, 1)
    return Grid(
        np.where(shared, lot, grid.lot),
        np.where(shared, states, grid.states).astype(np.int64),
        np.where(shared, above, grid.spare).astype(np.int64),
    )
