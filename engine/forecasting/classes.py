"""Classes of series whose forecast errors are alike: value (A, B, C) by intermittency."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.forecasting.fold import Fold, recent_revenue
from models.panel import Panel, periods_a_week, weekly
from models.value_class import value_class

VALUES = 3
INTERMITTENT = 1.32
"""Weeks between weeks with a sale (Syntetos, Boylan and Croston 2005)."""
WEEKS = 26


def is_intermittent(panel: Panel) -> NDArray[np.bool_]:
    """Whether a series sold in fewer than one of 1.32 of its last 26 known weeks."""
    step = periods_a_week(panel.frequency)
    start = max(len(panel.dates) - WEEKS * step, len(panel.dates) % step)
    units = weekly(panel.units[:, start:], panel.frequency)
    known = weekly(panel.known[:, start:].astype(np.float32), panel.frequency) > 0
    sold = ((units > 0) & known).sum(axis=1)
    return np.asarray(sold * INTERMITTENT < known.sum(axis=1))


def classes(fold: Fold) -> NDArray[np.int32]:
    """2 x value class + intermittent, int32 [series], by what was known at the origin."""
    value = value_class(recent_revenue(fold.panel, fold.drivers))
    return np.asarray(2 * value + is_intermittent(fold.panel), dtype=np.int32)
