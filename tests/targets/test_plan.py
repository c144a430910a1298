"""Targets: hand-computed example, sums to the fen, contradictions named, chances, odd histories."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.execution.run import Run
from engine.plans.errors import BadInput, Infeasible, MissingInput
from engine.plans.targets import TargetPlan
from engine.reports.words import Words
from engine.targets.plan import round_tree, set_targets
from engine.targets.settings import Goal, SkuGoal, TargetSettings
from engine.targets.spread import UNASSIGNED
from tests.targets.shops import SEASON, dataset, forecast

YEAR = 1000.0 * SEASON.sum()
"""A year of one weight: channel A has 3 x (2 + 1), B 1 x (2 + 1), 12 in all."""
BASE = (YEAR + (SEASON[10] + SEASON[11]) * 1000 * 0.05) * 12
"""2026: ten months of actuals and two of a forecast 5 % higher."""


def plan(**goals) -> TargetPlan:
    return set_targets(dataset(), forecast(), TargetSettings(**goals), Run())


def yuan(found: TargetPlan, **keys) -> float:
    frame = found.months[found.months["month"].dt.year == 2027]
    for name, value in keys.items():
        frame = frame[frame[name] == value]
    return frame["target_fen"].sum() / 100


def adds_up(found: TargetPlan) -> None:
    keys = ["month", "channel", "category"]
    by_sku = found.skus.groupby(keys)["target_fen"].sum()
    by_cell = found.months.set_index(keys)["target_fen"]
    pd.testing.assert_series_equal(by_sku, by_cell[by_cell > 0].sort_index(), check_names=False)
    assert found.skus["target_fen"].dtype == found.months["target_fen"].dtype == np.int64


def test_total_growth_keeps_the_shape():
    found = plan(growth=0.15)
    assert yuan(found) == pytest.approx(BASE * 1.15, abs=0.01)
    year = found.months[found.months["month"].dt.year == 2027]
    ratio = year["target_fen"] / year["forecast_fen"]
    np.testing.assert_allclose(ratio, BASE * 1.15 / (12 * YEAR * 1.05), rtol=2e-5)
    between = found.months[found.months["month"].dt.year == 2026]
    assert (between["target_fen"] == between["forecast_fen"]).all() and len(between) == 8
    adds_up(found)
    assert found.report.solver_status == "optimal" and found.report.gap == 0.0
    assert found.metrics["target_growth"] == pytest.approx(0.15, abs=1e-6)
    assert found.status == "done" and found.warnings == ()


def test_channel_goal_by_hand():
    """A is three quarters; it is to grow by 30 %, the shop by 15 %: B falls by 30 %."""
    found = plan(growth=0.15, channels={"A": {"growth": 0.30}})
    assert yuan(found, channel="A") == pytest.approx(0.75 * BASE * 1.30, abs=0.02)
    assert yuan(found, channel="B") == pytest.approx(0.25 * BASE * 0.70, abs=0.02)
    cell = yuan(found, channel="B", category="x")
    assert cell == pytest.approx(2 / 3 * yuan(found, channel="B"), rel=1e-6)
    assert any("channel A" in entry.rule for entry in found.report.binding)
    adds_up(found)


def test_channel_and_category_shares_together():
    found = plan(growth=0.1, channels={"B": {"share": 0.3}}, categories={"y": {"growth": 0.5}})
    assert yuan(found, channel="B") == pytest.approx(0.3 * BASE * 1.1, rel=1e-7)
    assert yuan(found, category="y") == pytest.approx(BASE / 3 * 1.5, rel=1e-7)
    assert yuan(found) == pytest.approx(BASE * 1.1, abs=0.01)
    adds_up(found)


def test_limits_and_amounts():
    found = plan(growth=0.2, channels={"A": {"max_yuan": 0.7 * BASE}}, categories={"x": {"min_yuan": 0.85 * BASE}})
    assert yuan(found, channel="A") <= 0.7 * BASE + 0.01
    assert yuan(found, category="x") >= 0.85 * BASE - 0.01
    assert yuan(plan(growth=None, amount_yuan=123456.78)) == 123456.78
    free = plan(growth=None)
    assert yuan(free) == pytest.approx(12 * YEAR * 1.05, rel=1e-9)


def test_contradiction_is_named_with_the_smallest_change():
    goals = {"A": {"growth": 0.0}, "B": {"growth": 0.0}}
    with pytest.raises(Infeasible) as caught:
        plan(growth=0.15, channels=goals)
    (only,) = caught.value.relaxations
    assert only.rule.startswith("total 2027") and only.unit == "yuan"
    assert only.amount == pytest.approx(0.15 * BASE, rel=1e-6)
    assert "lower" in only.remedy


def test_growth_beyond_the_cell_limit_is_infeasible_and_soft_goals_give_way():
    with pytest.raises(Infeasible, match="max_cell_growth"):
        plan(growth=5.0)
    found = plan(growth=0.1, channels={"A": {"growth": 0.0, "hard": False}, "B": {"growth": 0.0, "hard": False}})
    assert yuan(found) == pytest.approx(BASE * 1.1, abs=0.01)
    assert any("soft goal missed" in text for text in found.warnings)


def test_cell_limits_bend_the_law():
    found = plan(growth=0.1, channels={"B": {"growth": 0.9}}, max_cell_growth=0.9)
    year = found.months[found.months["month"].dt.year == 2027]
    assert (year["target_fen"] <= year["forecast_fen"] * 1.9 + 1).all()
    assert yuan(found, channel="B") == pytest.approx(BASE / 4 * 1.9, rel=1e-6)


def test_all_problems_at_once_and_the_rest_goes_on():
    goals = {"nowhere": {"growth": 0.1}, "A": {"share": 0.8, "min_yuan": 2.0, "max_yuan": 1.0}, "B": {"share": 0.3}}
    new = {"launches": [{"category": "x"}, {"category": "none", "month": "2027-03-01"}]}
    found = plan(
        growth=0.1,
        channels=goals,
        categories={"z": {"share": 0.1}, "y": {"growth": 0.2}},
        events={"never": {"growth": 0.1}},
        market_shares={"x": {"share": 0.1}},
        new_products=new,
        roles={"traffic": 0.7, "profit": 0.7},
    )
    texts = "\n".join(map(str, found.problems))
    for words in (
        "nothing is sold in this channel (found: nowhere)",
        "shares above 100 % (found: 110.0%)",
        "min_yuan is above max_yuan",
        "nothing is sold in this category (found: z)",
        "does not happen in the year (found: never)",
        "a market share needs the size of the market",
        "a launch without date (found: x)",
        "nothing is sold in this category (found: none)",
        "shares above 100 % (found: 140.0%)",
    ):
        assert words in texts
    assert len(found.problems) == 9 and found.status == "partial"
    aside = [Words("zh").label(note) for note in found.warnings if "left aside" in note]
    assert len(aside) == 9 and not any(re.search("[a-z]{3} [a-z]", note) for note in aside)
    assert "搁置的目标：categories（z）：这个品类没有销售" in aside
    with pytest.raises(Infeasible, match=r"left aside: .+ nothing is sold") as caught:
        plan(growth=9.0, channels={"nowhere": {"growth": 0.1}})
    assert [problem.value for problem in caught.value.problems] == ["nowhere"]
    assert yuan(found) == pytest.approx(BASE * 1.1, abs=0.01)
    assert yuan(found, category="y") == pytest.approx(BASE / 3 * 1.2, rel=1e-7)
    adds_up(found)
    with pytest.raises(BadInput, match="running and the next year"):
        plan(year=2030)
    with pytest.raises(ValidationError):
        Goal(growht=0.1)


def test_chances_follow_the_draws():
    found = set_targets(dataset(), forecast(draws=2000), TargetSettings(growth=None), Run())
    table = found.probability.set_index(["level", "key"])
    assert 0.35 < table.loc[("total", "2027"), "probability"] < 0.6
    assert len(table) == 1 + 2 + 2 + 12 + 4
    row = table.loc[("channel", "A")]
    assert row["expected_shortfall_fen"] == pytest.approx(0.1 * 0.4 * row["target_fen"], rel=0.2)
    easy = plan(growth=-0.5).probability
    assert easy["probability"].iloc[0] == 1.0 and easy["expected_shortfall_fen"].iloc[0] == 0


def test_heroes_are_bounded():
    found = plan(growth=0.15, skus={"x1": {"min_growth": 0.5}, "y3": {"max_growth": -0.5}})
    usual = plan(growth=0.15)
    year = [f.skus[f.skus["month"].dt.year == 2027].groupby("sku")["target_fen"].sum() for f in (found, usual)]
    ratio = year[0] / year[1]
    assert ratio["x1"] == pytest.approx(1.5 / (BASE * 1.15 / (12 * YEAR * 1.05)), rel=1e-3)
    assert ratio["y3"] < 0.5 and ratio["y1"] > 1
    adds_up(found)


def test_units_are_off_by_less_than_one_piece():
    found = plan(growth=0.15)
    keys = ["month", "channel", "category"]
    exact = found.skus.assign(exact=found.skus["target_fen"] / 1000)
    assert (np.abs(exact["target_units"] - exact["exact"]) < 1).all()
    sums = exact.groupby(keys)[["target_units", "exact"]].sum()
    assert (np.abs(sums["target_units"] - sums["exact"]) <= 0.5 + 1e-9).all()


def test_sku_split_follows_forecast_and_end_dates():
    data = dataset(extra_sku=True)
    skus = data["skus"].assign(end_date=pd.NaT)
    skus.loc[skus["sku"] == "x2", "end_date"] = pd.Timestamp("2027-06-30")
    ended = type(data)({**data.tables, "skus": skus}, "0")
    found = set_targets(ended, forecast(), TargetSettings(), Run())
    late = found.skus[found.skus["month"] > "2027-06-30"]
    assert "x2" not in set(late["sku"])
    january = found.skus[(found.skus["month"] == "2027-01-01") & (found.skus["channel"] == "A")].set_index("sku")
    assert january["target_fen"]["x1"] == pytest.approx(2 * january["target_fen"]["x3"], rel=1e-4)
    assert any("1 SKUs without a forecast" in text for text in found.warnings)


def test_running_year_counts_what_was_sold():
    found = plan(year=2026, growth=0.05)
    assert yuan_of(found, 2026) == pytest.approx(YEAR_2025 * 1.05, rel=1e-6)
    past = found.months[found.months["month"] < "2026-11-01"]
    assert (past["target_fen"] == past["forecast_fen"]).all()
    adds_up(found)


def yuan_of(found: TargetPlan, year: int) -> float:
    return found.months.loc[found.months["month"].dt.year == year, "target_fen"].sum() / 100


YEAR_2025 = 12 * YEAR


def test_short_history_measures_growth_against_a_raised_base():
    found = set_targets(dataset(first="2026-05"), forecast(), TargetSettings(growth=0.15), Run())
    assert "8 of 12 months" in found.warnings[0]
    assert found.metrics["base_yuan"] == pytest.approx(12 * YEAR * 1.0, rel=0.03)


def test_without_money_the_stage_is_skipped():
    with pytest.raises(MissingInput, match="prices"):
        set_targets(dataset(prices=False), forecast(priced=False), TargetSettings(), Run())


def test_cells_without_a_forecast_sku_stand_under_a_name():
    short = forecast()
    kept = np.flatnonzero((short.series["channel"] == "A").to_numpy())
    from dataclasses import replace

    from models.drivers import Block, Drivers

    block = Block(short.announced.blocks["price"].values[kept], np.arange(len(kept), dtype=np.int32))
    less = replace(
        short,
        series=short.series.iloc[kept].reset_index(drop=True),
        mean=short.mean[kept],
        announced=Drivers(short.dates, "D", {"price": block}),
    )
    found = set_targets(dataset(), less, TargetSettings(), Run())
    assert set(found.skus.loc[found.skus["channel"] == "B", "sku"]) == {UNASSIGNED}
    adds_up(found)


@settings(max_examples=12, deadline=None)
@given(
    st.floats(-0.2, 0.6),
    st.one_of(st.none(), st.floats(0.5, 0.9)),
    st.one_of(st.none(), st.floats(-0.2, 0.5)),
)
def test_every_level_adds_up_to_the_fen(growth, share, rise):
    channels = {} if share is None else {"A": Goal(share=share)}
    categories = {} if rise is None else {"x": Goal(growth=rise)}
    try:
        found = plan(growth=growth, channels=channels, categories=categories)
    except Infeasible:
        return
    adds_up(found)
    assert round(yuan(found) * 100) == round(BASE * (1 + growth) * 100)


def test_rounding_tree_is_exact_on_every_level():
    rng = np.random.default_rng(0)
    keys = pd.MultiIndex.from_product([pd.date_range("2027-01-01", periods=12, freq="MS"), list("ABC"), list("xyz")])
    cells = keys.to_frame(index=False, name=["month", "channel", "category"])
    exact = rng.random(len(cells)) * 1e6
    fen = round_tree(cells, exact)
    assert fen.sum() == round(exact.sum() * 100)
    by_channel = pd.Series(fen).groupby(cells["channel"]).sum()
    assert (np.abs(by_channel - pd.Series(exact * 100).groupby(cells["channel"]).sum()) < 1).all()


def test_plan_can_be_stored_and_read():
    found = plan(channels={"A": {"growth": 0.2}}, skus={"x1": SkuGoal(min_growth=0.2)})
    back = TargetPlan.from_parts(found.to_parts())
    pd.testing.assert_frame_equal(back.skus, found.skus)
    assert back.report.binding == found.report.binding
