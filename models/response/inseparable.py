"""Ad channels whose effects no history can tell apart: the spend of one is nearly a linear function of the others'."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
SAME = 0.98
"""Correlation from which two channels count as one."""
MOST_INFLATION = 1.0 / (1.0 - SAME**2)
"""Variance inflation (Marquardt 1970) from which a channel is a function of others: that of two so correlated."""
LINKED = 0.3
"""Partial correlation from which two such channels belong to the same function; 1 where there is no other."""
ROUND_OFF = 1e-9


def inseparable(spend: Floats) -> tuple[tuple[int, ...], ...]:
    """Groups of rows of spend [ad_channels, weeks] that cannot be told apart, in the order of their first rows.

    Channels that rise and fall together, that add up to another, or that share out a fixed sum. Rows that never vary
    are in no group.

    >>> a, b = np.array([1.0, 4.0, 2.0, 8.0, 5.0]), np.array([3.0, 1.0, 4.0, 1.0, 5.0])
    >>> inseparable(np.stack([a, b, a + b]))
    ((0, 1, 2),)
    """
    moving = np.flatnonzero(spend.std(axis=1) > ROUND_OFF * np.maximum(np.abs(spend).max(axis=1), 1e-300))
    if len(moving) < 2:
        return ()
    label = _parts(np.asarray(np.corrcoef(spend[moving]) > SAME))
    united = np.stack([spend[moving[label == part]].sum(axis=0) for part in range(label.max() + 1)])
    if len(united) > 1:
        label = _functions(united)[label]
    groups = [tuple(int(row) for row in moving[label == part]) for part in np.unique(label)]
    return tuple(sorted(group for group in groups if len(group) > 1))


def _functions(spend: Floats) -> NDArray[np.int64]:
    """Group of each row, of rows that are linear functions of others'; the other rows have groups of their own."""
    precision = np.linalg.inv(np.corrcoef(spend) + ROUND_OFF * np.eye(len(spend)))
    inflation = np.diag(precision)
    dependent = inflation > MOST_INFLATION
    partial = np.abs(precision) / np.sqrt(np.outer(inflation, inflation))
    return _parts((partial > LINKED) & np.outer(dependent, dependent))


def _parts(linked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number of the connected part of each row."""
    return np.asarray(connected_components(linked, directed=False)[1], dtype=np.int64)
