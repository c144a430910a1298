"""The simple forecasts that anything better has to beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.features.clock import CLOCKS
from models.panel import Panel

FloatGrid = NDArray[np.float32]
LAST_VALUE = "last_value"
FOUR_WEEK_MEAN = "four_week_mean"
SAME_WEEKDAY_MEAN = "same_weekday_mean"
SEASONAL_NAIVE = "seasonal_naive"


def yardsticks(panel: Panel, horizon: int) -> dict[str, FloatGrid]:
    """Each yardstick's forecast, float32 [series, horizon].

    ``last_value``: the last period; ``four_week_mean``: the mean of the last 4 weeks; ``same_weekday_mean`` (days
    only): the mean of the last 4 same weekdays; ``seasonal_naive`` (where more than a year is known): the units 52
    weeks before, the last value of the others for series that are younger.
    """
    clock = CLOCKS[panel.frequency]
    periods = len(panel.dates)
    steps = np.arange(horizon)
    units = np.where(panel.known, panel.units, np.float32(0))[:, -4 * clock.week :]
    count = panel.known[:, -4 * clock.week :].sum(axis=1)
    mean = (units.sum(axis=1) / np.maximum(count, 1)).astype(np.float32)
    out = {
        LAST_VALUE: np.repeat(panel.units[:, -1:], horizon, axis=1),
        FOUR_WEEK_MEAN: np.repeat(mean[:, None], horizon, axis=1),
    }
    best = FOUR_WEEK_MEAN
    if clock.week > 1 and periods >= clock.week:
        weekday = np.empty((len(units), clock.week), dtype=np.float32)
        for phase in range(clock.week):
            same = slice(
                periods - clock.week + phase,
                None if periods < clock.week * 5 else periods - 5 * clock.week,
                -clock.week,
            )
            seen = panel.known[:, same]
            weekday[:, phase] = np.where(seen, panel.units[:, same], 0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
        out[SAME_WEEKDAY_MEAN] = weekday[:, steps % clock.week]
        best = SAME_WEEKDAY_MEAN
    if periods > clock.year:
        past = periods - clock.year + steps % clock.year
        has = panel.known[:, past]
        out[SEASONAL_NAIVE] = np.where(has, panel.units[:, past], out[best]).astype(np.float32)
    return out
