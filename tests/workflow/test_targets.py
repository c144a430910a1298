"""Targets that feed supply, and their versions."""

import re
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from engine.budget.settings import BudgetSettings
from engine.data.store import Workspace
from engine.execution.run import Run
from engine.plans.errors import BadInput
from engine.replenishment.settings import ReplenishSettings
from engine.reports.words import Words
from engine.targets.plan import set_targets
from engine.targets.settings import TargetSettings
from engine.workflow.budget_feed import Asked, asked_of_weeks, fed_budget, held_against_targets
from engine.workflow.feeds import fed_settings
from engine.workflow.settings import PlanSettings
from engine.workflow.stages import STAGES, StageInput, listed, used_by
from engine.workflow.targets import standing_targets, tracked
from engine.workflow.versions import (
    approve,
    give_approved,
    in_force,
    keep_version,
    taken_by_later_stages,
    version_of,
    versions,
)
from tests.reports import fixtures
from tests.targets.shops import dataset, forecast


@pytest.fixture(scope="module")
def plan():
    goals = {"A": {"growth": 0.4}}
    return set_targets(dataset(), forecast(), TargetSettings(growth=0.2, channels=goals, author="Ann"), Run())


def test_stages_hand_the_setting_to_supply(plan):
    base = forecast()
    plans = {"forecast": base, "targets": plan}
    asked = {
        word: StageInput(dataset(), PlanSettings(targets=TargetSettings(supply_for=word)), Run(), plans).demand()
        for word in ("forecast", "between", "target")
    }
    usual = base.under()
    np.testing.assert_array_equal(asked["forecast"].mean, usual.mean)
    rows = (usual.series["channel"] == "A").to_numpy()
    february = usual.dates.astype("datetime64[M]") == np.datetime64("2027-02")
    sums = {word: found.mean[np.ix_(rows, february)].sum() for word, found in asked.items()}
    assert sums["forecast"] < sums["between"] < sums["target"]
    # the months before the targets' year keep the forecast
    november = usual.dates.astype("datetime64[M]") == np.datetime64("2026-11")
    np.testing.assert_allclose(asked["target"].mean[:, november], usual.mean[:, november], rtol=1e-6)


def test_open_to_buy_is_for_what_supply_is_for(plan):
    totals = [
        set_targets(dataset(), forecast(), TargetSettings(growth=0.2, supply_for=word), Run())
        .details.open_to_buy["cost_of_sales_fen"]
        .sum()
        for word in ("forecast", "between", "target")
    ]
    assert totals[0] < totals[1] < totals[2] and totals[1] == pytest.approx((totals[0] + totals[2]) / 2, rel=1e-6)


def test_open_to_buy_of_the_targets_limits_orders(plan):
    settings = ReplenishSettings(open_to_buy="targets")
    fed = fed_settings(settings, plan)
    rows = plan.details.open_to_buy
    assert len(fed.open_to_buy) == len(rows)
    assert sum(entry.yuan for entry in fed.open_to_buy) == pytest.approx(rows["receipts_fen"].sum() / 100)
    assert fed_settings(settings, None).open_to_buy == ()
    own = ReplenishSettings(open_to_buy=({"category": "x", "month": date(2027, 1, 1), "yuan": 5.0},))
    assert fed_settings(own, plan) is own


def test_orders_look_at_targets_only_when_told_to():
    plain, fed = PlanSettings(), PlanSettings(targets=TargetSettings(supply_for="target"))
    assert used_by(STAGES["replenish"], plain) == ("budget",) and "targets" not in listed(plain)
    assert used_by(STAGES["replenish"], fed) == ("targets", "budget") and "targets" in listed(fed)


def test_versions_say_who_changed_what(plan, tmp_path):
    (tmp_path / "plan.yaml").write_text("seed: 1\n")
    workspace = Workspace.open(tmp_path)
    other = set_targets(dataset(), forecast(), TargetSettings(growth=0.1, author="Bo"), Run())
    for entry in (plan, plan, other):
        keep_version(workspace, entry, workspace.save_plan("targets", entry, {}))
    first, second = versions(workspace)
    assert (first.author, second.author, first.changed) == ("Ann", "Bo", ())
    assert "growth: 0.2 -> 0.1" in second.changed and any(text.startswith("total: ") for text in second.changed)
    chosen, stored = version_of(workspace, date(2027, 3, 1))
    assert chosen == second and stored.details.author == "Bo"
    with pytest.raises(BadInput, match="no targets of this year"):
        version_of(workspace, date(2030, 1, 1))


