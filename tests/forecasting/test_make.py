"""The whole stage on small shops, good and bad."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.data.store import save_plan
from engine.execution.run import Run
from engine.forecasting.backtest import METHOD, backtest
from engine.forecasting.make import make_forecast
from engine.forecasting.settings import ForecastSettings
from engine.plans.forecast import Forecast
from models.drivers import PRICE, Block
from models.panel import Frequency
from tests.data.test_panels import shop

FAST = ForecastSettings(horizon_weeks=8, origins=2, max_rows=3_000, rounds=15)


def merchant(days: int = 200, step: int = 1, seed: int = 0, skus: str = "ABCD") -> Dataset:
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2025-01-06", periods=days, freq=f"{step}D")
    keys = pd.MultiIndex.from_product([dates, list(skus), ["tm", "jd"]], names=["date", "sku", "channel"])
    sales = keys.to_frame(index=False).assign(units_paid=rng.poisson(6.0, len(keys)))
    sales["amount_paid_fen"] = sales["units_paid"] * 1000
    prices = pd.DataFrame({"sku": list(skus)}).merge(pd.DataFrame({"channel": ["tm", "jd"]}), how="cross")
    prices = prices.assign(date=dates[0], list_price_fen=2000, paid_price_fen=1000)
    return shop(sales[sales["units_paid"] > 0], prices=prices)


@pytest.mark.parametrize(("frequency", "step"), [("D", 1), ("W", 7)])
def test_a_forecast_is_whole_and_survives_storage(frequency: Frequency, step: int, tmp_path) -> None:  # type: ignore[no-untyped-def]
    forecast = make_forecast(merchant(200 // step + 20, step), FAST, frequency, Run(1, 1))
    per_week = 7 // step
    assert forecast.mean.shape == (8, 8 * per_week)
    assert np.isfinite(forecast.mean).all() and (forecast.mean > 0).all()
    assert forecast.mean.mean() == pytest.approx(6.0, rel=0.25)
    assert set(forecast.trust) <= {"A", "B", "C"}
    assert {"wrmsse", "yardstick_wrmsse", "wape", "bias", "coverage_80", "coverage_95"} <= set(forecast.metrics)
    assert len(forecast.backtest["origin"].unique()) == 2
    back = Forecast.from_parts(forecast.to_parts())
    np.testing.assert_array_equal(back.mean, forecast.mean)
    again = make_forecast(merchant(200 // step + 20, step), FAST, frequency, Run(1, 1))
    assert save_plan(tmp_path / "a", forecast, {}) == save_plan(tmp_path / "b", again, {})


def test_a_lower_price_sells_more_and_the_announced_calendar_changes_nothing() -> None:
    forecast = make_forecast(merchant(), FAST, "D", Run(1, 1))
    np.testing.assert_allclose(forecast.under(forecast.announced).mean, forecast.mean, rtol=1e-5)
    block = forecast.announced.blocks[PRICE]
    cheap = forecast.announced.with_block(PRICE, Block(block.values * np.float32(0.8), block.group))
    assert (forecast.under(cheap).mean > forecast.mean).all()


def test_the_backtest_sees_nothing_after_its_origins() -> None:
    data = merchant()
    table = backtest(data, FAST, "D", Run(1, 1)).drop(columns="seconds")
    last = pd.Timestamp(table["origin"].max())
    sales = data["sales"]
    after = sales["date"] >= last
    changed = sales.assign(units_paid=np.where(after, sales["units_paid"] * 3, sales["units_paid"]))
    other = backtest(Dataset({**data.tables, "sales": changed}, "1"), FAST, "D", Run(1, 1)).drop(columns="seconds")
    first = table["origin"].min()
    own = table["model"] == METHOD
    pd.testing.assert_frame_equal(table[own & (table["origin"] == first)], other[own & (other["origin"] == first)])
    ratio = other[own].iloc[-1]["bias"] + 1, table[own].iloc[-1]["bias"] + 1
    assert ratio[0] == pytest.approx(ratio[1] / 3, rel=1e-4)


def test_the_quick_backtest_fits_once_and_agrees_at_the_first_origin() -> None:
    data = merchant()
    full, quick = (
        backtest(data, FAST.model_copy(update={"quick": quick}), "D", Run(1, 1)).drop(columns="seconds")
        for quick in (False, True)
    )
    first = full["origin"] == full["origin"].min()
    pd.testing.assert_frame_equal(full[first], quick[first])
    assert quick["wape"].to_numpy() == pytest.approx(full["wape"].to_numpy(), rel=0.1)
    assert (quick["pit"].map(sum) - 1 < 1e-3).all()


@pytest.mark.parametrize("days", [1, 3, 20])
def test_the_shortest_histories_are_forecast_with_a_warning(days: int) -> None:
    forecast = make_forecast(merchant(days), FAST, "D", Run(1, 1))
    assert np.isfinite(forecast.mean).all() and (forecast.mean >= 0).all()
    assert any("backtest" in warning for warning in forecast.warnings)
    assert Forecast.from_parts(forecast.to_parts()).frequency == "D"


def test_nothing_sold_is_forecast_as_nothing() -> None:
    data = merchant(100)
    sales = data["sales"].assign(units_paid=0, amount_paid_fen=0)
    forecast = make_forecast(Dataset({**data.tables, "sales": sales}, "0"), FAST, "D", Run(1, 1))
    assert np.isfinite(forecast.mean).all() and forecast.mean.max() < 0.05
    assert all(np.isfinite(value) for value in forecast.metrics.values())


def test_without_prices_and_with_an_event_to_come() -> None:
    data = merchant(150)
    events = pd.DataFrame(
        {"event": "e", "kind": "sale", "channel": None, "phase": "main", "start": data.last_day, "end": data.last_day},
        index=[0],
    )
    events["start"] += pd.Timedelta(days=5)
    events["end"] += pd.Timedelta(days=9)
    tables = {name: table for name, table in data.tables.items() if name != "prices"}
    forecast = make_forecast(Dataset({**tables, "events": events}, "0"), FAST, "D", Run(1, 1))
    assert np.isfinite(forecast.mean).all()
    assert np.isfinite(forecast.baseline()).all()
    assert any("prices" in warning for warning in forecast.warnings)
