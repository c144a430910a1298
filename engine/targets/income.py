"""What sales bring in once the platforms have settled it, cumulative until a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.data.revenue import net_sales

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]
USUAL_WAIT = 7
"""Days until a platform settles where the channel does not say."""


@dataclass(frozen=True)
class Income:
    """``receipts`` yuan settled of a yuan of each cell's sales [cells]; ``first`` and ``stop``: days on which what is
    still to come of a cell is sold; ``wait`` days until it is settled. ``recent``: frame ``day`` (of settlement),
    ``yuan`` of what has been sold and not settled yet."""

    receipts: Floats
    first: Days
    stop: Days
    wait: NDArray[np.int64]
    recent: pd.DataFrame

    @classmethod
    def of(cls, dataset: Dataset, cells: pd.DataFrame, receipts: Floats, origin: np.datetime64) -> Income:
        """Of cells (frame ``month, channel``); ``origin``: first day ahead."""
        month = cells["month"].to_numpy().astype("datetime64[M]")
        stop = (month + 1).astype("datetime64[D]")
        first = np.minimum(np.maximum(month.astype("datetime64[D]"), origin), stop - 1)
        channel = cells["channel"].astype(str)
        wait = channel.map(_waits(dataset)).fillna(USUAL_WAIT).to_numpy(np.int64)
        each = pd.Series(receipts).groupby(channel.to_numpy()).mean()
        return cls(receipts, first, stop, wait, _recent(dataset, each, origin))

    def of_cells(self, end: np.datetime64) -> Floats:
        """Yuan settled before ``end`` of a yuan that is still to be sold, [cells]; evenly over the days."""
        settled = (end - self.wait - self.first).astype(np.int64) / (self.stop - self.first).astype(np.int64)
        return np.asarray(self.receipts * np.clip(settled, 0.0, 1.0))

    def of_between(self, end: np.datetime64, origin: np.datetime64) -> float:
        """Part settled before ``end`` of what is sold from ``origin`` until the cells begin."""
        days = int((self.first.min() - origin).astype(np.int64))
        settled = float((end - origin).astype(np.int64)) - float(self.wait.mean())
        return float(np.clip(settled / days, 0.0, 1.0)) if days > 0 else 0.0

    def of_past(self, end: np.datetime64) -> float:
        """Yuan settled before ``end`` of what has been sold."""
        return float(self.recent.loc[(self.recent["day"] < end).to_numpy(), "yuan"].sum())


def _waits(dataset: Dataset) -> pd.Series:
    """Days until settlement by channel."""
    table = dataset.get("channels")
    if table is None or "settlement_days" not in table:
        return pd.Series(dtype=float)
    rows = table.drop_duplicates("channel")
    return pd.Series(rows["settlement_days"].to_numpy(float, na_value=USUAL_WAIT), index=text_of(rows["channel"]))


def _recent(dataset: Dataset, each: pd.Series, origin: np.datetime64) -> pd.DataFrame:
    """Sales of the last days, ``each`` yuan settled of a yuan by channel, that settle on or after ``origin``."""
    sales = net_sales(dataset, ("channel",))
    if sales.amount_fen is None:
        return pd.DataFrame({"day": np.array([], "datetime64[D]"), "yuan": np.array([])})
    channel = sales.groups["channel"].astype(str)
    wait = channel.map(_waits(dataset)).fillna(USUAL_WAIT).to_numpy(np.int64)
    yuan = sales.amount_fen / 100.0 * channel.map(each).fillna(0.0).to_numpy(float)[:, None]
    day = sales.dates[None, :] + wait[:, None]
    open_yet = day >= origin
    return pd.DataFrame({"day": day[open_yet], "yuan": yuan[open_yet]})
