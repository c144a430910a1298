"""Panel: the history of all series on one grid of periods."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Frequency = Literal["D", "W"]
Dates = NDArray[np.datetime64]

DAYS: dict[Frequency, int] = {"D": 1, "W": 7}


@dataclass(frozen=True)
class Panel:
    """History as arrays.

    ``series``: frame with ``sku, channel, category`` (and other attributes), one row a series, plain index.
    ``dates``: datetime64[D] [periods], the first day of each. ``units``: float32 [series, periods], 0 without a sale.
    ``known``: bool, False where the series did not exist (before launch, after its end, a gap in the data).
    ``censored``: bool, True where the item was out of stock, so that units are a lower bound of demand.
    ``in_stock``: float32, share of the period in which it could be bought; None where only the flag is known.
    """

    series: pd.DataFrame
    dates: Dates
    frequency: Frequency
    units: NDArray[np.float32]
    known: NDArray[np.bool_]
    censored: NDArray[np.bool_]
    in_stock: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        shape = (len(self.series), len(self.dates))
        for name in ("units", "known", "censored"):
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has the shape {getattr(self, name).shape}, expected {shape}")

    def until(self, periods: int) -> Panel:
        """The first ``periods`` periods only: what was known at that origin."""
        return replace(
            self,
            dates=self.dates[:periods],
            units=self.units[:, :periods],
            known=self.known[:, :periods],
            censored=self.censored[:, :periods],
            in_stock=None if self.in_stock is None else self.in_stock[:, :periods],
        )

    def take(self, rows: NDArray[np.integer]) -> Panel:
        """The given series only, in that order."""
        return replace(
            self,
            series=self.series.iloc[rows].reset_index(drop=True),
            units=self.units[rows],
            known=self.known[rows],
            censored=self.censored[rows],
            in_stock=None if self.in_stock is None else self.in_stock[rows],
        )

    def future_dates(self, horizon: int) -> Dates:
        """First days of the ``horizon`` periods after the last one."""
        step = np.timedelta64(DAYS[self.frequency], "D")
        return self.dates[-1] + step * np.arange(1, horizon + 1)


def periods_a_week(frequency: Frequency) -> int:
    """Periods in a week: 7 for days, 1 for weeks."""
    return 7 // DAYS[frequency]


def weekly(values: NDArray[np.floating], frequency: Frequency) -> NDArray[np.floating]:
    """Sum [..., periods] to [..., whole weeks counted from the first period]; a rest below a week is dropped.

    >>> weekly(np.ones((2, 15)), "D")
    array([[7., 7.],
           [7., 7.]])
    """
    step = periods_a_week(frequency)
    weeks = values.shape[-1] // step
    return values[..., : weeks * step].reshape(*values.shape[:-1], weeks, step).sum(axis=-1)
