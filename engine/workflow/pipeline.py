"""Runs stages on a workspace: what is up to date stays, what is finished is stored, everything is recorded."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from engine.data.dataset import Dataset
from engine.data.store import Workspace
from engine.execution.run import Run
from engine.plans.errors import Infeasible, MissingInput, Relaxation
from engine.plans.forecast import METHOD, Forecast
from engine.plans.parts import Plan
from engine.plans.targets import TargetPlan
from engine.tracking.record import Tracker, open_tracker
from engine.workflow.progress import Progress
from engine.workflow.reporting import write_report
from engine.workflow.rolling import REPLENISH, keep_before, plan_before
from engine.workflow.settings import PlanSettings, dump_settings
from engine.workflow.stages import BEFORE, STAGES, Stage, StageInput, listed, overrides_in_force, used_by
from engine.workflow.summary import gap_of, summarise
from engine.workflow.version import code_version
from engine.workflow.versions import keep_version, taken_by_later_stages

REPORT = "report"
OVERRIDES = "overrides"
APPROVED = "targets_approved"
"""Tag of a run: hash of the approved targets that its later stages took."""


@dataclass(frozen=True)
class StageResult:
    """How a stage ended. ``status``: done, partial, skipped or infeasible; ``reused`` when it was up to date. ``plan``:
    hash of what it made; ``handed``: of what later stages take in its place, where that is another one."""

    status: str
    seconds: float
    gap: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    run_id: str | None = None
    message: str = ""
    warnings: tuple[str, ...] = ()
    reused: bool = False
    plan: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    relaxations: tuple[Relaxation, ...] = ()
    handed: str | None = None


@dataclass(frozen=True)
class RunResult:
    """Outcome of a run: one result a stage, in order, and the plans that were made or reused."""

    stages: Mapping[str, StageResult]
    plans: Mapping[str, Plan]
    run_id: str | None
    files: tuple[Path, ...]
    warnings: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """The worst of the stages: infeasible, partial or done (a skipped stage does not count)."""
        found = {result.status for result in self.stages.values()}
        return next((status for status in ("infeasible", "partial") if status in found), "done")


@dataclass(frozen=True)
class _Task:
    """One run under way."""

    workspace: Workspace
    dataset: Dataset
    settings: PlanSettings
    tracker: Tracker
    parent: Future[str]
    progress: Progress


def run_stages(
    workspace: Workspace,
    settings: PlanSettings,
    names: Iterable[str],
    progress: Progress,
    reuse: Iterable[str] = (),
) -> RunResult:
    """Run the named stages and, before them, those of their inputs that are listed in the settings.

    ``reuse``: stages whose stored plan is taken where its inputs (data, settings, earlier plans, version) are the
    same. A stage that lacks a table is skipped; one without a feasible plan is reported and stops what needs it.
    """
    snapshot = workspace.current()
    dataset = workspace.dataset(snapshot)
    if settings.as_of is not None:
        dataset = dataset.as_of(settings.as_of)
    tracker = open_tracker(workspace.path)
    parent = tracker.start("run", {"data": snapshot, "version": code_version(), "seed": str(settings.seed)})
    task = _Task(workspace, dataset, settings, tracker, parent, progress)
    wanted, reusable = list(names), set(reuse)
    plans: dict[str, Plan] = {}
    handed: dict[str, Plan] = {}
    results: dict[str, StageResult] = {}
    runs: dict[str, Future[str]] = {}
    try:
        for name in _in_order(wanted, settings):
            results[name], runs[name], plan = _run_stage(task, STAGES[name], handed, results, name in reusable)
            if plan is not None:
                plans[name] = plan
                handed[name], results[name] = _handed_on(task, plan, results[name])
        files: tuple[Path, ...] = ()
        if REPORT in wanted:
            results[REPORT], runs[REPORT], files = _run_report(task, handed, results)
        digests = {f"plan.{name}": result.plan for name, result in results.items() if result.plan}
        tracker.tag(parent, digests)
        status = RunResult(results, plans, None, files).status
        tracker.finish(parent, status, {}, {}, dump_settings(settings))
    finally:
        failed = tracker.close()
    ids = {name: _run_id(future) for name, future in runs.items()}
    named = {name: _with_run(result, ids[name]) for name, result in results.items()}
    warnings = tuple(f"not recorded in MLflow: {text}" for text in failed)
    return RunResult(named, plans, _run_id(parent), files, warnings)


def closure(names: Iterable[str], listed: Iterable[str]) -> list[str]:
    """The stages and all that they build on, in order; stages merely used only where they are listed.

    >>> closure(["replenish"], ["forecast", "budget", "replenish"])
    ['forecast', 'budget', 'replenish']
    """
    wanted: set[str] = set()
    allowed = set(listed)

    def add(name: str) -> None:
        if name in wanted or name not in STAGES:
            return
        wanted.add(name)
        for needed in STAGES[name].needs:
            add(needed)
        for used in STAGES[name].uses:
            if used in allowed:
                add(used)

    for name in names:
        add(name)
    return [name for name in STAGES if name in wanted]


def _in_order(names: list[str], settings: PlanSettings) -> list[str]:
    everything = [*names, *(settings.stages if REPORT in names else ())]
    return closure(everything, listed(settings))


def _run_stage(
    task: _Task, stage: Stage, plans: Mapping[str, Plan], results: Mapping[str, StageResult], reuse: bool
) -> tuple[StageResult, Future[str], Plan | None]:
    inputs = _inputs(task, stage, results)
    if stage.name == REPLENISH and isinstance(plans.get("forecast"), Forecast):
        before = plan_before(task.workspace, cast(Forecast, plans["forecast"]).dates[0])
        if before is not None:
            inputs["plans"][BEFORE], plans = before[0], {**plans, BEFORE: before[1]}
    run = task.tracker.start(stage.name, {"stage": stage.name, "data": inputs["data"]}, task.parent)
    started = time.perf_counter()
    result, plan = _attempt(task, stage, plans, inputs, reuse)
    result = _with_seconds(result, time.perf_counter() - started)
    result = replace(result, warnings=(*task.dataset.unreconciled, *result.warnings))
    folder = task.workspace.plan_folder(stage.name)
    files = {"plan": folder} if plan is not None and not result.reused else {}
    metrics = {**result.metrics, "seconds": result.seconds}
    if result.plan is not None and files:
        task.tracker.tag(run, {"plan": result.plan})
    if BEFORE in inputs["plans"] and result.plan is not None:
        task.tracker.tag(task.parent, {BEFORE: inputs["plans"][BEFORE]})
    if getattr(plan, "before", None) is not None and files:
        task.tracker.tag(run, {OVERRIDES: "yes"})
    task.tracker.finish(run, result.status, metrics, files)
    if isinstance(plan, Forecast) and files and not task.settings.forecast.quick:
        task.tracker.challenge(run, stage.name, _errors(plan), task.dataset.fingerprint)
    return result, run, plan


def _handed_on(task: _Task, plan: Plan, result: StageResult) -> tuple[Plan, StageResult]:
    """What later stages take: of targets the approved version, where one is."""
    if not isinstance(plan, TargetPlan) or result.plan is None:
        return plan, result
    taken, digest, note = taken_by_later_stages(task.workspace, plan, result.plan)
    if not note:
        return plan, result
    task.tracker.tag(task.parent, {APPROVED: digest})
    return taken, replace(result, handed=digest, message=note)


def _errors(forecast: Forecast) -> dict[str, float]:
    """Weighted RMSSE of the forecast's method by origin."""
    own = forecast.backtest[forecast.backtest["model"] == METHOD]
    return dict(zip(own["origin"].astype(str), own["wrmsse"].astype(float), strict=True))


