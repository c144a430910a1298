"""Progress, re-forecast and bridge: by hand on small shops."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.plans.targets import TargetDetails
from engine.targets.bridge import bridge_to_target
from engine.targets.levers import Lever, levers
from engine.targets.plan import set_targets
from engine.targets.progress import year_progress
from engine.targets.reforecast import updated_rest
from engine.targets.settings import LeverCosts, TargetSettings
from tests.targets.shops import dataset, forecast


@pytest.fixture(scope="module")
def details() -> TargetDetails:
    found = set_targets(dataset(), forecast(draws=400), TargetSettings(growth=0.1), Run()).details
    assert found is not None
    return found


def sold(details: TargetDetails, until: str, factor: dict[str, float]) -> Dataset:
    """Sales of 2027 that are the target of each day times the factor of its channel."""
    days = details.days[details.days["date"] <= until]
    fen = np.rint(days["target_fen"] * days["channel"].map(factor)).astype(np.int64)
    sales = pd.DataFrame({"date": days["date"], "sku": days["category"] + "1", "channel": days["channel"]})
    sales = sales.assign(units_paid=1, amount_paid_fen=fen)
    return Dataset({"sales": sales, "skus": dataset()["skus"]}, "0")


def test_half_a_year_by_hand(details):
    data = sold(details, "2027-06-30", {"A": 0.9, "B": 1.2})
    found = year_progress(data, details, np.datetime64("2027-06-30"), np.random.default_rng(0))
    table = found.standing.set_index(["level", "key"])
    row = table.loc[("channel", "A")]
    target = details.days[details.days["channel"] == "A"].assign(half=lambda d: d["date"] <= "2027-06-30")
    whole, half = target["target_fen"].sum(), target.loc[target["half"], "target_fen"].sum()
    assert row["target_to_date_fen"] == half and row["achieved"] == pytest.approx(0.9, abs=1e-4)
    assert row["required_pace"] == pytest.approx((whole - 0.9 * half) / (whole - half), abs=1e-4)
    assert row["required_fen_day"] == pytest.approx((whole - 0.9 * half) / 184, abs=100)
    assert table.loc[("month", "2027-08"), "actual_fen"] == 0 and table.loc[("month", "2027-08"), "achieved"] == 0
    assert table.loc[("channel x category", "B / x"), "achieved"] == pytest.approx(1.2, abs=1e-4)
    replan = found.replan
    assert replan["replanned_fen"].sum() == pytest.approx(details.cells["target_fen"].sum(), abs=4)
    assert (replan["replanned_fen"].iloc[:2] == replan["actual_fen"].iloc[:2]).all()
    assert replan["replanned_fen"].iloc[2] > replan["target_fen"].iloc[2]


def test_who_is_behind_is_told(details):
    data, day = sold(details, "2027-06-30", {"A": 0.9, "B": 1.2}), np.datetime64("2027-06-30")
    notes = [note for note in year_progress(data, details, day, np.random.default_rng(0)).notes if "behind" in note]
    # A has three quarters of the sales: 0.75 x 0.9 + 0.25 x 1.2 = 0.975 of the total is not behind
    assert [note.split(" has ")[0] for note in notes] == ["behind target: channel A"] and " 90% " in notes[0]
    data = sold(details, "2027-06-30", {"A": 0.8, "B": 0.8})
    notes = year_progress(data, details, day, np.random.default_rng(0)).notes
    assert notes[0].startswith("behind target: total 2027 has 80%") and "chance of the year 0%" in notes[0]


def test_year_end_follows_what_was_sold(details):
    """The shop's draws share one shock: a half year 10 % above the plan's draws lifts the rest by as much."""
    day, rng = np.datetime64("2027-06-30"), np.random.default_rng
    ends = {}
    for level in (0.9, 1.0, 1.1):
        data = sold(details, "2027-06-30", {"A": level, "B": level})
        ends[level] = (
            year_progress(data, details, day, rng(0)).year_end.set_index(["level", "key"]).loc[("total", "2027")]
        )
    total = details.cells["target_fen"].sum()
    assert ends[0.9]["expected_fen"] < ends[1.0]["expected_fen"] < ends[1.1]["expected_fen"]
    assert ends[1.1]["expected_fen"] == pytest.approx(1.1 * total, rel=0.02)
    assert ends[0.9]["probability"] < 0.05 and ends[1.1]["probability"] > 0.95
    assert 0.2 < ends[1.0]["probability"] < 0.8
    assert (ends[1.0]["low_fen"] < ends[1.0]["expected_fen"] < ends[1.0]["high_fen"]).all()


def test_before_the_year_nothing_is_learned(details):
    found = year_progress(dataset(), details, np.datetime64("2026-12-31"), np.random.default_rng(0))
    assert (found.standing["actual_fen"] == 0).all() and np.isfinite(found.standing["required_pace"]).all()
    drawn = details.draws.to_numpy().sum(axis=1).mean()
    assert found.year_end["expected_fen"].iloc[0] == pytest.approx(100 * drawn, rel=1e-4)
    assert any("not begun" in note for note in found.notes)


def test_ensemble_update_is_the_normal_law_of_a_regression():
    """One channel: log of the rest = log of the past + own noise; the update halves nothing it cannot know."""
    rng = np.random.default_rng(1)
    shock = 0.1 * rng.standard_normal((20_000, 1))
    rest = 100.0 * np.exp(shock + 0.05 * rng.standard_normal((20_000, 1)))
    found = updated_rest(rest, 50.0 * np.exp(shock), np.array([50.0 * np.exp(0.2)]), rng)
    weight = 0.01 / (0.01 + 0.03**2)
    assert np.log(found).mean() == pytest.approx(np.log(100) + 0.2 * weight, abs=0.005)
    assert np.log(found).std() == pytest.approx(np.sqrt(0.01 * (1 - weight) + 0.05**2), abs=0.003)
    same = updated_rest(rest, np.zeros((20_000, 1)), np.array([1.0]), rng)
    assert same is rest


def test_bridge_takes_the_cheapest_levers_first(details):
    gap = (details.cells["target_fen"].sum() - details.cells["forecast_fen"].sum()) / 100
    found = bridge_to_target(
        details,
        [
            Lever("visitors", "ads", gap, 0.5 * gap, "", "media", "curve"),
            Lever("availability", "A", 0.25 * gap, 0.01 * gap, "A", "supply", "shelf"),
            Lever("conversion", "B", 0.25 * gap, 0.1 * gap, "B", "operations", "best"),
        ],
        {"A": "Ann"},
        0.3,
    )
    assert found.steps["lever"].tolist() == ["availability", "conversion", "visitors"]
    assert found.steps["owner"].tolist() == ["Ann", "operations", "media"]
    assert found.steps["used_fen"].iloc[2] == pytest.approx(50 * gap, abs=2)
    assert found.cost_fen == pytest.approx(100 * gap * (0.01 + 0.1 + 0.25), abs=3)
    assert found.open_fen == 0 and found.steps["after_fen"].iloc[-1] == found.target_fen
    short = bridge_to_target(details, [], {}, 0.3)
    assert short.open_fen == found.target_fen - found.baseline_fen and short.steps.empty


def test_order_values_are_of_whole_months(details):
    """Ten yuan a buyer in odd months, twelve in even ones; sales and traffic end amid November."""
    days = pd.date_range("2025-01-01", "2026-11-15").astype("datetime64[s]")
    sales = pd.DataFrame({"date": days, "sku": "x1", "channel": "A", "units_paid": 1})
    sales["amount_paid_fen"] = np.where(days.month % 2, 1000_00, 1200_00)
    traffic = pd.DataFrame({"date": days, "channel": "A", "basis": "shop_day", "visitors": 1000, "buyers": 100})
    data = Dataset(dict(dataset().tables) | {"sales": sales, "traffic": traffic}, "0")
    found = [lever for lever in levers(data, forecast(), None, details, LeverCosts()) if lever.lever == "order value"]
    here = details.cells.groupby("channel")["forecast_fen"].sum()["A"] / 100
    mean = sum(
        days.days_in_month[(days.day == 1) & (days >= "2025-11-01") & (days < "2026-11-01")] * np.tile([10, 12], 6)
    )
    assert found[0].reach == pytest.approx((12 / (mean / 365) - 1) * here, rel=1e-6)


def test_levers_are_measured(details):
    """B was out of stock a tenth of the year: half of that can be won; steep elasticities make discounts pay."""
    days = pd.date_range("2025-11-01", "2026-10-31").astype("datetime64[s]")
    gone = pd.DataFrame({"date": days, "sku": "x1", "channel": "B", "in_stock_share": 0.9})
    data = Dataset(dict(dataset().tables) | {"availability": gone}, "0")
    told = forecast()
    told = replace(told, effects=replace(told.effects, elasticity=np.array([-2.0, -0.5])))
    found = {lever.lever: lever for lever in levers(data, told, None, details, LeverCosts())}
    yuan = details.cells.groupby("channel")["forecast_fen"].sum()["B"] / 100
    x1 = 2 / 3 * 0.4  # its share of the channel
    assert found["availability"].reach == pytest.approx(0.5 * 0.1 * x1 * yuan, rel=0.02)
    discounts = [lever for lever in levers(data, told, None, details, LeverCosts()) if lever.lever == "promotion depth"]
    assert {lever.who for lever in discounts} == {"x"}
    here = details.cells.groupby("category")["forecast_fen"].sum()["x"] / 100
    assert sum(lever.reach for lever in discounts) == pytest.approx(here * (0.9**-1 - 1), rel=1e-9)
    assert sum(lever.cost for lever in discounts) == pytest.approx(here * 0.9**-2 * 0.1, rel=1e-9)
