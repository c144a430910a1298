"""Two small things that every table here needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows as named tuples, without the index."""
    return iter(frame.itertuples(index=False))


def coded(codes: Any, names: Sequence[str]) -> pd.Categorical[str]:
    """Text column from positions in ``names``.

    >>> list(coded([1, 0], ["a", "b"]))
    ['b', 'a']
    """
    return pd.Categorical.from_codes(np.asarray(codes, dtype=np.int64), pd.Index(list(names)))
