"""The forecast under a budget: what the chosen spend does to demand."""

from __future__ import annotations

import numpy as np

from engine.plans.budget import BudgetPlan
from engine.plans.forecast import Demand, Forecast, SpendEffect
from models.panel import periods_a_week


def with_budget_effect(forecast: Forecast, plan: BudgetPlan) -> Forecast:
    """The forecast that can answer for other ad spend.

    Its mean is taken to hold today's spend carried on (``plan.reference``): the forecast was learned on history in
    which ads ran at that ratio to revenue.
    """
    return forecast.with_spend(SpendEffect(plan.curves, _reference(forecast, plan)))


def forecast_under(forecast: Forecast, plan: BudgetPlan) -> Demand:
    """Demand when the plan is spent and the live streams that it signs are held; weeks after the plan keep today's
    spend, and carry-over runs on into them."""
    reference = _reference(forecast, plan)
    weekly = plan.spend_yuan(forecast.under().weeks, reference)
    step = periods_a_week(forecast.frequency)
    spend = {}
    for row, name in enumerate(plan.curves.ad_channels):
        by_period = np.zeros(len(forecast.dates))
        by_period[: weekly.shape[1] * step] = np.repeat(weekly[row] / step, step)
        spend[name] = by_period
    demand = with_budget_effect(forecast, plan).under(forecast.announced.with_spend(spend))
    return demand if forecast.offered is None else demand.with_streams(forecast.offered.chosen(plan.signed))


def _reference(forecast: Forecast, plan: BudgetPlan) -> np.ndarray:
    """Reference spend by week of this forecast, [ad_channels, weeks]; outside of the plan's weeks its last one."""
    table = plan.reference.set_index("week")[list(plan.curves.ad_channels)]
    weeks = forecast.under().weeks.astype("datetime64[s]")
    return table.reindex(weeks).ffill().bfill().to_numpy(float).T
