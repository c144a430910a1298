"""Goods that come back are supply again, once they are back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.execution.run import Run
from engine.plans.orders import OrderPlan, SupplyCase
from engine.replenishment.case import build_case
from engine.replenishment.explain import explain_line
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings
from engine.simulation.replay import replay
from engine.simulation.settings import SimulationSettings
from tests.replenishment import cases

SETTINGS = ReplenishSettings(paths=16)
SOLD, DELAY, RATE = 40, 10.0, 0.3


def merchant(rate: float = RATE, days: int = 120) -> dict[str, pd.DataFrame]:
    """S0 sold ``SOLD`` units a day in jd for ``days`` days; a third of them comes back of S0, none of the others."""
    tables = cases.tables()
    day = pd.date_range(end=pd.Timestamp(cases.START) - pd.Timedelta(days=1), periods=days)
    sales = pd.DataFrame({"date": day, "sku": "S0", "channel": "jd", "units_paid": SOLD, "amount_paid_fen": 400_000})
    still = sales["date"] > day[-1] - pd.Timedelta(days=14)
    sales = sales.assign(units_shipped=SOLD, units_returned=np.where(still, 0, SOLD // 2))
    others = sales.assign(sku="S1", units_returned=0)
    tables["sales"] = pd.concat([sales, others], ignore_index=True)
    tables["returns"] = pd.DataFrame({"category": [""], "channel": [""], "rate": [rate], "delay_days": [DELAY]})
    tables["returns"] = tables["returns"].assign(grade_a_share=0.5, grade_b_share=0.3)
    return tables


def plan(tables: dict[str, pd.DataFrame]) -> OrderPlan:
    return plan_orders(cases.dataset(tables), cases.demand(), SETTINGS, None, Run(1, 1))


def of(result: OrderPlan, sku: str) -> np.ndarray:
    return (result.case.items["sku"] == sku).to_numpy()


def stocked(result: OrderPlan, units: int) -> SupplyCase:
    """The case with so many units of each item on hand."""
    return replace(result.case, items=result.case.items.assign(on_hand=units))


@pytest.fixture(scope="module")
def returned() -> OrderPlan:
    return plan(merchant())


def test_a_skus_own_sales_say_how_much_comes_back(returned: OrderPlan) -> None:
    share = returned.case.items["return_share"]
    jd = cases.demand().weekly_mean.sum(axis=1)
    # grade A is half of what comes back; jd sold 100 mature days, tmall none: it keeps the category's rate
    rate = (SOLD // 2 * 100 + 100 * RATE) / (SOLD * 100 + 100)
    whole = share[of(returned, "S0")].to_numpy() * 2.0
    assert ((whole > RATE) & (whole < rate)).all() and jd.sum() > 0
    assert (share[of(returned, "S1")] < RATE / 2).all() and (share[of(returned, "S1")] > 0).all()
    assert share[of(returned, "S2")].to_numpy() == pytest.approx(RATE / 2)
    assert set(returned.case.items["return_weeks"]) == {2}


def test_what_was_sold_last_comes_back_within_its_delay_and_nothing_is_counted_later(returned: OrderPlan) -> None:
    back = returned.case.returns
    assert back is not None
    mine = back[of(returned, "S0")].sum(axis=0)
    rate = 0.5 * (SOLD // 2 * 100 + 100 * RATE) / (SOLD * 100 + 100)
    assert mine.sum() == pytest.approx(SOLD * DELAY * rate)
    # day 0 is the first of the plan: what comes back on days 1-7 is on sale from the second week on
    assert (mine > 0).tolist() == [True, True, True, *[False] * 9][: len(mine)] or mine[3:].sum() == 0
    assert back[of(returned, "S2")].sum() == 0


def test_sales_after_the_first_day_of_the_plan_are_not_looked_at(returned: OrderPlan) -> None:
    tables = merchant()
    later = tables["sales"].tail(5).assign(date=pd.Timestamp(cases.START) + pd.Timedelta(days=3), units_returned=40)
    found = build_case(
        cases.dataset({**tables, "sales": pd.concat([tables["sales"], later])}), cases.demand(), SETTINGS, None
    )
    assert np.array_equal(found.case.returns, returned.case.returns)  # type: ignore[arg-type]
    assert found.case.items["return_share"].equals(returned.case.items["return_share"])


def test_stock_serves_all_demand_until_goods_are_back(returned: OrderPlan) -> None:
    gross = np.full((len(returned.case.items), 1, 12), 10.0)
    net = stocked(returned, 10_000).net(gross)[:, 0]
    mine = of(returned, "S2")
    assert net[mine][:, :2] == pytest.approx(10.0) and net[mine][:, 2:] == pytest.approx(10.0 * (1 - RATE / 2))
    assert (net[of(returned, "S0")] <= net[mine][0] + 1e-9).all()


def test_what_nobody_could_sell_does_not_come_back(returned: OrderPlan) -> None:
    """Until an order can come, no more is sold than there is; from then on all of it is."""
    mine, gross = of(returned, "S2"), np.full((len(returned.case.items), 1, 12), 10.0)
    case = stocked(returned, 15)
    arrives = int(np.isinf(case.supply[mine][0]).argmax())
    assert arrives > 0 and np.isinf(case.supply[mine][:, arrives:]).all()
    back = 10.0 - case.net(gross)[mine][0, 0]
    there = 15.0 + np.cumsum(case.scheduled[mine][0])[:arrives]
    sold = [10.0] * 12
    for week in range(arrives):
        sold[week] = min(10.0, max(there[week] + back[: week + 1].sum() - sum(sold[:week]), 0.0))
    assert min(sold) < 10.0
    assert back == pytest.approx([0.0, 0.0, *(RATE / 2 * np.array(sold[:-2]))])


def test_terms_name_what_comes_back_and_add_up(returned: OrderPlan) -> None:
    for row in range(len(returned.lines)):
        found = explain_line(returned, row, cases.demand(), SETTINGS, Run(1, 1))
        assert sum(found.terms.values()) == found.line["units"]
        assert found.terms["returns"] < 0 < found.terms["demand"]


def test_less_is_bought_and_the_replay_gets_goods_back_too(returned: OrderPlan) -> None:
    kept = SETTINGS.model_copy(update={"returns_to_stock": False})
    alone = plan_orders(cases.dataset(merchant()), cases.demand(), kept, None, Run(1, 1))
    assert alone.lines["units"].sum() > 1.05 * returned.lines["units"].sum()
    chosen, demand = SimulationSettings(paths=32, training_paths=16), cases.demand()
    gone = replace(returned, case=replace(returned.case, returns=None))
    with_them, without = (replay(made, demand, chosen, Run(1, 1)).metrics for made in (returned, gone))
    assert with_them["fill_rate_plan_frozen"] > without["fill_rate_plan_frozen"] + 0.03
