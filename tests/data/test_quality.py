"""The health report names what is doubtful, and is silent on what is good."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import engine.data.checks
from engine.data.checks import LEVELS, kinds, texts_of
from engine.data.dataset import Dataset
from engine.data.quality import ENABLES, Finding, health
from engine.data.validate import validate
from tests.data.tables import Tables

DAYS = pd.date_range("2026-01-01", periods=60)
DAY = pd.Timedelta(days=1)


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


def doubts(tables: Tables) -> list[Finding]:
    return [finding for finding in findings(tables) if finding.level != "note"]


def test_good_data_gives_only_notes() -> None:
    found = findings(shop())
    assert {finding.level for finding in found} == {"note"}
    assert any(finding.message == "60 rows, 2026-01-01 - 2026-03-01" for finding in found)
    assert any("stock is guessed" in finding.message for finding in found)
    missing = {finding.table for finding in found if finding.kind.startswith("missing.")}
    assert missing == set(ENABLES) - {"inventory"}


def frame(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns)


CASES: dict[str, tuple[Callable[[Tables], object], str, str]] = {
    "gap": (lambda t: t.update(sales=t["sales"].drop([20, 21])), "sales.gap", "2026-01-21, 2026-01-22"),
    "silent channel": (
        lambda t: t.update(
            channels=frame(channel=["天猫", "京东"], kind="shop"),
            sales=pd.concat([t["sales"], t["sales"].head(3).assign(channel="京东")]),
        ),
        "channels.silent",
        "京东 (2026-01-03)",
    ),
    "states": (lambda t: t.update(sales=t["sales"].assign(units_cancelled=3)), "sales.states", "60 rows"),
    "no money": (
        lambda t: t.update(sales=t["sales"].assign(amount_paid_fen=[0] + 59 * [500])),
        "sales.units_without_money",
        "1 rows: 2026-01-01 A1 天猫",
    ),
    "price slip": (
        lambda t: t.update(
            prices=frame(sku="A1", channel="天猫", date=DAYS[[0, 9, 19]], paid_price_fen=[250, 2_500, 250])
        ),
        "prices.jump",
        "A1 天猫 2026-01-10, A1 天猫 2026-01-20",
    ),
    "no cost": (lambda t: t["skus"].pop("unit_cost_fen"), "skus.no_cost", "1 of 1 selling SKUs have no unit cost: A1"),
    "no supplier": (
        lambda t: t.update(
            skus=frame(sku=["A1", "A2"], category="裙", unit_cost_fen=100),
            supply_terms=frame(supplier=["S"], sku=["A2"], lead_time_days=[7], unit_price_fen=[100]),
        ),
        "supply_terms.none",
        "1 selling SKUs have no supplier: A1",
    ),
    "old stock": (
        lambda t: t.update(inventory=t["inventory"].assign(date=DAYS[30])),
        "inventory.old",
        "2026-01-31, 29 days before",
    ),
    "locked": (
        lambda t: t.update(inventory=t["inventory"].assign(locked=10)),
        "inventory.locked",
        "A1 W",
    ),
    "late order": (
        lambda t: t.update(
            purchase_orders=frame(
                po=["P1"],
                sku=["A1"],
                warehouse=["W"],
                ordered_at=[DAYS[0] - DAY * 90],
                expected_at=[DAYS[0] - DAY * 20],
                units=[5],
            )
        ),
        "purchase_orders.overdue",
        "P1 A1",
    ),
    "no event ahead": (
        lambda t: t.update(events=frame(event=["e"], kind=["k"], phase=["main"], start=[DAYS[1]], end=[DAYS[2]])),
        "events.none_ahead",
        "no event after",
    ),
    "steady spend": (
        lambda t: t.update(media=frame(date=DAYS[:56], ad_channel="千川", spend_fen=100)),
        "media.steady",
        "千川",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_doubt_is_told(case: str) -> None:
    spoil, kind, message = CASES[case]
    tables = shop()
    spoil(tables)
    found = doubts(tables)
    told = [finding for finding in found if finding.kind == kind]
    assert told and message in told[0].message, found
    assert told[0].effect and told[0].remedy and told[0].count
    related = {"price slip": {"inventory.old", "tables.old"}, "old stock": {"tables.old", "inventory.missing_sku"}}
    assert {finding.kind for finding in found} <= {kind} | related.get(case, set()), found


def test_spend_while_nothing_sold() -> None:
    tables = shop()
    tables["sales"] = tables["sales"].drop(5)
    spend = np.where(np.arange(60) % 14 < 7, 100, 300)
    tables["media"] = frame(date=DAYS, ad_channel="千川", spend_fen=spend)
    assert any(finding.kind == "media.idle" and finding.count == 1 for finding in findings(tables))


def test_a_single_row_is_no_reason_to_fail() -> None:
    tables = shop()
    tables["sales"] = tables["sales"].head(1)
    del tables["inventory"]
    assert {finding.level for finding in findings(tables)} == {"note"}


def test_worst_first_and_worded_in_both_languages() -> None:
    tables = shop()
    tables["skus"].pop("unit_cost_fen")
    found = findings(tables)
    assert [finding.level for finding in found] == sorted((f.level for f in found), key=LEVELS.index)
    for finding in found:
        assert texts_of(finding, "en") == (finding.message, finding.effect, finding.remedy)
        assert any("\u4e00" <= letter <= "\u9fff" for letter in texts_of(finding, "zh")[0] + finding.message) or (
            finding.kind == "coverage"
        )


def test_every_kind_has_texts_and_every_text_a_check() -> None:
    folder = Path(engine.data.checks.__file__).parent
    used = set(re.findall(r'"([a-z_]+\.[a-z_]+)"', "".join(file.read_text("utf-8") for file in folder.glob("*.py"))))
    named = {kind for kind in kinds() if "." in kind and not kind.startswith("missing.")}
    assert named == used
    assert {kind for kind in kinds() if kind.startswith("missing.")} == set(ENABLES.values())
