"""The big series as they went lately and in the years before: what a second base and more features are made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.m5.upper import YEAR, Floats

SHAPES = (1, 4, 8, 26)
"""Weeks over which a weekday's share is taken; the base uses ``BASE_WEEKS`` of them."""
BASE_WEEKS = 8
MONTH = 28
SPANS = (7, 56, 182)
YEARS_BACK = 2


def course(history: Floats, horizon: int) -> tuple[Floats, Floats, list[Floats]]:
    """The last four weeks' level [series, 1], by the last eight weeks' weekdays [series, horizon], and ratios.

    ``history`` [series, days], at least half a year; days on which all is closed count as the same day a week before.

    >>> level, base, ratios = course(np.full((1, 420), 3.0), 2)
    >>> level.tolist(), base.tolist(), ratios[0].tolist()
    ([[3.0]], [[3.0, 3.0]], [[1.0, 1.0]])
    """
    filled = _filled(history)
    ahead = np.arange(horizon)
    level = np.maximum(filled[:, -MONTH:].mean(axis=1, keepdims=True), 1e-9)
    base, ratios = np.zeros((len(filled), horizon)), []
    for weeks in SHAPES:
        weekday = filled[:, -7 * weeks :].reshape(len(filled), weeks, 7).mean(axis=1)
        share = (weekday / np.maximum(weekday.mean(axis=1, keepdims=True), 1e-9))[:, ahead % 7]
        ratios.append(share)
        if weeks == BASE_WEEKS:
            base = level * share
    ratios.extend(_years_before(filled, horizon, level))
    ratios.extend(np.repeat(filled[:, -span:].mean(axis=1, keepdims=True) / level, horizon, axis=1) for span in SPANS)
    return level, base, ratios


def _filled(history: Floats) -> Floats:
    total, out = history.sum(axis=0), history.copy()
    for day in np.flatnonzero(total < 0.1 * total.mean()):
        if day >= 7:
            out[:, day] = out[:, day - 7]
    return out


def _years_before(filled: Floats, horizon: int, level: Floats) -> list[Floats]:
    """For each year back: the day and the week around it over the four weeks before that year's origin, and the
    growth since; NaN where there is no such day."""
    known, out = filled.shape[1], []
    nothing: NDArray[np.float64] = np.full((len(filled), horizon), np.nan)
    for back in (YEAR * year for year in range(1, YEARS_BACK + 1)):
        same = known + np.arange(horizon) - back
        if same[0] < MONTH:
            out.extend([nothing] * 3)
            continue
        then = np.maximum(filled[:, same[0] - MONTH : same[0]].mean(axis=1, keepdims=True), 1e-9)
        near = [filled[:, np.clip(same + day, 0, known - 1)] for day in range(-3, 4)]
        there = same + 3 < known
        out.extend(np.where(there, values / then, np.nan) for values in (near[3], np.mean(near, axis=0)))
        out.append(np.repeat(level / then, horizon, axis=1))
    return out
