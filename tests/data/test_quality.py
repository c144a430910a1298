"""The health report names what is doubtful, and is silent on what is good."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.data.quality import ENABLES, Finding, health
from engine.data.validate import validate
from tests.data.tables import Tables

DAYS = pd.date_range("2026-01-01", periods=60)


def shop() -> Tables:
    """60 good days of one SKU in one channel."""
    return {
        "sales": pd.DataFrame({"date": DAYS, "sku": "A1", "channel": "天猫", "units_paid": 2, "amount_paid_fen": 500}),
        "skus": pd.DataFrame({"sku": ["A1"], "category": ["裙"], "unit_cost_fen": [100]}),
        "channels": pd.DataFrame({"channel": ["天猫"], "kind": ["shop"]}),
        "inventory": pd.DataFrame({"date": [DAYS[-1]], "sku": ["A1"], "warehouse": ["W"], "on_hand": [9]}),
    }


def findings(tables: Tables) -> list[Finding]:
    clean, problems = validate(tables)
    assert not problems
    return health(Dataset(clean, "0", assumptions=("stock is guessed",)))


def test_good_data_gives_only_notes() -> None:
    found = findings(shop())
    assert {finding.level for finding in found} == {"note"}
    assert any(finding.message == "60 rows, 2026-01-01 to 2026-03-01" for finding in found)
    assert any("stock is guessed" in finding.message for finding in found)
    missing = {finding.table for finding in found if "missing" in finding.message}
    assert missing == set(ENABLES) - {"inventory"}


def frame(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns)


CASES: dict[str, tuple[Callable[[Tables], object], str, str]] = {
    "gap": (lambda t: t.update(sales=t["sales"].drop([20, 21])), "sales", "2 days without any sale: 2026-01-21"),
    "silent channel": (
        lambda t: t.update(
            channels=frame(channel=["天猫", "京东"], kind="shop"),
            sales=pd.concat([t["sales"], t["sales"].head(3).assign(channel="京东")]),
        ),
        "channels",
        "no sales in the last 28 days: 京东",
    ),
    "states": (
        lambda t: t.update(sales=t["sales"].assign(units_cancelled=3)),
        "sales",
        "units_cancelled is above units_paid",
    ),
    "no money": (
        lambda t: t.update(sales=t["sales"].assign(amount_paid_fen=0)),
        "sales",
        "units paid without an amount",
    ),
    "price slip": (
        lambda t: t.update(
            prices=frame(sku="A1", channel="天猫", date=DAYS[[0, 9, 19]], paid_price_fen=[9_900, 99_000, 9_900])
        ),
        "prices",
        "2 steps by more than a factor of 3, such as A1 in 天猫 on 2026-01-10",
    ),
    "no cost": (lambda t: t["skus"].pop("unit_cost_fen"), "skus", "1 of 1 selling SKUs have no unit cost: A1"),
    "no supplier": (
        lambda t: t.update(
            skus=frame(sku=["A1", "A2"], category="裙", unit_cost_fen=1),
            supply_terms=frame(supplier=["S"], sku=["A2"], lead_time_days=[7], unit_price_fen=[1]),
        ),
        "supply_terms",
        "1 selling SKUs have no supplier: A1",
    ),
    "old stock": (
        lambda t: t.update(inventory=t["inventory"].assign(date=DAYS[30])),
        "inventory",
        "the last stock is of 2026-01-31, 29 days before",
    ),
    "locked": (
        lambda t: t.update(inventory=t["inventory"].assign(locked=10)),
        "inventory",
        "more is locked than on hand",
    ),
    "late order": (
        lambda t: t.update(
            purchase_orders=frame(
                po=["P1"], sku=["A1"], warehouse=["W"], ordered_at=[DAYS[0]], expected_at=[DAYS[9]], units=[5]
            )
        ),
        "purchase_orders",
        "1 lines were expected and have no receipt: P1",
    ),
    "no event ahead": (
        lambda t: t.update(events=frame(event=["e"], kind=["k"], phase=["main"], start=[DAYS[1]], end=[DAYS[2]])),
        "events",
        "no event after the last day of sales",
    ),
    "steady spend": (
        lambda t: t.update(media=frame(date=DAYS[:56], ad_channel="千川", spend_fen=100)),
        "media",
        "spend hardly varies: 千川",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_doubt_is_told(case: str) -> None:
    spoil, table, message = CASES[case]
    tables = shop()
    spoil(tables)
    found = [finding for finding in findings(tables) if finding.level == "warning"]
    assert [(finding.table, message in finding.message) for finding in found] == [(table, True)], found
    assert found[0].effect


def test_spend_while_nothing_sold() -> None:
    tables = shop()
    tables["sales"] = tables["sales"].drop(5)
    spend = np.where(np.arange(60) % 14 < 7, 100, 300)
    tables["media"] = frame(date=DAYS, ad_channel="千川", spend_fen=spend)
    assert any("spend on 1 days without any sale" in finding.message for finding in findings(tables))


def test_a_single_row_is_no_reason_to_fail() -> None:
    tables = shop()
    tables["sales"] = tables["sales"].head(1)
    del tables["inventory"]
    assert {finding.level for finding in findings(tables)} == {"note"}
