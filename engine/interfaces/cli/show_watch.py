"""Alerts and suppliers as tables for the terminal."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from engine.plans.alerts import KINDS
from engine.plans.errors import BadInput, Problem
from engine.reports.words import Words

if TYPE_CHECKING:
    from engine.plans.alerts import Alerts
    from engine.plans.suppliers import SupplierReport
    from engine.reports.settings import Language

SHOWN_ITEMS = 15
SUPPLIER_COLUMNS = ("score", "lines", "on_time", "late_days", "defects", "agreed", "second", "response")
WORTH = ("purchases_fen", "payment_days_fen", "next_tier_fen")
GRADE_COLOURS = {"S": "green", "A": "green", "B": "yellow", "C": "red"}


def of_kind(found: Alerts, kind: str | None) -> Alerts:
    """Only the alerts of a kind; :class:`BadInput` where there is no such kind."""
    if kind is None:
        return found
    if kind not in KINDS:
        raise BadInput([Problem("--kind", "is no kind of alert", value=kind, expected=" | ".join(KINDS))])
    return replace(found, table=found.table[found.table["kind"] == kind].reset_index(drop=True))


def show_alerts(console: Console, found: Alerts, limit: int, language: Language) -> None:
    """Most money at stake first; how many there are of each kind; what was left out."""
    words, rows = Words(language), found.table
    if rows.empty:
        console.print(words("alerts_none"))
    else:
        table = Table(box=None, pad_edge=False)
        table.add_column(words.header("short_stake"), justify="right")
        for name in ("kind", "sku"):
            table.add_column(words.header(name), no_wrap=True)
        table.add_column(words.header("short_advice"), ratio=1, overflow="fold")
        for row in rows.head(limit).to_dict("records"):
            table.add_row(*_alert_cells(row, words))
        console.print(table)
        counts = rows["kind"].value_counts()
        parts = [f"{words.label(kind)} {counts[kind]:,}" for kind in KINDS if kind in counts]
        total = words.yuan(float(rows["stake_fen"].sum()) / 100.0)
        console.print(words("alerts_total", count=len(rows), kinds=", ".join(parts), yuan=total), soft_wrap=True)
    _show_notes(console, found.notes, words)


def _alert_cells(row: dict[Any, Any], words: Words) -> list[str]:
    place = f"{row['sku']} {row['warehouse']}".strip()
    sure = "" if row["probability"] >= 0.995 else f" ({row['probability']:.0%})"
    action = words.label(row["action"])
    if row["how"]:
        action = words.with_unit(action, words.label(row["how"]))
    if row["value_fen"] > 0:
        action = f"{action} +{row['value_fen'] / 100.0:,.0f}"
    text = f"{words.label(row['reason'])}{sure} -> {action}"
    return [f"{row['stake_fen'] / 100.0:,.0f}", words.label(row["kind"]), _plain(place), _plain(text)]


def show_suppliers(console: Console, found: SupplierReport, language: Language) -> None:
    """The best first, what costs the weakest their points, the rule, and the top items with a single supplier."""
    words = Words(language)
    table = Table(box=None, pad_edge=False)
    for name in ("supplier", "grade"):
        table.add_column(words.header(name), no_wrap=True)
    for name in SUPPLIER_COLUMNS:
        table.add_column(words.header(f"short_{name}"), justify="right", no_wrap=True)
    rows = found.scorecard.to_dict("records")
    for row in rows:
        table.add_row(*_supplier_cells(row, words))
    console.print(table)
    for row in rows:
        if row["weak"]:
            text = (
                f"{row['supplier']} {row['name']}".strip() + f" {words('weak')}: {words.joined(row['reasons'], '; ')}"
            )
            console.print(text, style="red", markup=False, soft_wrap=True)
    console.print(words("supplier_rule", rule=words.label(found.rule)), markup=False, soft_wrap=True)
    _show_worth(console, found, words)
    single = found.single_sourced
    if len(single):
        console.print(words("single_sourced", count=len(single)), markup=False, soft_wrap=True)
        items = Table(box=None, pad_edge=False)
        for name in ("sku", "name", "value_fen_year", "supplier", "grade"):
            items.add_column(words.header(name), justify="right" if name == "value_fen_year" else "left")
        for row in single.head(SHOWN_ITEMS).to_dict("records"):
            cells = [row["sku"], row["name"], f"{row['value_fen'] / 100.0:,.0f}", row["supplier"], row["grade"]]
            items.add_row(*map(_plain, cells))
        console.print(items)
        if len(single) > SHOWN_ITEMS:
            console.print(f"… {len(single) - SHOWN_ITEMS}")
    _show_notes(console, found.notes, words)


def _show_worth(console: Console, found: SupplierReport, words: Words) -> None:
    """What better terms would bring for the orders of the plan, the largest purchases first."""
    if found.worth.empty:
        return
    console.print(words("worth_of_terms"), markup=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    table.add_column(words.header("supplier"), no_wrap=True)
    for name in WORTH:
        table.add_column(words.header(f"short_{name}"), justify="right", no_wrap=True)
    for row in found.worth.head(SHOWN_ITEMS).to_dict("records"):
        table.add_row(_plain(row["supplier"]), *(f"{row[name] / 100.0:,.0f}" for name in WORTH))
    console.print(table)


def _supplier_cells(row: dict[Any, Any], words: Words) -> list[str]:
    weak = f" [red]{words('weak')}[/]" if row["weak"] else ""
    known = math.isfinite(row["late_days"])
    return [
        _plain(f"{row['supplier']} {row['name']}".strip()),
        f"[{GRADE_COLOURS[row['grade']]}]{row['grade']}[/]{weak}",
        f"{row['score']:.0f}",
        f"{row['lines']:,}",
        _share(row["on_time"], 0),
        f"{row['late_days']:+.1f}±{row['late_sd_days']:.1f}" if known else "-",
        _share(row["defect_rate"], 1),
        _share(row["price_over_agreed"], 1),
        _share(row["price_over_second"], 1),
        f"{row['response_days']:.1f}" if math.isfinite(row["response_days"]) else "-",
    ]


def _share(value: float, digits: int) -> str:
    return f"{value:.{digits}%}" if math.isfinite(value) else "-"


def _show_notes(console: Console, notes: tuple[str, ...], words: Words) -> None:
    for note in notes:
        console.print(f"- {words.label(note)}", markup=False, soft_wrap=True)


def _plain(text: object) -> str:
    """Brackets in names are no markup."""
    return str(text).replace("[", r"\[")
