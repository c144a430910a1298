"""How targets reach the ad budget: money of the planned weeks, the cap on spend / revenue, and the sales to reach."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.budget.effect import forecast_under
from engine.budget.settings import BudgetSettings
from engine.data.dataset import Dataset
from engine.plans.budget import BudgetPlan
from engine.plans.forecast import Forecast
from engine.plans.targets import TargetPlan
from engine.targets.limits import ad_ratio

WITHOUT = "budget.follow_targets, but there are no targets: nothing is taken from them; list the stage targets first"
ENOUGH = 0.995
"""Weeks that come so near to their target reach it."""


@dataclass(frozen=True)
class Asked:
    """What the targets ask of the planned weeks: yuan of ads for a yuan of sales over the year (``ratio``), yuan of
    sales (``sales``) and what the forecast expects (``expected``)."""

    ratio: float
    sales: float
    expected: float


def asked_of_weeks(dataset: Dataset, forecast: Forecast, targets: TargetPlan, settings: BudgetSettings) -> Asked:
    """The targets' share of the weeks that the budget plans. Days before the year of the targets are asked for what is
    expected of them, as the targets are."""
    assert targets.details is not None
    details, demand = targets.details, forecast.under()
    first = forecast.origin.astype("datetime64[D]")
    begun = first if settings.start is None else np.datetime64(settings.start, "D")
    last = begun + np.timedelta64(7 * settings.weeks - 1, "D")
    days = details.days["date"].to_numpy().astype("datetime64[D]")
    inside = (days >= first) & (days <= last)
    wanted, expected = (float(details.days.loc[inside, f"{name}_fen"].sum()) / 100.0 for name in ("target", "forecast"))
    weeks = demand.weeks.astype("datetime64[D]")
    before = (weeks <= last) & (weeks < np.datetime64(f"{details.year}-01-01"))
    year_ahead = demand.weekly_revenue_yuan.sum(axis=0, dtype=np.float64)[before].sum()
    stated = dict(details.goals.get("limits", {})).get("ads_yuan")
    year = float(details.cells["target_fen"].sum()) / 100.0
    ratio = float(stated) / year if stated is not None and year > 0 else float(ad_ratio(dataset))
    return Asked(ratio, wanted + float(year_ahead), expected + float(year_ahead))


def fed_budget(settings: BudgetSettings, asked: Asked) -> BudgetSettings:
    """The settings with the targets' figures where the merchant left them blank.

    >>> fed = fed_budget(BudgetSettings(follow_targets=("money", "ad_ratio")), Asked(0.1, 5000.0, 4000.0))
    >>> fed.total_yuan, fed.ad_ratio
    (500.0, 0.1)
    """
    found: dict[str, float] = {}
    if "money" in settings.follow_targets and settings.total_yuan is None:
        found["total_yuan"] = asked.ratio * asked.sales
    if "ad_ratio" in settings.follow_targets and settings.ad_ratio is None and 0.0 < asked.ratio <= 1.0:
        found["ad_ratio"] = asked.ratio
    return settings.model_copy(update=found)


def held_against_targets(forecast: Forecast, plan: BudgetPlan, settings: BudgetSettings, asked: Asked) -> BudgetPlan:
    """The plan with what its weeks are expected to sell under it against their targets, and what more ads would add."""
    if "sales" not in settings.follow_targets or asked.sales <= 0:
        return plan
    levels = plan.frontier.sort_values("spend_fen", kind="stable")
    own = plan.brought_fen / 100.0
    sold = [
        demand.weekly_revenue_yuan.sum(dtype=np.float64)
        for demand in (forecast_under(forecast, plan), forecast.under())
    ]
    reached = asked.expected + float(sold[0] - sold[1])
    metrics = {"target_sales_yuan": asked.sales, "expected_sales_yuan": reached}
    short = asked.sales - reached
    if reached >= ENOUGH * asked.sales:
        return replace(plan, metrics=plan.metrics | metrics)
    enough = levels[levels["incremental_fen"] / 100.0 >= own + short]
    text = f"targets: the planned weeks are expected to sell {reached:,.0f} of {asked.sales:,.0f} yuan"
    spend = float(plan.split["spend_fen"].sum())
    best = (enough if len(enough) else levels.tail(1)).iloc[0]
    more, brings = (float(best["spend_fen"]) - spend) / 100.0, float(best["incremental_fen"]) / 100.0 - own
    if more > 0 and brings > 0:
        what = "would close the gap" if len(enough) else f"would add {brings:,.0f} yuan and not close the gap"
        text += f"; {more:,.0f} yuan more of ads {what}"
    return replace(plan, warnings=(*plan.warnings, text), metrics=plan.metrics | metrics)