def test_later_stages_take_what_was_approved(plan, tmp_path):
    (tmp_path / "plan.yaml").write_text("seed: 1\n")
    workspace = Workspace.open(tmp_path)
    other = set_targets(dataset(), forecast(), TargetSettings(growth=0.1, author="Bo"), Run())
    digests = []
    for entry in (plan, other):
        digests.append(workspace.save_plan("targets", entry, {}))
        keep_version(workspace, entry, digests[-1])
    assert taken_by_later_stages(workspace, other, digests[1]) == (other, digests[1], "")
    with pytest.raises(BadInput, match=r"no version of the targets(.|\n)+needs a name"):
        approve(workspace, 7, " ")
    done = approve(workspace, 1, "Wang")
    assert (done.approved_by, versions(workspace)[1].approved) == ("Wang", "")
    taken, digest, note = taken_by_later_stages(workspace, other, digests[1])
    assert (taken.details.author, digest) == ("Ann", digests[0]) and "version 1, approved by Wang" in note
    assert re.search("第 1 版（Wang", Words("zh").label(f"targets: {note}"))
    assert standing_targets(workspace)[1].author == "Ann" and version_of(workspace, date(2027, 3, 1))[0].number == 1
    # a plan on earlier data knows nothing of an approval that came on later data
    assert in_force(workspace, 2027, "2020-01-01") is None
    twin = Workspace.open(Path(shutil.copytree(tmp_path, tmp_path / "twin", ignore=lambda *_: ["plans", "twin"])))
    give_approved(workspace, digests[0], twin)
    assert taken_by_later_stages(twin, other, digests[1])[1] == digests[0]
    approve(workspace, 2, "Li")
    assert taken_by_later_stages(workspace, other, digests[1])[2] == ""


def test_budget_takes_what_targets_ask_of_its_weeks():
    stated = TargetSettings(growth=0.2, limits={"ads_yuan": 9000.0})
    targets = set_targets(dataset(), forecast(), stated, Run())
    follow = BudgetSettings(follow_targets=("money", "ad_ratio"))
    asked = asked_of_weeks(dataset(), forecast(), targets, follow)
    days = targets.details.days
    january = days[(days["date"] <= "2027-01-30")]
    near = forecast().under().weekly_revenue_yuan.sum(axis=0)[:9].sum()  # weeks that begin before the year
    assert asked.sales == pytest.approx(january["target_fen"].sum() / 100 + near, rel=1e-6)
    assert asked.sales - asked.expected == pytest.approx(
        (january["target_fen"] - january["forecast_fen"]).sum() / 100, abs=0.1
    )
    assert asked.ratio == pytest.approx(9000.0 / (targets.details.cells["target_fen"].sum() / 100))
    fed = fed_budget(follow, asked)
    assert fed.total_yuan == pytest.approx(asked.ratio * asked.sales) and fed.ad_ratio == asked.ratio
    own = BudgetSettings(follow_targets=("money", "ad_ratio"), total_yuan=5.0, ad_ratio=0.2)
    assert fed_budget(own, asked) == own


def test_budget_looks_at_targets_only_when_told_to():
    fed = PlanSettings(budget=BudgetSettings(follow_targets=("sales",)))
    assert used_by(STAGES["budget"], PlanSettings()) == () and used_by(STAGES["budget"], fed) == ("targets",)
    assert used_by(STAGES["replenish"], fed) == ("budget",) and "targets" in listed(fed)


def test_the_split_is_held_against_the_targets_of_its_weeks():
    told, split = fixtures.forecast(), fixtures.budget()
    settings = BudgetSettings(follow_targets=("sales",))
    enough = held_against_targets(told, split, settings, Asked(0.1, 1000.0, 1e9))
    assert not enough.warnings and enough.metrics["expected_sales_yuan"] > 1000.0
    reached = enough.metrics["expected_sales_yuan"] - 1e9
    spent, gained = (split.frontier[name].to_numpy() / 100 for name in ("spend_fen", "incremental_fen"))
    own = split.brought_fen / 100
    short = gained[3] - own  # what the fourth level of the frontier would bring more
    near = held_against_targets(told, split, settings, Asked(0.1, 1e7 + reached + short, 1e7))
    more = spent[3] - split.split["spend_fen"].sum() / 100
    assert near.warnings[-1].endswith(f"{more:,.0f} yuan more of ads would close the gap")
    far = held_against_targets(told, split, settings, Asked(0.1, 1e12, 1e7))
    assert "and not close the gap" in far.warnings[-1]
    assert held_against_targets(told, split, BudgetSettings(), Asked(0.1, 1e12, 1e7)) is split


def test_days_that_are_not_known_yet_are_no_days_without_sales(plan, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.workflow.targets._changed", lambda workspace, data: [])
    (tmp_path / "plan.yaml").write_text("seed: 1\n")
    workspace = Workspace.open(tmp_path)
    keep_version(workspace, plan, workspace.save_plan("targets", plan, {}))
    found = tracked(workspace, dataset(), PlanSettings(), date(2027, 3, 1)).progress
    assert found.day == str(dataset().last_day.date())
    assert not any("behind" in note for note in found.notes) and any("until 2026-10-01 only" in n for n in found.notes)
    end = found.year_end.set_index(["level", "key"]).loc[("total", "2027")]
    assert end["expected_fen"] == pytest.approx(plan.details.cells["forecast_fen"].sum(), rel=0.02)