def _attempt(
    task: _Task, stage: Stage, plans: Mapping[str, Plan], inputs: dict[str, Any], reuse: bool
) -> tuple[StageResult, Plan | None]:
    workspace = task.workspace
    lacking = [name for name in stage.needs if name not in plans]
    if lacking:
        return StageResult("skipped", 0.0, message=f"needs the result of {', '.join(lacking)}"), None
    manifest = workspace.plan_manifest(stage.name)
    stored = workspace.load_plan(stage.name, stage.kind) if reuse and same_work(manifest, inputs) else None
    if stored is not None and manifest is not None and manifest["inputs"] == inputs:
        return _result(stored, manifest["plan"], reused=True), stored
    run = Run(task.settings.seed, task.settings.threads, lambda text, share: task.progress(stage.name, text, share))
    given = StageInput(task.dataset, task.settings, run, plans)
    try:
        plan = stage.work(given) if stored is None else stored
        plan = plan if stage.adjust is None else stage.adjust(given, plan)
    except MissingInput as missing:
        return StageResult("skipped", 0.0, message=str(missing)), None
    except Infeasible as infeasible:
        details = {"problems": [problem.as_dict() for problem in infeasible.problems]} if infeasible.problems else {}
        relaxations = infeasible.relaxations
        return StageResult("infeasible", 0.0, message=str(infeasible), details=details, relaxations=relaxations), None
    keep_before(workspace, inputs["plans"].get(BEFORE))
    digest = workspace.save_plan(stage.name, plan, inputs)
    if isinstance(plan, TargetPlan):
        keep_version(workspace, plan, digest)
    return _result(plan, digest), plan


