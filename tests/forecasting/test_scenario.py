"""What-ifs: the announced calendar changes nothing, another one answers as its effects say, mistakes are named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.forecasting.scenario import Scenario, read_scenario, scenario_drivers
from engine.forecasting.whatif import what_if
from engine.plans.errors import BadInput
from engine.plans.forecast import Forecast, SpendEffect
from models.drivers import RIVAL_PRICES, Block
from models.price import STILL_SOLD, Shelf
from models.response.curves import ResponseCurves
from tests.plans.builders import small_forecast


def shop(frequency: str = "D") -> Forecast:
    """With a mechanism ``coupon`` that ran before and doubles dresses, and the response to one channel of ads."""
    forecast = small_forecast(frequency)
    none = Block(np.zeros((1, len(forecast.dates)), dtype=np.float32), np.zeros(4, dtype=np.int32))
    lift = {**forecast.effects.lift, "promotion.coupon": np.log(np.array([2.0, 1.0]))}
    forecast = replace(
        forecast,
        announced=forecast.announced.with_block("promotion.coupon", none),
        effects=replace(forecast.effects, lift=lift),
    )
    return forecast.with_spend(SpendEffect(_curves(), np.full((1, 4), 700.0)))


def _curves() -> ResponseCurves:
    one = np.ones((1, 1))
    return ResponseCurves(
        ("千川",), ("抖音", "天猫"), one * 0, one * 700, one, one * 400, one * 0, np.array([[1.0, 0.0]])
    )


def answer(forecast: Forecast, tmp_path: Path, text: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Units under a scenario divided by those announced, [series, periods]; notes."""
    (tmp_path / "f.yaml").write_text(text, "utf-8")
    drivers, notes = scenario_drivers(forecast, read_scenario(tmp_path / "f.yaml"), {"coupon": 0.5}, "f.yaml")
    return forecast.under(drivers).mean / forecast.mean, notes


def test_the_announced_calendar_changes_nothing(tmp_path: Path) -> None:
    forecast = shop()
    file = tmp_path / "same.yaml"
    file.write_text(
        "price:\n  - {scale: 1.0}\n  - {sku: 裙1, set: 10}\nspend:\n  - {ad_channel: 千川, scale: 1}\n", "utf-8"
    )
    drivers, notes = scenario_drivers(forecast, read_scenario(file), {}, file.name)
    found = what_if(forecast, drivers, seed=1)
    difference = found.table.filter(like="difference").to_numpy()
    np.testing.assert_allclose(difference, 0.0, atol=1e-3)
    assert notes == () and len(found.table) == 1 + 4 + 2 + 2
    empty = what_if(forecast, scenario_drivers(forecast, Scenario(), {}, "")[0], seed=1)
    assert not empty.table.filter(like="difference").to_numpy().any()


def test_a_discount_sells_more_by_the_elasticity_of_the_category(tmp_path: Path) -> None:
    text = "price:\n  - {category: 裙, channel: 天猫, from: 2026-11-03, to: 2026-11-04, discount: 0.2}\n"
    ratio, notes = answer(shop(), tmp_path, text)
    expected = np.ones((4, 28))
    expected[0, 2:4] = 0.8**-2.0
    np.testing.assert_allclose(ratio, expected, rtol=1e-5)
    assert notes == ()


def test_a_discount_of_one_item_moves_its_siblings_and_no_others(tmp_path: Path) -> None:
    forecast = small_forecast()
    one = np.zeros(4, dtype=np.int32)
    shelf = Shelf(one, np.array([1, 1, 1, 1], dtype=np.float32), one, one + STILL_SOLD)
    lift = {**forecast.effects.lift, RIVAL_PRICES: np.array([-0.5, 0.0])}
    forecast = replace(forecast, effects=replace(forecast.effects, lift=lift, shelf=shelf))
    text = "price:\n  - {sku: 裙1, channel: 天猫, from: 2026-11-03, to: 2026-11-04, discount: 0.5}\n"
    ratio, _ = answer(forecast, tmp_path, text)
    pull = (4.0 + 3.0) / 4.0
    expected = np.ones((4, 28))
    expected[0, 2:4], expected[1, 2:4] = 4.0 * pull**-0.5, pull**-0.5
    np.testing.assert_allclose(ratio, expected, rtol=1e-5)
    np.testing.assert_array_equal(forecast.under(forecast.announced).mean, forecast.mean)
    again = Forecast.from_parts(forecast.to_parts())
    np.testing.assert_allclose(answer(again, tmp_path, text)[0], expected, rtol=1e-5)


