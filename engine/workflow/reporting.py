"""The report stage: hands every plan of a run to the reports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from engine.data.dataset import Dataset
from engine.data.store import Workspace
from engine.plans.budget import BudgetPlan
from engine.plans.errors import BadInput, MissingInput
from engine.plans.forecast import Forecast
from engine.plans.orders import OrderPlan
from engine.plans.parts import Plan
from engine.plans.replay import Replay
from engine.plans.review import Review
from engine.plans.targets import TargetPlan
from engine.reports.bundle import ReportBundle
from engine.reports.write import write_reports
from engine.targets.progress import Progress
from engine.workflow.progress import quiet
from engine.workflow.review import reviewed
from engine.workflow.settings import PlanSettings
from engine.workflow.targets import bridge_of, tracked
from engine.workflow.versions import versions
from engine.workflow.watch import alerts_of, graded_suppliers


def write_report(
    workspace: Workspace, dataset: Dataset, settings: PlanSettings, plans: Mapping[str, Plan], notes: tuple[str, ...]
) -> tuple[Path, ...]:
    """Workbooks and page under ``reports/``; returns the files."""
    review, unsaid = _review(workspace, dataset, settings)
    bundle = ReportBundle(
        merchant=settings.merchant or workspace.path.resolve().name,
        dataset=dataset,
        language=settings.report.language,
        forecast=cast("Forecast | None", plans.get("forecast")),
        targets=cast("TargetPlan | None", plans.get("targets")),
        budget=cast("BudgetPlan | None", plans.get("budget")),
        orders=cast("OrderPlan | None", plans.get("replenish")),
        replay=cast("Replay | None", plans.get("simulate")),
        alerts=alerts_of(dataset, settings, plans, quiet),
        suppliers=graded_suppliers(dataset, settings, cast("OrderPlan | None", plans.get("replenish"))),
        review=review,
        bridge=bridge_of(dataset, settings, plans),
        progress=_progress(workspace, dataset, settings),
        notes=(*dataset.unreconciled, *dataset.assumptions, *notes, *unsaid),
    )
    return write_reports(workspace.reports, bundle)


def _review(workspace: Workspace, dataset: Dataset, settings: PlanSettings) -> tuple[Review | None, tuple[str, ...]]:
    """The past year; without sales, or for a year without them, what is wrong as a note."""
    try:
        return reviewed(workspace, dataset, settings, quiet), ()
    except (MissingInput, BadInput) as error:
        return None, (f"review: {error}",)


def _progress(workspace: Workspace, dataset: Dataset, settings: PlanSettings) -> Progress | None:
    """The running year against its targets; None where it has none."""
    if not versions(workspace):
        return None
    try:
        return tracked(workspace, dataset, settings, None).progress
    except BadInput:
        return None
