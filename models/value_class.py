"""Value classes A, B, C by share of revenue."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

A_SHARE, B_SHARE = 0.80, 0.95


def value_class(revenue: NDArray[np.float64]) -> NDArray[np.int32]:
    """0, 1, 2: the best sellers that make 80 % of the revenue, the next 15 %, the rest.

    >>> value_class(np.array([5.0, 1.0, 80.0, 14.0])).tolist()
    [1, 2, 0, 1]
    """
    order = np.argsort(-revenue, kind="stable")
    total = max(float(revenue.sum()), 1e-9)
    before = (np.cumsum(revenue[order]) - revenue[order]) / total
    out = np.empty(len(revenue), dtype=np.int32)
    out[order] = (before >= A_SHARE - 1e-9).astype(np.int32) + (before >= B_SHARE - 1e-9)
    return out
