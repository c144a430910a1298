"""Planning again after a week: what stands, what was placed, what changes and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.execution.run import Run
from engine.plans.forecast import Demand
from engine.plans.orders import OrderPlan
from engine.replenishment.explain import explain_line
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings, RollingSettings
from tests.replenishment import cases
from tests.replenishment.test_plan import keeps_all_rules

SKUS, WEEKS = 5, 12
WEEK = pd.Timedelta(days=7)


def demand(later: int = 0, factor: float = 1.0) -> Demand:
    """The same demand, seen ``later`` weeks on."""
    found = cases.demand(skus=SKUS, weeks=WEEKS + later)
    mean = (factor * found.mean[:, later:]).astype(np.float32)
    assert found.price_yuan is not None
    return replace(found, dates=found.dates[later:], mean=mean, price_yuan=found.price_yuan[:, later:])


def settings(**rolling: Any) -> ReplenishSettings:
    return ReplenishSettings(paths=16, rolling=RollingSettings(**rolling))


@pytest.fixture(scope="module")
def first() -> OrderPlan:
    return plan_orders(cases.dataset(cases.tables(skus=SKUS)), demand(), settings(), None, Run(1, 1))


def placed(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines as purchase orders."""
    keys = ["sku", "warehouse", "pool", "supplier", "units"]
    named = {"ordered_at": lines["order_week"], "expected_at": lines["arrival_week"]}
    return lines[keys].assign(po=[f"p{n}" for n in range(len(lines))], **named).reset_index(drop=True)


def week_later(first: OrderPlan, lines: pd.DataFrame | None = None) -> dict[str, pd.DataFrame]:
    """The tables a week on: what was expected has been sold, the first week's orders (or ``lines``) are placed."""
    tables, case = cases.tables(skus=SKUS), first.case
    assert first.expected is not None
    left = case.items["on_hand"] + case.scheduled[:, 0] - first.expected[:, 0]
    tables["inventory"] = case.items[["sku", "warehouse", "pool"]].assign(
        date=pd.Timestamp(cases.START) + pd.Timedelta(days=6), on_hand=left.clip(lower=0).round().astype(int)
    )
    lines = first.lines[first.lines["order_week"] == pd.Timestamp(cases.START)] if lines is None else lines
    if len(lines):
        tables["purchase_orders"] = placed(lines)
    return tables


def again(first: OrderPlan, tables: dict[str, pd.DataFrame], factor: float = 1.0, **rolling: Any) -> OrderPlan:
    return plan_orders(cases.dataset(tables), demand(1, factor), settings(**rolling), None, Run(1, 1), first)


def in_week(plan: OrderPlan, week: int) -> pd.DataFrame:
    keys = ["sku", "warehouse", "pool", "supplier"]
    lines = plan.lines[plan.lines["order_week"] == pd.Timestamp(cases.START) + week * WEEK]
    return lines[[*keys, "units", "cost_fen"]].sort_values(keys, ignore_index=True)


def test_frozen_weeks_keep_the_last_plan_and_take_nothing_new(first: OrderPlan) -> None:
    tables = week_later(first)
    free, held = (again(first, tables, 1.5, frozen_weeks=weeks) for weeks in (0, 2))
    for week in (1, 2):
        pd.testing.assert_frame_equal(in_week(held, week), in_week(first, week))
    assert not in_week(free, 1).equals(in_week(first, 1))
    assert len(in_week(held, 3))
    assert held.lines["stands"].sum() == len(in_week(first, 1)) + len(in_week(first, 2))
    assert not held.case.can_order[:, :2].any()
    keeps_all_rules(replace(held, lines=held.new_lines))
    # what stands has been counted: stock at the end of the supply is no larger than without freezing by a line or two
    supply = [plan.case.scheduled.sum() + plan.quantity.sum() for plan in (free, held)]
    assert supply[1] < 1.2 * supply[0]
    again_stored = OrderPlan.from_parts(held.to_parts())
    pd.testing.assert_frame_equal(again_stored.case.last_plan, held.case.last_plan)
    pd.testing.assert_frame_equal(again_stored.changes, held.changes)


