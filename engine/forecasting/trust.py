"""How far a person may rely on the forecast of a series: A, B or C, from its own past."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.panel import Panel, periods_a_week
from models.spread_fit import WeeklyErrors

A_ERROR, B_ERROR = 0.35, 0.75
A_WEEKS, B_WEEKS = 26, 8
A_GAP, B_GAP = 0.1, 0.35
RECENT_WEEKS = 26


def trust_grades(panel: Panel, errors: tuple[WeeklyErrors, ...]) -> NDArray[np.str_]:
    """A: weekly error below 35 % of units, half a year known, few stock-outs or gaps; B: below 75 %, 8 weeks; C.

    A gap is a period since the launch, in the last half year, without a report or out of stock.
    """
    step, periods = periods_a_week(panel.frequency), len(panel.dates)
    recent = max(periods - RECENT_WEEKS * step, 0)
    weeks = panel.known.sum(axis=1) / step
    launched = np.where(panel.known.any(axis=1), panel.known.argmax(axis=1), periods)
    expected = periods - np.maximum(launched, recent)
    seen = (panel.known & ~panel.censored)[:, recent:].sum(axis=1)
    gap = 1.0 - seen / np.maximum(expected, 1)
    error = _error(errors, len(panel.series))
    good = (error <= A_ERROR) & (weeks >= A_WEEKS) & (gap <= A_GAP)
    fair = (error <= B_ERROR) & (weeks >= B_WEEKS) & (gap <= B_GAP)
    return np.where(good, "A", np.where(fair, "B", "C"))


def _error(errors: tuple[WeeklyErrors, ...], series: int) -> NDArray[np.float64]:
    """Weekly absolute error over units of each series, inf without a scored sale."""
    wrong, units = np.zeros(series), np.zeros(series)
    for entry in errors:
        wrong += np.where(entry.scored, np.abs(entry.mean - entry.actual), 0.0).sum(axis=1)
        units += np.where(entry.scored, entry.actual, 0.0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(units > 0, wrong / units, np.inf)
