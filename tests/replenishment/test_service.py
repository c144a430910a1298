"""Service levels by class instead of the cost of a lost sale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from engine.execution.run import Run
from engine.plans.orders import OrderPlan
from engine.replenishment.plan import plan_orders
from engine.replenishment.service import implied_loss, with_service_levels
from engine.replenishment.settings import ReplenishSettings
from engine.reports.words import Words
from engine.simulation.replay import replay
from engine.simulation.settings import SimulationSettings
from tests.replenishment import cases
from tests.replenishment.test_plan import keeps_all_rules

CLASSES = [first + second for first in "ABC" for second in "XYZ"]


def plan(level: float | None, **demand: Any) -> OrderPlan:
    tables = cases.tables()
    tables["supply_terms"] = tables["supply_terms"].assign(moq_units=1, pack_units=1, order_cost_fen=0)
    tables["inventory"]["on_hand"] *= 4
    levels = {} if level is None else dict.fromkeys(CLASSES, level)
    settings = ReplenishSettings(paths=64, service_levels=levels)
    return plan_orders(cases.dataset(tables), cases.demand(**demand), settings, None, Run(1, 1))


def test_a_higher_level_gives_a_higher_fill_in_replay() -> None:
    fills, stock = [], []
    for level in (0.5, 0.8, 0.97):
        found = plan(level)
        keeps_all_rules(found)
        result = replay(found, cases.demand(), SimulationSettings(paths=64, training_paths=8), Run(5, 1))
        fills.append(result.metrics["fill_rate_plan"])
        stock.append(found.lines["units"].sum())
        assert "what the service level of the class implies" in found.report.gap_scope
    assert fills[0] < fills[1] < fills[2] and fills[2] > 0.96
    assert stock[0] < stock[1] < stock[2]


def test_without_levels_nothing_changes_and_the_case_has_no_column() -> None:
    found = plan(None)
    assert "service_level" not in found.case.items and "service level" not in found.report.gap_scope


def test_the_implied_loss_has_the_level_as_its_critical_ratio() -> None:
    rng = np.random.default_rng(1)
    draws = rng.poisson(10.0, (4, 64, 12)).astype(np.float32)
    level = np.array([0.5, 0.9, np.nan, 0.99])
    holding = np.array([1.0, 2.0, 3.0, 0.0])
    loss, factor = implied_loss(level, draws, np.array([1, 2, 1, 1]), holding)
    assert loss[:2] / (loss[:2] + factor[:2] * holding[:2]) == pytest.approx(level[:2])
    assert np.isnan(loss[2:]).all() and np.isnan(factor[2:]).all()


def test_classes_by_value_and_variation() -> None:
    asked = cases.demand(skus=4)
    items, links = plan(None).case.items, plan(None).case.fulfilment
    value = np.repeat([100.0, 3.0, 14.0, 0.0], 2)
    level = {name: 0.5 + place / 20.0 for place, name in enumerate(CLASSES)}
    found, (note,) = with_service_levels(items, links, asked, value, level)
    by_sku = found.groupby("sku")["service_level"].first()
    asked_of = [next(name for name in CLASSES if level[name] == one) for one in by_sku]
    assert [name[0] for name in asked_of] == ["A", "C", "B", "C"]
    assert found.groupby("sku")["service_level"].nunique().eq(1).all()
    assert "AX 50.0% (1)" in note and Words("zh").label(note).startswith("按服务水平")
    # tiny demand is the least certain
    rare = cases.demand(skus=4, rate=0.02)
    few, _ = with_service_levels(items, links, rare, value, {"AZ": 0.9})
    assert few["service_level"].notna().sum() == 2


def test_levels_outside_and_unknown_classes_are_refused() -> None:
    for wrong in ({"AX": 1.0}, {"AX": 0.0}, {"D": 0.9}):
        with pytest.raises(ValidationError):
            ReplenishSettings.model_validate({"service_levels": wrong})
