"""Workbooks and web pages: several sheets, merged cells, dates, long ids, far corners."""

from __future__ import annotations

import datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from engine.data.importing.sheets import open_file
from tests.importing.sheets.counting import content, nothing_known, only_sheet, opened


@pytest.fixture
def merchant(tmp_path: Path) -> Path:
    """A workbook as merchants keep them: a title over merged cells, formulas, dates, an empty and a second sheet."""
    file = tmp_path / "销售.csv"
    with xlsxwriter.Workbook(file) as book:
        day, clock = book.add_format({"num_format": "yyyy/m/d"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        share = book.add_format({"num_format": "0.00%"})
        sheet = book.add_worksheet("销售")
        sheet.merge_range("B2:G2", "某旗舰店销售表")
        sheet.write_row("B4", ["店铺", "商品ID", "日期", "件数", "金额", "转化率"])
        sheet.merge_range("B5:B6", "天猫店")
        sheet.write_string("C5", "69012345678901234567")
        sheet.write("D5", datetime.date(2026, 11, 1), day)
        sheet.write_row("E5", [3, 0.1 + 0.2])
        sheet.write("G5", 0.0321, share)
        sheet.write("C6", 690123456789012345)
        sheet.write("D6", datetime.datetime(2026, 11, 2, 12, 30), clock)
        sheet.write("E6", 4.0)
        sheet.write_formula("F6", "=E6*2", None, 8)
        sheet.write_row("B8", ["合计", "", "", 7])
        sheet.write("J3", "内部使用")
        book.add_worksheet("空")
        book.add_worksheet("库存").write_row("A1", ["商品ID", "库存"])
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=销售!$E$5:$E$6"})
        book.add_chartsheet("图").set_chart(chart)
    return file


def test_sheets_of_a_workbook(merchant: Path) -> None:
    sales, stock = opened(merchant).sheets
    assert (sales.sheet, stock.sheet, stock.names) == ("销售", "库存", ("商品ID", "库存"))
    assert list(stock.blocks()) == []
    assert sales.names[:6] == ("店铺", "商品ID", "日期", "件数", "金额", "转化率")
    assert sales.header_row == 4
    assert sales.preamble[1] == ("某旗舰店销售表",)
    found = content(sales)
    assert found.cells[5][:6] == ("天猫店", "69012345678901234567", "2026-11-01", "3", "0.3", "0.0321")
    assert found.cells[6][:5] == ("天猫店", "6.90123456789012E+17", "2026-11-02 12:30:00", "4", "8")
    assert found.reasons() == {7: "blank", 8: "total"}


def test_header_over_two_rows_takes_the_lower_one(tmp_path: Path) -> None:
    file = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.merge_range("A1:A2", "日期")
        sheet.merge_range("B1:C1", "手机端")
        sheet.write_row("B2", ["访客数", "支付件数"])
        sheet.write_row("A3", ["2026-11-01", 5, 1])
    sheet_read = only_sheet(file)
    assert sheet_read.names == ("日期", "访客数", "支付件数")
    assert content(sheet_read).cells == {3: ("2026-11-01", "5", "1")}


def test_formulas_that_were_never_computed_are_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["sku", "units"], ["A", 1], ["B", "=B2+1"]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    read = open_file(tmp_path / "t.xlsx", "t.xlsx", nothing_known)
    assert "formulas" in read.problems[0].message
    assert content(read.sheets[0]).cells == {2: ("A", "1"), 3: ("B", "")}


def test_wide_dates_as_names(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("sku,2026-11-01,2026-11-02\nA,1,2\nB,3,4\n")
    assert only_sheet(file).names == ("sku", "2026-11-01", "2026-11-02")


PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="{0}"></head><body>
<table><tr><td>layout<table border=1>
<tr><th colspan=3>直通车报表</th></tr><tr><th>计划</th><th>日期</th><th>花费&nbsp;</th></tr>
<tr><td rowspan="2">计划一</td><td>2026-11-01</td><td>1,234.50</td></tr>
<tr><td>2026-11-02</td><td x:num>8<br>9</td></tr>
<tr><td>合计</td><td></td><td>1,243.50</td></tr></table></td></tr></table></body></html>"""


@pytest.mark.parametrize("codec", ["utf-8", "gbk", "utf-16"])
def test_web_page_named_xls(tmp_path: Path, codec: str) -> None:
    file = tmp_path / "report.xls"
    file.write_bytes(PAGE.format(codec).encode(codec))
    sheet = only_sheet(file)
    assert (sheet.names, sheet.header_row) == (("计划", "日期", "花费"), 2)
    found = content(sheet)
    assert found.cells == {3: ("计划一", "2026-11-01", "1,234.50"), 4: ("计划一", "2026-11-02", "8\n9")}
    assert found.reasons() == {5: "total"}


XML = """<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="库存"><Table><Row><Cell ss:MergeAcross="2"><Data ss:Type="String">库存表</Data></Cell></Row>
<Row ss:Index="3"><Cell><Data ss:Type="String">商品</Data></Cell><Cell><Data ss:Type="String">日期</Data></Cell>
<Cell><Data ss:Type="String">库存</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">00123</Data></Cell>
<Cell><Data ss:Type="DateTime">2026-11-01T00:00:00.000</Data></Cell><Cell><Data ss:Type="Number">7</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">00124</Data></Cell><Cell ss:Index="3"><Data ss:Type="Number">8</Data></Cell></Row>
</Table></Worksheet><Worksheet ss:Name="空"/></Workbook>"""


def test_workbook_in_xml(tmp_path: Path) -> None:
    file = tmp_path / "stock.xls"
    file.write_text(XML, encoding="utf-8")
    sheet = only_sheet(file)
    assert (sheet.sheet, sheet.header_row, sheet.names) == ("库存", 3, ("商品", "日期", "库存"))
    assert content(sheet).cells == {4: ("00123", "2026-11-01", "7"), 5: ("00124", "", "8")}
    file.write_text(XML.replace('ss:Index="3"', 'ss:Index="999999999"'), encoding="utf-8")
    assert "place 999,999,999" in open_file(file, "x", nothing_known).problems[0].message
    file.write_text(XML[:-60], encoding="utf-8")
    assert "truncated" in open_file(file, "x", nothing_known).problems[0].message


def test_binary_workbook_of_the_nineties() -> None:
    """``files/binary.xls`` was saved by LibreOffice as Excel 97: two sheets, a merged title, a total row."""
    stock, warehouses = opened(Path(__file__).parent / "files" / "binary.xls").sheets
    assert (stock.sheet, warehouses.sheet) == ("库存", "仓库")
    assert stock.names[:5] == ("商品编码", "商品名称", "可用库存", "成本价", "日期")
    found = content(stock)
    assert len(found.cells) == 60
    assert found.cells[3] == ("10020030040050060000", "连衣裙0", "0", "88.5", "2026-10-01")
    assert found.reasons() == {63: "total"}
    assert list(content(warehouses).cells.values()) == [("W1", "华东仓"), ("W2", "华南仓")]
