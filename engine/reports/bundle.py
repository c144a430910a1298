"""ReportBundle: everything the reports are made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from engine.data.dataset import Dataset
from engine.plans.alerts import Alerts
from engine.plans.budget import BudgetPlan
from engine.plans.forecast import Forecast
from engine.plans.orders import OrderPlan
from engine.plans.replay import Replay
from engine.plans.review import Review
from engine.plans.suppliers import SupplierReport
from engine.plans.targets import TargetPlan
from engine.reports.settings import Language
from engine.targets.bridge import Bridge
from engine.targets.progress import Progress


@dataclass(frozen=True)
class ReportBundle:
    """Plans of one run and what is around them; every plan may be missing.

    ``dataset``: history, product names and funnel, as the plans saw it (None: the pages show plans only). ``as_of``:
    last day of the data (None: the last day with sales, else the day before the forecast). ``notes``: skipped stages,
    warnings and assumptions, as sentences.
    """

    merchant: str
    dataset: Dataset | None = None
    forecast: Forecast | None = None
    targets: TargetPlan | None = None
    budget: BudgetPlan | None = None
    orders: OrderPlan | None = None
    replay: Replay | None = None
    alerts: Alerts | None = None
    suppliers: SupplierReport | None = None
    review: Review | None = None
    bridge: Bridge | None = None
    progress: Progress | None = None
    notes: tuple[str, ...] = ()
    language: Language = "zh"
    as_of: date | None = None

    @property
    def last_day(self) -> date | None:
        """The day up to which the plans know the past."""
        if self.as_of is not None:
            return self.as_of
        if self.forecast is not None and len(self.forecast.dates):
            return (pd.Timestamp(self.forecast.origin) - pd.Timedelta(days=1)).date()
        if self.dataset is None or "sales" not in self.dataset or self.dataset["sales"].empty:
            return None
        return self.dataset.last_day.date()
