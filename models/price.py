"""Effects of price and promotion on demand: what a calendar does to a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.drivers import PRICE, Drivers

FloatGrid = NDArray[np.float32]


@dataclass(frozen=True)
class DemandEffects:
    """Multiplicative effects by category.

    ``category`` int32 [series]: row in ``categories``. ``reference_price`` float32 [series]: the regular price in
    yuan at which the baseline holds (NaN: unknown, no price effect). ``elasticity`` float64 [categories]: d log
    demand / d log price, normally negative. ``lift``: by driver name, float64 [categories], log demand for one unit
    of the driver. A driver without an estimate passes no lift on.
    """

    categories: tuple[str, ...]
    category: NDArray[np.int32]
    reference_price: NDArray[np.float32]
    elasticity: NDArray[np.float64]
    lift: Mapping[str, NDArray[np.float64]]

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
