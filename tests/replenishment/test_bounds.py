"""Bounds of a buyer that contradict each other are named."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from engine.execution.run import Run
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings, SupplierShare
from engine.reports.words import Words
from tests.replenishment import cases


def test_a_smallest_order_above_the_suppliers_week_is_named_and_the_rest_planned() -> None:
    tables = cases.tables()
    tables["supply_terms"] = tables["supply_terms"].assign(moq_units=[90, 20, 40, 20], pack_units=1)
    tables["suppliers"] = tables["suppliers"].assign(capacity_units_week=[500, 60])
    found = plan_orders(cases.dataset(tables), cases.demand(), ReplenishSettings(paths=16), None, Run(1, 1))
    reason = "the smallest order exceeds the weekly capacity of the supplier"
    assert found.status == "partial" and set(found.unplanned["sku"]) == {"S0"}
    assert set(found.unplanned["reason"]) == {reason} and Words("zh").label(reason) == "起订量超过供应商的周产能"
    assert set(found.lines["sku"]) == {"S1", "S2", "S3"}


def test_ranks_are_an_order_and_need_not_begin_at_one() -> None:
    tables = cases.tables()
    terms = tables["supply_terms"].assign(moq_units=[90, 20, 40, 20], pack_units=1, rank=10)
    further = [terms.head(1).assign(supplier=name, rank=10) for name in ("c", "d")]
    tables["supply_terms"] = pd.concat([terms, *further], ignore_index=True)
    suppliers = tables["suppliers"].assign(capacity_units_week=[500, 60])
    more = pd.concat(
        [
            suppliers.tail(1).assign(supplier=name, capacity_units_week=most)
            for name, most in zip("cd", (60, 500), strict=True)
        ]
    )
    tables["suppliers"] = pd.concat([suppliers, more], ignore_index=True)
    found = plan_orders(cases.dataset(tables), cases.demand(), ReplenishSettings(paths=16), None, Run(1, 1))
    # the two first places, of four suppliers of rank 10, deliver nothing
    assert set(found.unplanned["sku"]) == {"S0"} and set(found.lines["sku"]) == {"S1", "S2", "S3"}


def test_another_supplier_takes_the_place_of_one_whose_smallest_order_is_too_large() -> None:
    tables = cases.tables()
    terms = tables["supply_terms"].assign(moq_units=[90, 20, 40, 20], pack_units=1)
    tables["supply_terms"] = pd.concat([terms, terms.head(1).assign(supplier="a", rank=2)], ignore_index=True)
    tables["suppliers"] = tables["suppliers"].assign(capacity_units_week=[500, 60])
    found = plan_orders(cases.dataset(tables), cases.demand(), ReplenishSettings(paths=16), None, Run(1, 1))
    (note,) = [note for note in found.warnings if "weekly capacity" in note]
    assert note.startswith("supplier b: the smallest order of 1 SKUs exceeds its weekly capacity of 60 units")
    assert note.endswith(": S0") and Words("zh").label(note).startswith("供应商 b：1 个商品")
    mine = found.lines[found.lines["sku"] == "S0"]
    assert found.status == "done" and len(mine) and set(mine["supplier"]) == {"a"}


def test_all_contradictions_are_told_at_once() -> None:
    shares = [{"supplier": "a", "least": 0.9}, {"supplier": "a", "least": 0.5}]
    twice = [{"category": "bags", "month": "2026-11-01", "yuan": 5}] * 2
    with pytest.raises(ValidationError, match=r"bags in 2026-11 more than once; .+ a in all categories more than once"):
        ReplenishSettings.model_validate({"supplier_shares": shares, "open_to_buy": twice})


def test_shares_that_contradict_themselves_are_named_and_the_rest_planned() -> None:
    shares = (
        SupplierShare(supplier="a", least=0.9, most=0.4),
        SupplierShare(supplier="a", category="bags", least=0.7),
        SupplierShare(supplier="b", category="bags", least=0.5),
    )
    settings = ReplenishSettings(paths=16, supplier_shares=shares)
    found = plan_orders(cases.dataset(cases.tables()), cases.demand(), settings, None, Run(1, 1))
    plain = plan_orders(cases.dataset(cases.tables()), cases.demand(), ReplenishSettings(paths=16), None, Run(1, 1))
    assert found.status == "partial" and found.lines.equals(plain.lines)
    assert [(entry.amount, entry.unit) for entry in found.report.relaxations] == [(50.0, "%"), (20.0, "%")]
    for entry, words in zip(found.report.relaxations, ("供应商 a", "bags"), strict=True):
        (told,) = [note for note in found.warnings if note.startswith(entry.rule)]
        assert words in Words("zh").label(told) and "before" not in Words("zh").label(told)


def test_tiers_that_begin_above_the_smallest_order_leave_the_price_of_the_terms_below_them() -> None:
    tables = cases.tables()
    terms = tables["supply_terms"]
    tables["price_tiers"] = terms[["supplier", "sku"]].assign(
        from_units=5_000, unit_price_fen=terms["unit_price_fen"] - 1, kind="all_units"
    )
    found = plan_orders(cases.dataset(tables), cases.demand(), ReplenishSettings(paths=16), None, Run(1, 1))
    (note,) = [words for words in found.warnings if "begin above" in words]
    assert "S0" in note and "供货条件" in Words("zh").label(note) and found.status == "done" and len(found.lines)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {
                "open_to_buy": [
                    {"category": "bags", "month": "2026-11-01", "yuan": 5},
                    {"category": "bags", "month": "2026-11-20", "yuan": 9},
                ]
            },
            "open_to_buy states bags in 2026-11 more than once",
        ),
        (
            {"supplier_shares": [{"supplier": "a", "least": 0.6}, {"supplier": "a", "most": 0.4}]},
            "supplier_shares states a in all categories more than once",
        ),
    ],
)
def test_contradicting_settings_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ReplenishSettings.model_validate(settings)
