"""Files that cannot be read say so: what it is, and what to do."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from engine.data.importing.sheets import limits, open_file
from tests.importing.sheets.counting import nothing_known


def workbook() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("表")
        for row in range(500):
            sheet.write_row(row, 0, ["商品", row, row / 7])
    return buffer.getvalue()


def parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"sku": ["a", "b"] * 500, "units": list(range(1000))}), buffer)
    return buffer.getvalue()


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


OLE = bytes.fromhex("d0cf11e0a1b11ae1")
CASES = {
    "empty": (b"", "is empty"),
    "blank": (b"\xef\xbb\xbf \n\n", "is empty"),
    "truncated xlsx": (workbook()[:4000], "truncated"),
    "truncated parquet": (parquet()[:-100], "truncated"),
    "parquet without tail": (parquet()[:200], "truncated"),
    "locked": (OLE + b"\0" * 2000 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 500, "password"),
    "legacy without a workbook": (OLE + b"\0" * 5000, "damaged"),
    "archive": (zipped(**{"a.csv": b"a,b\n1,2\n"}), "zip archive"),
    "pdf": (b"%PDF-1.7 ...", "PDF"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "picture"),
    "binary": (bytes(range(256)) * 40, "neither text"),
    "wide": (",".join(map(str, range(3000))).encode() + b"\n", "3,000 columns"),
    "foreign encoding": ("naïve;señor\ncafé;garçon\nfür;später\n".encode("latin-1"), "neither UTF-8"),
    "page": (b"<html><body>Please log in</body></html>", "without a table"),
}


@pytest.mark.parametrize("case", CASES)
def test_problem_says_what_and_what_to_do(tmp_path: Path, case: str) -> None:
    data, words = CASES[case]
    file = tmp_path / "export.xls"
    file.write_bytes(data)
    book = open_file(file, "in/export.xls", nothing_known)
    (problem,) = book.problems
    assert not book.sheets
    assert problem.file == "in/export.xls"
    assert words in problem.message
    assert problem.remedy


def test_absent_files_and_folders_are_problems(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        assert open_file(path, "x", nothing_known).problems


def test_bomb_is_not_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as entry:
            for _ in range(140):
                entry.write(b"0" * 2**20)
    (problem,) = open_file(file, "bomb.xlsx", nothing_known).problems
    assert "unpacks to" in problem.message


def test_cell_far_out_is_refused_but_not_a_format_far_out(tmp_path: Path) -> None:
    def sheet(last: str) -> bytes:
        return f'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">{last}</row>'.encode()

    file = tmp_path / "far.xlsx"
    far = ["XFD1048576", "A99999999999", "AAAAAAAA1"]
    cases = [(f'<c r="{place}"><v>1</v></c>', True) for place in far] + [('<c r="XFD1048576" s="3"/>', False)]
    for last, refused in cases:
        file.write_bytes(zipped(**{"[Content_Types].xml": b"<x/>", "xl/worksheets/sheet1.xml": sheet(last)}))
        (problem,) = open_file(file, "far.xlsx", nothing_known).problems
        assert ("out to row" in problem.message) == refused


def test_limits_are_above_what_spreadsheets_hold() -> None:
    assert limits.MOST_CELLS > 50 * 2**20
