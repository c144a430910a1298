"""Defects drawn by a seed are found; clean merchants have none; the public sets do not drown in doubts."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.data.quality import Finding, health
from engine.data.validate import validate
from engine.demo import make_merchant
from engine.demo.settings import DemoSettings
from tests.data.defects import DEFECTS, Tables

MERCHANTS = {"small": (30, 120, 1), "middle": (60, 200, 5), "long": (100, 400, 6)}
CLEAN = [(30, 120, 2), (30, 365, 3), (120, 180, 4)]
DRAWN = 10


@cache
def _merchant(skus: int, days: int, seed: int) -> Tables:
    tables, problems = validate(make_merchant(DemoSettings(skus=skus, days=days, seed=seed)).tables)
    assert not problems
    return tables


def doubts(tables: Tables) -> list[Finding]:
    return [finding for finding in health(Dataset(tables, "0")) if finding.level != "note"]


@pytest.mark.parametrize("size", [*MERCHANTS.values(), *CLEAN])
def test_a_clean_merchant_has_no_doubts(size: tuple[int, int, int]) -> None:
    assert doubts(_merchant(*size)) == []


@pytest.mark.parametrize(("merchant", "seed"), [("small", 0), ("middle", 1)])
def test_ten_defects_drawn_by_seed_are_all_found(merchant: str, seed: int) -> None:
    assert len(DEFECTS) >= 36
    rng = np.random.default_rng([seed, *MERCHANTS[merchant]])
    clean = _merchant(*MERCHANTS[merchant])
    missed, done = [], 0
    for name in rng.permutation(sorted(DEFECTS)):
        tables = dict(clean)
        try:
            DEFECTS[str(name)].inject(tables, rng)
        except AssertionError:  # nothing to damage in so small a merchant
            continue
        if not doubts(tables):
            missed.append(str(name))
        done += 1
        if done == DRAWN:
            break
    assert done == DRAWN and not missed


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("merchant", MERCHANTS)
@pytest.mark.parametrize("name", sorted(DEFECTS))
def test_every_defect_is_found(name: str, merchant: str, seed: int) -> None:
    tables = dict(_merchant(*MERCHANTS[merchant]))
    try:
        DEFECTS[name].inject(tables, np.random.default_rng([seed, len(name)]))
    except AssertionError as error:
        pytest.skip(str(error))
    assert doubts(tables)


def test_ten_defects_at_once_are_told_apart() -> None:
    tables = dict(_merchant(*MERCHANTS["long"]))
    rng = np.random.default_rng(11)
    expected = {
        "missing_days": "sales.gap",
        "week_tenfold": "sales.level_high",
        "units_without_money": "sales.units_without_money",
        "negative_stock": "contract.below",
        "received_too_much": "receipts.over",
        "price_zero": "prices.zero",
        "tiers_rise": "price_tiers.rising",
        "spend_spike": "media.spike",
        "no_carts": "traffic.zero",
        "no_opening_balance": "cash.no_opening",
    }
    for name in expected:
        DEFECTS[name].inject(tables, rng)
    assert set(expected.values()) <= {finding.kind for finding in doubts(tables)}


def test_a_high_day_inside_an_event_is_none() -> None:
    tables = dict(_merchant(*MERCHANTS["long"]))
    DEFECTS["outlier_day"].inject(tables, np.random.default_rng(3))
    high = next(finding for finding in doubts(tables) if finding.kind == "sales.high_day")
    channel, day = high.examples[0].split(" ")
    window = {"event": "店庆", "kind": "店庆", "channel": channel, "phase": "main", "start": day, "end": day}
    row = pd.DataFrame([window]).astype({"start": "datetime64[s]", "end": "datetime64[s]"})
    tables["events"] = pd.concat([tables["events"], row], ignore_index=True)
    assert "sales.high_day" not in {finding.kind for finding in doubts(tables)}


@pytest.mark.parametrize(("name", "told"), [("", False), ("another", True)])
def test_a_high_day_that_is_excluded_is_not_proposed_again(name: str, told: bool) -> None:
    tables = dict(_merchant(*MERCHANTS["long"]))
    DEFECTS["outlier_day"].inject(tables, np.random.default_rng(3))
    high = next(finding for finding in doubts(tables) if finding.kind == "sales.high_day")
    assert high.count == 1
    channel, day = high.examples[0].split(" ")
    row = pd.DataFrame([{"start": day, "end": day, "channel": name or channel}])
    tables["exclusions"] = row.astype({"start": "datetime64[s]", "end": "datetime64[s]"})
    found = {finding.kind for finding in doubts(tables)}
    assert ("sales.high_day" in found) is told
    assert ("exclusions.unknown" in found) is told


def test_nothing_is_changed_and_the_order_of_rows_does_not_matter() -> None:
    tables = dict(_merchant(*MERCHANTS["small"]))
    DEFECTS["units_in_hundreds"].inject(tables, np.random.default_rng(5))
    before = {name: table.copy() for name, table in tables.items()}
    first = doubts(tables)
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[name])
    mixed = {name: table.sample(frac=1.0, random_state=1) for name, table in tables.items()}
    assert {(f.kind, f.table, f.count) for f in doubts(mixed)} == {(f.kind, f.table, f.count) for f in first}


@pytest.mark.parametrize("keep", ["head", "sales only"])
def test_degenerate_tables_do_not_fail(keep: str) -> None:
    tables = dict(_merchant(*MERCHANTS["small"]))
    if keep == "head":
        tables = {name: table.head(1) for name, table in tables.items()}
    else:
        tables = {name: tables[name] for name in ("sales", "skus", "channels")}
        tables["sales"] = tables["sales"][["date", "sku", "channel", "units_paid"]]
    assert health(Dataset(tables, "0"))
    emptied = {
        name: table if name in ("sales", "skus", "channels") else table.head(0) for name, table in tables.items()
    }
    assert health(Dataset(emptied, "0"))
