"""Demand that the first warehouse is short of and the second serves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.execution.run import Run
from engine.plans.orders import OrderPlan
from engine.plans.parts import Parts
from engine.replenishment.case import build_case
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings
from engine.simulation.replay import replay
from engine.simulation.settings import SimulationSettings
from tests.replenishment import cases


def tables(extra_fen: int = 200, skus: int = 6) -> dict[str, pd.DataFrame]:
    """The east has nothing and waits three weeks, the north has just what it needs; each is second for the other."""
    content = cases.tables(skus)
    content["lanes"] = pd.DataFrame(
        {
            "origin": ["east", "north", "north", "east"],
            "destination": ["East", "North", "East", "North"],
            "kind": "region",
            "rank": [1, 1, 2, 2],
            "cost_fen": [300, 300, 300 + extra_fen, 300 + extra_fen],
        }
    )
    content["supply_terms"] = content["supply_terms"].assign(lead_time_days=21, moq_units=1, pack_units=1)
    east = content["inventory"]["warehouse"] == "east"
    content["inventory"]["on_hand"] = np.where(east, 0, 60)
    return content


def planned(content: dict[str, pd.DataFrame], know: bool = True) -> OrderPlan:
    demand = cases.demand(6, 10)
    return plan_orders(cases.dataset(content), demand, ReplenishSettings(use_second_lane=know), None, Run(seed=1))


def earned(plan: OrderPlan) -> pd.Series:
    result = replay(plan, cases.demand(6, 10), SimulationSettings(paths=16, training_paths=8), Run(seed=2))
    return result.measures.set_index(["policy", "measure"])["mean"]


def test_lanes_name_the_item_behind_and_its_extra_cost() -> None:
    demand = cases.demand(6, 10)
    case = build_case(cases.dataset(tables()), demand, ReplenishSettings(), None).case
    lanes, items = case.second_lanes, case.items
    assert len(lanes) == len(items)
    assert np.allclose(lanes["share"], 1.0) and np.allclose(lanes["extra_fen"], 200.0)
    here, there = items.iloc[lanes["item"]], items.iloc[lanes["second"]]
    assert (here["sku"].to_numpy() == there["sku"].to_numpy()).all()
    assert (here["warehouse"].to_numpy() != there["warehouse"].to_numpy()).all()


def test_nobody_ships_at_a_loss() -> None:
    case = build_case(cases.dataset(tables(100_000)), cases.demand(6, 10), ReplenishSettings(), None).case
    assert case.second_lanes.empty


def test_the_spill_is_what_the_first_warehouse_is_short_of_until_an_order_comes() -> None:
    plan = planned(tables())
    case, spill = plan.case, plan.case.spill
    assert spill is not None
    north = (case.items["warehouse"] == "north").to_numpy()
    demand = cases.demand(6, 10).weekly_mean
    east = case.fulfilment[np.flatnonzero(~north)] @ demand
    assert np.allclose(spill[north][:, :3], east[:, :3], rtol=0.25)  # the east has no stock at all
    assert not spill[:, 3:].any()


def test_knowing_the_second_lane_earns_more_in_replay() -> None:
    know, not_know = earned(planned(tables())), earned(planned(tables(), know=False))
    assert know["plan", "second_lane_units"] > 0
    for policy in ("plan", "plan_frozen"):
        assert know[policy, "profit_yuan"] > not_know[policy, "profit_yuan"]


def test_without_a_second_lane_the_setting_changes_nothing() -> None:
    content = tables()
    content["lanes"] = content["lanes"][content["lanes"]["rank"] == 1]
    know, not_know = planned(content), planned(content, know=False)
    assert know.case.spill is None
    pd.testing.assert_frame_equal(know.lines, not_know.lines)


def test_a_plan_with_lanes_survives_storage() -> None:
    plan = planned(tables())
    parts = plan.to_parts()
    again = OrderPlan.from_parts(Parts(parts.frames, parts.meta))
    pd.testing.assert_frame_equal(again.case.second_lanes, plan.case.second_lanes)
    assert again.case.spill == pytest.approx(plan.case.spill)
    assert again.case.only(np.array([0])).second_lanes.empty
