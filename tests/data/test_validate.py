"""Every way in which tables can break the contract is told, all at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from pandas.testing import assert_frame_equal

from engine.data.findings import LISTED
from engine.data.keys import key_codes
from engine.data.tables import TABLES
from engine.data.validate import validate
from tests.data.tables import Tables, small_tables, valid_tables


def frame(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns)


TERMS = frame(supplier=["S"], sku=["A1"], lead_time_days=[14], moq_units=[10], unit_price_fen=[300])


def two_tiers(start: int, kinds: tuple[str, str]) -> pd.DataFrame:
    sku, units = ["A1", "A1"], [start, 100]
    return frame(supplier=["S", "S"], sku=sku, from_units=units, unit_price_fen=[300, 280], kind=kinds)


CASES: dict[str, tuple[Callable[[Tables], object], str, str]] = {
    "missing table": (lambda t: t.pop("channels"), "channels: is missing", "Give the table channels"),
    "unknown table": (lambda t: t.update(sale=frame(a=[1])), "sale: is no table", "sales"),
    "no rows": (lambda t: t.update(skus=t["skus"].head(0)), "skus: holds no rows", "at least one row"),
    "missing column": (
        lambda t: t["sales"].pop("units_paid"),
        "sales, column units_paid: the column is missing",
        "支付件数",
    ),
    "blank": (lambda t: t["skus"].update(frame(category=["", "裤"])), "skus, row 2, column category: is blank", "text"),
    "not a number": (
        lambda t: t.update(sales=t["sales"].assign(units_paid=["3", "x", "2", "4"])),
        "sales, row 3, column units_paid: cannot be read (found: x)",
        "a whole number",
    ),
    "infinite": (
        lambda t: t.update(skus=t["skus"].assign(volume_m3=[np.inf, 1.0])),
        "skus, row 2, column volume_m3: cannot be read (found: inf)",
        "a number",
    ),
    "negative": (
        lambda t: t.update(inventory=frame(date=["2026-01-08"], sku=["A1"], warehouse=["W"], on_hand=[-2])),
        "inventory, row 2, column on_hand: is below 0 (found: -2)",
        "0 or more",
    ),
    "share above 1": (
        lambda t: t.update(channels=t["channels"].assign(commission_rate=[0.05, 5.0])),
        "channels, row 3, column commission_rate: is above 1 (found: 5.0)",
        "1 or less",
    ),
    "choice": (
        lambda t: t.update(channels=t["channels"].assign(kind=["shop", "store"])),
        "channels, row 3, column kind: is not one of the choices (found: store)",
        "one of shop, platform_run",
    ),
    "date": (
        lambda t: t.update(sales=t["sales"].assign(date=["2026-01-05", "2026-13-01", "20260106", "2026/1/8"])),
        "sales, row 3, column date: cannot be read (found: 2026-13-01)",
        "a date such as",
    ),
    "duplicate": (
        lambda t: t.update(sales=pd.concat([t["sales"], t["sales"].head(1)])),
        "sales, row 6, column date+sku+channel: duplicate key, an earlier row has 2026-01-05, A1, 天猫 too",
        "Remove the repetition",
    ),
    "unknown SKU": (
        lambda t: t.update(sales=t["sales"].assign(sku=["A1", "X9", "A1", "A1"])),
        "sales, row 3, column sku: is not in skus (found: X9)",
        "Add it to skus",
    ),
    "one column twice": (
        lambda t: t.update(sales=t["sales"].assign(销量=1)),
        "sales, column units_paid: several columns stand for the same (found: units_paid, 销量)",
        "Keep one",
    ),
    "span backwards": (
        lambda t: t.update(
            events=frame(event=["e"], kind=["k"], phase=["main"], start=["2026-02-02"], end=["2026-02-01"])
        ),
        "events, row 2, column end: lies before start (found: 2026-02-01)",
        "start or later",
    ),
    "instalments": (
        lambda t: t.update(
            payment_terms=frame(
                supplier=["S", "S"], instalment=[1, 2], milestone=["order", "arrival"], share=[0.3, 0.6]
            )
        ),
        "payment_terms, row 2, column share: the shares of supplier S add up to 0.9",
        "1 in all",
    ),
    "region shares": (
        lambda t: t.update(region_shares=frame(channel=["天猫", "天猫"], region=["华东", "华北"], share=[0.5, 0.2])),
        "region_shares, row 2, column share: the shares of channel 天猫 add up to 0.7",
        "1 in all",
    ),
    "tier kinds": (
        lambda t: t.update(price_tiers=two_tiers(1, ("all_units", "incremental"))),
        "tiers of one supplier and SKU mix all_units and incremental",
        "one kind",
    ),
    "grades": (
        lambda t: t.update(returns=frame(rate=[0.1], grade_a_share=[0.8], grade_b_share=[0.4])),
        "returns, row 2, column grade_b_share: grade_a_share and grade_b_share are more than 1 together",
        "scrap",
    ),
    "lifted channel": (
        lambda t: t.update(media=frame(date=["2026-01-05"], ad_channel=["千川"], spend_fen=[1], lifts=["天猫|抖音"])),
        "media, row 2, column lifts: names a channel that is not in channels (found: 天猫|抖音)",
        "joined by |",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_broken_table_is_told(case: str) -> None:
    spoil, message, hint = CASES[case]
    tables = small_tables()
    spoil(tables)
    texts = [str(problem) for problem in validate(tables)[1]]
    assert len(texts) == 1, texts
    assert message in texts[0] and hint in texts[0]


def test_all_problems_come_at_once_with_their_files() -> None:
    tables = small_tables()
    tables["sales"] = tables["sales"].assign(sku="X9", units_paid=-1, date="soon")
    tables["skus"] = tables["skus"].drop(columns="category")
    del tables["channels"]
    problems = validate(tables, {"sales": "sales.csv", "channels": "channels.csv"})[1]
    found = {(problem.file, problem.column) for problem in problems}
    wanted = {("sales.csv", "sku"), ("sales.csv", "units_paid"), ("sales.csv", "date"), ("channels.csv", None)}
    assert wanted | {("skus", "category")} <= found


def test_many_rows_with_one_problem_are_listed_shortly() -> None:
    tables = small_tables()
    size = 1_000
    dates = pd.date_range("2020-01-01", periods=size)
    tables["sales"] = frame(date=dates, sku="A1", channel="天猫", units_paid=-1)
    problems = validate(tables)[1]
    assert len(problems) == LISTED + 1
    assert [problem.row for problem in problems[:LISTED]] == [2, 3, 4, 5, 6]
    assert "995 more rows" in problems[-1].message


def test_good_tables_come_back_in_the_dtypes_of_the_contract_sorted_by_key() -> None:
    tables = small_tables()
    tables["sales"] = tables["sales"].iloc[::-1].assign(unknown=1).rename(columns={"units_paid": "销量"})
    tables["bundles"] = frame(bundle_sku=[], component_sku=[], quantity=[], kind=[])
    clean, problems = validate(tables)
    assert not problems and list(clean) == ["sales", "channels", "skus"]
    sales = clean["sales"]
    assert list(sales) == ["date", "sku", "channel", "units_paid", "amount_paid_fen"]
    assert sales["date"].dtype == "datetime64[s]" and sales["units_paid"].dtype == np.int64
    assert list(sales["sku"].cat.categories) == ["A1", "A2"] and sales["date"].is_monotonic_increasing
    assert clean["channels"]["channel"].tolist() == ["京东", "天猫"]


@given(valid_tables())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_validation_changes_nothing_that_is_valid_already(tables: Tables) -> None:
    clean, problems = validate(tables)
    assert not problems, "\n".join(map(str, problems))
    again, problems = validate(clean)
    assert not problems and list(again) == list(clean)
    for name in clean:
        assert_frame_equal(again[name], clean[name])
        assert not clean[name].duplicated([column for column in TABLES[name].key if column in clean[name]]).any()


@given(valid_tables())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_key_codes_order_as_pandas_does(tables: Tables) -> None:
    for name, table in validate(tables)[0].items():
        key = [column for column in TABLES[name].key if column in table]
        shuffled = table.sample(frac=1.0, random_state=0, ignore_index=True)
        ranks = key_codes(shuffled, key).argsort(kind="stable")
        expected = shuffled.sort_values(key, kind="stable", na_position="first", ignore_index=True)
        assert_frame_equal(shuffled.iloc[ranks].reset_index(drop=True), expected)


def test_key_codes_of_wide_keys_do_not_overflow() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({str(column): rng.integers(0, 2**31, 500) for column in range(9)})
    table.loc[1] = table.loc[0]
    codes = key_codes(table, list(table))
    assert len(np.unique(codes)) == 499
    assert (
        table.iloc[codes.argsort(kind="stable")]
        .reset_index(drop=True)
        .equals(table.sort_values(list(table), kind="stable", ignore_index=True))
    )
