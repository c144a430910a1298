"""The review of the year, on the data in use."""

from __future__ import annotations

from engine.data.closed import changed_months
from engine.data.dataset import Dataset
from engine.data.store import Workspace
from engine.execution.run import Run
from engine.plans.review import Review
from engine.targets.review.make import review_year
from engine.workflow.progress import Progress
from engine.workflow.settings import PlanSettings


def reviewed(workspace: Workspace, dataset: Dataset, settings: PlanSettings, progress: Progress) -> Review:
    """The year against the year before, with the closed months that earlier snapshots held otherwise."""
    run = Run(settings.seed, settings.threads, lambda text, share: progress("review", text, share))
    closed = changed_months(workspace, dataset.fingerprint, dataset.cutoff)
    return review_year(dataset, settings.review, run, closed, settings.price_protection)
