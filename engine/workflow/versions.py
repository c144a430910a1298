"""Versions of the targets: every plan that differs from the one before stays, with its author, what changed, and who
approved it. What changes after an approval is a new version, proposed until it is approved, too."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from engine.data.atomic import write_text
from engine.data.store import Workspace
from engine.plans.errors import BadInput, Problem
from engine.plans.targets import TargetPlan

STAGE = "targets"
LOG = "targets_versions.jsonl"
AUTHOR = "author"
USUAL = ("hard", "weight")
"""Parts of a goal that say nothing new where the goal itself comes or goes."""


@dataclass(frozen=True)
class Version:
    """One set of targets: ``plan`` its hash, ``changed`` settings and the year's total against the version before;
    ``approved`` when and ``approved_by`` whom, "" while it is proposed."""

    number: int
    made: str
    author: str
    year: int
    origin: str
    plan: str
    target_fen: int
    changed: tuple[str, ...]
    approved: str = ""
    approved_by: str = ""

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
    _write(workspace, (*known, entry))


def approve(workspace: Workspace, number: int, who: str) -> Version:
    """Approve a version; :class:`BadInput` where there is none of this number, or nobody says so."""
    known = versions(workspace)
    chosen = next((entry for entry in known if entry.number == number), None)
    problems = []
    if chosen is None:
        there = f"1 to {len(known)}" if known else "none yet: run `yunchou targets`"
        message = "is no version of the targets"
        problems.append(Problem(str(workspace.path), message, column="--approve", value=str(number), expected=there))
    if not who.strip():
        message = "an approval needs a name"
        problems.append(Problem(str(workspace.path), message, column="--by", remedy="Say who approves: --by NAME."))
    if chosen is None or problems:
        raise BadInput(problems)
    done = replace(chosen, approved=datetime.now().isoformat(timespec="microseconds"), approved_by=who.strip())
    _write(workspace, [done if entry is chosen else entry for entry in known])
    return done


def in_force(workspace: Workspace, year: int, origin: str) -> Version | None:
    """The version of a year that was approved last, of those set on no later data than ``origin``; None without any."""
    own = [entry for entry in versions(workspace) if entry.approved and entry.year == year and entry.origin <= origin]
    return max(own, key=lambda entry: (entry.approved, entry.number), default=None)


def taken_by_later_stages(workspace: Workspace, plan: TargetPlan, digest: str) -> tuple[TargetPlan, str, str]:
    """The plan that budget, orders and reports go by, its hash, and what to say where it is not ``plan`` itself."""
    version = None if plan.details is None else in_force(workspace, plan.details.year, plan.details.origin)
    if version is None or version.plan == digest:
        return plan, digest, ""
    stored = workspace.load_plan(version.folder, TargetPlan)
    if stored is None:
        return plan, digest, ""
    note = f"these are proposed; budget, orders and reports go by version {version.number}, approved by "
    return stored, version.plan, f"{note}{version.approved_by} on {version.approved[:10]}"


def give_approved(workspace: Workspace, digest: str, twin: Workspace) -> None:
    """The approved version of this hash, and the log up to it, for another workspace."""
    known = versions(workspace)
    chosen = next((entry for entry in known if entry.plan == digest and entry.approved), None)
    if chosen is not None and workspace.plan_manifest(chosen.folder) is not None:
        shutil.copytree(workspace.plan_folder(chosen.folder), twin.plan_folder(chosen.folder))
        _write(twin, [replace(entry, approved="") for entry in known if entry.number < chosen.number] + [chosen])


def _write(workspace: Workspace, entries: Iterable[Version]) -> None:
    lines = [json.dumps(asdict(line), ensure_ascii=False) for line in entries]
    write_text(workspace.path / "plans" / LOG, "\n".join(lines) + "\n")


def version_of(workspace: Workspace, day: date) -> tuple[Version, TargetPlan]:
    """The latest targets of the year that were set by a day, else the first ones set after it, approved ones before
    those that are merely proposed; :class:`BadInput` where the year has none."""
    year = day.year
    every = [entry for entry in versions(workspace) if entry.year == year]
    own = sorted((entry for entry in every if entry.approved), key=lambda entry: entry.approved) or every
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
        fresh = name not in old or name not in new
        if old.get(name) != new.get(name) and not (fresh and name.rsplit(".", 1)[-1] in USUAL):
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
