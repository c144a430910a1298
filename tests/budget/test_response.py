"""What each ad channel brings, asked for on its own."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from rich.console import Console

from engine.budget.plan import plan_budget
from engine.budget.response import ResponseReport, study_response
from engine.budget.settings import BudgetSettings
from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.interfaces.cli.show_response import response_dict, show_response
from engine.plans.errors import MissingInput
from engine.reports.words import Words
from models.response.verdicts import UNSOLD
from tests.budget.merchant import ADS, forecast, merchant, varied


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return merchant(weeks=80)


@pytest.fixture(scope="module")
def found(dataset: Dataset) -> ResponseReport:
    return study_response(dataset, BudgetSettings(), "D", Run(1, 1))


def test_every_ad_channel_is_answered_with_intervals_and_what_it_lifts(found: ResponseReport) -> None:
    assert set(found.channels) == set(ADS)
    for name, numbers in found.channels.items():
        assert numbers["roi_low"] < numbers["roi"] < numbers["roi_high"]
        assert numbers["marginal_roi_low"] < numbers["marginal_roi"] < numbers["marginal_roi_high"]
        assert set(numbers["lifts"]) == set(ADS[name] or ("天猫", "京东", "抖音"))
        assert numbers["attributed_roi"] is None  # nothing is told of it
    held = found.diagnostics["holdout"]
    assert held["weeks"] == 8 and held["mape"] < 0.1 and found.diagnostics["residuals"]["r2"] > 0.8
    worse = any("does not help to foresee" in note for note in found.notes)
    assert worse == (held["mape"] > held["mape_controls_only"])
    assert not found.diagnostics["placebo"]["found"] and found.diagnostics["r_hat"] < 1.05


def test_ads_are_fitted_by_day_where_it_is_asked_for_and_told_by_week(dataset: Dataset, found: ResponseReport) -> None:
    by_day = study_response(varied(dataset), BudgetSettings(by="day"), "D", Run(1, 1), checks=False)
    assert (by_day.diagnostics["by"], by_day.diagnostics["weeks"], found.diagnostics["by"]) == ("day", 80.0, "week")
    for name, numbers in by_day.channels.items():
        weekly = found.channels[name]
        assert numbers["roi_low"] < weekly["roi_high"] and weekly["roi_low"] < numbers["roi_high"]
        assert 0.3 < numbers["half_saturation"] / weekly["half_saturation"] < 3.0  # yuan a week, both of them
        assert 0.5 < numbers["prior_half_saturation_low"] / weekly["prior_half_saturation_low"] < 2.0
        review = by_day.review.set_index("ad_channel")["roi"]  # by curves of weeks, over the last year
        assert 0.6 * numbers["roi_low"] < review[name] < 1.6 * numbers["roi_high"]


def test_the_answer_is_json_and_reads_in_both_languages(found: ResponseReport) -> None:
    content = json.loads(json.dumps(response_dict(found), allow_nan=False))
    assert content["status"] == "done" and content["channels"]["千川"]["data"]
    for language, word in (("zh", "留出最后"), ("en", "held out")):
        console = Console(record=True, width=120)
        show_response(console, found, language)
        assert word in console.export_text()


def test_a_shop_that_is_lifted_unnamed_is_told_and_its_sales_count(found: ResponseReport) -> None:
    spilling = study_response(merchant(weeks=80, spilled=0.5), BudgetSettings(), "D", Run(1, 1), checks=False)
    told = {row["channel"]: row for row in spilling.channels["千川"]["reach"]}
    assert spilling.channels["千川"]["lifts"] == ["抖音"] and set(told) == {"抖音", "天猫"}
    assert not told["天猫"]["named"] and told["天猫"]["share_low"] < 1 / 3 < told["天猫"]["share_high"]
    assert spilling.channels["千川"]["roi"] > 1.25 * found.channels["千川"]["roi"]
    (note,) = [note for note in spilling.notes if "not named for it" in note]
    assert Words("zh").label(note).startswith("千川 还带动没有写明的 天猫（外溢）")
    assert [row["named"] for row in found.channels["千川"]["reach"]] == [True]
    never = study_response(merchant(weeks=80, spilled=0.5), BudgetSettings(spills=0.0), "D", Run(1, 1), checks=False)
    assert [row["channel"] for row in never.channels["千川"]["reach"]] == ["抖音"]


def test_no_spend_is_said_and_a_channel_that_never_ran_gets_no_number(dataset: Dataset) -> None:
    tables = dict(dataset.tables)
    media = tables.pop("media")
    with pytest.raises(MissingInput):
        study_response(Dataset(tables, "test"), BudgetSettings(), "D", Run(1, 1))
    idle = media[media["ad_channel"].astype(str) == "千川"].assign(ad_channel="未投", spend_fen=0, clicks=3)
    tables["media"] = pd.concat([media.assign(ad_channel=media["ad_channel"].astype(str)), idle], ignore_index=True)
    # 种草 reports its last ten days only: 30 yuan a yuan, two yuan a click
    late = (tables["media"]["ad_channel"] == "种草") & (
        tables["media"]["date"] >= media["date"].max() - pd.Timedelta("9D")
    )
    told = tables["media"]["spend_fen"].where(late)
    tables["media"] = tables["media"].assign(
        attributed_fen=(30.0 * told).round().astype("Int64"),
        clicks=tables["media"]["clicks"].fillna(told / 200.0).round().astype("Int64"),
        whole_site=tables["media"]["ad_channel"] == "种草",
    )
    found = study_response(Dataset(tables, "test"), BudgetSettings(), "D", Run(1, 1), checks=False)
    assert found.channels["种草"]["attributed_roi"] == pytest.approx(30.0)
    assert found.channels["种草"]["click_yuan"] == pytest.approx(2.0, rel=1e-2)
    assert len({tuple(sorted(numbers)) for numbers in found.channels.values()}) == 1
    assert found.channels["未投"]["roi"] is None and found.channels["未投"]["click_yuan"] == 0.0
    assert any("未投 never ran" in note for note in found.notes)
    assert any(note.startswith("种草: whole-site tools") for note in found.notes)


def test_ads_of_a_shop_that_sold_nothing_are_told_without_numbers_and_budgeted(dataset: Dataset) -> None:
    sales = dataset["sales"]
    unpaid = sales.assign(amount_paid_fen=sales["amount_paid_fen"].where(sales["channel"] != "抖音", 0))
    silent = Dataset({**dataset.tables, "sales": unpaid}, "silent")
    found = study_response(silent, BudgetSettings(), "D", Run(1, 1), checks=False)
    assert found.channels["千川"]["roi"] is None and found.channels["直通车"]["roi"] > 0.0
    console = Console(record=True, width=200)
    show_response(console, found, "zh")
    assert "所带动的渠道没有成交，无从判断" in console.export_text()
    plan = plan_budget(silent, forecast(silent), BudgetSettings(frontier=(), nodes=4), Run(1, 1))
    told = plan.channels.set_index("ad_channel").loc["千川"]
    assert told["data"] == UNSOLD and told["spend_fen"] < told["today_fen"]
