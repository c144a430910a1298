"""Demand on stock when part of what was sold comes back and is sold again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def net_of_returns(units: Floats, back: Floats, share: Floats, lag: NDArray[np.int64]) -> Floats:
    """Units [items, paths, weeks] that stock must serve beside goods that come back.

    ``back`` [items, weeks]: units of earlier sales that come back sellable in a week; of the units of each week the
    ``share`` [items] comes back ``lag`` [items] weeks later. What comes back beyond the demand of a week waits for the
    next one.

    >>> net_of_returns(np.full((1, 1, 4), 10.0), np.zeros((1, 4)), np.array([0.2]), np.array([2])).ravel().tolist()
    [10.0, 10.0, 8.0, 8.0]
    >>> net_of_returns(np.full((1, 1, 3), 2.0), np.array([[3.0, 0, 0]]), np.zeros(1), np.ones(1, int)).ravel().tolist()
    [0.0, 1.0, 2.0]
    """
    sold = np.arange(units.shape[2])[None, None, :] - lag[:, None, None]
    again = np.take_along_axis(units, np.broadcast_to(np.maximum(sold, 0), units.shape), axis=2)
    came = np.where(sold >= 0, share[:, None, None] * again, 0.0) + back[:, None, :]
    beyond = np.maximum(np.cumsum(units - came, axis=2, dtype=np.float64), 0.0)
    return np.diff(np.maximum.accumulate(beyond, axis=2), axis=2, prepend=0.0)
