"""Effects of price and promotion on demand: what a calendar does to a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.drivers import PRICE, Drivers

FloatGrid = NDArray[np.float32]
NINETY = 1.645
"""Standard errors on either side of the central 90 % of a normal law."""


@dataclass(frozen=True)
class DemandEffects:
    """Multiplicative effects by category.

    ``category`` int32 [series]: row in ``categories``. ``reference_price`` float32 [series]: the regular price in
    yuan at which the baseline holds (NaN: unknown, no price effect). ``elasticity`` float64 [categories]: d log
    demand / d log price, normally negative. ``lift``: by driver name, float64 [categories], log demand for one unit
    of the driver. A driver without an estimate passes no lift on. ``error``: standard error of the elasticity (under
    ``price``) and of each lift, float64 [categories]; empty where not known.
    """

    categories: tuple[str, ...]
    category: NDArray[np.int32]
    reference_price: NDArray[np.float32]
    elasticity: NDArray[np.float64]
    lift: Mapping[str, NDArray[np.float64]]
    error: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def multiplier(self, drivers: Drivers, rows: NDArray[np.integer]) -> FloatGrid:
        """Demand under ``drivers`` divided by the baseline, float32 [rows, periods]."""
        category = self.category[rows]
        log_effect = np.zeros((len(rows), len(drivers.dates)), dtype=np.float32)
        if PRICE in drivers.blocks:
            with np.errstate(divide="ignore", invalid="ignore"):
                change = np.log(drivers.blocks[PRICE].of(rows) / self.reference_price[rows, None])
            change[~np.isfinite(change)] = 0.0
            log_effect += self.elasticity[category, None].astype(np.float32) * change
        for name, lift in self.lift.items():
            if name in drivers.blocks:
                log_effect += lift[category, None].astype(np.float32) * drivers.blocks[name].of(rows)
        return np.exp(log_effect)

    def interval(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Low and high ends of the central 90 % of an effect, float64 [categories]; infinite where nothing is known."""
        centre = self.elasticity if name == PRICE else self.lift[name]
        reach = NINETY * self.error.get(name, np.full(len(self.categories), np.inf))
        return centre - reach, centre + reach
