"""Order lines: states from the texts of platforms, sales by state, gifts, partial refunds, lines not understood."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from engine.data.importing.model import Block, Feed, Rows
from engine.data.importing.order_lines import line_notes, line_rows
from engine.data.importing.order_states import folded, state_texts

BASE = {
    "order_id": "6919812345678901234\t",
    "line": "1",
    "ordered_at": "2026/6/1 14:02:11",
    "sku": "A1",
    "units": "1",
    "amount_paid_yuan": "1,088.00",
    "amount_ordered_yuan": "1,088.00",
    "paid_at": "2026-06-01 14:03:00",
    "state": "已发货",
    "after_sale": "-",
    "after_sale_type": "-",
    "refund_yuan": "--",
    "shipped_at": "",
    "refunded_at": "",
    "gift": "否",
}


def lines(*changes: Mapping[str, str], without: tuple[str, ...] = ()) -> dict[str, Rows]:
    """Rows by table from lines that differ from ``BASE``."""
    rows = [BASE | {"line": str(number + 1)} | dict(change) for number, change in enumerate(changes)]
    frame = pd.DataFrame(rows, columns=[name for name in BASE if name not in without]).astype("category")
    names = list(frame.columns)
    frame.columns = range(len(names))
    feed = Feed("orders", {name: place for place, name in enumerate(names)}, {"channel": "抖音"}, kind="order_lines")
    return {entry.table: entry for entry in line_rows(feed, Block(frame, np.arange(len(rows)) + 2))}


def state(**change: str) -> str:
    return str(lines(change)["orders"].frame["state"].iloc[0])


def sold(*changes: Mapping[str, str], without: tuple[str, ...] = ()) -> dict[str, int]:
    """Figures that are not zero, added up over the lines."""
    frame = lines(*changes, without=without)["sales"].frame
    total = {name: frame[name].astype(int).sum() for name in frame if name.startswith(("units", "amount"))}
    return {name: int(value) for name, value in total.items() if value}


@pytest.mark.parametrize(
    ("text", "after", "kind", "expected"),
    [
        ("待支付", "", "", "ordered"),
        ("等待买家付款", "没有申请退款", "", "ordered"),
        ("待发货", "-", "-", "paid"),
        ("买家已付款，等待卖家发货", "无", "", "paid"),
        ("卖家已发货，等待买家确认", "", "", "shipped"),
        ("已完成", "售后关闭", "退货退款", "settled"),
        ("已发货", "待商家处理", "仅退款", "shipped"),
        ("已关闭", "退款成功", "未发货仅退款", "cancelled"),
        ("待发货", "退款成功", "仅退款", "cancelled"),
        ("已关闭", "退款成功", "退货退款", "returned"),
        ("已完成", "退款成功", "已发货仅退款", "refund_only"),
        ("已完成", "退款成功", "仅退款", "refund_only"),
        ("未发货，退款成功", "退款成功", "", "cancelled"),
        ("已发货，退款成功", "退款成功", "", "returned"),
        ("交易成功", "换货成功", "换货", "settled"),
    ],
)
def test_states(text: str, after: str, kind: str, expected: str) -> None:
    assert state(state=text, after_sale=after, after_sale_type=kind) == expected


def test_closed_orders_need_to_know_whether_they_were_paid() -> None:
    assert state(state="交易关闭", paid_at="") == "ordered"
    assert state(state="交易关闭") == "cancelled"
    assert "交易关闭" in state(state="交易关闭", shipped_at="2026-06-02 08:00:00")


def test_closed_after_shipment_is_told_by_the_day_of_shipment() -> None:
    refunded = {"state": "已关闭", "after_sale": "退款成功", "after_sale_type": "仅退款"}
    assert state(**refunded) == "cancelled"
    assert state(**refunded, shipped_at="2026-06-02 08:00:00") == "refund_only"


@pytest.mark.parametrize("column", ["state", "after_sale", "after_sale_type"])
def test_unknown_texts_are_named_and_not_guessed(column: str) -> None:
    found = lines({column: "已神游"}, {})
    assert "已神游" in found["orders"].frame["state"].iloc[0]
    assert found["orders"].rows.tolist() == [2, 3]
    assert found["sales"].rows.tolist() == [3]


@pytest.mark.parametrize(
    "change", [{"units": "一双"}, {"amount_paid_yuan": "八十"}, {"ordered_at": ""}, {"refund_yuan": "?"}]
)
def test_lines_with_cells_that_cannot_be_read_make_no_sales(change: dict[str, str]) -> None:
    found = lines(change)
    assert set(found) == {"orders"}
    assert found["orders"].frame["state"].iloc[0] not in ("shipped", "paid")


def test_sales_by_state_add_up_on_the_day_of_the_order() -> None:
    refund = {"after_sale": "退款成功", "refund_yuan": "1,088.00"}
    figures = sold(
        {"state": "待支付", "amount_paid_yuan": "0.00", "paid_at": ""},
        {"state": "已发货", "units": "3", "amount_paid_yuan": "3,000.00", "amount_ordered_yuan": "3,000.00"},
        {"state": "已关闭", "after_sale_type": "未发货仅退款", **refund},
        {"state": "已关闭", "after_sale_type": "退货退款", **refund},
        {"state": "已完成", "after_sale_type": "已发货仅退款", **refund},
        {"gift": "是", "units": "2", "amount_paid_yuan": "0", "amount_ordered_yuan": "0"},
    )
    assert figures == {
        "units_ordered": 7,
        "units_paid": 6,
        "units_cancelled": 1,
        "units_shipped": 5,
        "units_returned": 1,
        "units_refund_only": 1,
        "units_gift": 2,
        "amount_ordered_fen": 4 * 108_800 + 300_000,
        "amount_paid_fen": 3 * 108_800 + 300_000,
        "amount_cancelled_fen": 108_800,
        "amount_returned_fen": 108_800,
        "amount_refund_only_fen": 108_800,
    }


def test_gifts_stand_in_sales_alone() -> None:
    found = lines({}, {"gift": "赠品"})
    assert found["orders"].rows.tolist() == [2]
    assert found["sales"].rows.tolist() == [2, 3]


def test_partial_refunds_keep_the_goods_sold() -> None:
    figures = sold({"state": "已完成", "after_sale": "部分退款成功", "after_sale_type": "仅退款", "refund_yuan": "88"})
    assert figures["amount_refund_only_fen"] == 8_800
    assert "units_refund_only" not in figures and figures["units_shipped"] == 1


def test_part_of_a_line_comes_back_by_its_share_of_the_money() -> None:
    figures = sold(
        {"units": "4", "after_sale": "部分退款", "after_sale_type": "退货退款", "refund_yuan": "272", "state": "已完成"}
    )
    assert (figures["units_shipped"], figures["units_returned"], figures["amount_returned_fen"]) == (4, 1, 27_200)


def test_amounts_of_open_complaints_do_not_count() -> None:
    assert "amount_returned_fen" not in sold({"after_sale": "退款中", "refund_yuan": "1,088.00"})


def test_full_refunds_without_an_amount_give_everything_back() -> None:
    change = {"state": "已关闭", "after_sale": "退款成功", "after_sale_type": "退货退款"}
    assert sold(change, without=("refund_yuan",))["amount_returned_fen"] == 108_800


def test_day_of_return_only_where_goods_came_back() -> None:
    back = {"after_sale": "退款成功", "refunded_at": "2026-06-09 10:00:00", "state": "已完成"}
    frame = lines(back | {"after_sale_type": "退货退款"}, back | {"after_sale_type": "已发货仅退款"})["orders"].frame
    assert frame["returned_at"].tolist() == ["2026-06-09", ""]
    assert frame["ordered_at"].tolist() == ["2026-06-01"] * 2


def test_ids_keep_their_digits_and_tell_lines_apart() -> None:
    found = lines({}, {})
    assert found["orders"].frame["order_id"].tolist() == ["6919812345678901234"] * 2
    assert found["sales"].grain is not None
    assert found["sales"].grain.tolist() == ["6919812345678901234|1", "6919812345678901234|2"]


def test_lines_without_an_id_are_named_after_their_goods() -> None:
    frame = lines({}, {"sku": "B2"}, {}, without=("line",))["orders"].frame
    assert frame["line"].tolist() == ["A1", "B2", "A1#2"]


def test_presale_keeps_its_three_dates() -> None:
    frame = pd.DataFrame([["1", "1", "2026-10-24", "A", "1", "待付尾款", "2026-10-24 20:00:00", "", "2026-11-05"]])
    names = ("order_id", "line", "ordered_at", "sku", "units", "state", "deposit_at", "balance_at", "promised_ship_at")
    feed = Feed("orders", {name: place for place, name in enumerate(names)}, {"channel": "天猫"}, kind="order_lines")
    orders, sales = line_rows(feed, Block(frame.astype("category"), np.array([2])))
    kept = orders.frame.iloc[0][["state", "deposit_at", "balance_at", "promised_ship_at"]].tolist()
    assert kept == ["ordered", "2026-10-24", "", "2026-11-05"]
    assert sales.frame.iloc[0][["units_ordered", "units_paid"]].tolist() == ["1", "0"]


def test_what_has_to_be_assumed_is_said() -> None:
    feed = Feed("orders", {"state": 0}, kind="order_lines")
    assert any("售后类型" in note for note in line_notes(feed))
    assert not line_notes(Feed("orders", {"state": 0, "after_sale_type": 1, "gift": 2}, kind="order_lines"))


def test_no_text_means_two_things() -> None:
    texts = state_texts()
    for groups in (texts.stages, texts.after_sale, texts.kinds):
        words = [folded(word) for group in groups.values() for word in group]
        assert len(words) == len(set(words))
