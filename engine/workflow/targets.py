"""What a planner asks of the targets that stand: the bridge to them, open-to-buy, and how far the year has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

import numpy as np

from engine.data.closed import changed_months
from engine.data.dataset import Dataset
from engine.data.store import Workspace
from engine.execution.run import Run
from engine.plans.budget import BudgetPlan
from engine.plans.errors import BadInput, Problem
from engine.plans.forecast import Forecast
from engine.plans.parts import Plan
from engine.plans.targets import TargetDetails, TargetPlan
from engine.targets.bridge import Bridge, bridge_to_target
from engine.targets.levers import levers
from engine.targets.progress import Progress, owner_names, year_progress
from engine.workflow.settings import PlanSettings
from engine.workflow.versions import Version, taken_by_later_stages, version_of, versions


@dataclass(frozen=True)
class Tracked:
    """Progress of the year against the latest version of its targets, and all versions of them."""

    progress: Progress
    version: Version
    history: tuple[Version, ...]
    changed: tuple[str, ...]


def standing_targets(workspace: Workspace) -> tuple[TargetPlan, TargetDetails]:
    """The targets that later stages take: the approved ones, else the stored ones; :class:`BadInput` without any."""
    plan, manifest = workspace.load_plan("targets", TargetPlan), workspace.plan_manifest("targets")
    if plan is not None and manifest is not None:
        plan = taken_by_later_stages(workspace, plan, str(manifest["plan"]))[0]
    if plan is None or plan.details is None:
        raise BadInput([Problem(str(workspace.path), "has no targets yet", remedy="Run `yunchou targets`.")])
    return plan, plan.details


def bridged(workspace: Workspace, dataset: Dataset, settings: PlanSettings) -> Bridge:
    """From the forecast to the targets by the levers that the data and the settings know."""
    kinds: Mapping[str, type[Plan]] = {"forecast": Forecast, "budget": BudgetPlan}
    stored: dict[str, Plan | None] = {"targets": standing_targets(workspace)[0]}
    stored |= {name: workspace.load_plan(name, kind) for name, kind in kinds.items()}
    found = bridge_of(dataset, settings, {name: plan for name, plan in stored.items() if plan is not None})
    if found is None:
        raise BadInput([Problem(str(workspace.path), "has no forecast yet", remedy="Run `yunchou forecast`.")])
    return found


def bridge_of(dataset: Dataset, settings: PlanSettings, plans: Mapping[str, Plan]) -> Bridge | None:
    """The bridge of plans of one run; None without forecast or targets."""
    forecast, targets = cast("Forecast | None", plans.get("forecast")), cast("TargetPlan | None", plans.get("targets"))
    if forecast is None or targets is None or targets.details is None:
        return None
    budget = cast("BudgetPlan | None", plans.get("budget"))
    found = levers(dataset, forecast, budget, targets.details, settings.targets.levers)
    return bridge_to_target(targets.details, found, owner_names(dataset), float(targets.metrics["probability_total"]))


def tracked(workspace: Workspace, dataset: Dataset, settings: PlanSettings, day: date | None) -> Tracked:
    """The year of ``day`` (the last sales day where none is given) against its targets, with what was known then.
    Days after the last sales day are no days without sales: the year is judged until that day."""
    seen = dataset if day is None else dataset.as_of(day)
    last = seen.last_day.date()
    chosen = last if day is None else day
    version, plan = version_of(workspace, chosen)
    assert plan.details is not None
    run = Run(settings.seed, settings.threads)
    until = np.datetime64(min(chosen, last), "D")
    progress = year_progress(seen, plan.details, until, run.rng("progress", str(until)))
    if np.datetime64(plan.details.origin, "D") > until + 1:
        note = f"these targets were set on data until {plan.details.origin}: chances of that day know what came later"
        progress = replace(progress, notes=(*progress.notes, note))
    if chosen > last:
        progress = replace(progress, notes=(*progress.notes, f"sales are known until {last} only"))
    history = tuple(entry for entry in versions(workspace) if entry.year == chosen.year)
    return Tracked(progress, version, history, tuple(_changed(workspace, seen)))


def _changed(workspace: Workspace, dataset: Dataset) -> list[str]:
    """Closed months that changed since an earlier snapshot."""
    table = changed_months(workspace, dataset.fingerprint, dataset.cutoff)
    return [
        f"{row['month']:%Y-%m} {row['channel']}: {row['was_fen'] / 100:,.2f} -> {row['fen'] / 100:,.2f} yuan since it "
        "was closed"
        for row in table.to_dict("records")
    ]
