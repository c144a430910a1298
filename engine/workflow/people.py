"""What people ask of a forecast that was made: why, what if, and were we right to change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from engine.budget.effect import with_budget_effect
from engine.data.dataset import Dataset
from engine.data.store import Workspace, load_plan
from engine.execution.run import Run
from engine.forecasting.explain import Explanation, explain, parse_span
from engine.forecasting.overrides import with_overrides
from engine.forecasting.progress import Reforecast, reforecast
from engine.forecasting.scenario import read_scenario, scenario_drivers, usual_strengths
from engine.forecasting.value_added import ValueAdded, value_added
from engine.forecasting.whatif import WhatIf, what_if
from engine.plans.budget import BudgetPlan
from engine.plans.errors import BadInput, Problem
from engine.plans.forecast import Forecast
from engine.tracking.record import open_tracker
from engine.workflow.pipeline import OVERRIDES, inputs_of, same_work
from engine.workflow.settings import PlanSettings
from engine.workflow.stages import STAGES, overrides_in_force

STAGE = "forecast"
RUNS = 10_000


@dataclass(frozen=True)
class Made:
    """The forecast that was made last, with the overrides of now and the response to ads where one is known; the
    data it was made of; what has changed since."""

    forecast: Forecast
    dataset: Dataset
    notes: tuple[str, ...]


def last_forecast(workspace: Workspace, settings: PlanSettings) -> Made:
    """The stored forecast; :class:`BadInput` where none was made."""
    manifest, stored = workspace.plan_manifest(STAGE), workspace.load_plan(STAGE, Forecast)
    if manifest is None or stored is None:
        raise BadInput([Problem(str(workspace.path), "has no forecast yet", remedy="Run `yunchou forecast`.")])
    dataset = workspace.dataset(manifest["inputs"]["data"])
    dataset = dataset if settings.as_of is None else dataset.as_of(settings.as_of)
    now = inputs_of(STAGES[STAGE], dataset, settings, {})
    notes = []
    if manifest["inputs"]["data"] != workspace.current():
        notes.append("new data have come since this forecast: run `yunchou forecast`")
    if not same_work(manifest, now):
        notes.append("the settings or the program have changed since this forecast: run `yunchou forecast`")
    elif manifest["inputs"].get(OVERRIDES) != now[OVERRIDES]:
        stored = with_overrides(stored, overrides_in_force(dataset, settings))
        notes.append("overrides of now, which no plan has used yet: run `yunchou run --resume`")
    return Made(_with_ads(workspace, stored), dataset, tuple(notes))


def explained(workspace: Workspace, settings: PlanSettings, sku: str, channel: str | None, when: str) -> Explanation:
    """Why the forecast of a SKU over a day, week, month or span (:func:`parse_span`) is what it is."""
    span = parse_span(when)
    made = last_forecast(workspace, settings)
    found = explain(made.forecast, made.dataset, sku, channel, span)
    return replace(found, warnings=(*made.notes, *found.warnings))


def imagined(workspace: Workspace, settings: PlanSettings, file: Path) -> WhatIf:
    """What the calendar in a file would sell against the announced one."""
    scenario = read_scenario(file)
    made = last_forecast(workspace, settings)
    drivers, notes = scenario_drivers(made.forecast, scenario, usual_strengths(made.dataset), file.name)
    return what_if(
        made.forecast, drivers, Run(settings.seed, settings.threads).seed_for("whatif"), (*made.notes, *notes)
    )


def updated(workspace: Workspace, settings: PlanSettings, dataset: Dataset, at: str) -> Reforecast:
    """Event days of the last forecast again, by what ``dataset`` says of them until a moment (2026-11-11 03:00)."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        problem = Problem("--at", "is no moment", value=at, expected="such as '2026-11-11 03:00'")
        raise BadInput([problem]) from None
    made = last_forecast(workspace, settings)
    run = Run(settings.seed, settings.threads)
    found = reforecast(made.forecast, dataset, moment, settings.forecast.event, run)
    return replace(found, notes=(*made.notes, *found.notes))


def judged(workspace: Workspace, settings: PlanSettings, dataset: Dataset) -> ValueAdded:
    """Forecast value added of all overrides whose time is over, from the forecasts that runs recorded."""
    return value_added(_recorded(workspace), settings.overrides, dataset)


def _recorded(workspace: Workspace) -> Iterator[Forecast]:
    """Forecasts with overrides as they were made, the oldest first."""
    tracker = open_tracker(workspace.path)
    try:
        runs = [run for run in tracker.runs(RUNS) if run.name == STAGE and OVERRIDES in run.tags]
        for run in sorted(runs, key=lambda entry: entry.started):
            yield load_plan(tracker.folder_of(run.run_id, "plan"), Forecast)
    finally:
        tracker.close()


def _with_ads(workspace: Workspace, forecast: Forecast) -> Forecast:
    """The forecast that can answer for ad spend, where a budget was planned for weeks of it."""
    plan = workspace.load_plan("budget", BudgetPlan)
    if plan is None:
        return forecast
    able = with_budget_effect(forecast, plan)
    if able.spend_effect is None or not np.isfinite(able.spend_effect.reference).all():
        return forecast
    before = forecast.before
    return replace(able, before=None if before is None else before.with_spend(able.spend_effect))
