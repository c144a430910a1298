"""The configs of the platforms: valid, and their words known."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from engine.data.importing.names import fold, headings, in_unit, split_unit, unit_agrees
from engine.data.importing.order_lines import LINE_COLUMNS
from engine.data.importing.platforms import ORDER_LINE_COLUMNS, Export, load_platforms, load_vocabulary, vocabulary
from engine.data.tables import TABLES

EXPORTS = [(platform, export) for platform in load_platforms() for export in platform.exports]


@pytest.mark.parametrize(("platform", "export"), EXPORTS, ids=[export.name for _, export in EXPORTS])
def test_an_export_says_what_its_figures_mean(platform, export) -> None:
    assert export.requires and all(export.requires)
    facts = {"sales", "media", "orders", "traffic"} & set(export.tables)
    if facts and platform.platform != "ERP":
        assert {"state", "attribution", "visitors"} & set(export.meaning), export.name
    if "media" in export.tables:
        assert {"attribution", "organic", "spend_fen", "attributed_fen"} <= set(export.meaning)
        assert export.constants["whole_site"] in ("true", "false")
        assert (export.constants["whole_site"] == "true") == export.meaning["organic"].startswith("included")
    if "traffic" in export.tables:
        assert export.constants["basis"] in ("item_day", "shop_day")


def test_names_of_exports_are_unique() -> None:
    names = [export.name for _, export in EXPORTS]
    assert len(set(names)) == len(names)


def test_unknown_keys_and_columns_are_refused() -> None:
    good = {"name": "x", "tables": ["sales"], "requires": [["a"]], "columns": {"units_paid": ["a"]}}
    Export.model_validate(good)
    for broken in (
        good | {"colums": {}},
        good | {"tables": ["sale"]},
        good | {"columns": {"units_payed": ["a"]}},
        good | {"columns": {"paid_at": ["a"]}},
        good | {"constants": {"spend_yuan": "1"}},
    ):
        with pytest.raises(ValidationError):
            Export.model_validate(broken)


def test_general_words_are_columns_of_the_contract() -> None:
    general = load_vocabulary()
    columns = {column.name for table in TABLES.values() for column in table.columns}
    assert set(general.columns) <= columns
    assert set(general.stand_ins) <= columns
    for words in (general.tables, general.weak, general.assumed):
        for table, named in words.items():
            assert set(named) <= set(TABLES[table].names), table
    assert set(general.evidence) <= set(general.tables) <= set(TABLES)


def test_order_line_columns_are_those_that_order_lines_read() -> None:
    assert set(ORDER_LINE_COLUMNS) == set(LINE_COLUMNS)


@pytest.mark.parametrize(
    "name",
    [
        "统计日期",
        "支付金额（元）",
        " 商品 ID",
        "商品id",
        "units_paid",
        "AMOUNT_PAID_YUAN",
        "花费",
        "采购单号",
        "product_no",
        "体积(m³)",
    ],
)
def test_names_of_columns_are_known(name: str) -> None:
    assert vocabulary()(name)


@pytest.mark.parametrize("name", ["", "2026-11-01", "合计", "12.5", "数据仅供参考", "云舟旗舰店"])
def test_other_texts_are_not(name: str) -> None:
    assert not vocabulary()(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("支付金额(元)", ("支付金额", "yuan")),
        ("支付金额【万元】", ("支付金额", "wan_yuan")),
        ("花费（单位：元）", ("花费", "yuan")),
        ("商品数量(件)", ("商品数量", "count")),
        ("体积（m³）", ("体积", "m3")),
        ("重量(g)", ("重量", "other")),
        ("转化率", ("转化率", "")),
        ("仓租(元/m3/天)", ("仓租(元/m3/天)", "")),
    ],
)
def test_units_of_headers(name: str, expected: tuple[str, str]) -> None:
    assert split_unit(name) == expected


def test_money_goes_by_the_unit_of_its_header() -> None:
    paid = TABLES["sales"].column("amount_paid_fen")
    assert in_unit("amount_paid_yuan", paid, "fen") == "amount_paid_fen"
    assert in_unit("amount_paid_yuan", paid, "") == "amount_paid_yuan"
    assert in_unit("amount_paid_fen", paid, "wan_yuan") == "amount_paid_yuan"
    assert not unit_agrees(paid, "count")


def test_columns_without_a_name_are_no_headings() -> None:
    assert [head.position for head in headings(["a", "", " ", "b"])] == [0, 3]
    assert fold("ＳＫＵ\u200b 编码") == "sku编码"
