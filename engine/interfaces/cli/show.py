"""Results as tables for the terminal and as dictionaries for ``--json``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from engine.data.quality import Finding
    from engine.tracking.record import RunRecord
    from engine.workflow.pipeline import RunResult, StageResult
    from engine.workflow.reproduce import Reproduction

COLOURS = {
    "done": "green",
    "partial": "yellow",
    "skipped": "cyan",
    "infeasible": "red",
    "error": "red",
    "warning": "yellow",
    "note": "cyan",
}


def stage_dict(result: StageResult) -> dict[str, Any]:
    """A stage's result under the names of ``run --json``."""
    content = {
        "status": result.status,
        "seconds": result.seconds,
        "gap": result.gap,
        "metrics": dict(result.metrics),
        "run_id": result.run_id,
        "reused": result.reused,
        "warnings": list(result.warnings),
    }
    if result.message:
        content["message"] = result.message
    if result.relaxations:
        content["relaxations"] = [asdict(entry) for entry in result.relaxations]
    return content


def run_result_dict(result: RunResult) -> dict[str, Any]:
    """A whole run."""
    return {
        "status": result.status,
        "run_id": result.run_id,
        "stages": {name: stage_dict(stage) for name, stage in result.stages.items()},
        "files": [str(file) for file in result.files],
        "warnings": list(result.warnings),
    }


def show_run(console: Console, result: RunResult) -> None:
    """One line a stage, then what to know and where the files are."""
    table = Table("stage", "status", "seconds", "gap", "result", box=None, pad_edge=False)
    for name, stage in result.stages.items():
        gap = "" if stage.gap is None else f"{stage.gap:.2%}"
        table.add_row(name, f"[{COLOURS[stage.status]}]{stage.status}[/]", f"{stage.seconds:.1f}", gap, _figures(stage))
    console.print(table)
    for name, stage in result.stages.items():
        _show_messages(console, name, stage)
    for warning in result.warnings:
        console.print(f"warning: {warning}", markup=False)
    if result.files:
        console.print("\nfiles:")
        for file in result.files:
            console.print(f"  {file}", markup=False, soft_wrap=True)


def show_stage(console: Console, name: str, result: RunResult) -> None:
    """One stage with its figures."""
    stage = result.stages[name]
    console.print(f"{name}: [{COLOURS[stage.status]}]{stage.status}[/] in {stage.seconds:.1f} s")
    for key, value in stage.metrics.items():
        console.print(f"  {key:32s} {value:,.4g}", markup=False)
    _show_messages(console, name, stage)
    for file in result.files:
        console.print(f"  {file}", markup=False, soft_wrap=True)


def _show_messages(console: Console, name: str, stage: StageResult) -> None:
    if stage.message:
        console.print(f"{name}: {stage.message}", markup=False, soft_wrap=True)
    for warning in stage.warnings[:8]:
        console.print(f"{name}: {warning}", markup=False, soft_wrap=True)
    if len(stage.warnings) > 8:
        console.print(f"{name}: and {len(stage.warnings) - 8} more warnings (--json shows all)")


def _figures(stage: StageResult) -> str:
    return ", ".join(f"{key} {value:,.4g}" for key, value in list(stage.metrics.items())[:4])


def show_init(console: Console, path: Path, tables: dict[str, int], notes: list[str]) -> None:
    """What a new workspace holds."""
    console.print(f"workspace: {path}", markup=False, soft_wrap=True)
    for name, rows in tables.items():
        console.print(f"  {name:16s} {rows:>12,} rows")
    for note in notes:
        console.print(f"  note: {note}", markup=False, soft_wrap=True)
    console.print("settings: plan.yaml; next: yunchou check, yunchou run")


def finding_dict(finding: Finding) -> dict[str, Any]:
    """A finding of the health report."""
    return asdict(finding)


def show_findings(console: Console, findings: list[Finding], page: Path) -> None:
    """Findings, the worst first."""
    if not findings:
        console.print("nothing to complain about")
    for level in ("error", "warning", "note"):
        for finding in findings:
            if finding.level == level:
                console.print(f"[{COLOURS[level]}]{level:8s}[/]{finding.table}: ", end="")
                console.print(
                    f"{finding.message}. {finding.effect} {finding.remedy}".strip(), markup=False, soft_wrap=True
                )
    console.print(f"\npage: {page}", markup=False, soft_wrap=True)


def show_backtest(console: Console, table: pd.DataFrame) -> None:
    """Errors by model and origin; of the PIT how far its worst decile is from 10 %, in points."""
    worst = [100 * max(abs(share - 0.1) for share in shares) for shares in table["pit"]]
    table = table.assign(pit=[f"{points:.1f}" for points in worst])
    shown = Table(*[str(column) for column in table.columns], box=None, pad_edge=False)
    for row in table.itertuples(index=False):
        shown.add_row(*[f"{value:.4f}" if isinstance(value, float) else str(value)[:10] for value in row])
    console.print(shown)


def run_dict(record: RunRecord) -> dict[str, Any]:
    """A recorded run."""
    return asdict(record)


def show_runs(console: Console, records: list[RunRecord]) -> None:
    """Recorded runs, newest first."""
    table = Table("run", "stage", "status", "started (UTC)", "figures", box=None, pad_edge=False)
    for record in records:
        figures = ", ".join(f"{key} {value:,.4g}" for key, value in sorted(record.metrics.items())[:3])
        name = record.name if record.parent is None else f"  {record.name}"
        name = f"{name} @champion" if record.champion else name
        table.add_row(record.run_id[:8], name, record.status, record.started[:19], figures)
    console.print(table)


def show_reproduction(console: Console, found: Reproduction) -> None:
    """Whether a run came out the same."""
    for stage, same in found.stages.items():
        console.print(f"  {stage:12s} {'[green]identical[/]' if same else '[red]different[/]'}")
    for note in found.notes:
        console.print(f"  note: {note}", markup=False)
    console.print(f"run {found.run_id[:8]}: {'identical' if found.identical else 'not identical'}")
