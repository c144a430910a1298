"""CSV files become the tables that were written, or one message with everything that is wrong."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from engine.data.readers import read_csv_folder
from engine.data.validate import validate
from engine.plans.errors import BadInput
from tests.data.tables import Tables, small_tables, valid_tables, write_tables

FILES = (valid_tables(), st.booleans(), st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]))
PATIENT = [HealthCheck.too_slow]


@given(*FILES)
@settings(max_examples=15, deadline=None, suppress_health_check=PATIENT)
def test_what_was_written_is_read_back(tables: Tables, yuan: bool, encoding: str) -> None:
    round_trip(tables, yuan, encoding)


@pytest.mark.slow
@given(*FILES)
@settings(max_examples=500, deadline=None, suppress_health_check=PATIENT)
def test_what_was_written_is_read_back_long(tables: Tables, yuan: bool, encoding: str) -> None:
    round_trip(tables, yuan, encoding)


def round_trip(tables: Tables, yuan: bool, encoding: str) -> None:
    clean, problems = validate(tables)
    assert not problems
    with tempfile.TemporaryDirectory() as folder:
        source = read_csv_folder(write_tables(Path(folder), clean, yuan, encoding))
    assert list(source.tables) == list(clean)
    for name in clean:
        assert_frame_equal(source.tables[name], clean[name])


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(BadInput) as error:
        read_csv_folder(folder)
    return [str(problem) for problem in error.value.problems]


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    (folder / name).write_bytes(text.encode(encoding))
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_tables(tmp_path / "shop", small_tables())


def test_rows_are_those_of_the_file(shop: Path) -> None:
    text = 'date,sku,channel,units_paid\n\n2026-01-05,A1,天猫,1\n,,,\n2026-01-06,"A\n1",天猫,1\n2026-01-07,A1,天猫,x\n'
    found = problems_of(write(shop, "sales.csv", text))
    assert len(found) == 2
    assert "sales.csv, row 6, column units_paid: cannot be read (found: x)" in found[0]
    assert "sales.csv, row 5, column sku: is not in skus" in found[1]


def test_rows_with_too_few_or_too_many_cells(shop: Path) -> None:
    rows = "2026-01-05,A1,天猫,1\n2026-01-06,A1,天猫\n" + "2026-01-07,A1,天猫,1,2\n" * 6
    found = problems_of(write(shop, "sales.csv", "date,sku,channel,units_paid\n" + rows))
    assert (
        "sales.csv, row 3: has another number of cells than the header (found: 3 cells); expected 4 cells" in found[0]
    )
    assert "2 more rows" in found[-1] and len(found) == 6


def test_chinese_headers_mean_yuan_and_are_named(shop: Path) -> None:
    text = "统计日期,商品编码,店铺,销量,支付金额,备注\n20260105,A1,天猫,3,297.05,x\n"
    source = read_csv_folder(write(shop, "sales.csv", text, "gb18030"))
    assert source.tables["sales"]["amount_paid_fen"].tolist() == [29_705]
    assert any("备注" in note for note in source.assumptions)
    assert any("read as yuan: 支付金额" in note for note in source.assumptions)


def test_unknown_files_and_empty_optional_tables_are_named(shop: Path) -> None:
    write(shop, "notes.csv", "a\n1\n")
    write(shop, "bundles.csv", "bundle_sku,component_sku,quantity,kind\n")
    source = read_csv_folder(shop)
    assert "bundles" not in source.tables
    assert {note.split(":")[0] for note in source.assumptions} == {"notes.csv", "bundles.csv"}


def test_weekly_sales_are_seen(shop: Path) -> None:
    assert read_csv_folder(shop).settings == {"frequency": "D"}
    weekly = write(shop, "sales.csv", "date,sku,channel,units_paid\n2026-01-05,A1,天猫,1\n2026-01-19,A1,天猫,1\n")
    assert read_csv_folder(weekly).settings == {"frequency": "W"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "sales.csv: is empty"),
        (b"\n\n", "sales.csv: is empty"),
        (b"date,sku,channel,units_paid\n", "sales.csv: holds no rows"),
        (b"date;sku;channel", "sales.csv, row 1: is separated by semicolons"),
        ("date,sku".encode("utf-16"), "sales.csv: is neither UTF-8 nor GB18030 text"),
        (b"date,sku,channel,units_paid\n\xff\xff\xff\n", "sales.csv: is neither UTF-8 nor GB18030 text"),
    ],
)
def test_files_that_are_no_table(shop: Path, content: bytes, message: str) -> None:
    (shop / "sales.csv").write_bytes(content)
    found = problems_of(shop)
    assert len(found) == 1 and message in found[0]


def test_missing_files_and_folder(shop: Path, tmp_path: Path) -> None:
    (shop / "channels.csv").unlink()
    (shop / "skus.csv").unlink()
    found = problems_of(shop)
    assert [text.split(":")[0] for text in found] == ["channels.csv", "skus.csv"]
    assert "there is no such folder" in problems_of(tmp_path / "nowhere")[0]


def test_problems_of_all_files_come_at_once(shop: Path) -> None:
    write(shop, "sales.csv", "date,sku,channel,units_paid\n2026-13-05,X,天猫,-1\n")
    write(shop, "skus.csv", "sku,category\nA1,\nA1,裙\n")
    write(shop, "channels.csv", "channel\n天猫\n")
    files = {text.split(",")[0].split(":")[0] for text in problems_of(shop)}
    assert files == {"sales.csv", "skus.csv", "channels.csv"}


@pytest.mark.slow
def test_ten_million_cells(tmp_path: Path) -> None:
    days = pd.date_range("2020-01-01", periods=1_000)
    keys = pd.MultiIndex.from_product([days, [f"S{number:04d}" for number in range(1_000)]], names=["date", "sku"])
    sales = keys.to_frame(index=False).assign(channel="天猫", units_paid=1, amount_paid_yuan=9.99)
    sales.to_csv(tmp_path / "sales.csv", index=False)
    write(tmp_path, "skus.csv", "sku,category\n" + "".join(f"S{number:04d},裙\n" for number in range(1_000)))
    write(tmp_path, "channels.csv", "channel,kind\n天猫,shop\n")
    assert int(read_csv_folder(tmp_path).tables["sales"]["amount_paid_fen"].sum()) == 999 * 1_000_000
