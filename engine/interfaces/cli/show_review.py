"""The review of the year for the terminal: five sentences first, then the figures behind them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.table import Table

from engine.reports.review_sentences import days_text, review_sentences, review_span
from engine.reports.words import Words

if TYPE_CHECKING:
    from engine.plans.review import Review
    from engine.reports.settings import Language

SHOWN = 12
TOTAL = ""
SMALL_FEN = 100_000
"""Below this, money is written to the fen."""


def review_dict(review: Review, language: Language) -> dict[str, Any]:
    """For ``--json``: the sentences and every table, money in fen."""
    words = Words(language)
    return {"status": "done", "sentences": review_sentences(review, words), **review.as_dict()}


def show_review(console: Console, review: Review, language: Language) -> None:
    """The sentences, key figures, bridge, growth, channels, events, anomalies, and what cannot be said."""
    words = Words(language)
    console.print(review_span(review, words), style="dim")
    for number, sentence in enumerate(review_sentences(review, words), start=1):
        console.print(f"{number}. {sentence}", markup=False, soft_wrap=True)
    _figures(console, review.figures, words)
    _bridge(console, review, words)
    _growth(console, review.growth, words)
    _channels(console, review.slices, words)
    _events(console, review.events, words)
    _anomalies(console, review.anomalies, words)
    for note in review.notes:
        console.print(f"- {words.label(note)}", markup=False, soft_wrap=True)


def figure_text(value: float, unit: str, words: Words) -> str:
    """A figure with its unit, "-" where it is not known."""
    if not math.isfinite(value):
        return "-"
    if unit == "fen":
        return words.money(value) if abs(value) >= SMALL_FEN else f"{value / 100.0:,.2f} {words('yuan')}"
    if unit == "share":
        return words.share(value, 2)
    return f"{value:,.0f}"


def _figures(console: Console, figures: pd.DataFrame, words: Words) -> None:
    table = _table(words, "measure", ">now", ">before", ">change", "basis")
    for row in figures.to_dict("records"):
        change = _points(row) if row["unit"] == "share" else words.change(row["change"])
        now, before = (figure_text(row[name], row["unit"], words) for name in ("now", "before"))
        table.add_row(words.label(row["measure"]), now, before, change, words.label(row["basis"]))
    _print(console, table)


def _points(row: dict[Any, Any]) -> str:
    """Shares change by points."""
    gap = row["now"] - row["before"]
    return f"{100.0 * gap:+.2f}pt" if math.isfinite(gap) else "-"


def _bridge(console: Console, review: Review, words: Words) -> None:
    if review.bridge.empty:
        return
    table = _table(words, "step", ">now", ">before")
    for row in review.bridge.to_dict("records"):
        mark = "" if row["kind"] == "level" else "  "
        before = float(row["before"]) if math.isfinite(review.figure("net_fen", True)) else math.nan
        cells = (figure_text(float(value), "fen", words) for value in (row["now"], before))
        table.add_row(mark + words.label(row["step"]), *cells)
    _print(console, table)


def _growth(console: Console, growth: pd.DataFrame, words: Words) -> None:
    if growth.empty:
        return
    table = _table(words, "basis", "part", ">effect_fen", ">effect_share")
    for row in growth[growth["fen"] != 0].to_dict("records"):
        table.add_row(
            words.label(row["basis"]), words.label(row["part"]), words.money(row["fen"]), words.change(row["share"])
        )
    _print(console, table)


def _channels(console: Console, slices: pd.DataFrame, words: Words) -> None:
    table = _table(words, "channel", ">net_fen", ">growth", ">share", ">margin", ">ad_ratio", ">returned")
    for row in slices[slices["dimension"] == "channel"].head(SHOWN).to_dict("records"):
        shares = (words.share(row[name]) for name in ("share", "margin", "ad_ratio", "returned"))
        table.add_row(_plain(row["key"]), words.money(row["net_fen"]), words.change(row["growth"]), *shares)
    _print(console, table)


def _events(console: Console, events: pd.DataFrame, words: Words) -> None:
    rows = events[events["channel"] == TOTAL] if len(events) else events
    if rows.empty:
        return
    table = _table(
        words, "event", ">net_fen", ">multiple", ">gain_fen", ">lead_fen", ">dip_fen", ">uplift_fen", ">earned_fen"
    )
    for row in rows.to_dict("records"):
        money = [
            figure_text(row[name], "fen", words)
            for name in ("gain_fen", "lead_fen", "dip_fen", "uplift_fen", "earned_fen")
        ]
        multiple = f"{row['multiple']:.2f}" if math.isfinite(row["multiple"]) else "-"
        table.add_row(_plain(row["event"]), words.money(row["net_fen"]), multiple, *money)
    _print(console, table)


def _anomalies(console: Console, anomalies: pd.DataFrame, words: Words) -> None:
    if anomalies.empty:
        return
    table = _table(words, "start", "channel", ">deviation_fen", ">relative", "sku", "cause")
    for row in anomalies.head(SHOWN).to_dict("records"):
        cells = (words.money(row["fen"]), words.change(row["relative"]), _plain(row["sku"]))
        cause = words.label(row["reason"]) if row["reason"] else ""
        table.add_row(days_text(row["start"], row["end"]), _plain(row["channel"]), *cells, cause)
    _print(console, table)


def _table(words: Words, *names: str) -> Table:
    """A table with these heads; ``>``: figures at the right."""
    table = Table(box=None, pad_edge=False)
    for name in names:
        plain = name.lstrip(">")
        head = words.header(f"review_{plain}")
        head = words.header(plain) if head == f"review_{plain}" else head
        table.add_column(head, justify="right" if name.startswith(">") else "left", no_wrap=True)
    return table


def _print(console: Console, table: Table) -> None:
    console.print()
    console.print(table)


def _plain(text: object) -> str:
    """Brackets in names are no markup."""
    return str(text).replace("[", r"\[")
