"""Two calendars side by side for the terminal and for ``--json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.table import Table

from engine.reports.target_words import in_words
from engine.reports.words import Words

if TYPE_CHECKING:
    from engine.reports.settings import Language
    from engine.workflow.calendars import CalendarsCompared


def calendars_dict(found: CalendarsCompared) -> dict[str, Any]:
    """Totals, events and months of both; ``a_`` and ``b_`` stand for ``calendars`` in their order."""
    events = found.events.astype(object).where(found.events.notna(), None)
    return {
        "status": "done",
        "year": found.year,
        "calendars": list(found.names),
        "totals": found.totals.to_dict("records"),
        "events": events.to_dict("records"),
        "months": found.months.to_dict("records"),
        "warnings": list(found.notes),
    }


def show_calendars(console: Console, found: CalendarsCompared, language: Language) -> None:
    """Totals, then events and months with both calendars beside each other."""
    names = [in_words(name, language) for name in found.names]
    totals = found.totals.assign(calendar=names)
    _show(console, totals, list(totals.columns), names, language)
    event = ["first_day", "target_fen", "stock_units", "peak_parcels"]
    for table, keys, figures in ((found.events, ["event"], event), (found.months, ["month"], ["target_fen"])):
        console.print()
        columns = [*keys, *(f"{side}_{name}" for name in figures for side in "ab")]
        _show(console, table, columns, names, language)
    for note in found.notes:
        console.print(f"- {Words(language).label(note)}", markup=False, soft_wrap=True)


def _show(console: Console, frame: pd.DataFrame, columns: list[str], names: list[str], language: Language) -> None:
    table, words = Table(box=None, pad_edge=False), Words(language)
    for name in columns:
        sided = name.startswith(("a_", "b_"))
        title = f"{in_words(name[2:], language)}\n{names['ab'.index(name[0])]}" if sided else in_words(name, language)
        number = pd.api.types.is_numeric_dtype(frame[name])
        table.add_column(title, justify="right" if number else "left", overflow="fold")
    for row in frame[columns].to_dict("records"):
        table.add_row(*(_cell(str(name), value, words) for name, value in row.items()))
    console.print(table)


def _cell(name: str, value: Any, words: Words) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return "-"
    if name == "month":
        return f"{value:%Y-%m}"
    if name.endswith("_day"):
        return f"{value:%m-%d}"
    if name == "probability":
        return f"{value:.1%}"
    return words.money(value) if name.endswith("_fen") else f"{value:,.0f}"
