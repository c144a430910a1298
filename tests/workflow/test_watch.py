"""Which plans alerts stand on: the stored ones that fit together, on the data they were made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.data.readers.source import Source
from engine.plans.forecast import Forecast
from engine.plans.solve import SolveReport
from engine.plans.targets import TargetPlan
from engine.workflow.create import create_workspace
from engine.workflow.facade import Merchant
from engine.workflow.progress import quiet
from engine.workflow.settings import PlanSettings
from engine.workflow.watch import NO_PLAN, OLD_PLAN, alerts_of
from models.drivers import PRICE, Block, Drivers
from tests.replenishment.alerts import merchant as small
from tests.workflow.test_feeds import details

WEEKLY = {"A": 70.0, "B": 70.0}


@pytest.fixture
def merchant(tmp_path: Path) -> Merchant:
    content = small.tables(WEEKLY, {"A": 100, "B": 3000})
    create_workspace(tmp_path / "ws", Source(content, {"frequency": "W"}), "test")
    return Merchant(tmp_path / "ws")


def forecast(scale: float = 1.0) -> Forecast:
    asked = small.demand(WEEKLY)
    assert asked.price_yuan is not None
    drivers = Drivers(asked.dates, "W", {PRICE: Block(asked.price_yuan, np.arange(2, dtype=np.int32))})
    effects = small.planned(small.tables(WEEKLY, {"A": 1}), asked).effects
    nothing = pd.DataFrame({"model": pd.Series(dtype=str)})
    draws, trust = np.zeros((1, 0), np.float32), np.array(["A", "A"])
    mean = (scale * asked.mean).astype(np.float32)
    return Forecast(
        asked.series, asked.dates, "W", mean, drivers, effects, asked.spread, nothing, draws, nothing, trust
    )


def save(merchant: Merchant, made: Forecast, of: str | None = None) -> None:
    """Stores the forecast, and an order plan of it or of another one."""
    workspace, data = merchant.workspace, merchant.workspace.current()
    digest = workspace.save_plan("forecast", made, {"data": data})
    orders = small.planned(small.tables(WEEKLY, {"A": 100, "B": 3000}), made.under(), [("A", 5, 700)]).orders
    used = {"forecast": of or digest, "budget": None}
    workspace.save_plan("replenish", orders, {"data": data, "plans": used})


def test_stored_plans_are_used_as_they_fit(merchant: Merchant) -> None:
    bare = merchant.alerts()
    assert bare.notes[0] == NO_PLAN and "stock_out" not in set(bare.table["kind"])
    save(merchant, forecast())
    found = merchant.alerts()
    assert {"stock_out", "overstock"} <= set(found.table["kind"])
    assert NO_PLAN not in found.notes and OLD_PLAN not in found.notes
    pd.testing.assert_frame_equal(found.table, merchant.alerts().table)
    # a forecast made anew no longer fits the orders
    merchant.workspace.save_plan("forecast", forecast(0.5), {"data": merchant.workspace.current()})
    assert merchant.alerts().notes[0] == NO_PLAN


def test_new_data_are_named_and_the_plan_keeps_its_own(merchant: Merchant) -> None:
    save(merchant, forecast())
    before = merchant.alerts()
    content = small.tables(WEEKLY, {"A": 5000, "B": 0})
    create_workspace(merchant.workspace.path, Source(content, {}), "later")
    after = merchant.alerts()
    assert after.notes[0] == OLD_PLAN
    pd.testing.assert_frame_equal(after.table, before.table)


def test_suppliers_need_orders_and_receipts(merchant: Merchant) -> None:
    from engine.plans.errors import MissingInput
    from engine.workflow.watch import graded_suppliers

    with pytest.raises(MissingInput):
        merchant.suppliers()
    assert graded_suppliers(merchant.dataset, merchant.settings, None) is None


def test_alerts_judge_by_the_demand_that_orders_were_planned_for(merchant: Merchant) -> None:
    made = forecast()
    orders = small.planned(small.tables(WEEKLY, {"A": 100, "B": 3000}), made.under()).orders
    months = pd.period_range("2026-11", "2027-05", freq="M").astype(str)
    cells = [(f"{month}-01", "shop", "bags", 0.0, 100.0, 400.0) for month in months]
    report, nothing = SolveReport("optimal", 0.0, 0.0, 0.0, "none"), pd.DataFrame()
    goals = TargetPlan(nothing, nothing, nothing, report, details=details(*cells))
    kinds = {}
    for word in ("forecast", "target"):
        settings = PlanSettings.model_validate({"frequency": "W", "targets": {"supply_for": word}})
        plans = {"forecast": made, "replenish": orders, "targets": goals}
        found = alerts_of(merchant.dataset, settings, plans, quiet)
        kinds[word] = set(zip(found.table["kind"], found.table["sku"], strict=True))
    # 3,000 bags last 43 weeks of the forecast, 11 of the target
    assert ("overstock", "B") in kinds["forecast"] and ("overstock", "B") not in kinds["target"]


def test_settings_reach_the_alerts(merchant: Merchant) -> None:
    save(merchant, forecast())
    strict = merchant.settings.alerts.model_copy(update={"overstock_days": 3000})
    merchant.settings = merchant.settings.model_copy(update={"alerts": strict})
    assert "overstock" not in set(merchant.alerts().table["kind"])
