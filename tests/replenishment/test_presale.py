"""Deposits paid before the plan are a floor under the demand of the day on which their balance is due."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.data.deposits import deposit_lines
from engine.execution.run import Run
from engine.plans.orders import OrderPlan
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings
from engine.reports.words import Words
from engine.simulation.replay import replay
from engine.simulation.settings import SimulationSettings
from tests.replenishment import cases

FIRST = pd.Timestamp(cases.START)
WEEK, DEPOSITS = 4, 4000
EVENT = FIRST + pd.Timedelta(days=7 * WEEK + 2)


def merchant() -> dict[str, pd.DataFrame]:
    """A pre-sale of jd that runs, with deposits for S1, and one of last year of which a half was paid in full."""
    tables = cases.tables()
    spans = [(-400, -390, -389), (-20, 7 * WEEK + 1, 7 * WEEK + 2)]
    rows = [
        (f"e{n}", phase, *days)
        for n, (a, b, c) in enumerate(spans)
        for phase, *days in (("presale", a, b), ("main", c, c))
    ]
    tables["events"] = pd.DataFrame(
        [(name, "e", "jd", phase, *(FIRST + pd.Timedelta(days=day) for day in days)) for name, phase, *days in rows],
        columns=["event", "kind", "channel", "phase", "start", "end"],
    )
    old = pd.DataFrame(
        {"deposit_at": FIRST - pd.Timedelta(days=395), "state": ["settled", "ordered"] * 500, "sku": "S2"}
    )
    new = pd.DataFrame(
        {"deposit_at": FIRST - pd.Timedelta(days=2), "state": ["ordered"] * 9 + ["cancelled"], "sku": "S1"}
    )
    orders = pd.concat([old, new], ignore_index=True)
    tables["orders"] = orders.assign(order_id=np.arange(len(orders)).astype(str), line="1", channel="jd", units=400)
    tables["orders"]["units"] = np.where(orders["sku"] == "S2", 1, DEPOSITS // 9)
    return tables


def progress(hours: dict[int, int]) -> pd.DataFrame:
    return pd.DataFrame(
        {"date": EVENT, "hour": list(hours), "sku": "S1", "channel": "jd", "deposits": list(hours.values())}
    )


def plan(tables: dict[str, pd.DataFrame]) -> OrderPlan:
    return plan_orders(cases.dataset(tables), cases.demand(), ReplenishSettings(paths=16), None, Run(1, 1))


def test_an_event_without_a_channel_is_for_all() -> None:
    tables = merchant()
    told = deposit_lines(cases.dataset(tables), FIRST)
    blind = tables | {"events": tables["events"].drop(columns="channel")}
    assert len(told)
    pd.testing.assert_frame_equal(deposit_lines(cases.dataset(blind), FIRST), told)


@pytest.fixture(scope="module")
def reserved() -> OrderPlan:
    return plan(merchant())


def of(result: OrderPlan) -> np.ndarray:
    assert result.case.reserved is not None
    return result.case.reserved[(result.case.items["sku"] == "S1").to_numpy()].sum(axis=0)


def test_the_share_that_is_paid_in_full_is_that_of_past_deposits(reserved: OrderPlan) -> None:
    rate = (500 + 50 * 0.8) / 1050
    assert of(reserved)[WEEK] == pytest.approx(9 * (DEPOSITS // 9) * rate) and np.delete(of(reserved), WEEK).sum() == 0
    (note,) = [words for words in reserved.warnings if words.startswith("pre-sale")]
    assert Words("zh").label(note).startswith("预售：3,996 件已付定金，预计 2,055 件付尾款")


def test_what_is_told_of_the_event_day_before_the_plan_takes_the_place_ofdeposit_lines() -> None:
    early, late = -24 * (7 * WEEK + 2), -24
    found = plan({**merchant(), "event_progress": progress({early - 24: 900, early: 1000, late: 9000})})
    assert of(found)[WEEK] == pytest.approx(1000 * (500 + 50 * 0.8) / 1050)


def test_deposits_are_a_floor_and_never_added_to_the_forecast(reserved: OrderPlan) -> None:
    free = plan(cases.tables())
    mine = (reserved.case.items["sku"] == "S1").to_numpy()
    assert reserved.expected is not None and free.expected is not None
    assert reserved.expected[mine, WEEK].sum() == pytest.approx(of(reserved)[WEEK], rel=0.02)
    assert np.delete(reserved.expected, WEEK, axis=1)[~mine] == pytest.approx(
        np.delete(free.expected, WEEK, axis=1)[~mine]
    )
    small = merchant()
    small["orders"]["units"] = 1
    assert plan(small).expected == pytest.approx(free.expected, rel=0.02)


def test_the_replay_asks_for_what_is_reserved(reserved: OrderPlan) -> None:
    settings, free = SimulationSettings(paths=16, training_paths=16), plan(cases.tables())
    surprised = replace(free, case=replace(free.case, reserved=reserved.case.reserved))
    rates = [
        replay(made, cases.demand(), settings, Run(1, 1)).metrics["fill_rate_plan_frozen"]
        for made in (free, surprised, reserved)
    ]
    assert rates[1] < min(rates[0], rates[2]) - 0.1
