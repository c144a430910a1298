"""Separated text in every shape that platforms write."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from engine.data.importing.sheets import encoding as encodings
from engine.data.importing.sheets import open_file
from tests.importing.sheets.counting import content, only_sheet

TABLE = """日期,商品ID,支付件数,支付金额
2026-11-01,690123456789012345678,3,88.50
2026-11-02,690123456789012345679,1,29.90
"""
ROWS = {
    2: ("2026-11-01", "690123456789012345678", "3", "88.50"),
    3: ("2026-11-02", "690123456789012345679", "1", "29.90"),
}


def write(path: Path, data: bytes | str) -> Path:
    file = path / "export.csv"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return file


@pytest.mark.parametrize(
    "data",
    [
        TABLE.encode(),
        codecs.BOM_UTF8 + TABLE.encode(),
        TABLE.encode("gb18030"),
        TABLE.encode("utf-16"),
        codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"),
        TABLE.encode("utf-16-le"),
        TABLE.encode("utf-16-be"),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\r").encode(),
        TABLE.replace(",", "\t").encode("gb18030"),
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", "|").encode("gb18030"),
        TABLE.rstrip("\n").encode(),
        (TABLE + "\n\n,,,\n\x1a").encode(),
        TABLE.replace("\n", ",\n").encode(),
        TABLE.replace("690", '="690').replace("8,3", '8",3').replace("9,1", '9",1').encode(),
        TABLE.replace("690", "\t690").replace("8,3", "8\t,3").replace("690", "'690").encode(),
        ("sep=,\n" + TABLE).encode(),
    ],
)
def test_same_table_however_it_is_written(tmp_path: Path, data: bytes) -> None:
    sheet = only_sheet(write(tmp_path, data))
    assert sheet.names == ("日期", "商品ID", "支付件数", "支付金额")
    found = content(sheet)
    assert list(found.cells.values()) == list(ROWS.values())
    assert not found.dropped and not found.broken


def test_preamble_totals_notes_blanks_and_repeated_headers_are_told_apart(tmp_path: Path) -> None:
    data = (
        "生意参谋-商品效果\n统计日期：2026-11-01~2026-11-02,店铺：某旗舰店\n\n"
        + TABLE
        + "\n合计,,4,118.40\n日期,商品ID,支付件数,支付金额\n2026-11-03,1,2,3\n,,,\n小计：,,2\n"
        + "数据说明：以上数据为支付口径\n备注,不含退款,,\n导出人：张三\n\n"
    )
    sheet = only_sheet(write(tmp_path, data))
    assert sheet.header_row == 4
    assert sheet.preamble[0] == ("生意参谋-商品效果",)
    found = content(sheet)
    assert sorted(found.cells) == [5, 6, 10]
    assert found.reasons() == {
        7: "blank", 8: "total", 9: "header", 11: "blank", 12: "total", 13: "note", 14: "note", 15: "note"
    }  # fmt: skip


def test_row_numbers_count_records_not_lines(tmp_path: Path) -> None:
    data = 'a,b\n"x\ny\nz",1\n\n"q ""r"" s",2\nt"u,3\n'
    found = content(only_sheet(write(tmp_path, data)))
    assert found.cells == {2: ("x\ny\nz", "1"), 4: ('q "r" s', "2"), 5: ('t"u', "3")}


def test_uneven_rows_are_broken_and_keep_their_cells(tmp_path: Path) -> None:
    data = "a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12,,\n13,14,15\n16"
    found = content(only_sheet(write(tmp_path, data)))
    assert sorted(found.cells) == [2, 5, 6]
    assert found.cells[5] == ("10", "11", "12")
    assert {entry.row: entry.cells for entry in found.broken} == {
        3: ("4", "5"), 4: ("6", "7", "8", "9"), 7: ("16",)
    }  # fmt: skip


def test_rows_that_leave_out_empty_cells_throughout_are_whole(tmp_path: Path) -> None:
    found = content(only_sheet(write(tmp_path, "a,b,c,d\n1,2\n3,4\n5,6,7\n8,9\n")))
    assert found.cells == {2: ("1", "2", "", ""), 3: ("3", "4", "", ""), 4: ("5", "6", "7", ""), 5: ("8", "9", "", "")}


def test_columns_without_a_name_are_kept(tmp_path: Path) -> None:
    sheet = only_sheet(write(tmp_path, "a,b\n1,2,x\n3,4,y\n5,6,\n"))
    assert sheet.names == ("a", "b", "")
    assert content(sheet).cells[2] == ("1", "2", "x")


def test_an_unclosed_quotation_mark_costs_its_own_line_only(tmp_path: Path) -> None:
    data = 'a,b\n1,"x\n2,y\n3,"5" screen\n4,"z""\n5,w\n'
    found = content(only_sheet(write(tmp_path, data)))
    assert set(found.cells) >= {3, 6}
    assert found.cells[6] == ("5", "w")


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_bytes_that_cannot_be_read_break_their_row_only(tmp_path: Path, codec: str) -> None:
    lines = [f"商品{number},{number}".encode(codec) for number in range(50)]
    lines[20] = "商品".encode(codec)[:-1] + b",20"
    data = b"\n".join(["名称,数量".encode(codec), *lines, "商".encode(codec)[:-1]])
    found = content(only_sheet(write(tmp_path, data)))
    assert sorted(entry.row for entry in found.broken) == [22, 52]
    assert len(found.cells) == 49


def test_gbk_euro_sign_and_zero_bytes(tmp_path: Path) -> None:
    data = "商品,价格\n".encode("gbk") + "甲,".encode("gbk") + b"\x805\n" + "乙,".encode("gbk") + b"1\x000\n"
    data += "".join(f"丙{number},1\n" for number in range(200)).encode("gbk")
    found = content(only_sheet(write(tmp_path, data)))
    assert found.cells[2] == ("甲", "€5")
    assert [(entry.row, entry.cells) for entry in found.broken] == [(3, ("乙", "1␀0"))]


def test_control_characters_do_not_make_ids_differ(tmp_path: Path) -> None:
    found = content(only_sheet(write(tmp_path, "sku,units\nA\x011,1\n\u200bA1,2\nA1\x1f ,3\n")))
    assert {cells[0] for cells in found.cells.values()} == {"A1"}


def test_three_hundred_columns_and_long_cells(tmp_path: Path) -> None:
    names = ",".join(f"指标{number}" for number in range(300))
    row = ",".join(map(str, range(300)))
    sheet = only_sheet(write(tmp_path, f"{names}\n{row}\n{row[:-3]}{'9' * 200_000}\n"))
    assert len(sheet.names) == 300
    assert len(content(sheet).cells) == 2


def test_chunks_anywhere_give_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f'{number},"商品\n{number}",{"合计" if number % 7 else ""}' for number in range(300)]
    file = write(tmp_path, ("编号,名称,注\n" + "\n\n".join(lines) + "\n").encode("gb18030"))
    whole = content(only_sheet(file))
    monkeypatch.setattr(encodings, "PIECE", 37)
    monkeypatch.setattr(encodings, "FIRST_PIECE", 4096)
    assert content(only_sheet(file)) == whole
    assert len(whole.cells) == 300


def test_data_in_the_first_row_is_no_header(tmp_path: Path) -> None:
    sheet = only_sheet(write(tmp_path, "A1,2026-11-01,3\nA2,2026-11-02,4\n"))
    assert sheet.header_row == 0
    assert content(sheet).cells[1] == ("A1", "2026-11-01", "3")


def test_known_names_find_the_separator_and_the_header(tmp_path: Path) -> None:
    known = {"sku", "price"}.__contains__
    book = open_file(write(tmp_path, "x,y,z\n1,2,3\nsku|price\nA,b,c|1\n"), "x", known)
    assert book.sheets[0].names == ("sku", "price")
    assert book.sheets[0].header_row == 3


def test_names_in_a_preamble_are_no_header(tmp_path: Path) -> None:
    known = {"日期", "店铺", "件数"}.__contains__
    book = open_file(write(tmp_path, "日期,2026-11,店铺,甲店\n日期,件数\n2026-11-01,3\n"), "x", known)
    assert book.sheets[0].names[:2] == ("日期", "件数")
    assert book.sheets[0].header_row == 2


def test_blocks_read_anew(tmp_path: Path) -> None:
    sheet = only_sheet(write(tmp_path, TABLE))
    assert content(sheet) == content(sheet)
