"""What a policy knows at a review: the true past until the warm-up, then only what its own shelf let it sell."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.readers.vn2 import IN_TRANSIT, STOCK, Challenge, source_of
from experiments.vn2.shelf import Shelf, Week

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class History:
    """``sales`` float64 and ``in_stock`` bool [items, weeks so far]; ``given``: the files, for names and weeks."""

    given: Challenge
    sales: Floats
    in_stock: Flags

    @classmethod
    def until(cls, given: Challenge, weeks: int) -> History:
        """The true past of the first ``weeks`` weeks."""
        sales = given.sales.iloc[:, :weeks].fillna(0.0).to_numpy(dtype=float)
        return cls(given, sales, given.in_stock.iloc[:, :weeks].to_numpy(dtype=bool))

    @property
    def weeks(self) -> int:
        """Weeks so far."""
        return self.sales.shape[1]

    def then(self, week: Week, in_stock: Flags) -> History:
        """A week later: sales of the own shelf, which count as demand only where something was left."""
        sales = np.column_stack([self.sales, np.where(in_stock, week.sold, 0.0)])
        seen = np.column_stack([self.in_stock, in_stock & ~week.sold_out])
        return replace(self, sales=sales, in_stock=seen)

    def dataset(self, shelf: Shelf) -> Dataset:
        """The merchant's tables as of now, through the product's own reader."""
        weeks = self.given.sales.columns[: self.weeks]
        rows = self.given.sales.index
        units = (shelf.on_hand, shelf.next_week, shelf.week_after)
        state = pd.DataFrame(np.rint(np.column_stack(units)).astype(np.int64), rows, [STOCK, *IN_TRANSIT])
        source = source_of(
            Challenge(
                pd.DataFrame(self.sales, rows, weeks),
                pd.DataFrame(self.in_stock, rows, weeks),
                state,
                self.given.master,
            )
        )
        return Dataset(source.tables, "replay", assumptions=source.assumptions)
