"""Today's spend carried on: what the forecast already holds, and what a plan is compared with."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from models.response.data import ResponseData

Floats = NDArray[np.float64]
RECENT_WEEKS = 13
SHOPPING = ("presale", "balance", "opening", "main")


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
    daily = _daily(dataset, pd.Timestamp(origin) - pd.Timedelta(weeks=RECENT_WEEKS), pd.Timestamp(origin))
    usual = daily[daily > 0].groupby(level=0).median()
    return np.asarray(usual.reindex(list(ad_channels)).fillna(0.0).to_numpy(float))


def spent_since(dataset: Dataset, ad_channels: tuple[str, ...], start: np.datetime64, origin: np.datetime64) -> Floats:
    """Yuan spent from ``start`` to the day before ``origin``, float64 [ad_channels]."""
    daily = _daily(dataset, pd.Timestamp(start), pd.Timestamp(origin))
    return np.asarray(daily.groupby(level=0).sum().reindex(list(ad_channels)).fillna(0.0).to_numpy(float))


def shopping_weeks(dataset: Dataset, starts: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Weeks [weeks] that hold a day of a shopping event."""
    events = dataset.get("events")
    if events is None or not len(events):
        return np.zeros(len(starts), dtype=bool)
    shopping = events[events["phase"].astype(str).isin(SHOPPING)]
    first, last = (shopping[side].to_numpy().astype("datetime64[D]")[:, None] for side in ("start", "end"))
    week = starts.astype("datetime64[D]")
    return np.asarray(((first <= week + 6) & (last >= week)).any(axis=0))


def _daily(dataset: Dataset, start: pd.Timestamp, end: pd.Timestamp) -> pd.Series:
    """Yuan by ad channel and day, from ``start`` to before ``end``."""
    media = dataset["media"]
    part = media[(media["date"] >= start) & (media["date"] < end)]
    return part.groupby([part["ad_channel"].astype(str), part["date"]])["spend_fen"].sum() / 100.0
