"""Purchase orders as files: typed cells, whole files, nothing overwritten unasked."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from engine.plans.errors import BadInput
from engine.reports.purchase_orders import write_orders
from engine.reports.words import Words

WEEK = date(2026, 11, 2)


def lines() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "line": [1, 2, 3],
            "supplier": ["甲/厂", "甲/厂", "b"],
            "sku": ["=1+1", "A2", "A3"],
            "name": ["鞋", "", "包"],
            "warehouse": "east",
            "pool": "shared",
            "order_week": pd.Timestamp(WEEK),
            "arrival_week": pd.Timestamp("2026-11-16"),
            "units": [12, 24, 6],
            "packs": [1, 2, 6],
            "unit_cost_fen": [1050, 990, 10],
            "cost_fen": [12600, 23760, 60],
            "last_units": [12.0, float("nan"), 0.0],
            "trust": ["A", "AB", ""],
            "approval": ["免审", "1", "2"],
        }
    )


def test_a_workbook_a_supplier_and_one_csv(tmp_path: Path) -> None:
    files = write_orders(tmp_path, lines(), WEEK, Words("zh"))
    names = {file.name for file in files}
    assert names == {"PO-20261102-甲_厂.xlsx", "PO-20261102-b.xlsx", "orders_20261102.csv"}
    assert {file.name for file in tmp_path.iterdir()} == names
    sheet = openpyxl.load_workbook(tmp_path / "PO-20261102-甲_厂.xlsx").active
    assert sheet is not None
    head, first, second, total = [list(row) for row in sheet.iter_rows(values_only=True)]
    place = {name: column for column, name in enumerate(head)}
    assert first[place["货号"]] == "=1+1" and first[place["单价（不含税，元）"]] == 10.5
    assert sheet.cell(2, place["货号"] + 1).data_type == "s"
    assert second[place["上次计划数量（件）"]] is None
    assert total[place["数量（件）"]] == 36 and total[place["金额（不含税，元）"]] == 363.6
    table = pd.read_csv(tmp_path / "orders_20261102.csv", dtype=str)
    assert table["采购单号"].tolist() == ["PO-20261102-甲_厂"] * 2 + ["PO-20261102-b"]
    assert table["不含税金额"].tolist() == ["126.00", "237.60", "0.60"]


def test_other_content_is_not_overwritten_silently(tmp_path: Path) -> None:
    write_orders(tmp_path, lines(), WEEK, Words("en"))
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    write_orders(tmp_path, lines(), WEEK, Words("en"))
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    changed = lines().assign(units=[12, 24, 7])
    with pytest.raises(BadInput) as error:
        write_orders(tmp_path, changed, WEEK, Words("en"))
    assert len(error.value.problems) == 2
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    write_orders(tmp_path, changed, WEEK, Words("en"), replace=True)
    assert pd.read_csv(tmp_path / "orders_20261102.csv")["units"].tolist() == [12, 24, 7]
