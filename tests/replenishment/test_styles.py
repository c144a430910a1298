"""Minimum orders of a style or colour: sizes planned together, the proof, and what the tables leave open."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.execution.run import Run
from engine.plans.orders import OrderPlan
from engine.replenishment.explain import explain_line
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings
from engine.replenishment.tables import build_tables
from tests.oracles.order_proof import prove
from tests.replenishment import cases

SKUS, WEEKS, MOQ = 5, 10, 90
SETTINGS = ReplenishSettings(method="decomposition", paths=16, states=24)
STYLE = ["A", "A", "A", "B", "B"]


def merchant(level: str | None = "style", ratio: list[int | None] | None = None) -> dict[str, pd.DataFrame]:
    """Five sizes of two styles; one supplier with a tier, a minimum stated at ``level``."""
    tables = cases.tables(skus=SKUS)
    tables["skus"] = tables["skus"].assign(spu=STYLE, colour="red", size=list("SMLSM"), category="shoes")
    terms = tables["supply_terms"].assign(
        supplier="a", moq_units=MOQ, pack_units=[2, 2, 2, 3, 3], lead_time_days=14.0, unit_price_fen=4000
    )
    if level is not None:
        terms["moq_level"] = level
    if ratio is not None:
        terms["ratio_units"] = pd.array(ratio, dtype="Int64")
    tables["supply_terms"] = terms
    tables["price_tiers"] = pd.DataFrame(
        {"supplier": "a", "sku": terms["sku"], "from_units": 150, "unit_price_fen": 3900, "kind": "all_units"}
    )
    return tables


def plan(tables: dict[str, pd.DataFrame]) -> OrderPlan:
    demand = cases.demand(skus=SKUS, weeks=WEEKS, rate=8.0)
    return plan_orders(cases.dataset(tables), demand, SETTINGS, None, Run(1, 1))


def with_limits(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {**tables, "warehouses": tables["warehouses"].assign(inbound_units_week=[150, 120])}


@pytest.fixture(scope="module")
def together() -> OrderPlan:
    return plan(with_limits(merchant()))


def test_the_minimum_holds_for_all_sizes_of_an_order(together: OrderPlan) -> None:
    lines = together.lines
    assert set(lines["group"]) == {"A", "B"}
    orders = lines.groupby(["group", "warehouse", "order_week"])["units"].sum()
    assert (orders >= MOQ).all()
    assert (lines["units"] < MOQ).any()
    assert (lines["units"] % np.where(lines["group"] == "A", 2, 3) == 0).all()
    assert lines["reason"].str.contains("all sizes together").any()


def test_a_style_costs_less_than_its_sizes_each_with_the_minimum() -> None:
    assert plan(merchant()).report.objective < plan(merchant("sku")).report.objective


@pytest.mark.parametrize("ratio", [None, [1, 2, 1, 1, 1]])
def test_the_proof_holds(ratio: list[int | None] | None) -> None:
    found = plan(with_limits(merchant(ratio=ratio)))
    demand = cases.demand(skus=SKUS, weeks=WEEKS, rate=8.0)
    proof = prove(found, build_tables(found.case, demand, SETTINGS, Run(1, 1)))
    assert proof.cost == pytest.approx(found.report.objective, rel=1e-4)
    assert proof.bound == pytest.approx(found.report.bound, rel=1e-4)
    assert proof.overrun <= 1e-6
    assert found.report.bound <= found.report.objective
    assert "styles or colours as one item each" in found.report.gap_scope


def test_prepacks_keep_the_ratio() -> None:
    lines = plan(merchant(ratio=[1, 2, 1, None, None])).lines
    prepacked = lines[lines["group"] == "A"]
    assert len(prepacked) > 0
    assert prepacked.groupby(["warehouse", "order_week"])["packs"].nunique().eq(1).all()
    sizes = prepacked.groupby("sku")["units"].sum()
    assert (sizes / sizes["S0"]).tolist() == [1.0, 2.0, 1.0]
    assert prepacked["reason"].str.contains("in prepacks").all()


def test_prices_go_by_the_quantity_of_the_style(together: OrderPlan) -> None:
    lines = together.lines
    whole = lines.groupby(["group", "warehouse", "order_week"])["units"].transform("sum")
    assert (lines["unit_cost_fen"] == np.where(whole >= 150, 3900, 4000)).all()
    assert (lines["cost_fen"] == lines["units"] * lines["unit_cost_fen"]).all()


def test_the_terms_of_a_line_add_up(together: OrderPlan) -> None:
    demand = cases.demand(skus=SKUS, weeks=WEEKS, rate=8.0)
    for row in range(len(together.lines)):
        found = explain_line(together, row, demand, SETTINGS, Run(1, 1))
        assert sum(found.terms.values()) == together.lines["units"].iloc[row]
        assert found.group_units >= MOQ


def test_one_unit_is_planned_the_same_wherever_it_stands_in_the_tables() -> None:
    tables = merchant()
    turned = {**tables, "supply_terms": tables["supply_terms"].iloc[::-1].reset_index(drop=True)}
    pd.testing.assert_frame_equal(plan(tables).lines, plan(turned).lines)


def test_colours_are_units_of_their_own() -> None:
    tables = merchant("colour")
    tables["skus"]["colour"] = ["red", "red", "blue", "red", "red"]
    case = plan(tables).case
    assert set(case.items["group"]) == {"A red", "A blue", "B red"}
    assert case.units.max() + 1 == 6


BAD = {
    "no style": "but no spu (款号) or colour (颜色): asked of each alone",
    "two suppliers": "whose sizes come from different suppliers",
    "other minimums": "whose sizes state different minimum orders: the largest holds",
    "ratio by sku": "a size ratio, but the minimum order is stated by SKU: the ratio is left out",
}


@pytest.mark.parametrize("fault", BAD)
def test_what_the_tables_leave_open_is_named(fault: str) -> None:
    tables = merchant("sku" if fault == "ratio by sku" else "style", [1] * 5 if fault == "ratio by sku" else None)
    tables["supply_terms"]["moq_units"] = 20
    if fault == "no style":
        tables["skus"] = tables["skus"].drop(columns="spu")
    if fault == "two suppliers":
        tables["supply_terms"]["supplier"] = ["a", "b", "a", "a", "a"]
    if fault == "other minimums":
        tables["supply_terms"]["moq_units"] = [20, 30, 20, 20, 20]
    found = plan(tables)
    assert any(BAD[fault] in note for note in found.warnings)
    assert found.status == "done"
    assert len(found.lines) > 0


def test_a_ratio_that_adds_up_to_zero_is_named_and_the_rest_is_planned() -> None:
    tables = merchant(ratio=[0, 0, 0, 1, 0])
    tables["inventory"] = tables["inventory"].assign(on_hand=0)
    tables["supply_terms"]["moq_units"] = 20
    found = plan(tables)
    reasons = found.unplanned.groupby("sku")["reason"].first()
    assert "adds up to zero" in reasons["S0"]
    assert "no prepack" in reasons["S4"]
    assert found.status == "partial"
    assert set(found.lines["sku"]) == {"S3"}


def test_further_suppliers_of_a_style_serve_all_sizes_or_none() -> None:
    tables = merchant()
    second = tables["supply_terms"].assign(supplier="b", rank=2, lead_time_days=7.0, unit_price_fen=4100)
    tables["supply_terms"] = pd.concat([tables["supply_terms"], second.iloc[:4]], ignore_index=True)
    found = plan(tables)
    rows = found.case.alternatives["item"].to_numpy()
    assert set(found.case.items["sku"].iloc[rows]) == {"S0", "S1", "S2"}
    assert any("do not serve all sizes on one minimum" in note for note in found.warnings)
    suppliers = found.lines.groupby(["group", "warehouse", "arrival_week"])["supplier"].nunique()
    assert (suppliers == 1).all()
