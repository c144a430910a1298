"""The order plan of an earlier week, kept beside the last one: what rolling planning goes on from."""

from __future__ import annotations

import numpy as np

from engine.data.store import Workspace
from engine.plans.orders import OrderPlan
from engine.workflow.stages import BEFORE

REPLENISH = "replenish"


def plan_before(workspace: Workspace, first: np.datetime64) -> tuple[str, OrderPlan] | None:
    """The latest stored order plan whose weeks begin before ``first``, with its hash.

    Planning again for the same week goes on from the same plan, so that it gives the same result.
    """
    for name in (REPLENISH, BEFORE):
        manifest = workspace.plan_manifest(name)
        plan = None if manifest is None else workspace.load_plan(name, OrderPlan)
        if manifest is not None and plan is not None and _begins(plan) < first.astype("datetime64[D]"):
            return str(manifest["plan"]), plan
    return None


def keep_before(workspace: Workspace, digest: str | None) -> None:
    """Before a new order plan is stored: keep the one of that hash, from which it goes on."""
    manifest = workspace.plan_manifest(REPLENISH)
    if manifest is not None and manifest["plan"] == digest:
        workspace.keep_plan(REPLENISH, BEFORE)


def _begins(plan: OrderPlan) -> np.datetime64:
    weeks = plan.case.weeks
    return np.datetime64("9999-01-01", "D") if not len(weeks) else weeks[0].astype("datetime64[D]")
