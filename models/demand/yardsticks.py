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
WEEKS = 4


def yardsticks(panel: Panel, horizon: int) -> dict[str, FloatGrid]:
    """Each yardstick's forecast, float32 [series, horizon].

    ``last_value``: the last period. ``four_week_mean``: the mean of the last 4 weeks. ``same_weekday_mean`` (days
    only): the mean of the last 4 same weekdays. ``seasonal_naive`` (where more than a year is known): the units of 52
    weeks before; a series that is younger gets the mean that fits the frequency.
    """
    clock = CLOCKS[panel.frequency]
    periods = len(panel.dates)
    steps = np.arange(horizon)
    weeks = max(min(WEEKS, periods // clock.week), 1)
    span = min(weeks * clock.week, periods)
    units = np.where(panel.known, panel.units, np.float32(0))[:, periods - span :]
    known = panel.known[:, periods - span :]
    mean = _mean(units, known)
    out = {
        LAST_VALUE: np.repeat(panel.units[:, -1:], horizon, axis=1),
        FOUR_WEEK_MEAN: np.repeat(mean[:, None], horizon, axis=1),
    }
    otherwise = out[FOUR_WEEK_MEAN]
    if clock.week > 1 and span == weeks * clock.week:
        shape = (len(units), weeks, clock.week)
        otherwise = _mean(units.reshape(shape), known.reshape(shape))[:, steps % clock.week]
        out[SAME_WEEKDAY_MEAN] = otherwise
    if periods > clock.year:
        past = periods - clock.year + steps % clock.year
        out[SEASONAL_NAIVE] = np.where(panel.known[:, past], panel.units[:, past], otherwise).astype(np.float32)
    return out


def _mean(units: FloatGrid, known: NDArray[np.bool_]) -> FloatGrid:
    """Mean over the known entries of the second axis."""
    return (units.sum(axis=1) / np.maximum(known.sum(axis=1), 1)).astype(np.float32)
