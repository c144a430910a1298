"""Replays of small plans: what is reported, bad cases, and repeatability."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from engine.execution.run import Run
from engine.plans.replay import Replay
from engine.simulation.measures import MEASURE_COLUMNS
from engine.simulation.replay import replay
from engine.simulation.settings import SimulationSettings
from tests.simulation.cases import make_case, make_demand, make_plan

SETTINGS = SimulationSettings(paths=40, block_paths=16, training_paths=8)
MEAN = np.array([[3.0], [10.0], [0.2], [40.0]]) * np.ones((1, 10))
LIMITED = {"cash_limit_fen": np.cumsum(np.full(10, 30_000.0)), "on_hand": 5.0}


def value(result: Replay, policy: str, measure: str) -> float:
    table = result.measures.set_index(["policy", "measure"])["mean"]
    return float(table.loc[(policy, measure)])


def all_finite(result: Replay) -> bool:
    frames = [result.measures, result.paired, result.weeks]
    return all(np.isfinite(frame[["mean", "low", "high"]].to_numpy(dtype=float)).all() for frame in frames)


@pytest.fixture(scope="module")
def result() -> Replay:
    return replay(make_plan(make_case(), MEAN), make_demand(MEAN), SETTINGS, Run(5))


def test_three_policies_with_units_and_intervals(result: Replay) -> None:
    assert set(result.measures["policy"]) == {"plan", "plan_frozen", "tuned_rule"}
    assert not result.measures.duplicated(["policy", "measure"]).any()
    assert (result.measures["unit"] != "").all()
    assert (result.measures["low"] <= result.measures["high"]).all()
    assert set(result.paired["against"]) == {"plan_frozen", "tuned_rule"}
    assert (result.paired["low"] <= result.paired["mean"]).all()
    assert len(result.weeks["week"].unique()) == 10
    assert all_finite(result)
    assert "lowest_cash_yuan" not in set(result.measures["measure"])


def test_metrics_agree_with_the_tables(result: Replay) -> None:
    gain = value(result, "plan", "profit_yuan") - value(result, "tuned_rule", "profit_yuan")
    assert result.metrics["profit_gain_yuan"] == pytest.approx(gain)
    assert result.metrics["fill_rate_plan"] == pytest.approx(value(result, "plan", "fill_rate"))
    assert result.metrics["paths"] == 40


def test_profit_adds_up(result: Replay) -> None:
    """Revenue less goods, holding, orders and clearance of what is left; cost 10, salvage 8 yuan a unit."""
    for policy in ("plan", "plan_frozen", "tuned_rule"):
        revenue, profit = value(result, policy, "revenue_yuan"), value(result, policy, "profit_yuan")
        bought, opening = value(result, policy, "purchases_yuan"), 4 * 20 * 10.0
        left = bought + opening - revenue / 2
        costs = value(result, policy, "holding_yuan") + value(result, policy, "order_cost_yuan")
        assert profit == pytest.approx(revenue - revenue / 2 - costs - 0.2 * left)


def test_repeats_to_the_byte_whatever_the_blocks_and_threads(result: Replay) -> None:
    other = SETTINGS.model_copy(update={"block_paths": 7})
    again = replay(make_plan(make_case(), MEAN), make_demand(MEAN), other, Run(5, threads=1))
    for name in ("measures", "paired", "weeks"):
        pd.testing.assert_frame_equal(getattr(result, name), getattr(again, name), check_exact=True)
    assert again.metrics == result.metrics


def test_round_trip_through_storage(result: Replay) -> None:
    back = Replay.from_parts(result.to_parts())
    assert back.metrics == result.metrics
    pd.testing.assert_frame_equal(back.measures, result.measures)


def test_all_policies_live_within_the_cash() -> None:
    case = make_case(**LIMITED)
    result = replay(make_plan(case, MEAN), make_demand(MEAN), SETTINGS, Run(5))
    for policy in ("plan", "plan_frozen", "tuned_rule"):
        assert value(result, policy, "lowest_cash_yuan") >= -1e-6
        assert value(result, policy, "purchases_yuan") <= 3000.0 + 1e-6
    assert "cash_left_yuan" in set(result.weeks["measure"])


def test_placed_orders_take_inbound_room() -> None:
    room = np.full((1, 10), 30.0)
    scheduled = np.zeros((4, 10))
    scheduled[0, 3:] = 30.0
    case = make_case(inbound_limit=room, scheduled=scheduled, lead_time_sd_weeks=0.0)
    result = replay(make_plan(case, MEAN), make_demand(MEAN), SETTINGS, Run(5))
    received = result.weeks[result.weeks["measure"] == "received_units"]
    assert (received["high"] <= 30.0 + 1e-6).all()


def test_certain_demand_is_met_exactly() -> None:
    """Demand 0 and no lead-time spread: nothing is lost, nothing bought by the rule."""
    mean = np.zeros((4, 10))
    result = replay(make_plan(make_case(), mean), make_demand(mean), SETTINGS, Run(5))
    assert value(result, "plan", "fill_rate") == 1.0
    assert value(result, "tuned_rule", "purchases_yuan") == 0.0
    assert value(result, "plan", "stock_out_days") == 0.0
    assert all_finite(result)
    assert any("no demand" in warning for warning in result.warnings)


def test_lines_are_bought_from_the_plan_s_supplier() -> None:
    """A cheaper supplier whose goods come a week sooner and are paid later: price, time and money are his."""
    mean = np.full((1, 6), 10.0)
    case = make_case(items=1, weeks=6, on_hand=0.0, lead_time_sd_weeks=0.0)
    terms = {"lead_time_weeks": 1, "moq_units": 40, "pack_units": 20, "unit_cost_fen": 700, "order_cost_fen": 100}
    other = pd.DataFrame({"item": [0], "supplier": "other", **terms})
    payments = pd.DataFrame({"supplier": ["maker", "other"], "milestone": "order", "weeks": [0, 3], "share": 1.0})
    quantity = np.zeros((1, 6))
    quantity[0, 0] = 60.0
    line = {"sku": "s0", "warehouse": "east", "pool": "shared", "supplier": "other", "units": 60, "stands": False}
    plan = replace(
        make_plan(case, mean),
        case=replace(case, alternatives=other, payments=payments),
        quantity=quantity,
        lines=pd.DataFrame({**line, "order_week": [case.weeks[0]]}),
    )
    result = replay(plan, make_demand(mean), SETTINGS, Run(5))
    assert value(result, "plan_frozen", "purchases_yuan") == pytest.approx(60 * 7.0)
    assert value(result, "plan_frozen", "discount_yuan") == pytest.approx(60 * 3.0)
    assert value(result, "plan_frozen", "order_cost_yuan") == pytest.approx(1.0)
    weeks = result.weeks[result.weeks["policy"] == "plan_frozen"].set_index("measure")
    assert weeks.loc["received_units", "mean"].to_numpy()[:3].tolist() == [0.0, 60.0, 0.0]
    assert weeks.loc["payments_yuan", "mean"].to_numpy()[:5].tolist() == [0.0, 0.0, 0.0, 420.0, 0.0]


def test_more_paths_narrow_the_interval() -> None:
    plan, demand = make_plan(make_case(), MEAN), make_demand(MEAN)
    widths = []
    for paths in (20, 320):
        table = replay(plan, demand, SETTINGS.model_copy(update={"paths": paths}), Run(5)).paired
        row = table[(table["measure"] == "stock_yuan") & (table["against"] == "tuned_rule")].iloc[0]
        widths.append(row["high"] - row["low"])
    assert widths[1] < 0.5 * widths[0]


def test_without_revenue_holding_and_lost_sales_count() -> None:
    """VN2: no price and no cost is known, but what a unit held and a unit lost cost."""
    case = make_case(
        revenue_fen=np.zeros((4, 10), dtype=np.float32),
        unit_cost_fen=0,
        salvage_fen=0.0,
        order_cost_fen=0,
        holding_fen_week=20.0,
        lost_fen=100.0,
    )
    result = replay(make_plan(case, MEAN), make_demand(MEAN), SETTINGS, Run(5))
    for policy in ("plan", "tuned_rule"):
        cost = value(result, policy, "holding_yuan") + value(result, policy, "lost_units")
        assert value(result, policy, "profit_yuan") == pytest.approx(-cost)
    assert result.metrics["turnover_days_plan"] > 0
    assert any("without net revenue" in warning for warning in result.warnings)
    assert all_finite(result)


def test_no_items() -> None:
    case = make_case(items=0, series=4)
    result = replay(make_plan(case, MEAN[:0]), make_demand(MEAN), SETTINGS, Run(5))
    assert list(result.measures.columns) == MEASURE_COLUMNS
    assert len(result.measures) == 0
    assert result.status == "done"
    assert result.warnings


def test_no_orders() -> None:
    case = make_case(can_order=np.zeros((4, 10), dtype=bool))
    result = replay(make_plan(case, MEAN), make_demand(MEAN), SETTINGS, Run(5))
    assert value(result, "plan", "purchases_yuan") == value(result, "tuned_rule", "purchases_yuan") == 0.0
    assert any("orders nothing" in warning for warning in result.warnings)


def test_a_single_week() -> None:
    case = make_case(weeks=1, lead_time_weeks=0)
    assert all_finite(replay(make_plan(case, MEAN[:, :1]), make_demand(MEAN[:, :1]), SETTINGS, Run(5)))


def test_unknown_figures_do_not_reach_the_result() -> None:
    revenue = np.full((4, 10), 2000.0, dtype=np.float32)
    revenue[0] = np.nan
    case = make_case(revenue_fen=revenue, holding_fen_week=[np.nan, 1.0, 1.0, 1.0], lead_time_sd_weeks=np.nan)
    assert all_finite(replay(make_plan(case, MEAN), make_demand(MEAN), SETTINGS, Run(5)))


def test_demand_of_other_weeks_is_refused() -> None:
    with pytest.raises(ValueError, match="weeks of the order plan"):
        replay(make_plan(make_case(weeks=12), np.ones((4, 12))), make_demand(MEAN), SETTINGS, Run(5))


def test_items_are_served_by_shares_of_series() -> None:
    """Two items that share one series equally lose as much as its halves."""
    links = sparse.csr_array(np.array([[0.5], [0.5]]))
    case = make_case(items=2, fulfilment=links)
    mean = np.full((1, 10), 10.0)
    result = replay(make_plan(case, np.full((2, 10), 5.0)), make_demand(mean), SETTINGS, Run(5))
    weeks = result.weeks[(result.weeks["measure"] == "demand_units") & (result.weeks["policy"] == "plan")]
    assert weeks["mean"].mean() == pytest.approx(10.0, rel=0.05)
