"""Whether a history tells days: what is given by week, or sold too rarely, is fitted by week."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from models.response.data import MOST_GAPS, ResponseData

Floats = NDArray[np.float64]
SAME = 1e-3
"""Relative difference below which two days sold the same."""
FEWEST_TIMES = 8
"""Dates from which a table that is always on the same weekday is by week."""


def by_week_notes(dataset: Dataset, data: ResponseData) -> tuple[str, ...]:
    """Why ads cannot be fitted by the days of ``data``; nothing where they can."""
    found, media = [], dataset["media"]
    spent = media.loc[media["spend_fen"] > 0]
    dates = {name: spent.loc[(spent["ad_channel"] == name).to_numpy(), "date"] for name in data.ad_channels}
    told = ", ".join(name for name, days in dates.items() if _on_one_weekday(days))
    if told:
        found.append(f"ads are fitted by week, though budget.by is day: the spend of {told} is given by week")
    revenue = data.revenue.sum(axis=0)
    sold = np.flatnonzero(revenue)
    quiet = 1.0 - len(sold) / (data.periods - sold[0]) if len(sold) else 0.0
    if _on_one_weekday(dataset["sales"]["date"]) or _flat(revenue[sold]):
        found.append("ads are fitted by week, though budget.by is day: sales are given by week")
    elif quiet > MOST_GAPS:
        found.append(f"ads are fitted by week, though budget.by is day: nothing is sold on {quiet:.0%} of the days")
    return tuple(found)


def _on_one_weekday(dates: pd.Series) -> bool:
    days = dates.drop_duplicates()
    return len(days) >= FEWEST_TIMES and days.dt.dayofweek.nunique() == 1


def _flat(revenue: Floats) -> bool:
    """Whether most days sell what the day before sold: weeks that somebody shared out evenly."""
    return len(revenue) > 1 and float(np.isclose(revenue[1:], revenue[:-1], rtol=SAME).mean()) > 0.5
