"""The contract is consistent in itself, and its documents are current."""

from __future__ import annotations

from pathlib import Path

from engine.data.contract.document import contract_markdown, glossary_markdown
from engine.data.headers import read_header, spellings
from engine.data.quality import ENABLES
from engine.data.rules import GROUP_RULES, ROW_RULES
from engine.data.tables import REQUIRED_TABLES, TABLES

DOCS = Path(__file__).parents[2] / "docs"


def test_documents_are_current() -> None:
    remedy = "run python -m engine.data.contract.document"
    assert (DOCS / "data-contract.md").read_text("utf-8") == contract_markdown(), remedy
    assert (DOCS / "glossary.md").read_text("utf-8") == glossary_markdown(), remedy


def test_no_spelling_stands_for_two_columns_of_a_table() -> None:
    for table in TABLES.values():
        names = [spelling for column in table.columns for spelling in spellings(column)]
        assert len(names) == len(set(names)), table.name


def test_keys_dates_references_and_rules_name_what_exists() -> None:
    for table in TABLES.values():
        assert set(table.key) <= set(table.names), table.name
        assert table.date is None or table.date in table.names
        for reference in table.references:
            assert reference.column in table.names and reference.target in TABLES[reference.table].names
            assert TABLES[reference.table].column(reference.target).kind == "text"
    assert {*ROW_RULES, *GROUP_RULES} | set(ENABLES) | set(REQUIRED_TABLES) <= set(TABLES)


def test_money_says_its_tax_and_defaults_fit_their_kind() -> None:
    for table in TABLES.values():
        for column in table.columns:
            assert (column.kind == "money") == (column.tax is not None) == ("_fen" in column.name)
            assert column.default is None or not column.required, f"{table.name}.{column.name}"
            assert not column.choices or column.default in (None, *column.choices)


def test_money_is_fen_by_its_name_and_yuan_by_every_other() -> None:
    header = read_header(
        TABLES["sales"], ["支付金额", "amount_ordered_fen", "amount_returned_yuan", "仅退款金额（分）"]
    )
    assert header.yuan == {"amount_paid_fen", "amount_returned_fen"}
    assert set(header.found) == {
        "amount_paid_fen",
        "amount_ordered_fen",
        "amount_returned_fen",
        "amount_refund_only_fen",
    }
