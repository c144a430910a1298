"""What the commands about data say."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from engine.plans.errors import BadInput, Problem

if TYPE_CHECKING:
    import pandas as pd

    from engine.data.history import TableDifference
    from engine.data.importing.options import ImportOptions, ImportReport
    from engine.data.store import Workspace

SHOWN = 10
ROWS = 200


def import_options(channel: str | None, columns: str | None, overlap: str, query: str | None) -> ImportOptions:
    """The options of an import as they stand on the command line."""
    from engine.data.importing.mapping import parse_map
    from engine.data.importing.options import ImportOptions

    if overlap not in ("replace", "refuse"):
        raise BadInput([Problem("--overlap", "unknown rule", value=overlap, expected="replace | refuse")])
    return ImportOptions(
        channel, parse_map(columns) if columns else {}, "refuse" if overlap == "refuse" else "replace", query
    )


def parse_day(text: str | None) -> date | None:
    """A date of the command line."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise BadInput([Problem("--as-of", "is no date", value=text, expected="2026-11-01")]) from None


def show_import(console: Console, report: ImportReport) -> None:
    """What was understood, what became of the rows, what is left to do."""
    table = Table("file", "is", "table", "rows", "loaded", "aside", "dropped", "unmapped", box=None, pad_edge=False)
    for account in report.accounts:
        counts = account.balance()
        known = account.recognition
        kind = f"{known.platform} {known.export}".strip() if account.mapped else "[yellow]nothing we know[/]"
        names = ", ".join(sorted(account.tables)) or "-"
        figures = [counts[name] for name in ("rows_read", "accepted", "quarantined", "dropped", "unmapped")]
        table.add_row(account.sheet.label.replace("[", r"\["), kind, names, *[f"{value:,}" for value in figures])
    console.print(table)
    for name, merged in report.tables.items():
        text = f"{merged.new:,} rows ({merged.added:,} added, {merged.changed:,} changed, {merged.removed:,} removed)"
        console.print(f"  {name:16s} {text}")
    for entry in report.comparisons:
        console.print(f"  {'[green]ok[/] ' if entry.reconciled else '[red]off[/]'} ", end="")
        console.print(str(entry), markup=False, soft_wrap=True)
    _lines(console, "problem", [str(problem) for problem in report.problems])
    _lines(console, "note", [*report.notes, *_notes(report)])
    _lines(console, "id without SKU", [f"{name} ({count} rows)" for name, count in report.unmatched.items()])
    _lines(console, "set aside, correct and import again", report.quarantine)
    console.print(f"data in use: {report.snapshot}{'' if report.changed else ' (nothing changed)'}")


def _notes(report: ImportReport) -> list[str]:
    """What was assumed, once for all files of a kind, with the first of them."""
    files: dict[tuple[str, str], list[str]] = {}
    for account in report.accounts:
        for note in account.recognition.notes:
            files.setdefault((account.recognition.export, note), []).append(account.sheet.label)
    return [
        f"{labels[0]}{f' and {len(labels) - 1} more' if len(labels) > 1 else ''}: {note}"
        for (_, note), labels in files.items()
    ]


def _lines(console: Console, word: str, lines: list[str]) -> None:
    for line in lines[:SHOWN]:
        console.print(f"{word}: {line}", markup=False, soft_wrap=True)
    if len(lines) > SHOWN:
        console.print(f"{word}: and {len(lines) - SHOWN:,} more (--json shows all)")


def show_answer(console: Console, answer: pd.DataFrame) -> None:
    """Rows of a query."""
    table = Table(*[str(name) for name in answer.columns], box=None, pad_edge=False)
    for row in answer.head(ROWS).itertuples(index=False):
        table.add_row(*[str(value) for value in row])
    console.print(table)
    if len(answer) > ROWS:
        console.print(f"and {len(answer) - ROWS:,} more rows (--json gives all)")


def log_dicts(workspace: Workspace) -> list[dict[str, Any]]:
    """The log with the rows of each table and which entry is in use."""
    current = workspace.current_or_none()
    entries = []
    for entry in workspace.log():
        tables = workspace.manifest(entry.snapshot)["tables"]
        rows = {name: table["rows"] for name, table in tables.items()}
        entries.append({**asdict(entry), "tables": rows, "current": entry.snapshot == current})
    return entries


def show_log(console: Console, entries: list[dict[str, Any]]) -> None:
    """One line a change."""
    table = Table("at", "snapshot", "from", "by", "rows", "", box=None, pad_edge=False)
    for entry in entries:
        rows = f"{sum(entry['tables'].values()):,} in {len(entry['tables'])} tables"
        mark = "[green]in use[/]" if entry["current"] else ""
        table.add_row(entry["at"], entry["snapshot"], entry["parent"] or "-", entry["source"], rows, mark)
    console.print(table)


def difference_dict(entry: TableDifference) -> dict[str, Any]:
    """A table's difference for ``--json``."""
    return {
        "rows_before": entry.before,
        "rows_after": entry.after,
        "added": entry.added,
        "removed": entry.removed,
        "changed": entry.changed,
        "totals": {name: {"before": before, "after": after} for name, (before, after) in entry.totals.items()},
        "examples": entry.examples.to_dict("records"),
    }


def show_differences(console: Console, found: list[TableDifference]) -> None:
    """Tables that differ, with examples."""
    if not found:
        console.print("no difference")
    for entry in found:
        counts = f"{entry.added:,} added, {entry.changed:,} changed, {entry.removed:,} removed"
        console.print(f"{entry.table}: {entry.before:,} to {entry.after:,} rows: {counts}")
        for name, (before, after) in entry.totals.items():
            if before != after:
                console.print(f"  {name}: {before:,} to {after:,} ({after - before:+,})")
        for row in entry.examples.head(SHOWN).itertuples(index=False):
            console.print("  " + ", ".join(str(value) for value in row), markup=False)
