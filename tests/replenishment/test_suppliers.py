"""The supplier scorecard against plain loops, and on suppliers whose grade is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.plans.errors import MissingInput
from engine.plans.suppliers import SupplierReport
from engine.replenishment.supplier_settings import Measure, SupplierSettings
from engine.replenishment.suppliers import supplier_report

TODAY = pd.Timestamp("2026-11-01")
SETTINGS = SupplierSettings()


def tables(orders: list[tuple[str, str, int, int, int | None, int]]) -> dict[str, pd.DataFrame]:
    """Orders ``(supplier, sku, units, days due before today, days late (None: never came), defects)``."""
    placed, came = [], []
    for number, (supplier, sku, units, age, late, defects) in enumerate(orders):
        due = TODAY - pd.Timedelta(days=age)
        placed.append((f"P{number}", sku, "main", supplier, due - pd.Timedelta(days=20), due, units, 1000))
        if late is not None and due + pd.Timedelta(days=late) <= TODAY:
            came.append((f"P{number}", sku, "main", due + pd.Timedelta(days=late), units, defects))
    names = sorted({order[1] for order in orders} | {"X"})
    suppliers = sorted({order[0] for order in orders})
    columns = ["po", "sku", "warehouse", "supplier", "ordered_at", "expected_at", "units", "unit_price_fen"]
    return {
        "sales": pd.DataFrame({"date": [TODAY], "sku": ["X"], "channel": "shop", "units_paid": 5}),
        "skus": pd.DataFrame({"sku": names, "category": "bags"}),
        "purchase_orders": pd.DataFrame(placed, columns=columns),
        "receipts": pd.DataFrame(came, columns=["po", "sku", "warehouse", "date", "units", "defects"]),
        "suppliers": pd.DataFrame({"supplier": suppliers, "name": "", "grade": "B"}),
    }


def report(content: dict[str, pd.DataFrame], settings: SupplierSettings = SETTINGS) -> SupplierReport:
    return supplier_report(Dataset(content, "test"), settings)


def card(content: dict[str, pd.DataFrame], settings: SupplierSettings = SETTINGS) -> pd.DataFrame:
    return report(content, settings).scorecard.set_index("supplier")


def many(
    supplier: str, count: int, late: int | None = 0, defects: int = 0
) -> list[tuple[str, str, int, int, int | None, int]]:
    return [(supplier, "A", 100, 30 + number, late, defects) for number in range(count)]


def test_two_perfect_receipts_are_no_s() -> None:
    found = card(tables(many("long", 100) + many("new", 2)))
    assert found.loc["long", "grade"] == "S" and found.loc["new", "grade"] == "B"
    assert found.loc["new", "on_time"] == 1.0


def test_late_and_defective_suppliers_fall() -> None:
    found = card(tables(many("good", 40) + many("late", 40, late=15) + many("bad", 40, defects=10)))
    assert found.index.tolist() == ["good", "bad", "late"]
    assert found.loc["late", "grade"] == "C" and found.loc["late", "on_time"] == 0.0
    assert found.loc["late", "late_days"] == 15.0
    assert found.loc["bad", "defect_rate"] == pytest.approx(0.1)
    assert found.loc["late", "reasons"].startswith("0% on time; 15.0 days late")


def test_the_weakest_fifth_is_flagged() -> None:
    orders = [order for place in range(10) for order in many(f"s{place}", 30, late=place)]
    found = card(tables(orders))
    assert set(found.index[found["weak"]]) == {"s8", "s9"}
    assert set(card(tables(many("a", 5) + many("b", 5)))["weak"]) == {False}


def test_what_never_came_counts_as_late_so_far_and_short() -> None:
    found = card(tables([*many("a", 10), ("a", "A", 100, 30, None, 0), ("a", "A", 100, 1, None, 0)]))
    # the line of yesterday may still be on its way
    assert found.loc["a", "lines"] == 11
    assert found.loc["a", "late_days"] == pytest.approx(30 / 11)
    assert found.loc["a", "short_share"] == pytest.approx(1 / 11)


def test_a_supplier_without_orders_starts_in_the_middle() -> None:
    content = tables(many("a", 10))
    content["suppliers"] = pd.DataFrame({"supplier": ["a", "unknown"]})
    found = card(content)
    assert found.loc["unknown", "score"] == SETTINGS.start_score and found.loc["unknown", "grade"] == "B"
    assert found.loc["unknown", "reasons"] == "no order line was due yet" and not found.loc["unknown", "weak"]


def test_prices_against_agreement_tiers_and_the_other_supplier() -> None:
    content = tables([("a", "A", 100, 10, 0, 0), ("b", "A", 100, 10, 0, 0)])
    content["supply_terms"] = pd.DataFrame(
        {"supplier": ["a", "b"], "sku": "A", "lead_time_days": 7.0, "unit_price_fen": [1000, 1100]}
    )
    content["price_tiers"] = pd.DataFrame(
        {"supplier": ["a", "a"], "sku": "A", "from_units": [50, 500], "unit_price_fen": [800, 500], "kind": "all_units"}
    )
    found = card(content)
    assert found.loc["a", "price_over_agreed"] == pytest.approx(1000 / 800 - 1)
    assert found.loc["b", "price_over_agreed"] == pytest.approx(1000 / 1100 - 1)
    assert found.loc["a", "price_over_second"] == pytest.approx(1000 / 1100 - 1)
    assert found.loc["b", "price_over_second"] == pytest.approx(0.1)
    assert "10.0% dearer than the cheapest other supplier" in found.loc["b", "reasons"]


def test_days_to_confirm_where_they_are_known() -> None:
    content = tables(many("a", 10))
    orders = content["purchase_orders"]
    content["purchase_orders"] = orders.assign(confirmed_at=orders["ordered_at"] + pd.Timedelta(days=3))
    assert card(content).loc["a", "response_days"] == 3.0
    assert np.isnan(card(tables(many("a", 10))).loc["a", "response_days"])


def test_top_items_with_a_single_supplier() -> None:
    content = tables(many("a", 3))
    day = [TODAY] * 4
    content["sales"] = pd.DataFrame(
        {
            "date": day,
            "sku": ["A", "B", "C", "D"],
            "channel": "shop",
            "units_paid": [9, 5, 7, 1],
            "amount_paid_fen": 11300,
        }
    )
    content["sales"]["amount_paid_fen"] *= content["sales"]["units_paid"]
    content["skus"] = pd.DataFrame({"sku": ["A", "B", "C", "D"], "category": "bags", "unit_cost_fen": 4000})
    content["supply_terms"] = pd.DataFrame(
        {"supplier": ["a", "b", "a", "a"], "sku": ["A", "A", "B", "C"], "lead_time_days": 7.0, "unit_price_fen": 1000}
    )
    single = report(content, SupplierSettings(top_items=3)).single_sourced
    assert single["sku"].tolist() == ["C", "B"]
    assert single["value_fen"].tolist() == [7 * 6000, 5 * 6000]
    assert single["supplier"].tolist() == ["a", "a"]


def test_missing_and_empty_tables() -> None:
    content = tables(many("a", 3))
    without = {name: table for name, table in content.items() if name != "receipts"}
    with pytest.raises(MissingInput):
        report(without)
    empty = report(
        {**content, "receipts": content["receipts"].head(0), "purchase_orders": content["purchase_orders"].head(0)}
    )
    assert empty.scorecard["score"].tolist() == [SETTINGS.start_score]
    bare = report(
        {**content, "purchase_orders": content["purchase_orders"].drop(columns=["supplier", "unit_price_fen"])}
    )
    assert bare.scorecard["lines"].tolist() == [0]


def test_the_rule_names_every_weight() -> None:
    settings = SupplierSettings(on_time=Measure(weight=0.9, best=1.0, worst=0.0))
    assert "on time 90%" in report(tables(many("a", 3)), settings).rule


@pytest.mark.parametrize("seed", range(5))
def test_measures_as_by_plain_loops(seed: int) -> None:
    rng = np.random.default_rng(seed)
    orders = [
        (
            f"s{rng.integers(4)}",
            f"K{rng.integers(6)}",
            int(rng.integers(1, 50)),
            int(rng.integers(-20, 200)),
            None if rng.random() < 0.1 else int(rng.integers(-5, 25)),
            int(rng.integers(0, 2)),
        )
        for _ in range(150)
    ]
    found = card(tables(orders))
    for supplier in found.index:
        late, units, bad, ordered, short = [], 0, 0, 0, 0
        for name, _, count, age, days, defects in orders:
            if name != supplier or age < 0:
                continue
            came = days is not None and days <= age
            lateness = min(days if came and days is not None else age, SETTINGS.most_late_days)
            if not came and lateness <= SETTINGS.tolerance_days:
                continue
            late.append(lateness)
            ordered += count
            units, bad, short = (units + count, bad + defects, short) if came else (units, bad, short + count)
        assert found.loc[supplier, "lines"] == len(late)
        assert found.loc[supplier, "on_time"] == pytest.approx(
            np.mean([day <= SETTINGS.tolerance_days for day in late])
        )
        assert found.loc[supplier, "late_days"] == pytest.approx(np.mean(late))
        assert found.loc[supplier, "late_sd_days"] == pytest.approx(np.std(late))
        assert found.loc[supplier, "defect_rate"] == pytest.approx(min(bad / units, 1.0))
        assert found.loc[supplier, "short_share"] == pytest.approx(short / ordered)
        assert 0 <= found.loc[supplier, "score"] <= 100
