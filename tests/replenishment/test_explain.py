"""Why a line has its quantity: terms that add up, each for its own rule."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from engine.execution.run import Run
from engine.plans.errors import BadInput
from engine.plans.orders import OrderPlan
from engine.replenishment.explain import LineExplanation, explain_line, find_line
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings
from engine.replenishment.tables import build_tables
from tests.replenishment import cases
from tests.replenishment.test_plan import with_limits

SETTINGS = ReplenishSettings(paths=16)
RULES = ("packs", "minimum_order", "order_cost", "prices", "plan_steps", "shared_limits")
Tables = dict[str, pd.DataFrame]


def plan(tables: Tables, skus: int = 1, settings: ReplenishSettings = SETTINGS) -> OrderPlan:
    return plan_orders(cases.dataset(tables), cases.demand(skus=skus), settings, None, Run(1, 1))


def explained(made: OrderPlan, skus: int = 1, settings: ReplenishSettings = SETTINGS) -> list[LineExplanation]:
    demand = cases.demand(skus=skus)
    return [explain_line(made, row, demand, settings, Run(1, 1)) for row in range(len(made.lines))]


def one(**terms: object) -> Tables:
    """One SKU in one warehouse, bought a unit at a time; ``terms`` are changed."""
    tables = cases.tables(skus=1)
    plain = {"lead_time_days": 7, "lead_time_sd_days": 0.0, "moq_units": 1, "pack_units": 1, "order_cost_fen": 0}
    tables["supply_terms"] = tables["supply_terms"].assign(**{**plain, **terms})
    tables["inventory"] = tables["inventory"].iloc[:1].assign(on_hand=30)
    tables["lanes"] = tables["lanes"].iloc[[0, 0]].assign(destination=["East", "North"])
    tables["warehouses"] = tables["warehouses"].iloc[:1]
    return tables


def total(found: list[LineExplanation], term: str) -> int:
    return sum(abs(line.terms[term]) for line in found)


@pytest.mark.parametrize("tightness", [0.0, 1.1])
def test_terms_add_up_for_every_line(tightness: float) -> None:
    tables = cases.tables(skus=4)
    made = plan(tables, 4)
    if tightness:
        made = plan(with_limits(tables, made, tightness), 4)
    # from storage, as the command line reads it
    made = OrderPlan.from_parts(made.to_parts())
    found = explained(made, 4)
    assert len(found) > 10
    for line, units in zip(found, made.lines["units"], strict=True):
        assert sum(line.terms.values()) == units
        assert all(isinstance(value, int) for value in line.terms.values())
        json.dumps(line.as_dict(), allow_nan=False)
    limits = sum(total([line], "shared_limits") for line in found)
    assert (limits > 0) == (tightness > 0)
    assert any(len(line.held) for line in found) == (tightness > 0)


def test_an_item_alone_has_the_tables_of_the_whole_case() -> None:
    made, demand = plan(cases.tables(skus=4), 4), cases.demand(skus=4)
    whole = build_tables(made.case, demand, SETTINGS, Run(1, 1)).problem
    for item in (0, 5):
        rows = np.array([item])
        alone = build_tables(made.case.only(rows), demand, SETTINGS, Run(1, 1), rows).problem
        start, size = whole.start[item], len(alone.tables)
        assert np.array_equal(whole.tables[start : start + size], alone.tables)
        assert size == whole.states[item] * whole.shape[1]


def test_without_rules_only_need_and_safety_stock_are_left() -> None:
    fine = ReplenishSettings(paths=16, states=2000)
    found = explained(plan(one(), settings=fine), settings=fine)
    assert all(total(found, rule) == 0 for rule in RULES)
    assert sum(line.terms["safety_stock"] for line in found) > 0
    assert found[0].terms["on_hand"] == -30
    earlier = np.cumsum([0, *(line.line["units"] for line in found)])
    assert [line.terms["earlier_lines"] for line in found] == (-earlier[:-1]).tolist()
    assert all(line.first[2] for line in found)


def test_each_rule_has_its_term() -> None:
    packs = explained(plan(one(pack_units=25)))
    assert total(packs, "packs") > 0 and total(packs, "minimum_order") == 0
    least = explained(plan(one(moq_units=300)))
    assert total(least, "minimum_order") > 0 and total(least, "packs") == 0
    # an order that costs something covers demand for longer; its term is what is left beside that
    often, seldom = (explained(plan(one(order_cost_fen=cost))) for cost in (0, 50_000))
    assert seldom[0].demand_until > often[0].demand_until
    assert seldom[0].terms["demand"] > often[0].terms["demand"] and total(seldom, "minimum_order") == 0
    tables = one()
    price = int(tables["supply_terms"]["unit_price_fen"].iloc[0])
    tables["price_tiers"] = pd.DataFrame(
        {"supplier": "b", "sku": "S0", "from_units": [200], "unit_price_fen": [price // 2], "kind": "all_units"}
    )
    tiers = explained(plan(tables))
    assert total(tiers, "prices") > 0 and total(tiers, "order_cost") == 0
    coarse = ReplenishSettings(paths=16, states=16)
    steps = explained(plan(one(pack_units=2), settings=coarse), settings=coarse)
    assert total(steps, "plan_steps") > 0
    assert all(sum(line.terms.values()) == line.line["units"] for line in steps)


def test_short_cash_is_named_with_its_price() -> None:
    tables = one()
    half = int(plan(tables).lines["cost_fen"].sum() * 0.5)
    tables["cash"] = pd.DataFrame({"date": [pd.Timestamp(cases.START)], "kind": ["opening"], "amount_fen": [half]})
    found = explained(plan(tables))
    assert sum(line.terms["shared_limits"] for line in found) < 0
    held = pd.concat([line.held for line in found])
    assert held["rule"].str.startswith("cash").all()
    assert (held["price"] > 0).any()
    assert np.allclose(held["yuan"], held["price"] * held["used"])


def test_a_further_supplier_is_told_apart() -> None:
    tables = one(lead_time_days=35)
    fast = tables["supply_terms"].assign(supplier="a", rank=2, lead_time_days=7)
    fast["unit_price_fen"] += 100
    tables["supply_terms"] = pd.concat([tables["supply_terms"], fast], ignore_index=True)
    found = explained(plan(tables))
    assert {line.first[2] for line in found} == {True, False}
    assert all(line.first[0] == "b" for line in found)
    urgent = next(line for line in found if not line.first[2])
    assert urgent.line["supplier"] == "a" and urgent.line["unit_cost_fen"] == urgent.first[1] + 100
    assert urgent.needed_by is not None and urgent.order_by == urgent.needed_by - np.timedelta64(7, "D")


def test_lines_are_found_by_number_and_by_name() -> None:
    made = plan(cases.tables(skus=4), 4)
    assert find_line(made, "3") == 2
    row = find_line(made, "S2@north")
    assert (made.lines.iloc[row][["sku", "warehouse"]] == ["S2", "north"]).all()
    for wrong in ("0", "-1", "S2", "S2@mars", "999999"):
        with pytest.raises(BadInput, match="no line of the plan"):
            find_line(made, wrong)
