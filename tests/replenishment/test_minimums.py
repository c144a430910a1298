"""Smallest order values of suppliers."""

from __future__ import annotations

import pandas as pd
import pytest

from engine.execution.run import Run
from engine.plans.orders import OrderPlan
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings
from tests.replenishment import cases
from tests.replenishment.test_plan import keeps_all_rules


def plan(minimum_yuan: float, **settings: bool) -> OrderPlan:
    tables = cases.tables(skus=6)
    tables["suppliers"] = pd.DataFrame({"supplier": ["a", "b"], "minimum_order_fen": int(100 * minimum_yuan)})
    chosen = ReplenishSettings(paths=16, **settings)
    return plan_orders(cases.dataset(tables), cases.demand(skus=6), chosen, None, Run(1, 1))


def order_values(result: OrderPlan) -> pd.Series:
    """Yuan by supplier and week of order."""
    return result.lines.groupby(["supplier", "order_week"])["cost_fen"].sum() / 100.0


def test_orders_reach_the_minimum_and_the_cost_is_told_apart() -> None:
    free = plan(0.0)
    values = order_values(free)
    minimum = float(values.quantile(0.3))
    held = plan(minimum)
    assert (values < minimum).any()
    assert (order_values(held) >= minimum - 0.01).all()
    keeps_all_rules(held)
    assert held.metrics["repair_yuan"] > 0
    assert held.report.objective == pytest.approx(free.report.objective + held.metrics["repair_yuan"])
    assert held.report.bound == pytest.approx(free.report.bound)
    assert "by repair" in held.report.gap_scope
    assert held.metrics["repair_yuan"] < 0.1 * held.report.objective


def test_a_minimum_out_of_reach_is_said_and_goods_are_still_ordered() -> None:
    result = plan(1e7)
    assert len(result.lines) == len(plan(0.0).lines)
    assert sum("below its minimum" in warning for warning in result.warnings) == 2


def test_the_rule_can_be_left_out() -> None:
    result = plan(1e7, use_supplier_minimum=False)
    assert not any("minimum" in warning for warning in result.warnings)
    assert result.metrics["repair_yuan"] == 0.0
