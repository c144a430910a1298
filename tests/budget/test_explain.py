"""Why an ad channel moves, what other budgets buy, a quarter that has begun, dearer clicks."""

from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from engine.budget.explain import explain_channel
from engine.budget.plan import plan_budget
from engine.budget.settings import BudgetSettings
from engine.execution.run import Run
from engine.interfaces.cli.show_budget import show_channel
from engine.plans.budget import BudgetPlan
from engine.plans.errors import BadInput
from engine.reports.settings import Language
from tests.budget.merchant import ADS, ORIGIN, SHOPS, forecast, merchant

DATASET = merchant(weeks=60)
AHEAD = forecast(DATASET)
QUICK = {"frontier": (), "nodes": 4}


@pytest.fixture(scope="module")
def plan() -> BudgetPlan:
    return plan_budget(DATASET, AHEAD, BudgetSettings(frontier=(0.5, 1.0, 1.5)), Run(1))


def test_each_move_has_its_reason(plan: BudgetPlan) -> None:
    found = [explain_channel(plan, name) for name in ADS]
    assert {entry.move for entry in found} >= {"up", "down"}
    for entry in found:
        if entry.move == "up":
            assert entry.marginal_today > entry.price_of_budget * 0.9
        if entry.held_by:
            assert entry.held_price != 0.0
        assert sum(entry.reach.values()) == pytest.approx(1.0) and set(entry.reach) == set(
            ADS[entry.ad_channel] or SHOPS
        )
    with pytest.raises(BadInput, match="no such ad channel"):
        explain_channel(plan, "电视")


@pytest.mark.parametrize(
    ("language", "word"), [("en", "its first yuan brings less"), ("zh", "它的第一元回报低于其他渠道")]
)
def test_what_gets_nothing_without_a_rule_is_told_so(plan: BudgetPlan, language: Language, word: str) -> None:
    found = replace(explain_channel(plan, "种草"), spend_fen=0, held_by="")
    for told, said in ((found, True), (replace(found, spend_fen=1), False)):
        console = Console(record=True, width=200)
        show_channel(console, told, language)
        assert (word in console.export_text()) == said


def test_more_budget_buys_more_and_each_yuan_less(plan: BudgetPlan) -> None:
    table = plan.frontier
    assert table["budget_fen"].is_monotonic_increasing and table["incremental_fen"].is_monotonic_increasing
    assert (np.diff(table["marginal"]) < 0).all()
    assert (table["incremental_low_fen"] <= table["incremental_fen"]).all()
    assert table["spend_fen"].iloc[1] == plan.channels["spend_fen"].sum()


def test_a_quarter_that_has_begun_keeps_what_is_left() -> None:
    start = (ORIGIN - 35).astype("datetime64[D]").item()
    settings = BudgetSettings(start=start, total_yuan=1_200_000.0, weeks=13, **QUICK)
    begun = plan_budget(DATASET, AHEAD, settings, Run(1))
    media = DATASET["media"]
    spent = media.loc[media["date"] >= np.datetime64(start), "spend_fen"].sum()
    assert begun.split["week"].nunique() == 8
    assert begun.split["spend_fen"].sum() + spent == pytest.approx(120_000_000, abs=10)
    assert any("of the quarter are spent" in entry for entry in begun.warnings)


def test_dearer_clicks_buy_less_and_leave_the_forecast_as_it_was(plan: BudgetPlan) -> None:
    dear = plan_budget(DATASET, AHEAD, BudgetSettings(click_price=1.3, **QUICK), Run(1))
    assert dear.metrics["incremental_yuan"] < plan.metrics["incremental_yuan"]
    held = [
        entry.curves.lift(entry.reference[list(entry.curves.ad_channels)].to_numpy().T).mean(axis=0)
        for entry in (plan, dear)
    ]
    np.testing.assert_allclose(held[0], held[1], rtol=1e-9)
