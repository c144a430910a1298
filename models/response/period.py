"""A period of the history: a week, or a day. What is believed in weeks is brought to periods here."""

from __future__ import annotations

from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Number = TypeVar("Number", bound=np.generic)
WEEK = 7
"""Days."""
By = Literal["week", "day"]
DAYS: dict[By, int] = {"week": WEEK, "day": 1}


def periods(weeks: int, days: int) -> int:
    """Periods of ``days`` days in some weeks.

    >>> periods(13, 7), periods(13, 1)
    (13, 91)
    """
    return weeks * (WEEK // days)


def in_weeks(values: NDArray[Number], days: int) -> NDArray[Number]:
    """Periods [..., periods] of whole weeks as [..., weeks, periods of a week].

    >>> in_weeks(np.ones(14), 1).sum(axis=-1).tolist()
    [7.0, 7.0]
    """
    one = periods(1, days)
    return values.reshape(*values.shape[:-1], values.shape[-1] // one, one)


def opening_level(spend: Floats, days: int) -> Floats:
    """Mean of the first month of spend [..., periods]: taken for the level before it."""
    month = spend[..., : periods(4, days)]
    return np.asarray(month.mean(axis=-1)) if month.shape[-1] else np.zeros(spend.shape[:-1])
