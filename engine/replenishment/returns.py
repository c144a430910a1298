"""Goods that come back and are sold again, as supply: grade A of what was sold and of what will be.

B goods are sold at a discount and C goods are scrap: neither is ever counted as stock. A unit counts from the week that
begins after it has come back; of what was sold before the plan only what is not back yet, and is not late, counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.plans.forecast import Demand
from engine.plans.orders import SupplyCase
from engine.replenishment.value import SeriesTerms
from models.inventory.returned import net_of_returns

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
HALF_WEEK = 3.5
"""Days from the start of a week to its sales, on average."""


@dataclass(frozen=True)
class Returns:
    """``share`` [items]: part of the units drawn that comes back sellable, ``weeks`` [items] later. ``before`` [items,
    weeks]: units sold before the plan that come back sellable in each week."""

    share: Floats
    weeks: Ints
    before: Floats

    def net(self, drawn: Floats) -> Floats:
        """Expected units [items, weeks] that stock must serve, of those that are drawn, if all of them are sold."""
        unlimited = np.full(drawn.shape, np.inf)
        return net_of_returns(drawn[:, None, :], self.before, self.share, self.weeks, unlimited)[:, 0]


def returns_of(dataset: Dataset, demand: Demand, terms: SeriesTerms, links: sparse.csr_array, counted: bool) -> Returns:
    """Returns of the items that ``links`` [items, series] draw on; none where they are not ``counted``."""
    weeks = len(demand.weeks)
    share = terms.restocked if counted else np.zeros(len(demand.series))
    delay = np.maximum(terms.returns["delay_days"].to_numpy(dtype=float), 0.0)
    mean = np.asarray(demand.weekly_mean, dtype=np.float64).sum(axis=1)
    drawn, back = links @ mean, links @ (mean * share)
    late = links @ (mean * share * delay)
    own = np.divide(back, drawn, out=np.zeros_like(back), where=drawn > 0)
    days = np.divide(late, back, out=np.zeros_like(late), where=back > 0)
    lag = np.ceil((HALF_WEEK + days) / 7.0).astype(np.int64)
    before = links @ _to_come(dataset, demand, share, delay, weeks) if share.any() else np.zeros((len(own), weeks))
    return Returns(own, lag, np.asarray(before, dtype=np.float64))


def _to_come(dataset: Dataset, demand: Demand, share: Floats, delay: Floats, weeks: int) -> Floats:
    """Units [series, weeks] of the last sales that come back sellable in each week."""
    sales, out = dataset["sales"], np.zeros((len(share), weeks))
    last = pd.Timestamp(demand.dates[0]) - pd.Timedelta(days=1)
    recent = sales[
        (sales["date"] <= last) & (sales["date"] > last - pd.Timedelta(days=int(np.ceil(delay.max(initial=0.0)))))
    ]
    units = recent["units_paid"].to_numpy(dtype=float, na_value=0.0)
    for name, sign in (("units_cancelled", -1.0), ("units_returned", -1.0)):
        if name in recent:
            units = units + sign * recent[name].to_numpy(dtype=float, na_value=0.0)
    keys = pd.MultiIndex.from_arrays([text_of(demand.series[name]) for name in ("sku", "channel")])
    row = keys.get_indexer(pd.MultiIndex.from_arrays([text_of(recent[name]) for name in ("sku", "channel")]))
    age = (last - recent["date"]).dt.days.to_numpy()
    due = delay[row] - age
    week = np.ceil((np.ceil(due) - 1.0) / 7.0).astype(np.int64)
    kept = (row >= 0) & (due > 0.0) & (week < weeks)
    np.add.at(out, (row[kept], np.maximum(week[kept], 0)), np.maximum(units[kept], 0.0) * share[row[kept]])
    return out


def coming_back(case: SupplyCase, expected: Floats, item: int) -> Floats:
    """Units [weeks] expected to come back and be sold again, beside the ``expected`` ones that stock serves."""
    if case.returns is None:
        return np.zeros_like(expected)
    share, lag = float(case.items["return_share"].iloc[item]), int(case.items["return_weeks"].iloc[item])
    back, sold, more = case.returns[item].copy(), np.zeros(len(expected)), 0.0
    for week in range(len(back)):
        back[week] += share * sold[week - lag] if week >= lag else 0.0
        more += back[week]
        sold[week] = min(expected[week] + back[week], max(case.supply[item, week] + more, 0.0))
        more -= sold[week]
    return np.asarray(back, dtype=np.float64)