def _run_report(
    task: _Task, plans: Mapping[str, Plan], results: Mapping[str, StageResult]
) -> tuple[StageResult, Future[str], tuple[Path, ...]]:
    run = task.tracker.start(REPORT, {"stage": REPORT}, task.parent)
    started = time.perf_counter()
    notes = tuple(f"{name}: {result.message}" for name, result in results.items() if result.message)
    task.progress(REPORT, "workbooks and page", 0.0)
    files = write_report(task.workspace, task.dataset, task.settings, plans, notes)
    seconds = time.perf_counter() - started
    result = StageResult("done", seconds, details={"files": [str(file) for file in files]})
    task.tracker.finish(run, result.status, {"seconds": seconds}, {file.name: file for file in files})
    return result, run, files


def _inputs(task: _Task, stage: Stage, results: Mapping[str, StageResult]) -> dict[str, Any]:
    names = (*stage.needs, *used_by(stage, task.settings))
    earlier = {name: results[name].handed or results[name].plan for name in names if name in results}
    return inputs_of(stage, task.dataset, task.settings, earlier)


def inputs_of(
    stage: Stage, dataset: Dataset, settings: PlanSettings, earlier: Mapping[str, str | None]
) -> dict[str, Any]:
    """What a stage's result depends on, for the manifest beside the plan; ``earlier``: hashes of the plans it uses."""
    inputs = {
        "data": dataset.fingerprint,
        "settings": _digest(stage.settings_used(settings)),
        "plans": dict(earlier),
        "version": code_version(),
    }
    if stage.adjust is None:
        return inputs
    return inputs | {
        OVERRIDES: _digest([entry.model_dump(mode="json") for entry in overrides_in_force(dataset, settings)])
    }


def same_work(manifest: Mapping[str, Any] | None, inputs: Mapping[str, Any]) -> bool:
    """Whether a stored plan differs from what is asked by nothing but overrides."""
    return manifest is not None and {**manifest["inputs"], OVERRIDES: ""} == {**inputs, OVERRIDES: ""}


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _result(plan: Plan, digest: str, reused: bool = False) -> StageResult:
    return StageResult(
        status=plan.status,
        seconds=0.0,
        gap=gap_of(plan),
        metrics=dict(getattr(plan, "metrics", {})),
        warnings=plan.warnings,
        reused=reused,
        plan=digest,
        details=summarise(plan),
    )


def _with_seconds(result: StageResult, seconds: float) -> StageResult:
    return replace(result, seconds=round(seconds, 3))


def _with_run(result: StageResult, run_id: str | None) -> StageResult:
    return replace(result, run_id=run_id)


def _run_id(future: Future[str]) -> str | None:
    return None if future.exception() is not None else future.result()
