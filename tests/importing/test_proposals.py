"""Sheets that no platform explains: proposed by words and values, or left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.data.importing.platforms import vocabulary
from engine.data.importing.proposals import propose
from engine.data.importing.recognise import Context, recognise
from engine.data.importing.sheets.open import open_file
from tests.importing.sheets_in_memory import make_sheet

EXPORTS = Path(__file__).parents[2].parent / "shared" / "data" / "zh_exports"
REAL = {
    "品类分仓_gb18030/a1.csv": ("inventory", {"sku": 0, "date": 1, "on_hand": 2}, {"warehouse": "默认仓"}, ()),
    "品类分仓_gb18030/a2.csv": ("sales", {"sku": 0, "date": 1, "units_paid": 2}, {"channel": "全渠道"}, ()),
    "品类分仓_gb18030/a3.csv": ("warehouses", {"warehouse": 0}, {}, ()),
    "品类分仓_gb18030/a4.csv": None,
    "品类分仓_gb18030/a5.csv": ("skus", {"sku": 0, "category": 1}, {}, ()),
    "商家仓库_xlsx/附件2-商品信息表.xlsx": ("skus", {"sku": 0, "category": 1}, {}, ()),
    "商家仓库_xlsx/附件3-商家信息表.xlsx": ("channels", {"channel": 0}, {"kind": "shop"}, ()),
    "商家仓库_xlsx/附件4-仓库信息表.xlsx": ("warehouses", {"warehouse": 0, "region": 2}, {}, ()),
    "商家仓库_xlsx/附件5-新品历史出货量表.xlsx": (
        "sales",
        {"channel": 0, "sku": 2, "date": 3, "units_paid": 4},
        {},
        (1,),
    ),
    "商家仓库_xlsx/附件6-促销期间商家出货量表.xlsx": (
        "sales",
        {"channel": 0, "sku": 1, "date": 3, "units_paid": 4},
        {},
        (2,),
    ),
}


@pytest.mark.skipif(not EXPORTS.is_dir(), reason="the folder shared/data/zh_exports is not there")
@pytest.mark.parametrize("name", REAL)
def test_real_exports(name: str) -> None:
    path = EXPORTS / name
    (sheet,) = open_file(path, "renamed" + path.suffix, vocabulary()).sheets
    found = recognise(sheet, Context())
    if REAL[name] is None:
        assert found.source == "none" and len(found.unused) == len(sheet.names)
        return
    (feed,) = found.feeds
    assert found.source == "similarity"
    assert (feed.table, dict(feed.columns), dict(feed.constants), feed.grain) == REAL[name]
    if "品类分仓" in name and "sku" in feed.columns:
        assert any("assumed to be one sku" in note for note in found.notes)


@pytest.mark.parametrize(
    ("names", "row", "table"),
    [
        ("sku_code sale_date sold_qty revenue", ("A1", "2026-01-02", "3", "99.5"), "sales"),
        ("门店编码 日期 商品编号 销售件数 销售额", ("S1", "2026/1/2", "A1", "3", "￥99.5"), "sales"),
        ("货品编号 结存 盘点日期 仓库名称", ("A1", "20", "20260102", "总仓"), "inventory"),
        ("item_id stock warehouse_id snapshot_date", ("A1", "20", "W1", "2026-01-02"), "inventory"),
        ("vendor_id vendor_name contact", ("V1", "锦程", "李"), "suppliers"),
        ("po_no item_code order_qty order_date eta", ("P1", "A1", "30", "2026-01-02", "2026-02-02"), "purchase_orders"),
        ("日期 投放渠道 投放金额 点击数", ("2026-01-02", "抖音", "500", "20"), "media"),
        ("推广日期 平台 推广费 展现 点击 成交额", ("2026-01-02", "抖音", "300", "33", "2", "99"), "media"),
        ("仓库名称 商品代码 库存数 冻结数 截止", ("总仓", "A1", "3", "0", "2026-01-02"), "inventory"),
        ("供应商 货号 交期 最小起订量 供货价", ("S1", "A1", "30", "100", "12.5"), "supply_terms"),
    ],
)
def test_general_words(names: str, row: tuple[str, ...], table: str) -> None:
    found = recognise(make_sheet(names, [row]), Context())
    assert [feed.table for feed in found.feeds] == [table], found.notes


def test_values_decide_what_a_header_can_be() -> None:
    good = make_sheet("品类 日期 销量", [("a", "2026-01-01", "3"), ("b", "2026-01-01", "4")])
    texts = make_sheet("品类 日期 销量", [("a", "2026-01-01", "好"), ("b", "2026-01-01", "差")])
    undated = make_sheet("品类 日期 销量", [("a", "周一", "3"), ("b", "周二", "4")])
    assert propose(good, Context()) is not None
    assert propose(texts, Context()) is None and propose(undated, Context()) is None


def test_master_data_needs_a_key() -> None:
    pairs = [("a", "x", "1"), ("a", "y", "2"), ("b", "x", "3"), ("b", "z", "4")]
    assert propose(make_sheet("品类1 品类2 关联度", pairs), Context()) is None


@pytest.mark.parametrize("header", ["累计销量", "销量同比", "去年销量", "销量排名", "预测销量"])
def test_other_figures_of_the_same_word(header: str) -> None:
    rows = [("a", "2026-01-01", "3"), ("b", "2026-01-01", "4")]
    assert propose(make_sheet(["商品编码", "日期", header], rows), Context()) is None


def test_the_only_channel_known_is_taken() -> None:
    import pandas as pd

    one = pd.DataFrame({"channel": ["tm"], "platform": ["天猫"]})
    found = propose(make_sheet("品类 日期 销量", [("a", "2026-01-01", "3")]), Context(one))
    assert found is not None and found.feeds[0].constants == {"channel": "tm"}


def test_order_lines_are_proposed_as_such() -> None:
    sheet = make_sheet(
        "订单编号 下单时间 商品编码 数量 实付金额 订单状态",
        [("1", "2026-01-01 12:00", "A", "2", "10", "已发货"), ("2", "2026-01-01 13:00", "B", "1", "5", "已发货")],
    )
    found = propose(sheet, Context(channel="x"))
    assert found is not None and found.feeds[0].kind == "order_lines" and found.feeds[0].table == "orders"
