"""Service levels by ABC x XYZ class, as an alternative to the cost of a lost sale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from engine.plans.forecast import Demand
from engine.replenishment.settings import ServiceClass
from models.inventory.cost_tables import lost_sales_levels
from models.value_class import value_class

Floats = NDArray[np.float64]
X_VARIATION, Y_VARIATION = 0.5, 1.0
"""Highest coefficient of variation of the classes X and Y (Scholz-Reiter, Heger, Meinecke, Bergmann 2012)."""
PATHS, BLOCK = 128, 1000


def with_service_levels(
    items: pd.DataFrame, links: sparse.csr_array, demand: Demand, value: Floats, levels: Mapping[ServiceClass, float]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """``items`` with ``service_level`` (NaN: by cost) by the class of their SKU, and a note of how many each class has.

    ``links`` [items, series]: units drawn a unit of demand; ``value`` [items]: expected revenue. Class by the SKU's
    share of all value, and by the mean standard deviation of its weeks over their mean, channels taken as independent.
    """
    if not levels or items.empty:
        return items, ()
    code, names = pd.factorize(items["sku"].astype(str), sort=True)
    count = len(names)
    by_sku = sparse.csr_array((np.ones(len(items)), (code, np.arange(len(items)))), shape=(count, len(items))) @ links
    mean = by_sku @ np.asarray(demand.weekly_mean, dtype=np.float64)
    variance = by_sku.power(2) @ _variance(demand)
    total = mean.sum(axis=1)
    spread = np.divide(np.sqrt(variance).sum(axis=1), total, out=np.full(count, np.inf), where=total > 0)
    of_sku = np.bincount(code, np.maximum(value, 0.0), count).astype(np.float64)
    letter = np.array(list("ABC"))[value_class(of_sku)]
    second = np.where(spread <= X_VARIATION, "X", np.where(spread <= Y_VARIATION, "Y", "Z"))
    group = pd.Series([f"{first}{then}" for first, then in zip(letter, second, strict=True)])
    skus = group.value_counts()
    told = ", ".join(f"{name} {levels[name]:.1%} ({skus.get(name, 0)})" for name in sorted(levels))
    level = group.map(levels).to_numpy(dtype=float)[code]
    return items.assign(service_level=level), (f"service levels instead of the cost of a lost sale, SKUs: {told}",)


def _variance(demand: Demand) -> Floats:
    """Of the units of each week [series, weeks], over paths."""
    paths, out = demand.paths(0), np.zeros(demand.weekly_mean.shape)
    for first in range(0, len(out), BLOCK):
        rows = np.arange(first, min(first + BLOCK, len(out)))
        out[rows] = paths.block(rows, 0, PATHS).var(axis=1, dtype=np.float64)
    return out


def implied_loss(
    level: Floats, draws: NDArray[np.float32], lead: NDArray[np.int64], holding: Floats
) -> tuple[Floats, Floats]:
    """Cost of a lost sale that makes ``level`` the best service of an item, and the factor on holding cost that goes
    with it under lost sales; NaN where no level is asked for or nothing is held at a cost.

    Newsvendor over lead time and one week: loss / (loss + factor x holding) = level. ``draws`` as for
    :func:`lost_sales_levels`.
    """
    asked = np.isfinite(level) & (holding > 0)
    out, factor = np.full(len(level), np.nan), np.full(len(level), np.nan)
    if not asked.any():
        return out, factor
    simple = holding[asked] * level[asked] / (1.0 - level[asked])
    factor[asked] = lost_sales_levels(draws[asked], lead[asked], holding[asked], simple).factor
    out[asked] = simple * factor[asked]
    return out, factor
