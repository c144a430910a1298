"""The data contract and the glossary as Markdown: ``python -m engine.data.contract.document [docs]``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from engine.data.contract.column import Column, Table
from engine.data.contract.terms import TERMS
from engine.data.tables import REQUIRED_TABLES, TABLES

KINDS = {
    "text": "text",
    "integer": "whole number",
    "number": "number",
    "money": "money",
    "day": "date",
    "flag": "true/false",
}
NOTE = "<!-- Written by `python -m engine.data.contract.document`; edit engine/data/contract instead. -->"
INTRODUCTION = """
One folder, one CSV file a table, named `<table>.csv`, UTF-8 or GB18030, separated by commas, with a header.
`yunchou init WS --from csv FOLDER` reads it and lists everything that is wrong at once.

- A column may have its name, its Chinese name or an alias. Unknown columns are left out and named.
- Money is in fen under the name ending in `_fen`. Under the same name with `_yuan`, under the Chinese name and the
  aliases it is in yuan with at most two decimals; `支付金额(分)` is fen.
- Dates are `2026-01-05`, `2026/1/5` or `20260105`. Ids are text: all digits stay. Numbers have no thousands separators.
- A blank cell means unknown; where the column has a default, the default stands in.
- `known_at` says from which day a row was known, so that a backtest sees nothing earlier than the merchant did. Where
  it is blank, rows of tables marked *known: date* were known on their own day, all others always.
"""


def contract_markdown() -> str:
    """Every table with its columns."""
    lines = ["# Data contract", "", NOTE, INTRODUCTION, "## Tables", ""]
    lines += ["| table | 中文 | needed | what it holds |", "|---|---|---|---|"]
    for table in TABLES.values():
        needed = "yes" if table.name in REQUIRED_TABLES else ""
        lines.append(f"| [{table.name}](#{table.name}) | {table.zh} | {needed} | {_cell(table.doc)} |")
    for table in TABLES.values():
        lines += ["", *_table_lines(table)]
    return "\n".join(lines) + "\n"


def _table_lines(table: Table) -> Iterator[str]:
    yield f"## {table.name}"
    yield ""
    yield f"{table.zh}. {table.doc} Key: {', '.join(table.key)}. Known: {table.known}."
    yield ""
    yield "| column | 中文 | kind | unit | required | default | range | also called | meaning |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for column in table.columns:
        yield "| " + " | ".join(_cell(text) for text in _column_cells(table, column)) + " |"


def _column_cells(table: Table, column: Column) -> tuple[str, ...]:
    unit = f"{column.unit}, tax {column.tax}" if column.tax else column.unit
    default = "" if column.default is None else str(column.default)
    refers = [f"a {entry.target} of {entry.table}" for entry in table.references if entry.column == column.name]
    return (
        f"`{column.name}`",
        column.zh,
        KINDS[column.kind],
        unit,
        "yes" if column.required else "",
        default,
        _range(column),
        ", ".join(column.aliases),
        "; ".join([*([column.doc] if column.doc else []), *refers]),
    )


def _range(column: Column) -> str:
    if column.choices:
        return ", ".join(column.choices)
    if column.minimum is not None and column.maximum is not None:
        return f"{column.minimum:g} to {column.maximum:g}"
    return "" if column.minimum is None else f"{column.minimum:g} or more"


def glossary_markdown() -> str:
    """Chinese - English - code name: terms of the field, tables, columns."""
    lines = ["# Glossary", "", NOTE, "", "## Terms of the field", ""]
    lines += ["| 中文 | English | in the code | meaning |", "|---|---|---|---|"]
    lines += [f"| {term.zh} | {term.english} | `{term.code}` | {_cell(term.meaning)} |" for term in TERMS]
    lines += ["", "## Tables", "", "| 中文 | table |", "|---|---|"]
    lines += [f"| {table.zh} | `{table.name}` |" for table in TABLES.values()]
    lines += ["", "## Columns", "", "| 中文 | English | column | in |", "|---|---|---|---|"]
    where: dict[tuple[str, str], list[str]] = {}
    for table in TABLES.values():
        for column in table.columns:
            where.setdefault((column.zh, column.name), []).append(table.name)
    for (zh, name), tables in sorted(where.items(), key=lambda entry: entry[0][1]):
        lines.append(f"| {zh} | {_english(name)} | `{name}` | {', '.join(tables)} |")
    return "\n".join(lines) + "\n"


def _english(name: str) -> str:
    return name.replace("_fen", "").replace("_at", " date").replace("_", " ").strip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def write_documents(folder: Path) -> None:
    """``data-contract.md`` and ``glossary.md``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data-contract.md").write_text(contract_markdown(), "utf-8")
    (folder / "glossary.md").write_text(glossary_markdown(), "utf-8")


if __name__ == "__main__":
    write_documents(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