def test_a_mechanism_runs_as_it_used_to_and_stops(tmp_path: Path) -> None:
    ratio, notes = answer(shop(), tmp_path, "promotion:\n  - {mechanism: coupon, to: 2026-11-01}\n")
    np.testing.assert_allclose(ratio[:, 0], [2**0.5, 2**0.5, 1.0, 1.0], rtol=1e-5)
    assert (ratio[:, 1:] == 1.0).all() and "prices stay as announced" in notes[0]
    both = "promotion:\n  - {mechanism: coupon}\n  - {mechanism: coupon, strength: 0, category: 裙}\n"
    np.testing.assert_allclose(answer(shop(), tmp_path, both)[0], 1.0)
    assert "no lift" in answer(shop(), tmp_path, "promotion: [{mechanism: coupon, category: 鞋}]")[1][0]


@pytest.mark.parametrize("said", ["scale: 2", "set: 5600"])
def test_spend_moves_the_channel_that_it_serves(said: str, tmp_path: Path) -> None:
    ratio, _ = answer(shop(), tmp_path, f"spend: [{{ad_channel: 千川, {said}}}]")
    change = 400 * (1400 / 2100 - 700 / 1400)
    np.testing.assert_allclose(ratio[[1, 3]], 1 + change / 280, rtol=1e-5)
    assert (ratio[[0, 2]] == 1.0).all()


def test_weeks_take_the_share_of_their_days(tmp_path: Path) -> None:
    text = "price: [{sku: 鞋2, channel: 天猫, from: 2026-11-05, to: 2026-11-07, set: 5}]"
    ratio, _ = answer(shop("W"), tmp_path, text)
    assert ratio[2, 0] == pytest.approx(10 / (10 - 5 * 3 / 7), rel=1e-5) and (ratio[2, 1:] == 1.0).all()


def test_what_if_adds_up_over_weeks_channels_and_categories(tmp_path: Path) -> None:
    forecast = shop()
    (tmp_path / "f.yaml").write_text("price: [{discount: 0.3, to: 2026-11-14}]", "utf-8")
    drivers, _ = scenario_drivers(forecast, read_scenario(tmp_path / "f.yaml"), {}, "f.yaml")
    found = what_if(forecast, drivers, seed=3)
    sums = found.table.groupby("by")[["units_new", "revenue_new", "units_difference", "revenue_announced"]].sum()
    for name in ("week", "channel", "category"):
        np.testing.assert_allclose(sums.loc[name], sums.loc["total"], rtol=1e-6)
    total = found.total()
    assert total["units_difference_p10"] <= total["units_difference"] <= total["units_difference_p90"]
    assert total["units_difference"] > 0


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text(
        "price:\n  - {sku: X, scale: 0.9, from: 2025-01-01}\n  - {discount: 0.1, set: 5}\n"
        "promotion:\n  - {mechanism: 买赠}\n  - {mechanism: coupon, from: 2026-11-09, to: 2026-11-05}\n"
        "spend:\n  - {ad_channel: 直通车, scale: 2}\n",
        "utf-8",
    )
    with pytest.raises(BadInput) as caught:
        scenario_drivers(shop(), read_scenario(file), {}, "f.yaml")
    found = [(problem.file, problem.column) for problem in caught.value.problems]
    assert found == [
        ("f.yaml, price 1", "from"),
        ("f.yaml, price 1", "sku"),
        ("f.yaml, price 2", None),
        ("f.yaml, promotion 1", "mechanism"),
        ("f.yaml, promotion 2", "to"),
        ("f.yaml, spend 1", "ad_channel"),
    ]
    with pytest.raises(BadInput, match="yunchou budget"):
        scenario_drivers(replace(shop(), spend_effect=None), Scenario.model_validate(
            {"spend": [{"ad_channel": "千川", "scale": 2}]}), {}, "f.yaml")  # fmt: skip


@pytest.mark.parametrize(
    "text", ["prices: []", "price: [{scale: 0.9, form: 2026-11-01}]", "price: [{scale: x}]", "- 1", "a: [", "price: 3"]
)
def test_files_that_cannot_be_used_are_bad_input(text: str, tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(text, "utf-8")
    with pytest.raises(BadInput):
        read_scenario(tmp_path / "f.yaml")
    with pytest.raises(BadInput):
        read_scenario(tmp_path / "nowhere.yaml")
