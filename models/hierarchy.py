"""Reconciliation: forecasts of all levels of a grouped hierarchy made to add up.

Weighted least squares with a diagonal error covariance (Hyndman, Lee and Wang 2016, Computational Statistics and
Data Analysis 97, 16-32; Wickramasuriya, Athanasopoulos and Hyndman 2019, JASA 114), kept non-negative by block
principal pivoting (Kim and Park 2011, SIAM J. Sci. Comput. 33). The system to solve has one row an aggregate, never
one a leaf, so that 10,000 leaves cost megabytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

Floats = NDArray[np.float64]
FULL_EXCHANGES = 10
"""Block exchanges without progress before single ones, which always end (Kim and Park 2011, section 3)."""


@dataclass(frozen=True)
class SumTree:
    """Which leaves add up to which aggregate.

    ``aggregates``: sparse [aggregates, leaves] of ones. ``labels``: frame ``level, key``, one row an aggregate.
    ``leaves``: frame of the key columns, one row a leaf.
    """

    aggregates: sparse.csr_array
    labels: pd.DataFrame
    leaves: pd.DataFrame

    @classmethod
    def of(cls, leaves: pd.DataFrame, levels: Sequence[Sequence[str]]) -> SumTree:
        """The tree over the rows of ``leaves``; each level is the columns by which it is grouped, ``()`` the total.

        >>> leaves = pd.DataFrame({"channel": ["A", "A", "B"], "category": ["x", "y", "x"]})
        >>> tree = SumTree.of(leaves, [(), ("channel",), ("category",)])
        >>> tree.aggregates.toarray().astype(int).tolist()
        [[1, 1, 1], [1, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 0]]
        >>> tree.labels["key"].tolist()
        ['', 'A', 'B', 'x', 'y']
        """
        count = len(leaves)
        blocks, names, keys = [], [], []
        for level in levels:
            if not level:
                code, found = np.zeros(count, dtype=np.int64), [""]
            else:
                text = leaves[level[0]].astype(str)
                for column in level[1:]:
                    text = text + "|" + leaves[column].astype(str)
                code, uniques = pd.factorize(text, sort=True)
                found = list(uniques)
            blocks.append(sparse.csr_array((np.ones(count), (code, np.arange(count))), shape=(len(found), count)))
            names += ["total" if not level else "|".join(level)] * len(found)
            keys += found
        matrix = sparse.csr_array(sparse.vstack(blocks)) if blocks else sparse.csr_array((0, count))
        return cls(matrix, pd.DataFrame({"level": names, "key": keys}), leaves.reset_index(drop=True))

    @property
    def nodes(self) -> int:
        """Aggregates and leaves."""
        return int(self.aggregates.shape[0] + self.aggregates.shape[1])

    def sum_up(self, leaves: Floats) -> Floats:
        """Bottom-up: [leaves, periods] to [nodes, periods], the aggregates first."""
        return np.concatenate([self.aggregates @ leaves, leaves])


def top_down(total: Floats, shares: Floats) -> Floats:
    """Split a total [periods] by shares [leaves] or [leaves, periods]; equal shares where all are zero.

    >>> top_down(np.array([10.0]), np.array([3.0, 1.0])).ravel()
    array([7.5, 2.5])
    """
    grid = np.broadcast_to(shares.reshape(len(shares), -1), (len(shares), len(total))).astype(float)
    sums = grid.sum(axis=0)
    even = np.full_like(grid, 1.0 / max(len(shares), 1))
    return np.where(sums > 0, grid / np.where(sums > 0, sums, 1.0), even) * total


def reconcile(tree: SumTree, base: Floats, variance: Floats) -> Floats:
    """Leaves [leaves, periods] >= 0 whose sums are nearest to the base forecasts of all nodes.

    Minimises sum_n (node_n - base_n)^2 / variance_n in each period. ``base`` [nodes, periods] and ``variance``
    [nodes] in the order of :meth:`SumTree.sum_up`; every variance is positive and finite.

    >>> tree = SumTree.of(pd.DataFrame({"sku": ["a", "b"]}), [()])
    >>> reconcile(tree, np.array([[12.0], [4.0], [5.0]]), np.ones(3)).ravel()
    array([5., 6.])
    """
    upper = tree.aggregates.shape[0]
    if base.shape[0] != tree.nodes or variance.shape != (tree.nodes,):
        raise ValueError(f"the tree has {tree.nodes} nodes, base {base.shape}, variance {variance.shape}")
    if not (np.isfinite(variance).all() and (variance > 0).all() and np.isfinite(base).all()):
        raise ValueError("base forecasts and variances must be finite, variances positive")
    if upper == 0:
        return np.maximum(base, 0.0)
    scale = float(variance.max())
    above, below = variance[:upper] / scale, variance[upper:] / scale
    system = _Normal(tree.aggregates, above, below)
    leaves, _ = system.solve(base[:upper], base[upper:], np.ones(base.shape[0] - upper, dtype=bool))
    for period in np.flatnonzero((leaves < 0).any(axis=0)):
        leaves[:, period] = system.non_negative(base[:upper, period], base[upper:, period])
    return leaves


@dataclass(frozen=True)
class _Normal:
    """The least-squares problem written on the aggregates: b = y + W A' l, (A W A' + V) l = Y - A y."""

    aggregates: sparse.csr_array
    above: Floats
    below: Floats

    def solve(self, upper: Floats, lower: Floats, free: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Leaves (zero where not ``free``) and the aggregates' multipliers."""
        chosen = free.astype(float)
        weighted = self.aggregates * (self.below * chosen)
        matrix = sparse.csc_array(weighted @ self.aggregates.T + sparse.diags_array(self.above))
        masked = lower * (chosen if lower.ndim == 1 else chosen[:, None])
        multiplier = splu(matrix).solve(upper - self.aggregates @ masked)
        return masked + weighted.T @ multiplier, multiplier

    def non_negative(self, upper: Floats, lower: Floats) -> Floats:
        """One period with the leaves held at zero or above: exchange sets until the conditions of optimality hold."""
        free = np.ones(len(lower), dtype=bool)
        size = float(max(np.abs(lower).max(initial=0.0), np.abs(upper).max(initial=0.0), 1.0))
        fewest, patience = len(lower) + 1, FULL_EXCHANGES
        for _ in range(50 + 10 * len(lower)):
            leaves, multiplier = self.solve(upper, lower, free)
            slope = -lower / self.below - self.aggregates.T @ multiplier
            wrong = np.where(free, leaves < -1e-12 * size, slope * self.below < -1e-12 * size)
            count = int(wrong.sum())
            if count == 0:
                break
            if count < fewest:
                fewest, patience = count, FULL_EXCHANGES
            else:
                patience -= 1
            changed = wrong if patience > 0 else np.arange(len(lower)) == np.flatnonzero(wrong)[-1]
            free = free ^ changed
        return np.asarray(np.maximum(np.where(free, leaves, 0.0), 0.0))
