"""Shelf life and shares of suppliers: the bound knows them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.execution.run import Run
from engine.plans.orders import OrderPlan
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings, SupplierShare
from engine.replenishment.shelf_life import outlived
from engine.reports.words import Words
from tests.replenishment import cases
from tests.replenishment.test_plan import keeps_all_rules

SKUS = 8


def plan(tables: dict[str, pd.DataFrame], **settings: Any) -> OrderPlan:
    chosen = ReplenishSettings(paths=16, **settings)
    return plan_orders(cases.dataset(tables), cases.demand(skus=SKUS), chosen, None, Run(1, 1))


def perishable(days: int) -> dict[str, pd.DataFrame]:
    """Goods that order costs make one buy for months, and that keep for some days only."""
    tables = cases.tables(skus=SKUS)
    tables["skus"] = tables["skus"].assign(shelf_life_days=days)
    tables["supply_terms"] = tables["supply_terms"].assign(order_cost_fen=60_000, moq_units=1, pack_units=1)
    return tables


def worst(result: OrderPlan, life: float) -> float:
    """Units that outlive their goods, at the worst order of all items."""
    case = result.case
    assert result.expected is not None
    most = outlived(case, result.expected, np.full(len(case.items), life))
    supply = case.items["on_hand"].to_numpy(float)[:, None] + np.cumsum(case.scheduled, axis=1)
    first = pd.Timestamp(case.weeks[0])
    keys = ["sku", "warehouse", "pool"]
    row = pd.MultiIndex.from_frame(case.items[keys]).get_indexer(pd.MultiIndex.from_frame(result.lines[keys]))
    week = ((result.lines["arrival_week"] - first).dt.days // 7).to_numpy()
    ordered = np.zeros_like(supply)
    np.add.at(ordered, (row, week), result.lines["units"].to_numpy(float))
    over = np.maximum(supply + np.cumsum(ordered, axis=1) - most, 0.0) - np.maximum(supply - most, 0.0)
    return float(over[ordered > 0].max())


def test_demand_within_the_shelf_life() -> None:
    case = plan(cases.tables(skus=SKUS)).case.only(np.array([0]))
    case = replace(case, items=case.items.assign(demand_after=2.0))
    expected = np.tile(10.0, (1, len(case.weeks)))
    most = outlived(case, expected, np.array([2.5]))[0]
    assert most[0] == pytest.approx(25.0) and most[-1] == pytest.approx(120.0 + 1.5 * 2.0)


def test_nothing_is_ordered_that_would_outlive_its_goods() -> None:
    free, held = plan(perishable(3650)), plan(perishable(35), shelf_life_share=0.8)
    life = 0.8 * 35 / 7.0
    assert worst(free, life) > 200.0
    assert worst(held, life) <= 15.0
    keeps_all_rules(held)
    assert held.report.objective > 2.0 * free.report.objective and held.report.gap <= 0.03
    assert "outlive their shelf life" in held.report.gap_scope and "left out of the bound" not in held.report.gap_scope
    (note,) = [words for words in held.warnings if "shelf life" in words]
    assert note.startswith("3 SKUs") and Words("zh").label(note).startswith("3 个商品的订货会放过保质期")


def test_sizes_of_a_style_expire_too_and_the_bound_does_not_count_on_their_split() -> None:
    tables = perishable(35)
    tables["skus"] = tables["skus"].assign(spu=[f"P{number // 2}" for number in range(SKUS)])
    tables["supply_terms"] = tables["supply_terms"].assign(
        supplier=np.where(np.arange(SKUS) // 2 % 2 == 0, "a", "b"), moq_units=20, moq_level="style", lead_time_days=14
    )
    loose = plan({**tables, "skus": tables["skus"].assign(shelf_life_days=3650)}, shelf_life_share=0.8)
    held = plan(tables, shelf_life_share=0.8)
    assert held.metrics["style_split_yuan"] > 0 and "4 styles" not in loose.report.gap_scope
    assert held.report.bound == pytest.approx(loose.report.bound, rel=1e-6) and held.report.gap > 0.1
    assert "of sizes planned together counted in the cost and left out of the bound" in held.report.gap_scope
    assert worst(held, 4.0) < 0.2 * worst(loose, 4.0)


def test_a_minimum_larger_than_the_shelf_life_is_named() -> None:
    tables = perishable(14)
    tables["supply_terms"]["moq_units"] = 400
    result = plan(tables)
    assert len(result.lines) == 0 or any("shelf life" in note for note in result.warnings)


def two_suppliers() -> dict[str, pd.DataFrame]:
    """Each supplier is the first for half of the SKUs, and 2 % dearer for the other half."""
    tables = cases.tables(skus=SKUS)
    terms = tables["supply_terms"]
    other = np.where(terms["supplier"] == "a", "b", "a")
    second = terms.assign(supplier=other, rank=2, unit_price_fen=(terms["unit_price_fen"] * 1.02).astype(int))
    return {**tables, "supply_terms": pd.concat([terms, second], ignore_index=True)}


def share(result: OrderPlan, supplier: str) -> float:
    cost = result.lines.groupby("supplier")["cost_fen"].sum()
    return float(cost.get(supplier, 0) / cost.sum())


@pytest.mark.parametrize("bounds", [{"most": 0.3}, {"least": 0.8}])
def test_shares_of_suppliers_are_kept_close_to_a_bound_that_knows_them(bounds: dict[str, float]) -> None:
    free = plan(two_suppliers())
    held = plan(two_suppliers(), supplier_shares=(SupplierShare(supplier="a", **bounds),))
    assert share(free, "a") > 0.3 + 1e-3 if "most" in bounds else share(free, "a") < 0.8
    assert bounds.get("least", 0.0) - 1e-6 <= share(held, "a") <= bounds.get("most", 1.0) + 1e-6
    assert held.report.bound > 1.05 * free.report.bound and held.report.gap <= 0.01
    assert "coupled by share" in held.report.gap_scope and held.report.binding[0].rule.startswith("share of supplier a")
    assert Words("zh").label(held.report.binding[0].rule).startswith("供应商 a 的份额（全部品类不")


def test_a_share_out_of_reach_is_said() -> None:
    result = plan(cases.tables(skus=SKUS), supplier_shares=(SupplierShare(supplier="a", most=0.1),))
    assert any("instead of 0% to 10%" in note for note in result.warnings)
    assert len(result.lines) > SKUS


def test_shares_that_cannot_be_kept_together_do_not_empty_the_plan() -> None:
    tables = two_suppliers()
    tables["supply_terms"] = tables["supply_terms"][lambda terms: (terms["sku"] != "S0") | (terms["supplier"] == "b")]
    shares = (SupplierShare(supplier="a", least=0.5), SupplierShare(supplier="b", category="bags", most=0.05))
    result = plan(tables, supplier_shares=shares)
    assert share(result, "a") >= 0.5 - 1e-6
    (note,) = [words for words in result.warnings if "instead of" in words]
    assert note.startswith("supplier b gets") and len(result.lines) > SKUS
