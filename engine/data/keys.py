"""Order and repetition of keys, by integers only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Codes = NDArray[np.int64]
LARGEST = 2**62


def key_codes(frame: pd.DataFrame, columns: Sequence[str]) -> Codes:
    """One integer a row that orders the rows as their key columns do; equal keys have equal integers.

    >>> key_codes(pd.DataFrame({"a": [2, 1, 1], "b": [0, 5, 3]}), ["a", "b"]).argsort().tolist()
    [2, 1, 0]
    """
    packed = np.zeros(len(frame), dtype=np.int64)
    width = 1
    for name in (column for column in columns if column in frame):
        codes = _ordered(frame[name])
        size = int(codes.max(initial=0)) + 1
        if width * size >= LARGEST:
            packed = _dense(packed)
            width = int(packed.max(initial=0)) + 1
        packed = packed * size + codes
        width *= size
    return packed


def _ordered(values: pd.Series) -> Codes:
    """Non-negative integers in the order of the values; missing ones first."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy().astype(np.int64) + 1
    if values.dtype.kind == "M":
        days = values.to_numpy().astype("datetime64[D]")
        missing = np.isnat(days)
        number = days.astype(np.int64)
        lowest = int(number[~missing].min(initial=0))
        return np.where(missing, 0, number - lowest + 1)
    return _dense(values.to_numpy())


def _dense(values: NDArray[np.generic]) -> Codes:
    """Ranks without gaps."""
    return np.unique(values, return_inverse=True)[1].astype(np.int64)
