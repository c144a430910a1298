"""Bridge, open-to-buy and progress for the terminal and for ``--json``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.reports.target_words import in_words
from engine.reports.words import Words

if TYPE_CHECKING:
    from engine.reports.settings import Language
    from engine.targets.bridge import Bridge
    from engine.workflow.targets import Tracked
    from engine.workflow.versions import Version

SHOWN_STEPS = 20


def bridge_dict(found: Bridge) -> dict[str, Any]:
    """Baseline, target, steps with costs and owners, what stays open."""
    return {
        "status": "done",
        "year": found.year,
        "baseline_fen": found.baseline_fen,
        "target_fen": found.target_fen,
        "gap_fen": found.target_fen - found.baseline_fen,
        "probability": found.probability,
        "levers": found.steps.to_dict("records"),
        "unused": found.unused.to_dict("records"),
        "cost_fen": found.cost_fen,
        "open_fen": found.open_fen,
    }


def show_bridge(console: Console, found: Bridge, language: Language) -> None:
    """The gap, the levers that close it, what stays."""
    words = Words(language)
    gap = max(found.target_fen - found.baseline_fen, 0)
    sentence = in_words("bridge_head", language).format(
        year=found.year,
        baseline=words.money(found.baseline_fen),
        target=words.money(found.target_fen),
        gap=words.money(gap),
        chance=words.share(found.probability, 0),
    )
    console.print(sentence, markup=False, soft_wrap=True)
    columns = ["lever", "step", "owner", "used_fen", "cost_fen", "after_fen", "reason"]
    _show(console, found.steps.head(SHOWN_STEPS), columns, language)
    closing = in_words("bridge_foot", language)
    console.print(closing.format(cost=words.money(found.cost_fen), open=words.money(found.open_fen)), soft_wrap=True)


def otb_dict(found: pd.DataFrame) -> dict[str, Any]:
    """Rows by category and month, and the sum."""
    rows = found.assign(month=[f"{month:%Y-%m}" for month in found["month"]]).to_dict("records")
    return {"status": "done", "open_to_buy": rows, "open_to_buy_fen": int(found["open_to_buy_fen"].sum())}


def show_otb(console: Console, found: pd.DataFrame, language: Language) -> None:
    """One row a category and month."""
    frame = found.assign(month=[f"{month:%Y-%m}" for month in found["month"]])
    columns = ["category", "month", *(name for name in found.columns if name.endswith("_fen"))]
    _show(console, frame, columns, language)


def progress_dict(found: Tracked) -> dict[str, Any]:
    """Standing, year-end, re-plan, versions."""
    progress = found.progress
    return {
        "status": "done",
        "as_of": progress.day,
        "version": asdict(found.version),
        "standing": progress.standing.to_dict("records"),
        "year_end": progress.year_end.to_dict("records"),
        "replan": progress.replan.to_dict("records"),
        "ads_left_fen": progress.ads_left_fen,
        "versions": [asdict(entry) for entry in found.history],
        "changed_after_closing": list(found.changed),
        "warnings": list(progress.notes),
    }


def show_progress(console: Console, found: Tracked, language: Language) -> None:
    """Levels without the finest ones, the year's end, quarters."""
    progress = found.progress
    standing = progress.standing
    short = standing[standing["level"].isin(["total", "channel", "category"])]
    columns = ["level", "key", "target_to_date_fen", "actual_fen", "achieved", "required_pace", "required_fen_day"]
    for frame, names in (
        (short, columns),
        (progress.year_end, list(progress.year_end.columns)),
        (progress.replan, list(progress.replan.columns)),
    ):
        _show(console, frame, names, language)
        console.print()
    show_versions(console, found.history, language)
    for note in (*found.changed, *progress.notes):
        console.print(f"- {Words(language).label(note)}", markup=False, soft_wrap=True)


def versions_dict(found: Sequence[Version]) -> dict[str, Any]:
    """All versions, the oldest first, and the number of the one that was approved last (null without any)."""
    approved = max((entry for entry in found if entry.approved), key=lambda entry: entry.approved, default=None)
    return {
        "status": "done",
        "versions": [asdict(entry) for entry in found],
        "approved": None if approved is None else approved.number,
    }


def show_versions(console: Console, found: Sequence[Version], language: Language) -> None:
    """One line a version: when, by whom, the year's total, what changed, and where it stands."""
    for entry in found:
        total = Words(language).money(entry.target_fen)
        state = in_words("approved" if entry.approved else "proposed", language)
        state = state.format(who=entry.approved_by, day=entry.approved[:10])
        line = f"v{entry.number} {entry.made} {entry.author}: {entry.year} {total}  {state}  {'; '.join(entry.changed)}"
        console.print(line, markup=False, soft_wrap=True)


def _show(console: Console, frame: pd.DataFrame, columns: Sequence[str], language: Language) -> None:
    table = Table(box=None, pad_edge=False)
    for name in columns:
        number = pd.api.types.is_numeric_dtype(frame[name])
        table.add_column(in_words(name, language), justify="right" if number else "left", overflow="fold")
    for row in frame[list(columns)].to_dict("records"):
        table.add_row(*(_cell(str(name), value, language) for name, value in row.items()))
    console.print(table)


def _cell(name: str, value: Any, language: Language) -> str:
    if name.endswith(("_fen", "_fen_day")):
        return f"{value / 100:,.0f}"
    if name in ("achieved", "required_pace", "probability"):
        return f"{value:.1%}"
    return escape(in_words(str(value), language))
