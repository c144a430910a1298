"""Repeats a recorded run and says whether its plans come out identical."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

from engine.data.atomic import write_text
from engine.data.store import SETTINGS_FILE, Workspace
from engine.plans.errors import BadInput, Problem
from engine.tracking.record import RunRecord, open_tracker
from engine.workflow.pipeline import APPROVED, run_stages
from engine.workflow.progress import Progress
from engine.workflow.rolling import REPLENISH
from engine.workflow.settings import PlanSettings, parse_settings
from engine.workflow.stages import BEFORE
from engine.workflow.version import code_version
from engine.workflow.versions import give_approved

PLAN_TAG = "plan."
RUNS = 1000


@dataclass(frozen=True)
class Reproduction:
    """``stages``: by stage whether the plan files are the same bytes; ``notes``: what may explain a difference."""

    run_id: str
    stages: dict[str, bool]
    notes: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """Whether every plan of the run came out the same."""
        return bool(self.stages) and all(self.stages.values())


def reproduce(workspace: Workspace, run_id: str, progress: Progress) -> Reproduction:
    """Run again what the run ``run_id`` (or the beginning of the id) did, on its data with its settings.

    The workspace's own plans stay untouched: the work is done in a temporary folder.
    """
    record, settings = _recorded(workspace, run_id)
    expected = {tag.removeprefix(PLAN_TAG): digest for tag, digest in record.tags.items() if tag.startswith(PLAN_TAG)}
    with tempfile.TemporaryDirectory(prefix="yunchou-") as name:
        twin = _twin(workspace, Path(name), record.tags["data"])
        if BEFORE in record.tags:
            _give_before(workspace, record.tags[BEFORE], twin)
        if APPROVED in record.tags:
            give_approved(workspace, record.tags[APPROVED], twin)
        result = run_stages(twin, settings, list(expected), progress)
    found = {stage: outcome.plan for stage, outcome in result.stages.items()}
    notes = []
    if record.tags.get("version") != code_version():
        notes.append(f"made by version {record.tags.get('version')}, repeated by {code_version()}")
    return Reproduction(
        record.run_id, {stage: found.get(stage) == plan for stage, plan in expected.items()}, tuple(notes)
    )


def _recorded(workspace: Workspace, run_id: str) -> tuple[RunRecord, PlanSettings]:
    tracker = open_tracker(workspace.path)
    try:
        record = tracker.find(run_id)
        if record is not None and record.parent is not None:
            record = tracker.find(record.parent)
        if record is None or "data" not in record.tags:
            raise BadInput(
                [
                    Problem(
                        str(workspace.path),
                        "there is no such run, or more than one",
                        value=run_id,
                        remedy="`yunchou runs` lists them.",
                    )
                ]
            )
        text = tracker.settings_of(record.run_id)
    finally:
        tracker.close()
    return record, parse_settings(yaml.safe_load(text), f"settings of run {record.run_id}")


def _give_before(workspace: Workspace, digest: str, twin: Workspace) -> None:
    """The order plan of an earlier week that the run went on from, for the temporary workspace."""
    tracker = open_tracker(workspace.path)
    try:
        made = [entry for entry in tracker.runs(RUNS) if entry.name == REPLENISH and entry.tags.get("plan") == digest]
        if made:
            shutil.copytree(tracker.folder_of(made[0].run_id, "plan"), twin.plan_folder(BEFORE))
    finally:
        tracker.close()


def _twin(workspace: Workspace, folder: Path, snapshot: str) -> Workspace:
    """A temporary workspace that reads the same snapshots."""
    write_text(folder / SETTINGS_FILE, "")
    (folder / "data").mkdir()
    os.symlink((workspace.path / "data" / "snapshots").resolve(), folder / "data" / "snapshots")
    write_text(folder / "data" / "current", snapshot + "\n")
    return Workspace(folder)
