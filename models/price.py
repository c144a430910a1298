"""Effects of price and promotion on demand: what a calendar does to a baseline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.drivers import PRICE, PROMOTION, RIVAL_PRICES, RIVAL_PROMOTIONS, SHADOW, SUBSIDY, Drivers
from models.shadows import with_shadows

FloatGrid = NDArray[np.float32]
NINETY = 1.645
"""Standard errors on either side of the central 90 % of a normal law."""
LARGEST_DRAW = 2.0
"""Bound on the log attraction of a single item when it is weighed against its rivals."""
STILL_SOLD = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Shelf:
    """Who competes with whom: series of the same category and channel.

    ``group`` int32 [series]; ``weight`` float32 [series]: units a period; ``start``, ``stop`` int32 [series]: first
    period and the one after the last, :data:`STILL_SOLD` where it is sold on.
    """

    group: NDArray[np.int32]
    weight: NDArray[np.float32]
    start: NDArray[np.int32]
    stop: NDArray[np.int32]

    def pull(self, draw: FloatGrid) -> FloatGrid:
        """Log attraction of each shelf when its items, as far as they are sold on, have the log effects ``draw``.

        >>> two = np.zeros(2, dtype=np.int32)
        >>> shelf = Shelf(two, np.array([3, 1], dtype=np.float32), two, two + STILL_SOLD)
        >>> np.exp(shelf.pull(np.log(np.array([[1.0], [5.0]])))).round(6).tolist()
        [[2.0]]
        """
        weight = np.where(self.stop == STILL_SOLD, self.weight, np.float32(0))
        top = np.zeros((int(self.group.max(initial=0)) + 1, draw.shape[1]))
        np.add.at(top, self.group, weight[:, None] * np.exp(np.clip(draw, -LARGEST_DRAW, LARGEST_DRAW)))
        bottom = np.bincount(self.group, weight, len(top))[:, None]
        share = np.divide(top, bottom, out=np.ones_like(top), where=bottom > 0)
        return np.asarray(np.log(share), dtype=np.float32)


@dataclass(frozen=True)
class DemandEffects:
    """Multiplicative effects by category.

    ``category`` int32 [series]: row in ``categories``. ``reference_price`` float32 [series]: the regular price in
    yuan at which the baseline holds (NaN: unknown, no price effect). ``elasticity`` float64 [categories]: d log
    demand / d log price, normally negative. ``lift``: by driver name, float64 [categories], log demand for one unit
    of the driver. A driver without an estimate passes no lift on. ``error``: standard error of the elasticity (under
    ``price``) and of each lift, float64 [categories]; empty where not known.

    Lifts beyond the promoted item, its days and the merchant's purse: ``shadow.*`` in the week before and after an
    event or a promotion; ``subsidy`` for the part of a discount that the platform pays, beyond the elasticity;
    ``rivals.price`` and ``rivals.promotion`` for one unit of log attraction of the ``shelf`` by its prices and by its
    promotions, below 0 where they take sales from their neighbours and above 0 where they bring some (Ma, Fildes and
    Huang 2016).
    """

    categories: tuple[str, ...]
    category: NDArray[np.int32]
    reference_price: NDArray[np.float32]
    elasticity: NDArray[np.float64]
    lift: Mapping[str, NDArray[np.float64]]
    error: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    shelf: Shelf | None = None

    def multiplier(self, drivers: Drivers, rows: NDArray[np.integer]) -> FloatGrid:
        """Demand under ``drivers`` (of periods to come) divided by the baseline, float32 [rows, periods]."""
        parts = (self._price_part(drivers), self._promotion_part(drivers))
        log_effect = (parts[0] + parts[1])[rows]
        category = self.category[rows]
        for name, part in zip((RIVAL_PRICES, RIVAL_PROMOTIONS), parts, strict=True):
            lift = self.lift.get(name)
            if self.shelf is not None and lift is not None and lift.any():
                log_effect += lift[category, None].astype(np.float32) * self.shelf.pull(part)[self.shelf.group[rows]]
        asked = with_shadows(drivers, self.felt_shadows())
        for name, lift in self.lift.items():
            if name in asked.blocks and not name.startswith((PROMOTION, SUBSIDY)):
                log_effect += lift[category, None].astype(np.float32) * asked.blocks[name].of(rows)
        return np.exp(log_effect)

    def felt_shadows(self) -> tuple[str, ...]:
        """Names of the shadows that move demand at all."""
        return tuple(name for name, lift in self.lift.items() if name.startswith(SHADOW) and lift.any())

    def _price_part(self, drivers: Drivers) -> FloatGrid:
        """Log effect of each item's own price, float32 [series, periods]."""
        log_effect = np.zeros((len(self.category), len(drivers.dates)), dtype=np.float32)
        if PRICE in drivers.blocks:
            with np.errstate(divide="ignore", invalid="ignore"):
                change = np.log(drivers.blocks[PRICE].of() / self.reference_price[:, None])
            change[~np.isfinite(change)] = 0.0
            log_effect += self.elasticity[self.category, None].astype(np.float32) * change
        return log_effect + self._of(drivers, (SUBSIDY,))

    def _promotion_part(self, drivers: Drivers) -> FloatGrid:
        """Log effect of each item's own promotions, float32 [series, periods]."""
        return self._of(drivers, drivers.names(PROMOTION))

    def _of(self, drivers: Drivers, names: Iterable[str]) -> FloatGrid:
        log_effect = np.zeros((len(self.category), len(drivers.dates)), dtype=np.float32)
        for name in names:
            if name in self.lift and name in drivers.blocks:
                log_effect += self.lift[name][self.category, None].astype(np.float32) * drivers.blocks[name].of()
        return log_effect

    def interval(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Low and high ends of the central 90 % of an effect, float64 [categories]; infinite where nothing is known."""
        centre = self.elasticity if name == PRICE else self.lift[name]
        reach = NINETY * self.error.get(name, np.full(len(self.categories), np.inf))
        return centre - reach, centre + reach
