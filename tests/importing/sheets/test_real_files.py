"""The public files: gb18030 CSV and workbooks with Chinese names."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from tests.importing.sheets.counting import content, only_sheet

EXPORTS = Path(__file__).parents[3].parent / "shared" / "data" / "zh_exports"
FILES = sorted(EXPORTS.glob("*/*")) if EXPORTS.exists() else []
pytestmark = pytest.mark.skipif(not FILES, reason="needs shared/data/zh_exports beside the repository")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_row_of_a_real_file(file: Path) -> None:
    sheet = only_sheet(file)
    found = content(sheet)
    names, *rows = _by_another_reader(file)
    assert sheet.header_row == 1
    assert sheet.names == tuple(name.strip() for name in names)
    assert not found.dropped and not found.broken
    assert [tuple(cells) for cells in found.cells.values()] == rows


def _by_another_reader(file: Path) -> list[tuple[str, ...]]:
    if file.suffix == ".csv":
        with file.open(encoding="gb18030", newline="") as handle:
            return [tuple(cell.strip() for cell in row) for row in csv.reader(handle)]
    sheet = openpyxl.load_workbook(file, read_only=True).active
    return [tuple(str(cell).removesuffix(" 00:00:00") for cell in row) for row in sheet.iter_rows(values_only=True)]
