"""The order plan of an earlier week is kept and found again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.data.store import Workspace
from engine.plans.orders import OrderPlan
from engine.workflow.rolling import keep_before, plan_before
from engine.workflow.stages import BEFORE
from tests.simulation.cases import make_case, make_plan

WEEK = np.timedelta64(7, "D")


def later(plan: OrderPlan, weeks: int) -> OrderPlan:
    return replace(plan, case=replace(plan.case, weeks=plan.case.weeks + weeks * WEEK))


def test_the_last_plan_of_an_earlier_week_is_found(tmp_path: Path) -> None:
    workspace, plan = Workspace(tmp_path), make_plan(make_case(), np.ones((4, 10)))
    first = plan.case.weeks[0]
    assert plan_before(workspace, first) is None
    made = [workspace.save_plan("replenish", plan, {})]
    assert plan_before(workspace, first) is None
    for week in (1, 1, 2):
        found = plan_before(workspace, first + week * WEEK)
        assert found is not None and found[0] == made[week - 1]
        keep_before(workspace, found[0])
        made.append(workspace.save_plan("replenish", later(plan, week), {}))
        made = made if len(made) == week + 1 else made[:-1]
    kept = workspace.plan_manifest(BEFORE)
    assert kept is not None and kept["plan"] == made[1]
    # planning for the week of the kept plan, or one before it, has nothing to go on from
    assert plan_before(workspace, first + WEEK) is None
