"""The figures behind the reports, against sums made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.dataset import Dataset
from engine.reports.bundle import ReportBundle
from engine.reports.facts import outlook, payments, spend_by_channel, target_year, year_before
from engine.reports.history import History
from engine.reports.material import Material
from engine.reports.sentences import ads, buys, for_owner
from tests.reports import fixtures

ORDERS = fixtures.orders()


def test_outlook_adds_up_over_channels() -> None:
    demand = fixtures.forecast().under()
    table = outlook(demand)
    total = table.weeks[table.weeks["channel"] == ""]
    parts = table.weeks[table.weeks["channel"] != ""].groupby("week")[["units", "revenue"]].sum()
    np.testing.assert_allclose(total["units"], parts["units"], rtol=1e-6)
    np.testing.assert_allclose(total["revenue"].sum(), demand.weekly_revenue_yuan.sum(dtype=float), rtol=1e-6)
    assert table.channels[0] == "天猫"
    low, high = table.revenue[1:]
    assert low < high
    assert high - low < (total["revenue_high"] - total["revenue_low"]).sum()


def test_weeks_end_with_the_last_day() -> None:
    days = pd.date_range("2026-10-11", "2026-10-31")
    sales = pd.DataFrame({"date": days, "sku": "A", "channel": "京东", "units_paid": 2, "amount_paid_fen": 100})
    history = History.of(Dataset({"sales": sales}, "x"), pd.Timestamp("2026-10-31"))
    assert list(history.weeks["week"]) == list(pd.to_datetime(["2026-10-11", "2026-10-18", "2026-10-25"]))
    assert list(history.weeks["units"]) == [14, 14, 14]
    assert history.months.empty


def test_year_before_takes_the_forecast_where_nothing_happened_yet(bundle: ReportBundle) -> None:
    material = Material(bundle)
    assert bundle.targets is not None
    table = year_before(bundle.targets, material.history, bundle.forecast)
    to_come = set(table.loc[~table["actual"], "month"])
    assert to_come == set(pd.to_datetime(["2027-11-01", "2027-12-01"]))
    assert table["month"].nunique() == 12


@settings(max_examples=25, deadline=None)
@given(
    costs=st.lists(st.integers(1, 10**9), min_size=1, max_size=12),
    shares=st.lists(st.integers(1, 9), min_size=1, max_size=4),
)
def test_instalments_add_up_to_the_cost(costs: list[int], shares: list[int]) -> None:
    orders = ORDERS
    lines = orders.lines.head(len(costs)).assign(cost_fen=costs)
    parts = np.array(shares) / sum(shares)
    terms = pd.DataFrame({"supplier": "宁波针织厂", "milestone": "arrival", "weeks": range(len(parts)), "share": parts})
    table = payments(replace(orders, lines=lines, case=replace(orders.case, payments=terms)))
    assert int(table["paid_fen"].sum()) == sum(costs)


def test_sentences_hold_the_numbers(bundle: ReportBundle) -> None:
    material = Material(bundle)
    sentences = for_owner(material)
    assert len(sentences) == 5
    assert "减得最多的是直通车（15.6 万元），加得最多的是小红书种草（16.9 万元）" in ads(material)
    assert bundle.orders is not None
    assert material.words.money(int(bundle.orders.lines["cost_fen"].sum())) in buys(material)
    assert all("nan" not in sentence for sentence in sentences)


def test_a_gain_that_may_be_none_is_not_promised(bundle: ReportBundle) -> None:
    unsure = replace(bundle.budget, difference={"mean": 0.0, "low": -1.6e8, "high": 1.7e8})
    assert "说不准" in ads(Material(replace(bundle, budget=unsure)))
    assert "说不准" not in ads(Material(bundle))


def test_even_replay_claims_no_gain(bundle: ReportBundle) -> None:
    assert bundle.replay is not None
    paired = bundle.replay.paired
    even = paired.assign(mean=-3_772.0, low=-8_458.0, high=913.0)
    sentence = for_owner(Material(replace(bundle, replay=replace(bundle.replay, paired=even))))[4]
    assert "不相上下（少赚 3,772 元，95% 区间 -913 元至 8,458 元）" in sentence


def test_the_year_is_what_the_target_is_for(bundle: ReportBundle) -> None:
    assert bundle.targets is not None
    months = bundle.targets.months
    early = months[months["month"] == "2027-01-01"].assign(month=pd.Timestamp("2026-12-01"))
    longer = replace(bundle.targets, months=pd.concat([early, months], ignore_index=True))
    assert target_year(longer)["target_fen"].sum() == months["target_fen"].sum()


def test_budget_by_channel_equals_the_split(bundle: ReportBundle) -> None:
    assert bundle.budget is not None
    off = bundle.budget.channels.assign(spend_fen=bundle.budget.channels["spend_fen"] + 1)
    table = spend_by_channel(replace(bundle.budget, channels=off))
    assert table["spend_fen"].sum() == bundle.budget.split["spend_fen"].sum()


def test_units_only_merchant_speaks_in_units(bundle: ReportBundle) -> None:
    assert bundle.dataset is not None
    sales = bundle.dataset["sales"].drop(columns=["amount_paid_fen", "amount_cancelled_fen"])
    material = Material(ReportBundle("M", Dataset({"sales": sales}, "x"), bundle.forecast))
    assert not material.priced
    assert "万件" in for_owner(material)[0]
