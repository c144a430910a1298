"""Versions of the targets: every plan that differs from the one before stays, with its author and what changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine.data.atomic import write_text
from engine.data.store import Workspace
from engine.plans.errors import BadInput, Problem
from engine.plans.targets import TargetPlan

STAGE = "targets"
LOG = "targets_versions.jsonl"
AUTHOR = "author"


@dataclass(frozen=True)
class Version:
    """One set of targets: ``plan`` its hash, ``changed`` settings and the year's total against the version before."""

    number: int
    made: str
    author: str
    year: int
    origin: str
    plan: str
    target_fen: int
    changed: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Name under which the plan is kept."""
        return f"{STAGE}_v{self.number}"


def versions(workspace: Workspace) -> tuple[Version, ...]:
    """All versions, the oldest first."""
    file = workspace.path / "plans" / LOG
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    content = [json.loads(line) for line in lines]
    return tuple(Version(**{**entry, "changed": tuple(entry["changed"])}) for entry in content)


def keep_version(workspace: Workspace, plan: TargetPlan, digest: str) -> None:
    """Keep the stored targets as a version, unless the latest one is the same."""
    known = versions(workspace)
    if plan.details is None or (known and known[-1].plan == digest):
        return
    details = plan.details
    total = int(details.cells["target_fen"].sum())
    before = workspace.load_plan(known[-1].folder, TargetPlan) if known else None
    changed = tuple(_changes(before, plan))
    number = len(known) + 1
    made = datetime.now().isoformat(timespec="seconds")
    entry = Version(number, made, details.author, details.year, details.origin, digest, total, changed)
    workspace.keep_plan(STAGE, entry.folder)
    lines = [json.dumps(asdict(line), ensure_ascii=False) for line in (*known, entry)]
    write_text(workspace.path / "plans" / LOG, "\n".join(lines) + "\n")


def version_of(workspace: Workspace, day: date) -> tuple[Version, TargetPlan]:
    """The latest targets of the year that were set by a day, else the first ones set after it; :class:`BadInput` where
    the year has none."""
    year = day.year
    own = [entry for entry in versions(workspace) if entry.year == year]
    known = [entry for entry in own if date.fromisoformat(entry.origin) <= day + timedelta(days=1)]
    for entry in (*reversed(known), *own):
        plan = workspace.load_plan(entry.folder, TargetPlan)
        if plan is not None and plan.details is not None:
            return entry, plan
    remedy = "Run `yunchou targets` with targets.year, or name another day with --as-of."
    raise BadInput([Problem(str(workspace.path), "has no targets of this year", value=str(year), remedy=remedy)])


def _changes(before: TargetPlan | None, after: TargetPlan) -> Iterator[str]:
    if before is None or before.details is None or after.details is None:
        return
    old, new = (dict(_flat(plan.details.goals)) for plan in (before, after) if plan.details is not None)
    for name in sorted({*old, *new} - {AUTHOR}):
        if old.get(name) != new.get(name):
            yield f"{name}: {old.get(name)} -> {new.get(name)}"
    totals = [plan.details.cells["target_fen"].sum() / 100.0 for plan in (before, after) if plan.details is not None]
    if totals[0] != totals[1]:
        yield f"total: {totals[0]:,.2f} -> {totals[1]:,.2f} yuan"
    if before.details.origin != after.details.origin:
        yield f"data until: {before.details.origin} -> {after.details.origin}"


def _flat(content: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value
