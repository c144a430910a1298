"""Platforms' reports by their headers, as they drift; channel, period and units from around them."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.importing.mapping import Entry, MerchantMapping, parse_map
from engine.data.importing.names import base_name
from engine.data.importing.recognise import Context, recognise
from engine.data.tables import TABLES
from tests.importing.sheets_in_memory import make_sheet

CHANNELS = pd.DataFrame(
    {
        "channel": ["tm", "tm2", "jd", "dy"],
        "name": ["云舟旗舰店", "云舟专卖店", "云舟京东店", "云舟抖店"],
        "platform": ["天猫", "天猫", "京东", "抖音"],
    }
)
TYPICAL = [
    (
        "生意参谋 商品效果",
        {"sales", "traffic"},
        "统计日期 商品ID 商品名称 商品访客数 加购件数 支付金额 支付买家数 支付件数 成功退款金额",
    ),
    (
        "生意参谋 商品效果",
        {"sales", "traffic"},
        "统计日期 商品ID 商品名称 货号 商品访客数 商品浏览量 商品加购件数 支付买家数 支付件数 支付金额",
    ),
    (
        "生意参谋 商品效果",
        {"sales", "traffic"},
        "日期 商品id 商品访客数(人) 商品加购件数（件） 支付金额（元） 支付件数(件) 支付买家数",
    ),
    ("生意参谋 店铺整体", {"traffic"}, "统计日期 访客数 浏览量 支付金额 支付买家数 支付子订单数 客单价 支付转化率"),
    (
        "千牛 订单报表",
        {"orders"},
        "订单编号 子订单编号 买家会员名 宝贝ID 商家编码 "
        "购买数量 买家实际支付金额 订单状态 订单创建时间 订单付款时间 退款状态",
    ),
    ("京东商智 SKU明细", {"sales", "traffic"}, "时间 SKU SKU名称 成交金额 成交商品件数 成交单量 商品访客数"),
    (
        "京东商智 SKU明细",
        {"sales", "traffic"},
        "日期 商品SKU 商品名称 成交金额(元) 成交件数 成交客户数 访客数 加购商品件数 下单金额",
    ),
    ("京东商智 店铺流量", {"traffic"}, "时间 店铺访客数 店铺浏览量 成交客户数 成交金额 跳失率"),
    (
        "抖店 订单",
        {"orders"},
        "主订单编号 子订单编号 选购商品 商品ID 商品数量 "
        "商品金额 订单应付金额 订单提交时间 支付完成时间 订单状态 售后状态",
    ),
    (
        "电商罗盘 商品明细",
        {"sales", "traffic"},
        "日期 商品ID 商品名称 商品曝光次数 商品点击次数 商品点击人数 成交件数 成交人数 成交金额",
    ),
    (
        "拼多多 商品数据",
        {"sales", "traffic"},
        "统计时间 商品ID 商品名称 商品访客数 商品浏览量 "
        "商品收藏用户数 支付件数 支付买家数 支付订单数 支付金额 支付转化率",
    ),
    (
        "拼多多 订单",
        {"orders"},
        "商品 订单号 订单状态 商品总价(元) 用户实付金额(元) 商家实收金额(元) "
        "商品数量(件) 支付时间 发货时间 商品id 样式ID 商家编码-规格维度 售后状态",
    ),
    (
        "小程序 订单",
        {"orders"},
        "订单号 订单状态 订单创建时间 买家付款时间 商品名称 规格编码 商品数量 商品实际成交金额 商品退款状态",
    ),
    ("小程序 商品分析", {"sales", "traffic"}, "日期 商品名称 规格编码 商品访客数 付款件数 付款金额 付款人数"),
    ("千川 全域推广", {"media"}, "时间 整体消耗 整体支付ROI 整体成交金额 整体成交订单数"),
    ("千川 标准推广", {"media"}, "日期 计划ID 消耗(元) 展示次数 点击次数 直接成交金额(元) 直接支付ROI"),
    ("巨量引擎", {"media"}, "时间-天 广告计划ID 消耗 展示数 点击数 点击率 转化数 转化成本"),
    ("直通车 / 万相台", {"media"}, "日期 计划名字 花费 展现量 点击量 总成交金额 投入产出比"),
    ("万相台 全站推广", {"media"}, "日期 计划名字 花费 展现量 点击量 全站成交金额 全站投产比"),
    ("京东快车", {"media"}, "日期 推广计划 展现数 点击数 总费用 总订单金额 总订单行 投产比"),
    ("小红书 聚光", {"media"}, "时间 笔记ID 消费 展现量 点击量 点击率 互动量"),
    ("拼多多 推广", {"media"}, "日期 推广计划 花费(元) 交易额(元) 投入产出比 成交笔数 曝光量 点击量"),
    ("ERP 库存", {"inventory"}, "日期 商品编码 商品名称 仓库 实际库存数 可用数 订单占有数"),
    ("ERP 采购单", {"purchase_orders"}, "采购单号 供应商 商品编码 采购数量 采购单价 采购日期 预计到货日期 入库仓库"),
    ("ERP 入库单", {"receipts"}, "入库单号 采购单号 商品编码 仓库 入库数量 次品数量 入库日期"),
    ("ERP 供应商", {"suppliers"}, "供应商编码 供应商名称 等级 联系人 联系电话 账期"),
    ("ERP 供货条件", {"supply_terms"}, "供应商 商品编码 到货天数 起订量 箱规 采购单价"),
    ("ERP 商品资料", {"skus"}, "商品编码 款式编码 商品名称 分类 颜色 尺码 成本价 重量(kg)"),
    ("ERP 仓库", {"warehouses"}, "仓库编码 仓库名称 仓库类型 省份 联系人"),
    ("ERP 销售出库", {"sales"}, "出库日期 店铺 商品编码 商品名称 出库数量 出库金额 仓库"),
    ("ERP 平台链接对应", {"listings"}, "店铺 平台商品ID 平台商品名称 系统商品编码"),
]


@pytest.mark.parametrize(("export", "tables", "headers"), TYPICAL, ids=[f"{c[0]}-{i}" for i, c in enumerate(TYPICAL)])
def test_typical_headers(export: str, tables: set[str], headers: str) -> None:
    found = recognise(make_sheet(headers), Context())
    assert (found.source, found.export) == ("platform", export)
    assert {feed.table for feed in found.feeds} == tables


@pytest.mark.parametrize(("export", "tables", "headers"), TYPICAL, ids=[f"{c[0]}-{i}" for i, c in enumerate(TYPICAL)])
def test_headers_in_other_order_spelling_and_company(export: str, tables: set[str], headers: str) -> None:
    drifted = [f" {name.replace('(', '（').replace(')', '）').lower()} " for name in reversed(headers.split())]
    found = recognise(make_sheet([*drifted, "", "我的备注"]), Context())
    assert found.export == export
    assert "我的备注" in found.unused and "" not in found.unused


def test_one_report_feeds_sales_and_traffic() -> None:
    found = recognise(make_sheet(TYPICAL[0][2]), Context(CHANNELS, "tm"))
    sales, traffic = found.feeds
    assert (
        sales.columns["amount_paid_yuan"] == 5 and sales.columns["platform_id"] == traffic.columns["platform_id"] == 1
    )
    assert traffic.constants == {"basis": "item_day", "channel": "tm"} and sales.constants == {"channel": "tm"}
    assert "refund" in sales.meaning["amount_paid_fen"]


def test_whole_site_by_what_stands_above() -> None:
    headers = "日期 花费 展现量 点击量 总成交金额 投入产出比"
    plain = recognise(make_sheet(headers), Context()).feeds[0]
    whole = recognise(make_sheet(headers, preamble=[("报表类型：全站推广 分日报表",)]), Context()).feeds[0]
    assert plain.constants["whole_site"] == "false" and whole.constants["whole_site"] == "true"


def test_plans_and_listings_are_added_up() -> None:
    found = recognise(make_sheet("日期 计划ID 花费 展现量 点击量 总成交金额"), Context())
    assert found.feeds[0].grain == (1,)


@pytest.mark.parametrize(
    ("context", "preamble", "channel"),
    [
        (Context(), [], "天猫"),
        (Context(CHANNELS), [("店铺名称：云舟专卖店  导出人：小王",)], "tm2"),
        (Context(CHANNELS, "jd"), [("店铺名称：云舟专卖店",)], "tm2"),
        (Context(CHANNELS, "tm"), [], "tm"),
        (Context(CHANNELS), [("店铺名称", "未登记的店")], "未登记的店"),
        (Context(CHANNELS), [], "天猫"),
        (Context(CHANNELS[CHANNELS["channel"] != "tm2"]), [], "tm"),
    ],
)
def test_channel_of_a_report(context: Context, preamble: list, channel: str) -> None:
    found = recognise(make_sheet(TYPICAL[0][2], preamble=preamble), context)
    assert found.feeds[0].constants["channel"] == channel


def test_a_column_with_the_shop_wins() -> None:
    found = recognise(make_sheet(TYPICAL[0][2] + " 店铺名称"), Context(CHANNELS, "tm"))
    assert "channel" not in found.feeds[0].constants and "channel" in found.feeds[0].columns


def test_period_above_the_header_dates_the_rows() -> None:
    headers = TYPICAL[0][2].removeprefix("统计日期 ")
    one = recognise(make_sheet(headers, preamble=[("统计周期：2026-11-01~2026-11-01",)]), Context())
    week = recognise(make_sheet(headers, preamble=[("日期范围", "2026/11/2 至 2026/11/8")]), Context())
    assert one.feeds[0].constants["date"] == "2026-11-01"
    assert week.feeds[0].constants["date"] == "2026-11-02" and any("7 days" in note for note in week.notes)
    assert recognise(make_sheet(headers), Context()).source == "none"


def test_stock_without_a_date_takes_the_day_of_its_file() -> None:
    headers = "商品编码 仓库 实际库存数"
    named = recognise(make_sheet(headers, file="库存查询_20261120.xlsx"), Context())
    assert named.feeds[0].constants["date"] == "2026-11-20" and any("2026-11-20" in note for note in named.notes)
    assert not recognise(make_sheet(headers, file="库存查询.xlsx"), Context()).feeds


def test_money_in_fen_and_in_ten_thousands() -> None:
    found = recognise(make_sheet("日期 商品ID 商品访客数 支付件数 支付金额(分) 下单金额(万元)"), Context())
    sales = found.feeds[0]
    assert sales.columns["amount_paid_fen"] == 4 and sales.columns["amount_ordered_yuan"] == 5
    assert sales.units == {"amount_ordered_yuan": "万"}


def test_a_unit_that_does_not_fit_is_left_alone() -> None:
    found = recognise(make_sheet("商品编码 商品名称 分类 重量(g)"), Context())
    assert "weight_kg" not in found.feeds[0].columns and "重量(g)" in found.unused


def test_our_own_format_by_file_name_and_by_columns() -> None:
    names = ["date", "sku", "channel", "units_paid", "amount_paid_yuan"]
    for sheet in (make_sheet(names, file="sub/sales_2026-01 (2).csv"), make_sheet(names, file="x.csv")):
        found = recognise(sheet, Context())
        assert (found.source, found.export) == ("own", "sales")
    more = recognise(make_sheet([*names, "remark"], file="sales.csv"), Context())
    assert more.source == "own" and more.unused == ("remark",)
    chinese = recognise(make_sheet("商家编码 品类 颜色", file="商品.csv"), Context())
    assert chinese.source == "own"
    assert recognise(make_sheet(["date", "sku"], file="sales.csv"), Context()).source != "own"


def test_the_merchants_mapping_wins() -> None:
    entry = Entry(
        headers=("日期", "代号", "数"), table="sales", columns={"日期": "date", "代号": "sku", "数": "units_paid"}
    )
    sheet = make_sheet(["数", " 日期", "代号"], [("1", "2026-01-01", "a")])
    found = recognise(sheet, Context(channel="tm", mapping=MerchantMapping(entries=(entry,))))
    assert found.source == "mapping" and found.feeds[0].columns == {"date": 1, "sku": 2, "units_paid": 0}
    assert found.feeds[0].constants == {"channel": "tm"}
    ignored = Entry(headers=("日期", "代号", "数"), ignore=True)
    left = recognise(sheet, Context(mapping=MerchantMapping(entries=(ignored,))))
    assert left.source == "mapping" and not left.feeds
    lacking = Entry(headers=("日期", "代号", "数"), table="sales", columns={"日期": "date"})
    assert "sku" in recognise(sheet, Context(mapping=MerchantMapping(entries=(lacking,)))).notes[-1]


def test_headers_named_on_the_command_line() -> None:
    said = parse_map("展示费=spend_yuan，花费=")
    sheet = make_sheet("日期 花费 展现量 点击量 总成交金额 展示费")
    feed = recognise(sheet, Context(columns=said)).feeds[0]
    assert feed.columns["spend_yuan"] == 5 and 1 not in feed.columns.values()
    unknown = make_sheet(["天", "啥", "件儿"], [("2026-01-01", "a1", "3")])
    assert recognise(unknown, Context()).source == "none"
    named = recognise(unknown, Context(columns=parse_map("天=date,啥=sku,件儿=units_paid")))
    assert named.feeds[0].table == "sales" and named.feeds[0].columns == {"date": 0, "sku": 1, "units_paid": 2}


@pytest.mark.parametrize("names", [[""], ["a", "b"], ["甲", "乙", "丙"], ["日期"], ["2026", "2027"], ["x"] * 300])
def test_nonsense_matches_nothing(names: list[str]) -> None:
    found = recognise(make_sheet(names, [["1"] * len(names)]), Context())
    assert found.source == "none" and not found.feeds


def test_equal_headers_go_to_the_platform_that_the_merchant_sells_on() -> None:
    headers = "日期 商品ID 商品名称 支付件数 支付金额"
    pdd = pd.DataFrame({"channel": ["p1"], "name": ["多多店"], "platform": ["拼多多"]})
    both = pd.concat([CHANNELS, pdd], ignore_index=True)
    assert recognise(make_sheet(headers), Context(pdd)).platform == "拼多多"
    assert recognise(make_sheet(headers), Context(both, "p1")).platform == "拼多多"
    assert recognise(make_sheet(headers, file="拼多多/商品数据.csv"), Context(both)).platform == "拼多多"
    open_question = recognise(make_sheet(headers), Context())
    assert any("would fit as well" in note for note in open_question.notes)


WORDS = st.sampled_from(sorted({word for _, _, line in TYPICAL for word in line.split()}))
CELLS = st.one_of(WORDS, st.text(max_size=12), st.sampled_from(["店铺：x", "日期：2026-13-45", "统计周期：2026-11"]))


@settings(max_examples=150, deadline=None)
@given(
    names=st.lists(CELLS, max_size=12),
    row=st.lists(st.sampled_from(["1", "2026-01-01", "a", "", "--"]), min_size=12, max_size=12),
    preamble=st.lists(st.lists(CELLS, max_size=3), max_size=3),
)
def test_any_headers_give_a_sound_answer(names: list[str], row: list[str], preamble: list[list[str]]) -> None:
    sheet = make_sheet(names, [row[: len(names)]] * 2, preamble=preamble)
    found = recognise(sheet, Context(CHANNELS))
    assert (found.source == "none") == (not found.feeds)
    for feed in found.feeds:
        places = [*feed.columns.values(), *feed.grain]
        assert all(0 <= place < len(names) for place in places)
        held = {base_name(name) for name in (*feed.columns, *feed.constants)}
        needed = {column.name for column in TABLES[feed.table].columns if column.required}
        lacking = needed - held - ({"sku"} if "platform_id" in held else set())
        assert lacking <= ({"line"} if feed.kind == "order_lines" else set())


def test_a_report_that_lacks_something_says_what() -> None:
    found = recognise(make_sheet("款式编码 商品编码 商品名称 主仓实际库存数 订单占有数"), Context())
    assert found.source == "none" and found.export == "ERP 库存"
    assert "date" in found.notes[0]
