"""Material: what every report reads, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from engine.plans.budget import BudgetPlan
from engine.plans.targets import TargetPlan
from engine.reports.bundle import ReportBundle
from engine.reports.facts import Outlook, outlook, payments, spend_by_channel, year_before
from engine.reports.history import History
from engine.reports.words import Words


@dataclass(frozen=True)
class Material:
    """A bundle with its words, history and outlook; the costly ones are made when first asked for."""

    bundle: ReportBundle

    @property
    def targets(self) -> TargetPlan | None:
        """The targets; None where there are none or they hold no month."""
        targets = self.bundle.targets
        return None if targets is None or targets.months.empty else targets

    @property
    def budget(self) -> BudgetPlan | None:
        """The ad budget; None where there is none or it holds no channel."""
        budget = self.bundle.budget
        return None if budget is None or budget.split.empty or budget.channels.empty else budget

    @cached_property
    def words(self) -> Words:
        """Texts in the bundle's language."""
        return Words(self.bundle.language)

    @cached_property
    def history(self) -> History | None:
        """What was sold; None without a dataset."""
        if self.bundle.dataset is None or "sales" not in self.bundle.dataset:
            return None
        if self.bundle.last_day is None or self.bundle.dataset["sales"].empty:
            return None
        return History.of(self.bundle.dataset, pd.Timestamp(self.bundle.last_day))

    @cached_property
    def outlook(self) -> Outlook | None:
        """The forecast by channel and week; None without one or where the horizon is shorter than a week."""
        forecast = self.bundle.forecast
        if forecast is None or not len(forecast.series):
            return None
        demand = forecast.under()
        return outlook(demand) if len(demand.weeks) else None

    @cached_property
    def priced(self) -> bool:
        """Money is known on both sides, so that history and forecast compare in yuan."""
        known = self.history is None or self.history.priced
        return known and self.outlook is not None and self.outlook.revenue[0] > 0

    @cached_property
    def last_year(self) -> pd.DataFrame:
        """The year before the targets; empty where nothing is known of it."""
        targets = self.targets
        if targets is None:
            return pd.DataFrame(columns=["month", "channel", "category", "revenue_fen", "actual"])
        return year_before(targets, self.history, self.bundle.forecast)

    @cached_property
    def payments(self) -> pd.DataFrame:
        """Money paid to suppliers by week; the plan's orders must be there."""
        assert self.bundle.orders is not None
        return payments(self.bundle.orders)

    @cached_property
    def ad_channels(self) -> pd.DataFrame:
        """The budget by ad channel; the plan's budget must be there."""
        assert self.budget is not None
        return spend_by_channel(self.budget)

    @property
    def subtitle(self) -> str:
        """Merchant and date of the data."""
        day = self.bundle.last_day
        return self.words("subtitle", merchant=self.bundle.merchant, as_of="-" if day is None else f"{day:%Y-%m-%d}")

    def name(self, sku: object) -> str:
        """Product name of a SKU, blank where it has none."""
        return "" if self.history is None else self.history.names.get(str(sku), "")
