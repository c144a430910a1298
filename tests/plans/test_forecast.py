"""Forecast: what it answers under other drivers, and that storage loses nothing."""

from __future__ import annotations

import numpy as np
import pytest

from engine.plans.forecast import Forecast, SpendEffect
from models.drivers import Block
from models.response.curves import ResponseCurves
from tests.plans.builders import WEEKS, small_forecast


def curves() -> ResponseCurves:
    one = np.ones((1, 1))
    return ResponseCurves(
        ("直通车",), ("天猫",), 0.0 * one, 100.0 * one, one, 200.0 * one, 0.0 * one, np.array([[1.0]])
    )


def test_announced_drivers_give_the_mean_back() -> None:
    forecast = small_forecast()
    np.testing.assert_array_equal(forecast.under(forecast.announced).mean, forecast.mean)
    np.testing.assert_array_equal(forecast.under().mean, forecast.mean)


def test_half_price_multiplies_by_two_to_the_elasticity() -> None:
    forecast = small_forecast()
    half = Block(forecast.announced.blocks["price"].values / 2, np.arange(4, dtype=np.int32))
    demand = forecast.under(forecast.announced.with_block("price", half))
    np.testing.assert_allclose(demand.mean[:2], 8.0, rtol=1e-5)
    np.testing.assert_allclose(demand.mean[2:], 4.0, rtol=1e-5)
    np.testing.assert_allclose(demand.price_yuan, 5.0)


def test_baseline_holds_no_event() -> None:
    baseline = small_forecast().baseline()
    np.testing.assert_allclose(baseline[0, 7:14], 2.0 / 3.0, rtol=1e-5)
    np.testing.assert_allclose(baseline[0, :7], 2.0)


@pytest.mark.parametrize("frequency", ["D", "W"])
def test_weeks_add_up(frequency: str) -> None:
    demand = small_forecast(frequency).under()
    assert demand.weekly_mean.shape == (4, WEEKS)
    np.testing.assert_allclose(demand.weekly_mean, 14.0)
    np.testing.assert_allclose(demand.weekly_revenue_yuan, 140.0)
    assert len(demand.weeks) == WEEKS


def test_spend_moves_only_the_channels_it_lifts() -> None:
    forecast = small_forecast().with_spend(SpendEffect(curves(), np.full((1, WEEKS), 100.0)))
    reference = {"直通车": np.full(28, 100.0 / 7)}
    np.testing.assert_allclose(forecast.under(forecast.announced.with_spend(reference)).mean, forecast.mean, rtol=1e-5)
    none = forecast.under(forecast.announced.with_spend({"直通车": np.zeros(28)})).mean
    # 天猫 sells 280 yuan a week of which the reference spend earns 200 x 100 / (100 + 100) = 100
    np.testing.assert_allclose(none[[0, 2]], 2.0 * 180.0 / 280.0, rtol=1e-5)
    np.testing.assert_allclose(none[[1, 3]], 2.0)


def test_parts_round_trip() -> None:
    forecast = small_forecast()
    again = Forecast.from_parts(forecast.to_parts())
    np.testing.assert_array_equal(again.mean, forecast.mean)
    np.testing.assert_array_equal(again.dates, forecast.dates)
    np.testing.assert_array_equal(again.trust, forecast.trust)
    np.testing.assert_array_equal(again.baseline(), forecast.baseline())
    np.testing.assert_array_equal(again.spread.quantile, forecast.spread.quantile)
    assert again.announced.names("event.") == ("event.双11.main",)
    assert (again.warnings, again.metrics) == (forecast.warnings, forecast.metrics)
