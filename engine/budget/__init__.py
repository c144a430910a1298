"""Where to spend: response of sales to ads, the best split of a quarter, and demand under it."""

from engine.budget.effect import forecast_under, with_budget_effect
from engine.budget.plan import plan_budget
from engine.budget.settings import BudgetSettings

__all__ = ["BudgetSettings", "forecast_under", "plan_budget", "with_budget_effect"]
