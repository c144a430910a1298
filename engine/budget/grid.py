"""Periods of the history, and what falls into them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """The periods before ``origin``, ``days`` long."""

    origin: np.datetime64
    count: int
    days: int

    def place(self, dates: pd.Series) -> Places:
        """Period of each date: ``count - 1`` is the last one before the origin; negative: too old, or later."""
        days = (pd.Timestamp(self.origin) - dates).dt.days.to_numpy()
        return np.where(days >= 1, self.count - 1 - (days - 1) // self.days, -1)

    def sums(self, row: Places, dates: pd.Series, values: Floats, rows: int) -> Floats:
        """Sums by row and period, float64 [rows, periods]."""
        period = self.place(dates)
        inside = (row >= 0) & (period >= 0)
        key = row[inside] * self.count + period[inside]
        added = np.bincount(key, weights=values[inside], minlength=rows * self.count)
        return added.astype(float).reshape(rows, self.count)


def position(column: pd.Series, names: tuple[str, ...]) -> Places:
    """Row of each entry in ``names``; fast on categoricals."""
    kind = column.astype("category")
    lookup = {name: row for row, name in enumerate(names)}
    table = np.array([lookup.get(str(entry), -1) for entry in kind.cat.categories], dtype=np.int64)
    codes = kind.cat.codes.to_numpy()
    return np.where(codes >= 0, table[codes], -1) if len(table) else np.full(len(codes), -1)
