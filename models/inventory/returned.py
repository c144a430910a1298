"""Demand on stock when part of what was sold comes back and is sold again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def net_of_returns(units: Floats, back: Floats, share: Floats, lag: NDArray[np.int64], supply: Floats) -> Floats:
    """Units [items, paths, weeks] that stock must serve beside goods that come back.

    ``back`` [items, weeks]: units of earlier sales that come back sellable in a week; of the units sold in each week
    the ``share`` [items] comes back ``lag`` [items] weeks later, one at least. ``supply`` [items, weeks]: units there
    are to sell up to and including the week beside goods that come back, inf from when on more can be ordered: what
    nobody could sell does not come back either. What comes back beyond the demand of a week waits for the next one.

    >>> free, two = np.full((1, 4), np.inf), np.array([2])
    >>> net_of_returns(np.full((1, 1, 4), 10.0), np.zeros((1, 4)), np.array([0.2]), two, free).ravel().tolist()
    [10.0, 10.0, 8.0, 8.0]
    >>> short = np.array([[5.0, 5.0, np.inf, np.inf]])
    >>> net_of_returns(np.full((1, 1, 4), 10.0), np.zeros((1, 4)), np.array([0.2]), two, short).ravel().tolist()
    [10.0, 10.0, 9.0, 10.0]
    >>> net_of_returns(np.full((1, 1, 3), 2.0), np.array([[3.0, 0, 0]]), np.zeros(1), two, free[:, :3]).ravel().tolist()
    [0.0, 1.0, 2.0]
    """
    came = _coming_back(units, back, share, lag, supply)
    beyond = np.maximum(np.cumsum(units - came, axis=2, dtype=np.float64), 0.0)
    return np.diff(np.maximum.accumulate(beyond, axis=2), axis=2, prepend=0.0)


def _coming_back(units: Floats, back: Floats, share: Floats, lag: NDArray[np.int64], supply: Floats) -> Floats:
    """Units [items, paths, weeks] that come back sellable in each week."""
    came, sold = np.empty(units.shape), np.zeros(units.shape)
    more = np.zeros(units.shape[:2])
    row = np.arange(len(units))
    for week in range(units.shape[2]):
        before = week - lag
        again = np.where(before >= 0, share, 0.0)[:, None] * sold[row, :, np.maximum(before, 0)]
        came[:, :, week] = again + back[:, week, None]
        more += came[:, :, week]
        sold[:, :, week] = np.minimum(units[:, :, week], np.maximum(supply[:, week, None] + more, 0.0))
        more -= sold[:, :, week]
    return came
