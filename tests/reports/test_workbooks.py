"""The workbooks, read back: sheets, headers, totals to the fen, no formulas, names as text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from engine.reports.bundle import ReportBundle
from engine.reports.buyer import write_buyer
from engine.reports.material import Material
from engine.reports.sentences import hosts
from engine.reports.sheet import Book, Field, _display
from engine.reports.words import Words
from engine.reports.write import write_reports
from tests.reports import fixtures

BOOKS = ("planner.xlsx", "buyer.xlsx", "marketing.xlsx")


def read(path: Path, title: str) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(path)[title]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def column(rows: list[list[Any]], header: str) -> list[Any]:
    return [row[rows[0].index(header)] for row in rows[1:]]


def fen(value: float) -> int:
    return round(value * 100)


def test_planner_sheets(folder: Path) -> None:
    names = openpyxl.load_workbook(folder / "planner.xlsx").sheetnames
    targets = ["月度×渠道", "月度×品类", "目标明细", "达成概率", "单品目标（元）", "单品目标（件）"]
    assert names == ["摘要", *targets, "预测质量", "说明"]


def test_targets_add_up_to_the_fen(folder: Path, bundle: ReportBundle) -> None:
    assert bundle.targets is not None
    wanted = int(bundle.targets.months["target_fen"].sum())
    rows = read(folder / "planner.xlsx", "月度×渠道")
    assert rows[0] == ["月份", "合计（元）", *(f"{name}（元）" for name in sorted(fixtures.CHANNELS))]
    totals = column(rows, "合计（元）")
    assert fen(totals[-1]) == wanted == sum(fen(value) for value in totals[:-1])
    for row in rows[1:]:
        assert fen(row[1]) == sum(fen(value) for value in row[2:])
    skus = read(folder / "planner.xlsx", "单品目标（元）")
    assert fen(column(skus, "合计（元）")[-1]) == wanted
    assert fen(column(skus, "2027-06（元）")[-1]) == int(
        bundle.targets.months.loc[bundle.targets.months["month"] == "2027-06-01", "target_fen"].sum()
    )


def test_order_lines(folder: Path, bundle: ReportBundle) -> None:
    assert bundle.orders is not None
    lines = bundle.orders.lines
    rows = read(folder / "buyer.xlsx", "采购明细")
    assert rows[0][:4] == ["计划行号", "供应商", "商家编码", "商品名称"]
    of_week = dict(zip(column(rows, "计划行号")[:-1], column(rows, "商家编码")[:-1], strict=True))
    assert of_week == dict(enumerate(lines["sku"].astype(str), start=1))
    cost = column(rows, "金额（不含税，元）")
    assert len(rows) == len(lines) + 2
    assert fen(cost[-1]) == int(lines["cost_fen"].sum()) == sum(fen(value) for value in cost[:-1])
    assert column(rows, "数量（件）")[-1] == int(lines["units"].sum())
    assert all(isinstance(value, datetime) for value in column(rows, "到货周")[:-1])
    first = lines["order_week"].min()
    now = read(folder / "buyer.xlsx", "本周下单")
    assert fen(column(now, "金额（不含税，元）")[-1]) == int(lines.loc[lines["order_week"] == first, "cost_fen"].sum())


def test_changes_since_the_last_plan(tmp_path: Path, bundle: ReportBundle) -> None:
    assert bundle.orders is not None
    line = bundle.orders.lines.iloc[0]
    entry = {name: [line[name]] for name in ("sku", "warehouse", "pool", "supplier", "order_week", "units")}
    reason = "demand is 1,200 units higher; stock is 40 units lower than planned; cash is short now"
    changes = pd.DataFrame({**entry, "last_units": line["units"] - 40, "change_fen": 123_400, "reason": reason})
    write_buyer(tmp_path / "buyer.xlsx", Material(replace(bundle, orders=replace(bundle.orders, changes=changes))))
    rows = read(tmp_path / "buyer.xlsx", "与上次计划的变化")
    assert column(rows, "数量变化（件）")[0] == 40 and column(rows, "金额变化（不含税，元）")[0] == 1234
    assert column(rows, "原因")[0] == "需求比上次多 1,200 件；库存比上次预计少 40 件；资金开始紧张"


def test_reasons_are_in_the_reader_s_language(folder: Path) -> None:
    reasons = set(column(read(folder / "buyer.xlsx", "采购明细"), "原因"))
    assert "够卖到 2027-02-07；整箱，每箱 20 件；资金紧张，改了时间" in reasons


def test_payments_reach_the_cost(folder: Path, bundle: ReportBundle) -> None:
    assert bundle.orders is not None
    rows = read(folder / "buyer.xlsx", "资金")
    assert fen(column(rows, "付款（元）")[-1]) == int(bundle.orders.lines["cost_fen"].sum())


def test_what_could_not_be_planned_is_named(folder: Path) -> None:
    rows = read(folder / "buyer.xlsx", "未能计划")
    assert rows[1] == ["连衣裙-墨黑", "华北仓", "没有供应商：请把商品补到 supply_terms 表"]


BOUNDS = ("差值下限（95%）", "差值上限（95%）")


def test_replay_in_yuan_and_per_cent(folder: Path) -> None:
    rows = read(folder / "buyer.xlsx", "回放对比")
    assert rows[0] == ["指标", "单位", "方案", "方案（不再调整）", "调优的补货规则", "方案减规则", *BOUNDS]
    table = {row[0]: row for row in rows[1:]}
    assert table["现货率"][1:3] == ["%", pytest.approx(96.8)]
    assert table["利润"][1:3] == ["元", 312_000]


def test_budget_adds_up(folder: Path, bundle: ReportBundle) -> None:
    assert bundle.budget is not None
    total = int(bundle.budget.split["spend_fen"].sum())
    spent = "计划花费（元）"
    for title, header in (
        ("每周预算", "合计（元）"),
        *((name, spent) for name in ("渠道回报", "预算明细", "投给哪些商品")),
    ):
        assert fen(column(read(folder / "marketing.xlsx", title), header)[-1]) == total


def test_streams_on_offer_say_sign_or_leave_and_their_stock(folder: Path) -> None:
    rows = read(folder / "marketing.xlsx", "达人直播合约")
    assert column(rows, "建议") == ["签约", "不签"]
    assert column(rows, "回本件数（退货后，件）") == [400, None]
    assert column(read(folder / "marketing.xlsx", "签约前备货"), "还缺（件）") == [100, 100]
    said = [row[0] for row in read(folder / "marketing.xlsx", "摘要")]
    assert any("建议签 1 场" in str(text) and "亏钱" not in str(text) for text in said)


def test_streams_that_lose_money_are_told_beside_the_advice(bundle: ReportBundle) -> None:
    assert bundle.budget is not None
    lossy = replace(bundle.budget, offers=bundle.budget.offers.assign(contribution_fen=-5_00))
    assert "其中 1 场预计亏钱" in hosts(Material(replace(bundle, budget=lossy)))[0]


def test_event_days_are_split_by_the_hour(folder: Path) -> None:
    rows = read(folder / "marketing.xlsx", "大促日分时预算")
    assert column(rows, "从（点）")[:2] == [0, 6] and column(rows, "到（点）")[:2] == [6, 24]
    assert column(rows, "计划花费（元）")[-1] == pytest.approx(6 * 1000.0)
    page = (folder / "report.html").read_text("utf-8")
    alike, other = '2026-11-10 … 11-11</td><td class="number">', '2026-12-12</td><td class="number">'
    assert f'{alike}4,000 元</td><td class="number">20%</td><td class="number">80%</td>' in page
    assert f'{other}2,000 元</td><td class="number">50%</td><td class="number">50%</td>' in page


def test_the_test_that_pays_best_is_named(folder: Path) -> None:
    rows = read(folder / "marketing.xlsx", "先测哪个渠道")
    assert column(rows, "广告渠道")[:2] == ["千川", "直通车"] and column(rows, "净值（元）")[:2] == [40_000.0, -5_000.0]
    page = (folder / "report.html").read_text("utf-8")
    assert "2026-11-15 … 12-12 把千川的花费调整 -50%，结果预计值 5.00 万元，测试期间预计少得 1.00 万元" in page


def test_what_ads_left_stands_beside_what_they_cost(folder: Path, bundle: ReportBundle) -> None:
    rows = read(folder / "marketing.xlsx", "投放复盘")
    spent = fen(column(rows, "花费（元）")[-1])
    assert fen(column(rows, "扣广告后贡献（元）")[-1]) == pytest.approx(-0.1 * spent, abs=10)
    assert column(rows, "点击（次）")[0] is None or column(rows, "点击（次）").count(None) == 1
    said = [str(row[0]) for row in read(folder / "marketing.xlsx", "摘要")]
    assert any("近一年广告花" in text and "亏" in text for text in said)


@pytest.mark.parametrize("name", BOOKS)
def test_no_formula_and_names_stay_text(folder: Path, name: str) -> None:
    book = openpyxl.load_workbook(folder / name)
    texts = set()
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
                texts.add(cell.value)
    assert (fixtures.HOSTILE in texts) == (name != "marketing.xlsx")


@pytest.mark.parametrize("name", BOOKS)
def test_headers_are_frozen_and_filtered(folder: Path, name: str) -> None:
    book = openpyxl.load_workbook(folder / name)
    for sheet in book.worksheets[1:-1]:
        assert sheet.freeze_panes is not None and sheet.freeze_panes.endswith("2")
        assert sheet.auto_filter.ref is not None
        assert "fen" not in " ".join(str(cell.value) for cell in sheet[1])
        widths = {
            number: entry.width
            for entry in sheet.column_dimensions.values()
            for number in range(entry.min or 1, (entry.max or 1) + 1)
        }
        assert all(widths[cell.column] >= min(_display(str(cell.value)), 40) for cell in sheet[1])


def test_same_plans_give_the_same_bytes(folder: Path, bundle: ReportBundle, tmp_path: Path) -> None:
    for file in write_reports(tmp_path, bundle):
        assert file.read_bytes() == (folder / file.name).read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([*BOOKS, "report.html"])


def test_long_sheets_are_cut_with_a_note(tmp_path: Path) -> None:
    frame = pd.DataFrame({"sku": [f"A{number}" for number in range(30)], "cost_fen": range(30)})
    with Book(tmp_path / "long.xlsx", Words(), date(2026, 10, 31)) as book:
        book.table("长表", frame, [Field("sku", "商家编码"), Field("cost_fen", "金额（元）", "money", True)], limit=10)
    rows = read(tmp_path / "long.xlsx", "长表")
    assert fen(rows[11][1]) == sum(range(30))
    assert "前 10 行，共 30 行" in rows[13][0]


def test_empty_order_plan(bundle: ReportBundle, tmp_path: Path) -> None:
    orders = fixtures.orders()
    nothing = replace(orders, lines=orders.lines.head(0), unplanned=orders.unplanned.head(0))
    write_buyer(tmp_path / "buyer.xlsx", Material(replace(bundle, orders=nothing, replay=None)))
    texts = [str(cell) for row in read(tmp_path / "buyer.xlsx", "摘要") for cell in row]
    assert any("不需要采购" in text for text in texts)


def test_english(bundle: ReportBundle, tmp_path: Path) -> None:
    write_reports(tmp_path, replace(bundle, language="en"))
    book = openpyxl.load_workbook(tmp_path / "buyer.xlsx")
    assert book.sheetnames[:3] == ["Summary", "Order now", "Order lines"]
    assert "Cost, no tax (yuan)" in [cell.value for cell in book["Order lines"][1]]


@pytest.mark.slow
def test_a_hundred_thousand_lines(bundle: ReportBundle, tmp_path: Path) -> None:
    orders = fixtures.orders(copies=1000)
    write_buyer(tmp_path / "buyer.xlsx", Material(replace(bundle, orders=orders)))
    sheet = openpyxl.load_workbook(tmp_path / "buyer.xlsx", read_only=True)["采购明细"]
    assert sum(1 for _ in sheet.iter_rows(values_only=True)) == len(orders.lines) + 2
