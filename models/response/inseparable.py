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
EXACTLY = 0.999
"""Correlation from which another cause is taken for the spend itself."""
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


def shadowed(spend: Floats, controls: Floats, split: Floats) -> tuple[int, ...]:
    """Rows of spend [ad_channels, weeks] that a control [channels, weeks, K] of a sales channel that they lift
    (``split`` [ad_channels, channels]) copies, whatever its unit and sign.

    >>> a, b = np.array([1.0, 4.0, 2.0, 8.0, 5.0]), np.array([3.0, 1.0, 4.0, 1.0, 5.0])
    >>> shadowed(np.stack([a, b]), (10.0 - a)[None, :, None], np.ones((2, 1)))
    (0,)
    """
    alike = np.abs(np.einsum("at,ctk->ack", _standard(spend, 1), _standard(controls, 1))) > EXACTLY
    return tuple(int(row) for row in np.flatnonzero((alike & (split > 0)[:, :, None]).any(axis=(1, 2))))


def _standard(values: Floats, weeks: int) -> Floats:
    """Values with mean 0 and length 1 along the axis of weeks; what never varies is 0."""
    rest = values - values.mean(axis=weeks, keepdims=True)
    length = np.sqrt((rest**2).sum(axis=weeks, keepdims=True))
    moves = length > ROUND_OFF * np.abs(values).max(axis=weeks, initial=1e-300, keepdims=True)
    return np.divide(rest, length, out=np.zeros_like(rest), where=moves)


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
