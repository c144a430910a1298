"""Blocks to rows: cells cleaned by distinct values, constants, what tells rows apart, damaged ids."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.importing.feeds import feed_rows
from engine.data.importing.model import Block, Feed
from tests.importing.sheets_in_memory import make_block


def test_columns_cells_and_constants() -> None:
    block = make_block([("2026/1/5 12:00", " A1 ", "1,234.50", "--"), ("20260106", "A2", "￥88", "3")], 4, first_row=5)
    feed = Feed(
        "sales",
        {"date": 0, "sku": 1, "amount_paid_yuan": 2, "units_paid": 3},
        {"channel": "天猫"},
        meaning={"state": "paid"},
    )
    (rows,) = feed_rows(feed, block)
    assert rows.frame.to_dict("list") == {
        "date": ["2026-01-05", "2026-01-06"],
        "sku": ["A1", "A2"],
        "amount_paid_yuan": ["1234.5", "88"],
        "units_paid": ["", "3"],
        "channel": ["天猫", "天猫"],
    }
    assert rows.rows.tolist() == [5, 6] and rows.grain is None and rows.broken == ()


def test_units_that_the_header_states() -> None:
    block = make_block([("1.2", "5"), ("3万", "5%"), ("-", "")], 2)
    money = Feed("sales", {"amount_paid_yuan": 0}, units={"amount_paid_yuan": "万"})
    share = Feed("skus", {"vat_rate": 1}, units={"vat_rate": "%"})
    assert feed_rows(money, block)[0].frame["amount_paid_yuan"].tolist() == ["12000", "30000", ""]
    assert feed_rows(share, block)[0].frame["vat_rate"].tolist() == ["0.05", "0.05", ""]


def test_missing_cells_and_empty_blocks() -> None:
    block = Block(pd.DataFrame({0: pd.Categorical(["a", None])}), np.array([2, 3]))
    (rows,) = feed_rows(Feed("skus", {"sku": 0}, {"category": "x"}, grain=(0,)), block)
    assert rows.frame["sku"].tolist() == ["a", ""] and rows.grain.tolist() == ["a", ""]
    (none,) = feed_rows(Feed("skus", {"sku": 0}, {"category": "x"}, grain=(0,)), make_block([], 1))
    assert len(none.frame) == 0 and list(none.frame) == ["sku", "category"]


def test_grain_joins_its_columns() -> None:
    block = make_block([("w1", "b1"), ("w2", "b1"), ("w1", "b1"), ("", "b2")], 2)
    (rows,) = feed_rows(Feed("inventory", {"warehouse": 0}, grain=(0, 1)), block)
    assert rows.grain.tolist() == ["w1|b1", "w2|b1", "w1|b1", "b2"]
    assert len(rows.grain.cat.categories) == 3


def test_ids_that_lost_digits_are_set_aside() -> None:
    block = make_block([("1.23457E+18", "1"), ("690123456789012345678", "2")], 2)
    (rows,) = feed_rows(Feed("sales", {"platform_id": 0, "units_paid": 1}), block)
    assert rows.frame["platform_id"].tolist() == ["690123456789012345678"] and rows.rows.tolist() == [3]
    (odd,) = rows.broken
    assert odd.row == 2 and odd.cells == ("1.23457E+18", "1") and "digits" in odd.reason


def test_order_lines_with_damaged_ids() -> None:
    block = make_block(
        [("1.2E+18", "1", "A", "1", "2026-01-01", "已完成", "5"), ("12", "2", "A", "1", "2026-01-01", "已完成", "5")], 7
    )
    columns = dict(
        zip(("order_id", "line", "sku", "units", "ordered_at", "state", "amount_paid_yuan"), range(7), strict=True)
    )
    found = feed_rows(Feed("orders", columns, {"channel": "x"}, kind="order_lines"), block)
    assert {rows.table: rows.rows.tolist() for rows in found} == {"orders": [3], "sales": [3]}
    assert [len(rows.broken) for rows in found] == [1, 0]
    only = feed_rows(Feed("orders", columns, {"channel": "x"}, kind="order_lines"), make_block([("1.2E+18",) * 7], 7))
    assert sum(len(rows.rows) for rows in only) == 0 and only[0].broken
