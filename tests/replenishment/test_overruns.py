"""Limits that placed orders overrun alone: named with week and amount, and the rest still planned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.execution.run import Run
from engine.plans.errors import Infeasible
from engine.plans.orders import OrderPlan
from engine.replenishment.overruns import overrun_notes, relaxations_of
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import OpenToBuy, ReplenishSettings
from engine.reports.words import Words
from tests.replenishment import cases
from tests.replenishment.test_plan import keeps_all_rules

START = pd.Timestamp(cases.START)
PLACED = 500


def week(number: int) -> pd.Timestamp:
    return START + pd.Timedelta(weeks=number)


def placed(**columns: Any) -> dict[str, pd.DataFrame]:
    """Orders of the first bag for east: 500 units each, sellable in the weeks 2 and 3."""
    tables = cases.tables()
    tables["purchase_orders"] = pd.DataFrame(
        {
            "po": ["P1", "P2"],
            "sku": "S0",
            "warehouse": "east",
            "pool": "shared",
            "supplier": "b",
            "ordered_at": START - pd.Timedelta(days=20),
            "expected_at": [week(2), week(3)],
            "units": PLACED,
            "unit_price_fen": 4000,
            **columns,
        }
    )
    return tables


def plan(tables: dict[str, pd.DataFrame], **settings: Any) -> OrderPlan:
    chosen = ReplenishSettings(paths=16, **settings)
    return plan_orders(cases.dataset(tables), cases.demand(), chosen, None, Run(1, 1))


def relaxed(result: OrderPlan) -> dict[str, tuple[float, str]]:
    return {entry.rule.split(",")[0]: (entry.amount, entry.unit) for entry in result.report.relaxations}


def test_inbound_overrun_by_placed_orders() -> None:
    tables = placed()
    tables["warehouses"] = tables["warehouses"].assign(inbound_units_week=[400, 1000])
    result = plan(tables)
    assert relaxed(result) == {
        f"inbound of east in the week from {week(number):%Y-%m-%d}": (pytest.approx(100.0), "units")
        for number in (2, 3)
    }
    assert result.status == "partial" and len(result.lines) and result.unplanned.empty
    keeps_all_rules(result)
    came = result.lines[(result.lines["warehouse"] == "east") & result.lines["arrival_week"].isin([week(2), week(3)])]
    assert came.empty
    again = OrderPlan.from_parts(result.to_parts())
    assert again.report.relaxations == result.report.relaxations and again.status == "partial"


def test_capacity_and_open_to_buy_overrun_by_placed_orders() -> None:
    tables = placed()
    tables["suppliers"] = tables["suppliers"].assign(capacity_units_week=[5000, 450])
    month = OpenToBuy(category="bags", month=START.date(), yuan=30_000.0)
    result = plan(tables, open_to_buy=(month,))
    # a supplier who accepted more than his capacity is no rule that the merchant breaks
    assert relaxed(result) == {
        f"open-to-buy of bags in the month from {START:%Y-%m-%d}": (pytest.approx(10_000.0), "yuan"),
    }
    assert result.status == "partial" and len(result.lines)
    notes = [note for note in result.warnings if "before any new order" in note]
    assert len(notes) == 2 and "(2 such in all)" in notes[0]
    assert all(
        "不下新单" in Words("zh").label(note) and not {"short", "units", "yuan"} & set(Words("zh").label(note).split())
        for note in notes
    )


def test_a_full_warehouse_says_how_many_cubic_metres() -> None:
    tables = placed(units=5000)
    tables["warehouses"] = tables["warehouses"].assign(storage_m3=[60.0, 500.0])
    result = plan(tables)
    first = result.report.relaxations[0]
    assert first.rule.startswith(f"storage of east in the week from {week(3):%Y-%m-%d}") and first.unit == "m3"
    assert all("storage" in entry.rule for entry in result.report.relaxations) and result.status == "partial"
    assert max(entry.amount for entry in result.report.relaxations) > 30.0


def test_cash_overdrawn_for_some_weeks_goes_on_with_what_comes_later() -> None:
    tables = placed()
    tables["cash"] = pd.DataFrame(
        {
            "date": [START, week(6), week(8)],
            "kind": ["opening", "flow", "flow"],
            "amount_fen": [100_00, -500_00, 10_000_000_00],
        }
    )
    tables["payment_terms"] = pd.DataFrame(
        {"supplier": ["a", "b"], "instalment": 1, "milestone": "arrival", "days": 0, "share": 1.0}
    )
    result = plan(tables)
    (only,) = result.report.relaxations
    owed = 2 * PLACED * 40.0 - 100.0 + 500.0
    assert only.rule.startswith(f"cash up to the week from {week(6):%Y-%m-%d}")
    assert only.amount == pytest.approx(owed) and only.unit == "yuan"
    assert f"from {week(2):%Y-%m-%d} on, until the week from {week(8):%Y-%m-%d}" in " ".join(only.remedy.split())
    assert result.status == "partial" and len(result.lines)
    assert (result.lines["arrival_week"] >= week(8)).all()


def test_cash_overdrawn_for_good_stops_and_names_all_rules() -> None:
    tables = placed()
    tables["cash"] = pd.DataFrame({"date": [START], "kind": ["opening"], "amount_fen": [-70_00]})
    tables["warehouses"] = tables["warehouses"].assign(inbound_units_week=[400, 1000])
    with pytest.raises(Infeasible) as error:
        plan(tables)
    money, *others = error.value.relaxations
    assert money.rule.startswith("cash") and money.amount == pytest.approx(70.0 + 2 * PLACED * 40.0)
    assert len(others) == 2 and all(entry.rule.startswith("inbound of east") for entry in others)


def test_raising_the_limits_by_what_is_named_makes_the_plan_whole() -> None:
    tables = placed()
    tables["warehouses"] = tables["warehouses"].assign(inbound_units_week=[400, 1000])
    amount = max(entry.amount for entry in plan(tables).report.relaxations)
    for less, status in ((1.0, "partial"), (0.0, "done")):
        tables["warehouses"]["inbound_units_week"] = [400 + int(amount - less), 1000]
        assert plan(tables).status == status


def test_nothing_is_told_of_limits_that_hold_or_are_not_there() -> None:
    names = pd.DataFrame(
        {"family": ["cash", "inbound"], "name": ["", "east"], "week": START, "unit": ["yuan", "units"]}
    )
    for room in (np.array([0.0, 0.0]), np.array([np.inf, -1e-9])):
        assert relaxations_of(names, room) == () and overrun_notes(names, room) == ()