def test_what_was_placed_early_is_not_ordered_twice(first: OrderPlan) -> None:
    ahead = first.lines[first.lines["order_week"] <= pd.Timestamp(cases.START) + WEEK]
    held = again(first, week_later(first, ahead), frozen_weeks=1)
    assert in_week(held, 1).empty and len(in_week(first, 1))
    unnamed = week_later(first, ahead)
    unnamed["purchase_orders"] = unnamed["purchase_orders"].drop(columns="supplier")
    assert in_week(again(first, unnamed, frozen_weeks=1), 1).empty


def test_lines_that_no_purchase_order_shows_may_count_as_placed(first: OrderPlan) -> None:
    tables = week_later(first, first.lines.iloc[:0])
    forgotten = again(first, tables)
    assert (forgotten.changes["reason"] == "not placed; planned anew").sum() == len(in_week(first, 0))
    counted, known = again(first, tables, count_unplaced=True), again(first, week_later(first))
    pd.testing.assert_frame_equal(counted.lines, known.lines)
    assert np.array_equal(counted.case.scheduled, known.case.scheduled)


def test_changes_name_what_has_moved(first: OrderPlan) -> None:
    assert first.changes.empty
    more = again(first, week_later(first), 1.6)
    rise = more.changes[more.changes["units"] > more.changes["last_units"]]
    assert rise["reason"].str.contains("demand is .* units higher").mean() > 0.5
    lines = more.lines.groupby("order_week")["units"].sum()
    changed = more.changes.groupby("order_week")[["last_units", "units"]].sum()
    then = first.lines.groupby("order_week")["units"].sum()
    for week in changed.index:
        assert changed["units"][week] - changed["last_units"][week] == lines.get(week, 0) - then.get(week, 0)
    stolen = week_later(first)
    stolen["inventory"]["on_hand"] = 0
    reasons = again(first, stolen).changes["reason"]
    assert reasons.str.contains("stock is .* units lower than planned").any()
    dear = week_later(first)
    dear["supply_terms"]["unit_price_fen"] *= 2
    assert again(first, dear).changes["reason"].str.contains(r"the purchase price is \+100.0%").any()


def test_changes_cost_and_fewer_are_made(first: OrderPlan) -> None:
    tables = week_later(first)
    free, calm = again(first, tables, 1.1), again(first, tables, 1.1, change_yuan_line=150.0, change_yuan_unit=0.5)
    assert len(calm.changes) < len(free.changes)
    assert calm.report.gap == 0.0 and "change from the last plan" in calm.report.gap_scope
    still = again(first, tables, change_yuan_line=1e6)
    assert len(still.changes) == 0
    keeps_all_rules(calm)


def test_a_line_that_stands_and_the_cost_of_change_are_explained(first: OrderPlan) -> None:
    chosen = {"frozen_weeks": 1, "change_yuan_line": 50.0, "change_yuan_unit": 0.2}
    plan = again(first, week_later(first), 1.2, **chosen)
    terms = [explain_line(plan, row, demand(1, 1.2), settings(**chosen), Run(1, 1)).terms for row in range(12)]
    assert [sum(term.values()) for term in terms] == plan.lines["units"].iloc[:12].tolist()
    stands = np.flatnonzero(plan.lines["stands"])
    assert terms[stands[0]]["last_plan"] == plan.lines["units"].iloc[stands[0]]


def test_an_old_last_plan_means_nothing(first: OrderPlan) -> None:
    late = demand(0)
    dates = late.dates + np.timedelta64(7 * 30, "D")
    tables, moved = cases.dataset(cases.tables(skus=SKUS)), replace(late, dates=dates)
    plan = plan_orders(tables, moved, settings(frozen_weeks=2), None, Run(1, 1), first)
    assert plan.changes.empty and plan.case.can_order.any(axis=1).all() and not plan.lines["stands"].any()
