"""What every kind of alert looks at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.plans.errors import MissingInput
from engine.plans.price_protection import USUAL_PROTECTION, PriceProtection
from engine.replenishment.alerts.chance import Chance, chances
from engine.replenishment.alerts.positions import Planned, Positions, build_positions
from engine.replenishment.alerts.settings import AlertSettings
from engine.replenishment.settings import ReplenishSettings

LONGEST_DAYS = 3650.0
"""Stock that nobody buys lasts ten years."""


@dataclass(frozen=True)
class View:
    """Data, plan and thresholds; what is worked out is worked out once."""

    dataset: Dataset
    planned: Planned | None
    settings: AlertSettings
    replenish: ReplenishSettings
    run: Run
    protection: PriceProtection = USUAL_PROTECTION

    @cached_property
    def positions(self) -> Positions:
        """All stock and all items of the plan."""
        return build_positions(self.dataset, self.planned, self.replenish)

    @cached_property
    def chance(self) -> Chance:
        """Chances of the items of the plan; :class:`MissingInput` without a plan."""
        return chances(self.plan, self.positions, self.settings, self.run)

    @property
    def plan(self) -> Planned:
        """The plan; :class:`MissingInput` where there is none."""
        if self.planned is None:
            raise MissingInput("order plan", "run `yunchou replenish` first")
        return self.planned

    @property
    def first_day(self) -> pd.Timestamp:
        """First day that is planned."""
        return pd.Timestamp(self.positions.weeks[0])

    @property
    def today(self) -> pd.Timestamp:
        """Last day that is known."""
        return self.dataset.last_day

    def day(self, days: NDArray[np.floating]) -> NDArray[np.datetime64]:
        """Dates so many whole days after the first planned one."""
        start = np.datetime64(self.first_day, "D")
        whole = np.floor(np.clip(days, -LONGEST_DAYS, LONGEST_DAYS)).astype("timedelta64[D]")
        return np.asarray(start + whole, dtype="datetime64[D]")

    def lack(self, table: str) -> MissingInput:
        """What to raise where the data do not allow this kind."""
        return MissingInput(table, f"add {table}")


class Kind(Protocol):
    """One kind of alert."""

    def __call__(self, view: View) -> pd.DataFrame:
        """Alerts as :func:`engine.plans.alerts.alert_table` makes them; :class:`MissingInput` where a table lacks."""
        ...


class SurplusKind(Protocol):
    """One kind of stock that is too much."""

    def __call__(self, view: View) -> pd.DataFrame:
        """Frame ``row`` (of the positions), ``excess`` units, ``date``, ``probability``, ``reason``."""
        ...


def iso(dates: NDArray[np.datetime64]) -> NDArray[np.str_]:
    """Dates as text."""
    return np.datetime_as_string(dates.astype("datetime64[D]"), unit="D")
