"""One set of numbers: the big series' own forecasts are made coherent, and the leaves follow them day by day."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from experiments.m5.data import LEVELS, Grid, Market
from models.hierarchy import SumTree, reconcile

Floats = NDArray[np.float64]
GROUP = LEVELS[8]
"""Store-department: the leaves of the upper tree, 70 of them in M5."""


def upper_tree(market: Market) -> tuple[SumTree, sparse.csr_array]:
    """The tree of the first nine levels over the store-departments, and which leaf of the market is in which."""
    whole = SumTree.of(market.keys, [GROUP])
    frame = market.keys.groupby(list(GROUP), sort=False)[["state_id", "cat_id"]].first().reset_index()
    frame.index = pd.Index(frame["store_id"] + "|" + frame["dept_id"])
    groups = frame.loc[whole.labels["key"].tolist()].reset_index(drop=True)
    return SumTree.of(groups, LEVELS[:8]), whole.aggregates


def align(leaves: Grid, groups: sparse.csr_array, tree: SumTree, upper: Floats, variance: Floats, share: float) -> Grid:
    """Leaves scaled so that each store-department's day is ``share`` of the coherent upper forecast and the rest their
    own sum. ``upper`` and ``variance`` in the order of ``tree.sum_up``."""
    coherent = reconcile(tree, upper, variance)
    own = groups @ leaves.astype(float)
    wanted = share * coherent + (1.0 - share) * own
    ratio = np.divide(wanted, own, out=np.ones_like(own), where=own > 0)
    return np.asarray(leaves * (groups.T @ ratio), dtype=np.float32)
