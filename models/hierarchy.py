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
from scipy.sparse.linalg import SuperLU, splu

Floats = NDArray[np.float64]
FULL_EXCHANGES = 10
"""Block exchanges without progress before single ones, which always end (Kim and Park 2011, section 3)."""
GRADIENTS = 100
"""Steps of conjugate gradients before a factor of a period's own is cheaper; 20 are usual."""
PRECISION = 1e-12
"""Error of the multipliers against their own size, in the norm of the system."""
TINY = 1e-300


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
    return _Duals.of(tree.aggregates, variance).non_negative(base[:upper], base[upper:])


@dataclass(frozen=True)
class _Duals:
    """The least-squares problem written on the aggregates: b = y + W A' l, (A W A' + V) l = Y - A y.

    The aggregates are in the order of their number of leaves: eliminating the small ones first leaves the factor
    sparse. ``factor`` is that of all leaves free; for any other set it preconditions conjugate gradients.
    """

    aggregates: sparse.csr_array
    spread: sparse.csr_array
    above: Floats
    below: Floats
    order: NDArray[np.int64]
    factor: SuperLU

    @classmethod
    def of(cls, aggregates: sparse.csr_array, variance: Floats) -> _Duals:
        """Factorise once; variances are scaled to at most 1, which changes no solution."""
        order = np.argsort(aggregates.sum(axis=1), kind="stable")
        rows, scaled = sparse.csr_array(aggregates[order]), variance / variance.max()
        above, below = scaled[: len(order)][order], scaled[len(order) :]
        return cls(rows, sparse.csr_array(rows.T), above, below, order, _factor(rows, above, below))

    def non_negative(self, upper: Floats, lower: Floats) -> Floats:
        """Leaves [leaves, periods]: sets of free leaves are exchanged until no period breaks a condition.

        A free leaf must not fall below zero, and a leaf held at zero must not be pulled above it.
        """
        upper = upper[self.order]
        multiplier = self.factor.solve(upper - self.aggregates @ lower)
        leaves = lower + self.below[:, None] * (self.spread @ multiplier)
        free = np.ones(lower.shape, dtype=bool)
        margin = 1e-12 * np.maximum(np.abs(lower).max(axis=0, initial=1.0), np.abs(upper).max(axis=0, initial=1.0))
        fewest, patience = np.full(lower.shape[1], len(lower) + 1), np.full(lower.shape[1], FULL_EXCHANGES)
        for _ in range(50 + 10 * len(lower)):
            wrong = np.where(free, leaves < -margin, leaves > margin)
            count = wrong.sum(axis=0)
            (todo,) = np.nonzero(count)
            if not len(todo):
                break
            patience = np.where(count < fewest, FULL_EXCHANGES, patience - 1)
            fewest = np.minimum(fewest, count)
            last = len(lower) - 1 - np.argmax(wrong[::-1], axis=0)
            free ^= wrong & ((patience > 0) | (np.arange(len(lower))[:, None] == last))
            multiplier[:, todo] = self.solve(upper[:, todo], lower[:, todo], free[:, todo], multiplier[:, todo])
            leaves[:, todo] = lower[:, todo] + self.below[:, None] * (self.spread @ multiplier[:, todo])
        return np.where(free, np.maximum(leaves, 0.0), 0.0)

    def solve(self, upper: Floats, lower: Floats, free: NDArray[np.bool_], start: Floats) -> Floats:
        """Multipliers [aggregates, periods] where only ``free`` leaves [leaves, periods] move.

        Conjugate gradients, all periods side by side; a period that does not converge is factorised by itself.
        """
        target = upper - self.aggregates @ (free * lower)
        found, residual = start, target - self.times(start, free)
        ahead = way = self.factor.solve(residual)
        energy = (residual * ahead).sum(axis=0)
        enough = PRECISION**2 * (target * self.factor.solve(target)).sum(axis=0)
        for _ in range(GRADIENTS):
            if (energy <= enough).all():
                return found
            image = self.times(way, free)
            step = energy / np.maximum((way * image).sum(axis=0), TINY)
            found, residual = found + step * way, residual - step * image
            ahead = self.factor.solve(residual)
            before, energy = energy, (residual * ahead).sum(axis=0)
            way = ahead + energy / np.maximum(before, TINY) * way
        for period in np.flatnonzero(energy > enough):
            own = _factor(self.aggregates, self.above, self.below * free[:, period])
            found[:, period] = own.solve(target[:, period])
        return found

    def times(self, multiplier: Floats, free: NDArray[np.bool_]) -> Floats:
        """The system's matrix, A W A' + V with the leaves that are not free left out, times ``multiplier``."""
        return self.aggregates @ (free * (self.below[:, None] * (self.spread @ multiplier))) + (
            self.above[:, None] * multiplier
        )


def _factor(aggregates: sparse.csr_array, above: Floats, below: Floats) -> SuperLU:
    """A W A' + V factorised in the order given; it is positive definite and needs no pivots."""
    matrix = sparse.csc_array((aggregates * below) @ aggregates.T + sparse.diags_array(above))
    return splu(matrix, permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
