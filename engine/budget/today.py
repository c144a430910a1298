"""Today's spend carried on: what the forecast already holds, and what a plan is compared with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from models.response.data import ResponseData

Floats = NDArray[np.float64]
RECENT_WEEKS = 13
SHOPPING = ("presale", "balance", "opening", "main")
USUAL = ""
"""Phase of a day without a shopping event."""


def todays_spend(data: ResponseData, revenue_ahead: Floats) -> Floats:
    """Spend if nothing changes, float64 [ad_channels, weeks ahead], yuan a week.

    The ad ratio (spend / revenue) and the shares of the ad channels of the last 13 weeks are kept, so spend follows
    the forecast revenue through season and festivals. ``revenue_ahead`` float64 [weeks], yuan; where it is not known
    (no prices), the weekly level of the last 13 weeks is kept.
    """
    recent_spend = data.spend[:, -RECENT_WEEKS:].mean(axis=1)
    recent_revenue = float(data.revenue[:, -RECENT_WEEKS:].sum(axis=0).mean())
    if recent_revenue <= 0 or revenue_ahead.sum() <= 0:
        return np.repeat(recent_spend[:, None], len(revenue_ahead), axis=1)
    return np.asarray(recent_spend[:, None] * (revenue_ahead / recent_revenue))


def everyday_spend(dataset: Dataset, ad_channels: tuple[str, ...], origin: np.datetime64) -> Floats:
    """Median spend of the days with spend in the last 13 weeks, float64 [ad_channels], yuan; 0 where none had."""
    last = origin.astype("datetime64[D]")
    daily = daily_spend(dataset, ad_channels, last - np.arange(7 * RECENT_WEEKS, 0, -1))
    return np.array([np.median(row[row > 0]) if (row > 0).any() else 0.0 for row in daily])


def spent_since(dataset: Dataset, ad_channels: tuple[str, ...], start: np.datetime64, origin: np.datetime64) -> Floats:
    """Yuan spent from ``start`` to the day before ``origin``, float64 [ad_channels]."""
    first, last = start.astype("datetime64[D]"), origin.astype("datetime64[D]")
    days = np.asarray(np.arange(first, last), dtype="datetime64[D]")
    return np.asarray(daily_spend(dataset, ad_channels, days).sum(axis=1))


def daily_spend(dataset: Dataset, ad_channels: Sequence[str], days: NDArray[np.datetime64]) -> Floats:
    """Yuan [ad_channels, days]; 0 where the media table says nothing."""
    media = dataset["media"]
    table = media.groupby([media["ad_channel"].astype(str), media["date"]])["spend_fen"].sum().unstack(fill_value=0)
    found = table.reindex(index=list(ad_channels), columns=pd.DatetimeIndex(days)).fillna(0.0)
    return found.to_numpy(float) / 100.0


def shopping_weeks(dataset: Dataset, starts: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Weeks [weeks] that hold a day of a shopping event."""
    days = np.asarray((starts[:, None] + np.arange(7)).ravel(), dtype="datetime64[D]")
    return np.asarray((shopping_phases(dataset, days) != USUAL).reshape(-1, 7).any(axis=1))


def shopping_phases(dataset: Dataset, days: NDArray[np.datetime64]) -> NDArray[np.str_]:
    """Phase of a shopping event of each day, blank on usual days; the last one named where several meet."""
    found = np.full(len(days), USUAL, dtype="U20")
    events = dataset.get("events")
    if events is None or not len(events):
        return found
    for phase in SHOPPING:
        rows = events[events["phase"].astype(str) == phase]
        first, last = (rows[side].to_numpy().astype("datetime64[D]")[:, None] for side in ("start", "end"))
        found[((first <= days) & (last >= days)).any(axis=0)] = phase
    return found
