"""Any table, written in any way, comes back cell by cell with every row counted."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.data.importing.sheets import encoding
from tests.importing.sheets.counting import content, only_sheet

Row = Sequence[str]
NAMES = ["日期", "商品ID", "商品名称", "支付件数", "支付金额", "店铺", "访客数", "备注栏"]
CELL = st.one_of(
    st.just(""),
    st.integers(0, 10**20).map(str),
    st.dates().map(str),
    st.text(st.sampled_from("甲乙丙货品ABCxyz0189,;|\t\"\n '=.%（）é€"), max_size=12),
)


@dataclass(frozen=True)
class Written:
    """A table with all that platforms put around it; the kinds of rows by row number."""

    rows: dict[int, tuple[str, ...]]
    lines: list[list[str]]
    header_row: int
    kinds: dict[int, str]


@st.composite
def tables(draw: st.DrawFn) -> Written:
    width = draw(st.integers(2, len(NAMES)))
    names = NAMES[:width]
    lines: list[list[str]] = draw(
        st.lists(st.sampled_from([["店铺数据报表"], ["统计日期：2026-11-01 至 2026-11-07"], []]), max_size=3)
    )
    lines = [*lines, names]
    header_row = len(lines)
    rows: dict[int, tuple[str, ...]] = {}
    kinds: dict[int, str] = {}
    for number in range(draw(st.integers(1, 12))):
        kind = draw(st.sampled_from(["row"] * 8 + ["blank", "total", "header"]))
        line = _line(draw, kind, names, number)
        lines.append(line)
        if kind == "row":
            rows[len(lines)] = tuple(_plain(cell) for cell in line)
        else:
            kinds[len(lines)] = kind
    lines.append(["2026-11-30", "终", *["1"] * (width - 2)])
    rows[len(lines)] = tuple(lines[-1])
    return Written(rows, lines, header_row, kinds)


def _line(draw: st.DrawFn, kind: str, names: list[str], number: int) -> list[str]:
    width = len(names)
    if kind == "blank":
        return [""] * width
    if kind == "total":
        return [draw(st.sampled_from(["合计", "总计", "小计：", "Total"])), *["7"] * (width - 1)]
    if kind == "header":
        return list(names)
    return [f"2026-11-{number + 1:02d}", *draw(st.lists(CELL, min_size=width - 1, max_size=width - 1))]


def _plain(cell: str) -> str:
    """As the reader tidies cells: spaces around and the leading apostrophe are wrapping."""
    cell = cell.strip()
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 2 and '"' not in cell[2:-1]:
        cell = cell[2:-1]
    if cell.startswith("'") and "'" not in cell[1:]:
        cell = cell[1:]
    return cell.strip()


def check(path: Path, table: Written) -> None:
    sheet = only_sheet(path)
    assert sheet.header_row == table.header_row
    found = content(sheet)
    assert found.cells == table.rows
    assert found.reasons() == table.kinds


LIGHT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@LIGHT
@given(
    table=tables(),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]),
    separator=st.sampled_from(",\t;|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ending=st.sampled_from(["\n", "\r\n"]),
    piece=st.sampled_from([7, 64, 2**24]),
)
def test_text(
    tmp_path: Path, table: Written, codec: str, separator: str, quoting: int, ending: str, piece: int
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator, quoting=quoting, lineterminator=ending)  # type: ignore[arg-type]
    for line in table.lines:
        writer.writerow(line)
    file = tmp_path / "t.csv"
    file.write_bytes(buffer.getvalue().encode(codec))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "PIECE", piece)
        check(file, table)


@LIGHT
@given(table=tables())
def test_workbook(tmp_path: Path, table: Written) -> None:
    file = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(table.lines):
            for column, cell in enumerate(line):
                sheet.write_string(number, column, cell)
    check(file, table)


@LIGHT
@given(table=tables())
def test_web_page(tmp_path: Path, table: Written) -> None:
    assume(not any("\n" in cell or "\t" in cell for row in table.rows.values() for cell in row))
    lines = ["".join(f"<td>{_escaped(cell)}</td>" for cell in line) for line in table.lines]
    page = "<html><body><table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table></body></html>"
    file = tmp_path / "t.xls"
    file.write_bytes(page.encode())
    check(file, table)


def _escaped(cell: str) -> str:
    return cell.replace("&", "&amp;").replace("<", "&lt;")


@LIGHT
@given(table=tables())
def test_parquet(tmp_path: Path, table: Written) -> None:
    names, *lines = table.lines[table.header_row - 1 :]
    file = tmp_path / "t.parquet"
    pq.write_table(pa.table(dict(zip(names, zip(*lines, strict=True), strict=True))), file, row_group_size=3)
    moved = table.header_row - 1
    rows = {row - moved: cells for row, cells in table.rows.items()}
    kinds = {row - moved: kind for row, kind in table.kinds.items()}
    check(file, Written(rows, lines, 1, kinds))
