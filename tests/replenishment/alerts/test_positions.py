"""Positions: what lasts how long, against day by day; stock that no plan covers; chances against the paths."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.execution.run import Run
from engine.replenishment.alerts.chance import chances, planned_arrivals
from engine.replenishment.alerts.positions import Positions, build_positions, until
from engine.replenishment.alerts.pricing import no_pricing
from engine.replenishment.alerts.settings import AlertSettings
from engine.replenishment.tables import item_paths
from models.spread import poisson_spread
from tests.oracles.run_out import run_out as by_hand
from tests.replenishment.alerts import merchant

LONGEST = 3650.0


def positions(demand: np.ndarray, after: np.ndarray) -> Positions:
    table = pd.DataFrame({"after": after, "end_weeks": np.inf})
    rows = len(demand)
    return Positions(table, np.zeros(0, "datetime64[D]"), demand, demand, no_pricing(rows), rows)


def days_by_hand(units: float, demand: list[float], after: float) -> float:
    """Seven steps a week, a hundred a day."""
    left, steps = units, 0
    while left > 1e-9 and steps < LONGEST * 100:
        week = steps // 700
        left -= (demand[week] if week < len(demand) else after) / 700.0
        steps += 1
    return steps / 100.0


@pytest.mark.parametrize("seed", range(4))
def test_cover_and_demand_day_by_day(seed: int) -> None:
    rng = np.random.default_rng(seed)
    demand = rng.poisson(3.0, (6, 5)).astype(float)
    after = rng.integers(1, 5, 6).astype(float)
    units = rng.integers(0, 40, 6).astype(float)
    found = positions(demand, after).cover_days(units, LONGEST)
    for row in range(6):
        assert found[row] == pytest.approx(days_by_hand(units[row], demand[row].tolist(), after[row]), abs=0.05)
    weeks = rng.uniform(0.0, 9.0, 6)
    asked = until(demand, after, weeks)
    whole = np.concatenate([demand, np.repeat(after[:, None], 5, axis=1)], axis=1)
    for row in range(6):
        steps = np.interp(weeks[row], np.arange(11), np.concatenate([[0.0], np.cumsum(whole[row])]))
        assert asked[row] == pytest.approx(steps)


def test_stock_that_nobody_buys_lasts_longest() -> None:
    found = positions(np.zeros((2, 3)), np.zeros(2)).cover_days(np.array([5.0, 0.0]), LONGEST)
    assert found.tolist() == [LONGEST, 0.0]


def test_stock_that_no_plan_covers_stands_beside_the_plan() -> None:
    weekly = {"A": 70.0}
    content = merchant.tables(weekly, {"A": 30, "LOOSE": 40})
    extra = content["sales"].tail(28).assign(sku="LOOSE", units_paid=2)
    content["sales"] = pd.concat([content["sales"], extra], ignore_index=True)
    plan = merchant.planned(content, merchant.demand(weekly))
    found = build_positions(merchant.dataset(content), plan, merchant.REPLENISH)
    assert found.table["sku"].tolist() == ["A", "LOOSE"] and found.planned == 1
    assert found.column("on_hand").tolist() == [30.0, 40.0]
    # 56 units in eight weeks
    assert found.demand[1] == pytest.approx(np.full(26, 7.0))
    assert found.column("salvage")[1] == 10.0 and found.pricing.cut_cost[1] == 0.0


def test_chances_are_those_of_the_paths() -> None:
    weekly = {"A": 6.0, "B": 2.0}
    content = merchant.tables(weekly, {"A": 20, "B": 15})
    content["purchase_orders"] = pd.DataFrame(
        {
            "po": ["p"],
            "sku": "A",
            "warehouse": "main",
            "supplier": "a",
            "ordered_at": merchant.TODAY,
            "expected_at": merchant.TODAY + pd.Timedelta(days=30),
            "units": 12,
        }
    )
    plan = merchant.planned(content, merchant.demand(weekly, poisson_spread()), [("A", 6, 10), ("B", 5, 9)])
    settings, run = AlertSettings(paths=32, watch_weeks=7), Run(1, 1)
    found = chances(plan, build_positions(merchant.dataset(content), plan, merchant.REPLENISH), settings, run)
    case = plan.orders.case
    draws = item_paths(case, plan.demand.paths(run.seed_for("alert paths")), np.arange(2), 32)
    arrivals = case.scheduled + planned_arrivals(plan.orders)
    assert arrivals.sum() == 12 + 10 + 9
    for item, stock in enumerate((20.0, 15.0)):
        runs = [by_hand(draws[item, path].tolist(), stock, arrivals[item].tolist(), 0) for path in range(32)]
        days = sorted(day for day, _ in runs if day < 49.0)
        assert found.probability[item] == pytest.approx(len(days) / 32)
        if days:
            assert found.day[item] == pytest.approx(days[(len(days) - 1) // 2])
        assert found.lost[item] == pytest.approx(np.mean([lost for _, lost in runs], axis=0))
        inside = draws[item][:, :17].sum(axis=1) + (120 / 7 - 17) * draws[item][:, 17]
        units = stock + case.scheduled[item].sum()
        assert found.too_much[item] == pytest.approx((inside < units).mean())
