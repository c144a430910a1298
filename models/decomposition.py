"""Exact decompositions of a change: by factors of a product, and by price, volume and mix of items.

Every function's parts add up to the change itself: nothing is left over and nothing is counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Divisia:
    """``effects`` [cells, factors]: what each factor brought, in units of the product. ``one_sided`` [cells]: change of
    cells whose product stands in one of the two periods alone, where no factor can be told."""

    effects: Floats
    one_sided: Floats


def divisia(before: Floats, after: Floats) -> Divisia:
    """The change of a product of factors [cells, factors], spread over the factors without a rest.

    Additive log-mean Divisia index, form I (Ang and Liu 2001, LMDI-I): effect of a factor = log mean of the products
    x log of the factor's ratio. Factors must not be negative.

    >>> visitors, conversion, value = (100.0, 200.0), (0.1, 0.1), (50.0, 40.0)
    >>> found = divisia(*(np.array([[v, c, a]]) for v, c, a in zip(visitors, conversion, value)))
    >>> found.effects.round(3).tolist(), round(float(found.effects.sum() + found.one_sided.sum()), 9)
    ([[442.431, 0.0, -142.431]], 300.0)
    """
    first, last = before.prod(axis=1), after.prod(axis=1)
    both = (first > 0) & (last > 0)
    ratio = np.log(np.where(both[:, None], after, 1.0) / np.where(both[:, None], before, 1.0))
    gap = ratio.sum(axis=1)
    weight = np.where(both, first, 0.0) * np.divide(np.expm1(gap), gap, out=np.ones_like(gap), where=gap != 0)
    return Divisia(weight[:, None] * ratio, np.where(both, 0.0, last - first))


@dataclass(frozen=True)
class PriceVolumeMix:
    """Parts of a change of revenue. ``volume``: more or fewer units of the items sold in both periods, at their mean
    price of the first; ``mix``: shift between them towards dearer ones (or channels); ``price``: each at its new price.
    ``new``, ``dropped``: items sold in one period alone. ``other``: money without units."""

    volume: float
    mix: float
    price: float
    new: float
    dropped: float
    other: float

    @property
    def total(self) -> float:
        """The change itself."""
        return self.volume + self.mix + self.price + self.new + self.dropped + self.other


def price_volume_mix(item: Ints, units: tuple[Floats, Floats], value: tuple[Floats, Floats]) -> PriceVolumeMix:
    """Change of value between two periods over cells [n] (an item in a channel), ``item``: number of the cell's item.

    Reference: the first period's prices (Laspeyres volume, Paasche price). A continuing item's cell that was not sold
    before is valued at the item's mean price of before, so that a new channel of an old item is mix, not a new item.

    >>> cells = np.array([0, 1, 2])
    >>> before, after = np.array([10.0, 10.0, 5.0]), np.array([10.0, 20.0, 0.0])
    >>> price_volume_mix(cells, (before, after), (before * [1.0, 3.0, 2.0], after * [2.0, 3.0, 2.0]))
    PriceVolumeMix(volume=20.0, mix=10.0, price=10.0, new=0.0, dropped=-10.0, other=0.0)
    """
    first, last = (np.where(count > 0, count, 0.0) for count in units)
    money = [np.where(count > 0, amount, 0.0) for count, amount in zip((first, last), value, strict=True)]
    size = int(item.max(initial=-1)) + 1
    sold = [np.asarray(np.bincount(item, count, size), dtype=np.float64) for count in (first, last)]
    going = (sold[0] > 0) & (sold[1] > 0)
    usual = _ratio(np.asarray(np.bincount(item, money[0], size), dtype=np.float64), sold[0])
    stays = going[item]
    price = np.where(first > 0, _ratio(money[0], first), usual[item])
    before, after = float(first[stays].sum()), float(last[stays].sum())
    spent = float(money[0][stays].sum())
    volume = (after - before) * spent / before if before > 0 else 0.0
    at_old = float((last * price)[stays].sum())
    return PriceVolumeMix(
        volume=volume,
        mix=at_old - spent - volume,
        price=float(money[1][stays].sum()) - at_old,
        new=float(money[1][~stays].sum()),
        dropped=-float(money[0][~stays].sum()),
        other=float((value[1] - money[1]).sum() - (value[0] - money[0]).sum()),
    )


def _ratio(over: Floats, under: Floats) -> Floats:
    """Quotient, 0 where there is nothing to divide by."""
    return np.divide(over, under, out=np.zeros(over.shape), where=under > 0)


def whole_parts(parts: Floats, total: int) -> Ints:
    """Parts rounded so that they add up to a whole total; the rest goes to the largest part (the first of them).

    >>> whole_parts(np.array([1.4, 1.4, -0.8]), 2).tolist()
    [2, 1, -1]
    """
    rounded = np.rint(parts).astype(np.int64)
    if len(rounded):
        rounded[int(np.abs(parts).argmax())] += total - int(rounded.sum())
    return rounded
