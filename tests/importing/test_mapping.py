"""The merchant's mapping file: read, refused whole, added to."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.data.importing.mapping import parse_map, read_mapping, write_proposals
from engine.data.importing.recognise import Context, recognise
from engine.plans.errors import BadInput
from tests.importing.sheets_in_memory import make_sheet

SALES = make_sheet("品类 日期 销量", [("a", "2026-01-01", "3"), ("b", "2026-01-02", "4")], file="a2.csv")
NONSENSE = make_sheet(["甲: x", "乙", "#丙"], [("1", "2", "3")], file="b\n.csv")


def recognised(context: Context, *sheets) -> list:
    return [(sheet, recognise(sheet, context)) for sheet in sheets]


def test_proposals_are_written_once_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "import.yaml"
    assert write_proposals(path, recognised(Context(), SALES, NONSENSE)) == 1
    text = path.read_text("utf-8")
    assert "# ? b .csv" in text and "assumed" in text
    mapping = read_mapping(path)
    assert mapping.entries[0].table == "sales" and not mapping.entries[0].confirmed
    again = recognised(Context(mapping=mapping), SALES, NONSENSE)
    assert again[0][1].source == "similarity" and again[0][1].feeds == recognise(SALES, Context()).feeds
    assert write_proposals(path, again) == 0 and path.read_text("utf-8") == text


def test_what_the_merchant_edits_stays_and_counts(tmp_path: Path) -> None:
    path = tmp_path / "import.yaml"
    write_proposals(path, recognised(Context(), SALES))
    edited = (
        path.read_text("utf-8").replace("全渠道", "天猫店").replace("confirmed: false", "confirmed: true  # 我看过")
    )
    path.write_text(edited, "utf-8")
    found = recognise(SALES, Context(mapping=read_mapping(path)))
    assert found.source == "mapping" and found.feeds[0].constants == {"channel": "天猫店"}
    other = make_sheet("仓库 仓容上限 产能上限", [("a", "1", "2"), ("b", "2", "3")])
    assert write_proposals(path, recognised(Context(mapping=read_mapping(path)), SALES, other)) == 1
    assert path.read_text("utf-8").startswith(edited.rstrip("\n"))
    assert [entry.table for entry in read_mapping(path).entries] == ["sales", "warehouses"]


def test_nothing_to_say_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "import.yaml"
    own = make_sheet(["date", "sku", "channel", "units_paid"], file="sales.csv")
    assert write_proposals(path, recognised(Context(), own)) == 0
    assert not path.exists() and read_mapping(path).entries == ()


def test_all_that_is_wrong_at_once(tmp_path: Path) -> None:
    path = tmp_path / "import.yaml"
    path.write_text(
        "sheets:\n"
        "- {headers: [a, b], table: sale, columns: {a: sku}}\n"
        "- {headers: [a, b], table: sales, columns: {a: skuu, c: date}}\n"
        "- {headers: [a], table: sales, columns: {a: sku}, colour: red}\n"
        "- {headers: [2026, 日期], table: sales, columns: {2026: units_paid}, constants: {date: 2026-01-01}}\n"
        "- 5\n",
        "utf-8",
    )
    with pytest.raises(BadInput) as caught:
        read_mapping(path)
    assert [problem.row for problem in caught.value.problems] == [2, 3, 4, 6]
    assert {problem.file for problem in caught.value.problems} == {"import.yaml"}


@pytest.mark.parametrize(
    "text", ["sheets: [\n", "a: 1\n", "- 1\n", "sheets: 5\n", "\t", "sheets:\n  - {a\n", "!!python/object:os.x {}\n"]
)
def test_files_that_are_no_mapping(tmp_path: Path, text: str) -> None:
    path = tmp_path / "import.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadInput):
        read_mapping(path)


@pytest.mark.parametrize("text", ["", "# nothing\n", "sheets:\n", "sheets: []\n"])
def test_empty_files(tmp_path: Path, text: str) -> None:
    path = tmp_path / "import.yaml"
    path.write_text(text, "utf-8")
    assert read_mapping(path).entries == ()
    assert write_proposals(path, recognised(Context(), SALES)) == 1
    assert len(read_mapping(path).entries) == 1


def test_pairs_of_the_command_line() -> None:
    assert dict(parse_map("支付 金额=amount_paid_yuan, 备注=")) == {"支付金额": "amount_paid_yuan", "备注": ""}
    assert dict(parse_map("")) == {}
    with pytest.raises(BadInput) as caught:
        parse_map("a=b,c,=sku,d=sku")
    assert len(caught.value.problems) == 3


def test_period_and_shop_of_one_file_are_not_kept_for_the_next(tmp_path: Path) -> None:
    path = tmp_path / "import.yaml"
    rows = [("a", "3"), ("b", "4")]
    first = make_sheet("品类 销量", rows, preamble=[("店铺：甲店 日期：2026-11-01",)])
    second = make_sheet("品类 销量", rows, preamble=[("店铺：乙店 日期：2026-11-02",)])
    assert recognise(first, Context()).feeds[0].constants == {"date": "2026-11-01", "channel": "甲店"}
    write_proposals(path, recognised(Context(), first))
    found = recognise(second, Context(mapping=read_mapping(path)))
    assert found.feeds[0].constants == {"date": "2026-11-02", "channel": "乙店"}
