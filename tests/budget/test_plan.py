"""The whole stage on a merchant with known truth."""

import json

import numpy as np
import pandas as pd
import pytest

from engine.budget.days import by_day
from engine.budget.effect import forecast_under, with_budget_effect
from engine.budget.history import response_data
from engine.budget.plan import plan_budget
from engine.budget.settings import BudgetSettings
from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.plans.budget import BudgetPlan
from engine.plans.errors import MissingInput
from engine.plans.forecast import Forecast
from models.response.adstock import adstock
from models.response.saturation import hill
from tests.budget.merchant import ADS, ORIGIN, SHOPS, TRUTH, forecast, merchant


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return merchant()


@pytest.fixture(scope="module")
def ahead(dataset: Dataset) -> Forecast:
    return forecast(dataset)


@pytest.fixture(scope="module")
def plan(dataset: Dataset, ahead: Forecast) -> BudgetPlan:
    return plan_budget(dataset, ahead, BudgetSettings(), Run(1))


def _true_lift(plan: BudgetPlan, column: str, data: Dataset) -> float:
    history = response_data(data, ORIGIN)
    spend = plan.split.pivot(index="ad_channel", columns="week", values=column) / 100.0
    total = 0.0
    for name, (carryover, half, slope, scale) in TRUTH.items():
        past = history.spend[history.ad_channels.index(name)]
        line = np.concatenate([past, spend.loc[name].to_numpy(), np.zeros(8)])
        stock = adstock(line, np.array(carryover), np.array(past[:4].mean()))
        total += float((scale * hill(stock[len(past) :], np.array(half), np.array(slope))).sum())
    return total


def test_weeks_and_money_add_up(dataset: Dataset) -> None:
    data = response_data(dataset, ORIGIN)
    assert data.spend.sum() == pytest.approx(dataset["media"]["spend_fen"].sum() / 100.0)
    assert data.revenue.sum() == pytest.approx(dataset["sales"]["amount_paid_fen"].sum() / 100.0)
    assert data.split.sum(axis=1) == pytest.approx(np.ones(len(ADS)))
    assert data.split[data.ad_channels.index("千川")].tolist() == [float(shop == "抖音") for shop in data.channels]


def test_the_plan_places_the_money_within_its_rules_and_beats_today(dataset: Dataset, plan: BudgetPlan) -> None:
    split = plan.split
    assert split["spend_fen"].sum() == split["today_fen"].sum()
    assert len(split) == 13 * len(ADS)
    ratio = split["spend_fen"] / split["today_fen"]
    assert ratio.between(0.5 - 1e-4, 1.5 + 1e-4).all()
    weeks = split.groupby("week")[["spend_fen", "today_fen"]].sum()
    assert (weeks["spend_fen"] / weeks["today_fen"]).between(0.9 - 1e-4, 1.1 + 1e-4).all()
    assert plan.report.bound >= plan.report.objective > 0 and plan.report.gap <= 0.005
    assert plan.difference["low"] <= plan.difference["mean"] <= plan.difference["high"]
    assert _true_lift(plan, "spend_fen", dataset) > _true_lift(plan, "today_fen", dataset)


