"""What ad spend really does in the demo world: Weibull carry-over, then one of three saturations.

None of them is the geometric adstock with a Hill curve that the budget room fits.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.frames import records

Floats = NDArray[np.float64]
CARRY_DAYS = 90
_THRESHOLD = 0.15
_GOMPERTZ = 3.0


def carry_weights(shape: float, scale: float) -> Floats:
    """Weight of spend 0, 1, ... days ago: a Weibull law on days, cut at ``CARRY_DAYS``, sum 1.

    >>> weights = carry_weights(2.0, 21.0)
    >>> int(weights.argmax())
    14
    """
    edges = np.arange(CARRY_DAYS + 1) / scale
    weights = -np.diff(np.exp(-(edges**shape)))
    return np.asarray(weights / weights.sum())


def saturation(form: str, half: float, x: Floats) -> Floats:
    """Effect of a stock ``x`` (1: usual spend) relative to the effect of usual spend.

    ``threshold``: Michaelis-Menten beyond a threshold; ``logistic``; ``gompertz`` (S-shaped).

    >>> saturation("logistic", 0.8, np.array([0.0, 1.0]))
    array([0., 1.])
    """

    def raw(value: Floats) -> Floats:
        if form == "threshold":
            felt = np.maximum(value - _THRESHOLD, 0.0)
            return felt / (half + felt)
        if form == "logistic":
            return 2.0 / (1.0 + np.exp(-value / half)) - 1.0
        if form == "gompertz":
            return np.asarray(np.exp(-_GOMPERTZ * np.exp(-value / half * 1.3)) - np.exp(-_GOMPERTZ))
        raise ValueError(f"unknown form {form}")

    return np.asarray(raw(np.asarray(x, dtype=float)) / raw(np.ones(1)))


def contribution(laws: pd.DataFrame, spend: Floats, before: Floats | None = None) -> Floats:
    """Incremental sales in yuan a day, [ad channels, days], of spend in yuan a day.

    ``laws``: the truth table ``ad_laws`` (one row an ad channel: ``form, half, carry_shape, carry_scale, usual_yuan,
    roi``). ``before`` [ad channels, days]: spend of the days before the first one; usual spend where not given.
    The slow drift of effectiveness (truth table ``ad_drift``) multiplies this.
    """
    result = np.empty_like(spend, dtype=float)
    for row, law in enumerate(records(laws)):
        past = np.full(CARRY_DAYS, law.usual_yuan)
        if before is not None:
            given = before[row, -CARRY_DAYS:]
            past[CARRY_DAYS - len(given) :] = given
        line = np.concatenate([past, spend[row]])
        stock = np.convolve(line, carry_weights(law.carry_shape, law.carry_scale))[CARRY_DAYS : len(line)]
        stock = stock / law.usual_yuan
        result[row] = law.roi * law.usual_yuan * saturation(law.form, law.half, stock)
    return result
