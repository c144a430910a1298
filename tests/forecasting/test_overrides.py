"""Overrides add up on every level, whatever they say and whatever the forecast was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.forecasting.overrides import far_days, replay_overrides, with_overrides
from engine.plans.forecast import Forecast
from engine.plans.override import Override
from tests.plans.builders import small_forecast

DAYS = st.integers(-10, 60)
LEVELS = st.sampled_from(
    [{}, {"channel": "天猫"}, {"category": "鞋"}, {"sku": "裙1"}, {"sku": "鞋2", "channel": "抖音"}]
)


def override(**said: Any) -> Override:
    standard: dict[str, Any] = {
        "id": 1,
        "created": date(2026, 10, 31),
        "author": "张三",
        "reason": "大客户",
        "kind": "set",
        "value": 100.0,
        "start": date(2026, 11, 2),
        "end": date(2026, 11, 8),
        "expires": date(2026, 11, 8),
    }
    return Override(**(standard | said))


def forecast(frequency: str = "D") -> Forecast:
    """Two months by category and channel; November is within the 28 days, the last two of it and December are not."""
    near = small_forecast(frequency)
    months = pd.MultiIndex.from_product(
        [pd.to_datetime(["2026-11-01", "2026-12-01"]), ["天猫", "抖音"], ["裙", "鞋"]],
        names=["month", "channel", "category"],
    ).to_frame(index=False)
    months = months.assign(units=60.0, amount_fen=np.int64(60_000))
    return replace(near, long_run=months, long_draws=np.full((5, 8), 600.0, dtype=np.float32))


def test_set_is_the_units_of_the_whole_level_and_period() -> None:
    model = forecast()
    found = with_overrides(model, [override(category="裙", value=70.0)])
    rows = (model.series["category"] == "裙").to_numpy()
    assert found.mean[rows, 1:8].sum() == pytest.approx(70.0, rel=1e-6)
    assert np.array_equal(found.mean[~rows], model.mean[~rows]) and np.array_equal(found.mean[:, 8:], model.mean[:, 8:])
    assert found.overrides[["before", "after"]].to_numpy().tolist() == [[28.0, 70.0]]
    months = found.long_run["units"] - model.long_run["units"]
    assert months.tolist() == pytest.approx([21.0, 0.0, 21.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert (found.long_run["amount_fen"] - model.long_run["amount_fen"]).tolist() == [21_000, 0, 21_000, 0, 0, 0, 0, 0]
    assert found.long_draws[0].tolist() == pytest.approx((found.long_run["amount_fen"] / 100).tolist())
    assert found.metrics["override_units"] == pytest.approx(42.0)


@pytest.mark.parametrize(
    ("kind", "value", "expected"), [("scale", 1.5, 84.0), ("cap", 30.0, 30.0), ("cap", 90.0, 56.0), ("add", -60.0, 0.0)]
)
def test_what_each_kind_does(kind: str, value: float, expected: float) -> None:
    found = with_overrides(forecast(), [override(kind=kind, value=value)])
    assert found.mean[:, 1:8].sum() == pytest.approx(expected, rel=1e-6)


def test_the_later_one_wins_and_works_on_what_the_first_left() -> None:
    both = [override(kind="scale", value=2.0), override(id=2, kind="set", value=10.0, sku="鞋2", channel="抖音")]
    found = with_overrides(forecast(), both)
    assert found.mean[:, 1:8].sum(axis=1).tolist() == pytest.approx([28.0, 28.0, 28.0, 10.0])
    assert found.overrides["before"].tolist() == [56.0, 28.0]


def test_nothing_forecast_is_filled_in_equal_shares() -> None:
    model = replace(forecast(), mean=np.zeros((4, 28), dtype=np.float32))
    found = with_overrides(model, [override(value=28.0)])
    np.testing.assert_allclose(found.mean[:, 1:8], 1.0, rtol=1e-6)
    assert found.mean.sum() == pytest.approx(28.0)


def test_days_beyond_the_horizon_change_the_months_of_channels_and_categories() -> None:
    model = forecast()
    december = {"start": date(2026, 12, 1), "end": date(2026, 12, 31)}
    found = with_overrides(model, [override(channel="天猫", value=60.0, **december)])
    assert np.array_equal(found.mean, model.mean)
    assert found.long_run["units"].tolist() == pytest.approx([60.0] * 4 + [30.0, 30.0, 60.0, 60.0])
    assert found.long_run["amount_fen"].tolist() == [60_000] * 4 + [30_000] * 2 + [60_000] * 2
    unknown = with_overrides(model, [override(sku="裙1", **december)])
    assert unknown.long_run.equals(model.long_run) and "not forecast yet" in unknown.warnings[-1]


def test_a_period_half_in_the_past_counts_pro_rata() -> None:
    found = with_overrides(forecast(), [override(start=date(2026, 10, 25), end=date(2026, 11, 7), value=200.0)])
    assert found.mean[:, :7].sum() == pytest.approx(100.0) and "pro rata" in found.warnings[-1]


def test_weeks_are_changed_by_the_days_of_theirs_that_are_meant() -> None:
    found = with_overrides(forecast("W"), [override(kind="scale", value=2.0, start=date(2026, 11, 1))])
    assert found.mean[0].tolist() == pytest.approx([28.0, 14.0 + 2.0, 14.0, 14.0])


def test_what_fits_nothing_changes_nothing_and_says_so() -> None:
    found = with_overrides(forecast(), [override(brand="无")])
    assert np.array_equal(found.mean, forecast().mean) and "nothing that is forecast fits it" in found.warnings[-1]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["set", "scale", "cap", "add"]), st.floats(0, 500), LEVELS, DAYS, DAYS),
             min_size=1, max_size=4),
    st.sampled_from(["D", "W"]), st.booleans(),
)  # fmt: skip
def test_levels_add_up_after_any_overrides(said: list[Any], frequency: str, zero: bool) -> None:
    model = forecast(frequency)
    if zero:
        mean = model.mean.copy()
        mean[:2] = 0.0
        model = replace(model, mean=mean)
    first = date(2026, 11, 1).toordinal()
    made = [
        override(id=number, kind=kind, value=value, start=date.fromordinal(first + min(a, b)),
                 end=date.fromordinal(first + max(a, b)), **level)
        for number, (kind, value, level, a, b) in enumerate(said)
    ]  # fmt: skip
    found = with_overrides(model, made)
    assert (found.mean >= 0).all() and np.isfinite(found.mean).all() and (found.long_run["units"] >= 0).all()
    *_, last = replay_overrides(model, made)
    region = last.region
    whole = np.isin(region.share, [0.0, 1.0]).all()
    near = (found.mean[region.rows].astype(float) * region.share).sum()
    far = last.far[np.ix_(region.groups, region.days)].sum()
    assert not whole or near + far == pytest.approx(last.after, rel=1e-6, abs=1e-6)
    if made[-1].kind == "set":
        assert last.after == pytest.approx(made[-1].value * region.answered, rel=1e-6, abs=1e-6)
    whole_months = found.long_run["units"].sum() - model.long_run["units"].sum()
    near_change = found.mean.sum(dtype=float) - model.mean.sum(dtype=float)
    far_change = last.far.sum() - far_days(model).units.sum()
    if found.long_run["units"].min() > 0:
        assert whole_months == pytest.approx(near_change + far_change, rel=1e-6, abs=1e-6)
    assert np.array_equal(with_overrides(found, made).mean, found.mean)
    back = Forecast.from_parts(found.to_parts())
    assert np.array_equal(back.mean, found.mean) and np.array_equal(back.unadjusted().mean, model.mean)


@settings(max_examples=25, deadline=None)
@given(LEVELS, DAYS, DAYS)
def test_a_scale_of_one_changes_nothing(level: dict[str, str], a: int, b: int) -> None:
    first = date(2026, 11, 1).toordinal()
    span = {"start": date.fromordinal(first + min(a, b)), "end": date.fromordinal(first + max(a, b))}
    model = forecast()
    found = with_overrides(model, [override(kind="scale", value=1.0, **span, **level)])
    assert np.array_equal(found.mean, model.mean)
    pd.testing.assert_frame_equal(found.long_run, model.long_run)
    np.testing.assert_allclose(found.long_draws, model.long_draws, rtol=1e-6)
    assert with_overrides(found, []) is model