def test_days_add_up_to_their_weeks_and_follow_the_weekdays_of_the_history(dataset: Dataset, plan: BudgetPlan) -> None:
    days = plan.days.assign(week=ORIGIN + (plan.days["date"].to_numpy().astype("datetime64[D]") - ORIGIN) // 7 * 7)
    sums = days.groupby(["week", "ad_channel"])["spend_fen"].sum().to_numpy()
    assert sums.tolist() == plan.split.sort_values(["week", "ad_channel"])["spend_fen"].tolist()
    media = dataset["media"]
    weekend = media["date"].dt.dayofweek >= 5
    more = {**dataset.tables, "media": media.assign(spend_fen=media["spend_fen"] * (1 + weekend.astype("int64")))}
    found = by_day(Dataset(more, "x"), plan.split, ORIGIN)
    late = found["date"].dt.dayofweek >= 5
    assert found.loc[late, "spend_fen"].sum() / found["spend_fen"].sum() == pytest.approx(4 / 9, abs=0.02)


def test_days_before_a_channel_began_are_no_usual_days(dataset: Dataset, plan: BudgetPlan) -> None:
    """A channel that began with last year's event spent the same on its days as on those after it."""
    media, begin, end = dataset["media"], pd.Timestamp("2026-06-01"), pd.Timestamp("2026-06-14")
    new = (media["ad_channel"].astype(str) == "千川") & (media["date"] < begin)
    flat = media[~new].assign(spend_fen=10_000)
    phases = [("main", begin, end), ("main", pd.Timestamp(ORIGIN), pd.Timestamp(ORIGIN))]
    events = pd.DataFrame([{"kind": "618", "phase": phase, "start": a, "end": b} for phase, a, b in phases])
    found = by_day(Dataset({**dataset.tables, "media": flat, "events": events}, "x"), plan.split, ORIGIN)
    first = found[found["date"] < pd.Timestamp(ORIGIN) + pd.Timedelta(days=7)]
    own = first.loc[first["ad_channel"] == "千川", "spend_fen"]
    assert own.max() - own.min() <= 1


def test_the_worth_of_tests_is_told_of_every_ad_channel_that_can_move(plan: BudgetPlan) -> None:
    table = plan.trials
    assert set(table["ad_channel"]) == set(ADS) and not table.isna().any().any()
    assert (table["know_fen"] >= table["learn_fen"]).all() and (table["learn_fen"] >= 0).all()
    assert (table["net_fen"] - table["learn_fen"] + table["cost_fen"]).abs().max() <= 1
    assert table["net_fen"].is_monotonic_decreasing and (table["error_fen"] > 0).all()
    assert ((table["end"] - table["start"]).dt.days % 7 == 6).all()


def test_a_history_by_week_is_split_evenly(dataset: Dataset, plan: BudgetPlan) -> None:
    media = dataset["media"]
    weekly = {**dataset.tables, "media": media[media["date"].dt.dayofweek == 0]}
    found = by_day(Dataset(weekly, "x"), plan.split, ORIGIN)
    first = found[found["date"] < pd.Timestamp(ORIGIN) + pd.Timedelta(days=7)].groupby("ad_channel")["spend_fen"]
    assert (first.max() - first.min() <= 1).all()


def test_the_table_of_ad_channels(plan: BudgetPlan) -> None:
    table = plan.channels
    assert table["spend_fen"].sum() == plan.split["spend_fen"].sum()
    assert (table["roi_low"] <= table["roi"]).all() and (table["roi"] <= table["roi_high"]).all()
    assert not table.isna().any().any()
    assert any(entry.rule == "total budget" for entry in plan.report.binding)


def test_the_same_run_gives_the_same_plan_and_it_survives_storage(
    dataset: Dataset, ahead: Forecast, plan: BudgetPlan
) -> None:
    again = plan_budget(dataset, ahead, BudgetSettings(), Run(1)).to_parts()
    parts = plan.to_parts()
    for name, frame in parts.frames.items():
        pd.testing.assert_frame_equal(frame, again.frames[name])
    assert json.dumps(dict(parts.meta)) == json.dumps(dict(again.meta))
    back = BudgetPlan.from_parts(parts)
    assert (back.curves.scale == plan.curves.scale).all()
    pd.testing.assert_frame_equal(back.reference, plan.reference)


def test_the_reference_is_what_the_forecast_already_holds(ahead: Forecast, plan: BudgetPlan) -> None:
    held = with_budget_effect(ahead, plan)
    daily = {name: np.repeat(plan.reference[name].to_numpy() / 7.0, 7) for name in ADS}
    same = held.under(ahead.announced.with_spend(daily)).mean
    np.testing.assert_allclose(same, ahead.mean, rtol=1e-6)
    assert (held.under().mean == ahead.mean).all()
    assert (held.baseline() < ahead.mean).mean() > 0.9


def test_demand_moves_by_the_lift(ahead: Forecast, plan: BudgetPlan) -> None:
    demand = forecast_under(ahead, plan)
    spend = plan.spend_yuan(ahead.under().weeks, plan.reference[list(ADS_SORTED)].to_numpy().T)
    reference = plan.reference[list(ADS_SORTED)].to_numpy().T
    change = plan.curves.lift_by_channel(spend) - plan.curves.lift_by_channel(reference)
    for row, shop in enumerate(SHOPS):
        moved = demand.weekly_revenue_yuan[row] - ahead.under().weekly_revenue_yuan[row]
        np.testing.assert_allclose(moved, change[plan.curves.channels.index(shop)], rtol=2e-3, atol=2.0)


ADS_SORTED = tuple(sorted(ADS))


def test_more_money_buys_more_demand_and_contribution_may_leave_some(
    dataset: Dataset, ahead: Forecast, plan: BudgetPlan
) -> None:
    usual = plan
    half = plan_budget(dataset, ahead, BudgetSettings(total_yuan=usual.metrics["spend_yuan"] / 2), Run(1))
    assert half.metrics["incremental_yuan"] < usual.metrics["incremental_yuan"]
    assert forecast_under(ahead, half).mean.sum() < forecast_under(ahead, usual).mean.sum()
    keen = BudgetSettings(objective="contribution", spend_all=False, margin_rate=0.3)
    assert plan_budget(dataset, ahead, keen, Run(1)).metrics["spend_yuan"] < usual.metrics["spend_yuan"]


def test_short_and_missing_histories(dataset: Dataset, ahead: Forecast) -> None:
    short = merchant(weeks=9)
    plan = plan_budget(short, ahead, BudgetSettings(), Run(1))
    assert any("weeks of history" in entry for entry in plan.warnings)
    assert np.isfinite(plan.channels["roi"]).all()
    tables = {name: frame for name, frame in dataset.tables.items() if name != "media"}
    with pytest.raises(MissingInput, match="media"):
        plan_budget(Dataset(tables, "x"), ahead, BudgetSettings(), Run(1))
    sold = {**dataset.tables, "sales": dataset["sales"].assign(amount_paid_fen=0)}
    silent = plan_budget(Dataset(sold, "x"), ahead, BudgetSettings(), Run(1))
    assert any("no revenue" in entry for entry in silent.warnings)
    assert silent.split["spend_fen"].sum() == silent.split["today_fen"].sum()
    assert forecast_under(ahead, silent).mean == pytest.approx(ahead.mean)
