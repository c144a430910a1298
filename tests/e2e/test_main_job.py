"""The main job from a merchant's tables to the report, through the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from engine.data.store import Workspace
from engine.plans.budget import BudgetPlan
from engine.plans.forecast import Forecast
from engine.plans.orders import OrderPlan
from engine.plans.replay import Replay
from engine.plans.targets import TargetPlan
from tests.e2e.conftest import Outcome

PLANS = {"forecast": Forecast, "targets": TargetPlan, "budget": BudgetPlan, "replenish": OrderPlan, "simulate": Replay}
Call = Callable[..., Outcome]
DemoRun = tuple[Path, Outcome]


def test_every_stage_is_done_and_says_so(demo_run: DemoRun) -> None:
    _, outcome = demo_run
    assert outcome.code == 0, outcome.stderr
    stages = outcome.json["stages"]
    assert list(stages) == [*PLANS, "report"]
    for name, stage in stages.items():
        assert stage["status"] in ("done", "partial"), (name, stage)
        assert stage["seconds"] >= 0 and stage["run_id"] and isinstance(stage["metrics"], dict)
    for name in ("targets", "budget", "replenish"):
        assert 0 <= stages[name]["gap"] < 0.1


def test_files_are_there_and_hold_no_times(demo_run: DemoRun) -> None:
    ws, outcome = demo_run
    workspace = Workspace.open(ws)
    for name, kind in PLANS.items():
        assert isinstance(workspace.load_plan(name, kind), kind)
    names = {Path(file).name for file in outcome.json["files"]}
    assert {"planner.xlsx", "buyer.xlsx", "marketing.xlsx", "report.html"} <= names
    for stage in outcome.json["stages"].values():
        for file in (ws / "plans").rglob("*.json"):
            assert stage["run_id"] not in file.read_text("utf-8")


def test_a_run_made_again_gives_the_same_bytes(demo_run: DemoRun, call: Call) -> None:
    ws, first = demo_run
    repeated = call("reproduce", ws, first.json["run_id"][:12], "--json")
    assert repeated.code == 0 and repeated.json["identical"] is True, repeated.json
    assert set(repeated.json["stages"]) == set(PLANS)


def test_resume_takes_what_is_finished(demo_run: DemoRun, call: Call) -> None:
    ws, _ = demo_run
    again = call("run", ws, "--resume", "--json").json
    assert all(again["stages"][name]["reused"] for name in PLANS)


def test_single_stages_answer_with_the_names_of_the_issue(demo_run: DemoRun, call: Call) -> None:
    ws, _ = demo_run
    solved = {"status", "solver_status", "objective", "bound", "gap", "gap_scope", "seconds", "binding"}
    orders = call("replenish", ws, "--json").json
    assert solved | {"lines", "run_id", "metrics"} <= set(orders)
    targets = call("targets", ws, "--json").json
    assert {"probability", "relaxations", "sums"} <= set(targets)
    totals = [sum(level.values()) for level in targets["sums"].values()]
    assert len(set(totals)) == 1
    assert {"split", "difference"} <= set(call("budget", ws, "--json").json)


def test_runs_are_recorded_and_nested(demo_run: DemoRun, call: Call) -> None:
    ws, first = demo_run
    records = {record["run_id"]: record for record in call("runs", ws, "--limit", "200", "--json").json["runs"]}
    for stage in first.json["stages"].values():
        assert records[stage["run_id"]]["parent"] == first.json["run_id"]


def test_orders_keep_pack_and_minimum_and_cost_adds_up(demo_run: DemoRun) -> None:
    ws, _ = demo_run
    orders = Workspace.open(ws).load_plan("replenish", OrderPlan)
    assert orders is not None and len(orders.lines)
    items = orders.case.items.set_index(["sku", "warehouse", "pool"])
    lines = orders.lines.join(items[["moq_units", "pack_units"]], on=["sku", "warehouse", "pool"])
    assert (lines["units"] % lines["pack_units"] == 0).all()
    alone = lines["group"] == ""
    keys = ["group", "warehouse", "pool", "arrival_week"]
    together = lines["units"].where(alone, lines.groupby(keys)["units"].transform("sum"))
    assert (together >= lines["moq_units"]).all()
    assert (lines["cost_fen"] - lines["units"] * lines["unit_cost_fen"]).abs().max() <= lines["units"].max()


def test_targets_add_up_from_the_sku_to_the_total(demo_run: DemoRun) -> None:
    ws, _ = demo_run
    plan = Workspace.open(ws).load_plan("targets", TargetPlan)
    assert plan is not None
    keys = ["month", "channel", "category"]
    below = plan.skus.groupby(keys, observed=True)["target_fen"].sum()
    above = plan.months.set_index(keys)["target_fen"]
    pd.testing.assert_series_equal(
        below.reindex(above.index, fill_value=0).astype("int64"), above.astype("int64"), check_names=False
    )


def test_kill_in_the_middle_of_a_run_leaves_plans_and_data_readable(demo_run: DemoRun, call: Call) -> None:
    ws, _ = demo_run
    command = [sys.executable, "-c", "from engine.interfaces.cli import main; main()", "run", str(ws)]
    for seconds in (2.0, 6.0):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            time.sleep(seconds)
            os.kill(running.pid, signal.SIGKILL)
    workspace = Workspace.open(ws)
    assert len(workspace.dataset()["sales"])
    for name, kind in PLANS.items():
        assert workspace.load_plan(name, kind) is not None
    assert call("run", ws, "--resume", "--json").code == 0


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_check_of_the_demo_has_no_error(demo_run: DemoRun, call: Call, words: tuple[str, ...]) -> None:
    ws, _ = demo_run
    outcome = call("check", ws, *words)
    assert outcome.code == 0
    if words:
        assert not [finding for finding in outcome.json["findings"] if finding["level"] == "error"]
