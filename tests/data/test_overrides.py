"""The file of overrides: what a person or a spreadsheet writes into it, good and bad."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.data.overrides import FILE, add_override, read_overrides, remove_override
from engine.plans.errors import BadInput

GOOD = {"kind": "set", "value": "500", "start": "2026-11-01", "end": "2026-11-11", "author": "张三", "reason": "大客户"}


def shop() -> Dataset:
    day = pd.to_datetime(["2026-10-31"]).astype("datetime64[s]")
    sales = pd.DataFrame({"date": day, "sku": ["A1"], "channel": ["天猫"], "units_paid": [3]})
    return Dataset({"sales": sales, "skus": pd.DataFrame({"sku": ["A1"], "category": ["裙"]})}, "0")


def test_added_listed_and_taken_back(tmp_path: Path) -> None:
    made = add_override(tmp_path, {**GOOD, "sku": "A1"}, shop())
    assert (made.id, made.created, made.expires, made.level) == (1, date(2026, 10, 31), date(2026, 11, 11), "sku")
    second = add_override(tmp_path, {**GOOD, "kind": "add", "value": "-20", "channel": "天猫"}, shop())
    assert read_overrides(tmp_path) == (made, second)
    gone = remove_override(tmp_path, 1, shop())
    assert gone.removed == date(2026, 10, 31) and read_overrides(tmp_path) == (gone, second)
    assert not gone.holds_on(date(2026, 10, 31)) and gone.holds_on(date(2026, 10, 30), known=False) is False
    assert second.holds_on(date(2026, 11, 11)) and not second.holds_on(date(2026, 11, 12))
    assert not second.holds_on(date(2026, 10, 30), known=True)
    for number in (1, 7):
        with pytest.raises(BadInput):
            remove_override(tmp_path, number, shop())


def test_everything_wrong_is_said_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    bad = {"kind": "cap", "value": "-3", "start": "2026-11-12", "end": "2026-11-01", "sku": "X9", "brand": "无"}
    with pytest.raises(BadInput) as caught:
        add_override(tmp_path, bad, shop())
    assert {problem.column for problem in caught.value.problems} == {"value", "author", "reason", "end", "sku", "brand"}
    with pytest.raises(BadInput) as caught:
        add_override(tmp_path, {**GOOD, "value": "inf", "expires": "2026-02-30"}, shop())
    assert {problem.column for problem in caught.value.problems} == {"value", "expires"}
    with pytest.raises(BadInput) as caught:
        add_override(tmp_path, {**GOOD, "start": "2026-09-01", "end": "2026-09-30"}, shop())
    assert caught.value.problems[0].column == "expires"
    assert not (tmp_path / FILE).exists()


def test_a_file_saved_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    add_override(tmp_path, GOOD, shop())
    text = (tmp_path / FILE).read_bytes().decode("utf-8-sig").replace("2026-11-01", "2026/11/1")
    (tmp_path / FILE).write_bytes((text.replace("\n", "\r\n") + ",,,,,,\r\n").encode("gb18030"))
    assert read_overrides(tmp_path)[0].author == "张三" and read_overrides(tmp_path)[0].start == date(2026, 11, 1)


def test_bad_lines_and_columns_are_named(tmp_path: Path) -> None:
    add_override(tmp_path, GOOD, shop())
    line = (tmp_path / FILE).read_text("utf-8-sig").splitlines()
    (tmp_path / FILE).write_text(
        "\n".join([*line, line[1], line[1].replace("set", "sat").replace("500", "x")]), "utf-8"
    )
    with pytest.raises(BadInput) as caught:
        read_overrides(tmp_path)
    assert [(problem.row, problem.column) for problem in caught.value.problems] == [
        (4, "kind"), (4, "value"), (None, "id")
    ]  # fmt: skip
    (tmp_path / FILE).write_text(line[0] + ",colour\n" + line[1] + ",red\n", "utf-8")
    with pytest.raises(BadInput) as caught:
        read_overrides(tmp_path)
    assert caught.value.problems[0].column == "colour"
    assert read_overrides(tmp_path / "nowhere") == ()
