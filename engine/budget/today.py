"""Today's spend carried on: what the forecast already holds, and what a plan is compared with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.response.fit import ResponseData

Floats = NDArray[np.float64]
RECENT_WEEKS = 13


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
