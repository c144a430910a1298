"""Parquet of any column type as text."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.plans.errors import BadInput
from tests.importing.sheets.counting import content, only_sheet

COLUMNS = {
    "id": (pa.array([690123456789012345, None, 1]), ("690123456789012345", "", "1")),
    "whole": (pa.array([1.0, 0.1, float("nan")]), ("1", "0.1", "")),
    "short": (pa.array([1.5, 0.1, None], pa.float32()), ("1.5", "0.1", "")),
    "day": (pa.array([dt.date(2026, 1, 1), None, None]), ("2026-01-01", "", "")),
    "moment": (
        pa.array([dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 1, 3, 4), None], pa.timestamp("us")),
        ("2026-01-01", "2026-01-01 03:04:00", ""),
    ),
    "in China": (
        pa.array([dt.datetime(2026, 1, 1, 16), None, None], pa.timestamp("ms", "UTC")),
        ("2026-01-02", "", ""),
    ),
    "money": (pa.array([Decimal("1234.50"), None, Decimal("1.00")]), ("1234.50", "", "1.00")),
    "flag": (pa.array([True, None, False]), ("true", "", "false")),
    "nothing": (pa.nulls(3), ("", "", "")),
    "list": (pa.array([[1, 2], None, []]), ("[1, 2]", "", "[]")),
    "coded": (pa.array(["甲", None, "甲"]).dictionary_encode(), ("甲", "", "甲")),
    "large": (pa.array(["a\t", "", None], pa.large_string()), ("a", "", "")),
}


def test_any_column_type_is_text(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    pq.write_table(pa.table({name: array for name, (array, _) in COLUMNS.items()}), file, row_group_size=2)
    sheet = only_sheet(file)
    assert sheet.names == tuple(COLUMNS)
    found = content(sheet)
    assert sorted(found.cells) == [2, 3, 4]
    for place, (name, (_, expected)) in enumerate(COLUMNS.items()):
        assert tuple(found.cells[row][place] for row in (2, 3, 4)) == expected, name


def test_damage_found_while_reading_is_bad_input(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    pq.write_table(pa.table({"x": [str(number) for number in range(5000)]}), file, compression="gzip")
    data = bytearray(file.read_bytes())
    data[100:2000] = bytes(1900)
    file.write_bytes(bytes(data))
    sheet = only_sheet(file)
    with pytest.raises(BadInput, match="damaged"):
        list(sheet.blocks())
