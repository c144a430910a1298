import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.response.adstock import LAGS, adstock, delayed, lagged, same_mean_lag, weibull


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.floats(0, 0.95), st.floats(0, 1e6))
def test_adstock_is_the_weighted_sum_of_past_spend(spend: list[float], carryover: float, start: float) -> None:
    line = np.array(spend)
    stock = adstock(line, np.array(carryover), np.array(start))
    for week in range(len(line)):
        ages = np.arange(week, -1, -1)
        by_hand = (1 - carryover) * (carryover**ages * line[: week + 1]).sum() + carryover ** (week + 1) * start
        assert stock[week] == pytest.approx(by_hand, rel=1e-9, abs=1e-6)


def test_constant_spend_is_its_own_stock() -> None:
    assert adstock(np.full(5, 7.0), np.array(0.6), np.array(7.0)) == pytest.approx(np.full(5, 7.0))


@given(st.floats(0.05, 0.95), st.floats(0, 12))
def test_delayed_weights_by_hand(retention: float, delay: float) -> None:
    raw = [retention ** ((lag - delay) ** 2) for lag in range(LAGS)]
    found = delayed(np.array(retention), np.array(delay))
    assert found == pytest.approx([one / sum(raw) for one in raw], rel=1e-9, abs=1e-12)
    assert int(found.argmax()) in (math.floor(delay), math.ceil(delay))


@given(st.floats(0.5, 5), st.floats(0.3, 9))
def test_weibull_weights_by_hand(shape: float, scale: float) -> None:
    age = [(lag + 1) / scale for lag in range(LAGS)]
    raw = [shape / scale * one ** (shape - 1) * math.exp(-(one**shape)) for one in age]
    found = weibull(np.array(shape), np.array(scale))
    if sum(raw) > 0:  # else the density has run out of floats, but not the weights
        assert found == pytest.approx([one / sum(raw) for one in raw], rel=1e-9, abs=1e-12)
    assert found.sum() == pytest.approx(1.0) and (found >= 0).all()


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20), st.floats(0.05, 0.95), st.floats(0, 6))
def test_the_lagged_stock_is_the_weighted_sum_of_this_and_past_weeks(
    spend: list[float], retention: float, delay: float
) -> None:
    past = np.linspace(0.0, 1e5, LAGS - 1)
    weights, line = delayed(np.array(retention), np.array(delay)), [*past, *spend]
    found = lagged(np.array(spend), weights, past)
    for week in range(len(spend)):
        by_hand = sum(weights[lag] * line[LAGS - 1 + week - lag] for lag in range(LAGS))
        assert found[week] == pytest.approx(by_hand, rel=1e-9, abs=1e-6)


@given(st.floats(0.05, 0.95), st.floats(0.3, 6), st.floats(1, 1e6))
def test_constant_spend_is_its_own_lagged_stock(first: float, weeks: float, level: float) -> None:
    for weights in (delayed(np.array(first), np.array(weeks)), weibull(np.array(0.5 + 4 * first), np.array(weeks))):
        stock = lagged(np.full(5, level), weights, np.full(LAGS - 1, level))
        assert stock == pytest.approx(np.full(5, level))


@given(st.floats(0.05, 0.95), st.floats(0, 6))
def test_the_geometric_twin_has_the_same_mean_lag(retention: float, delay: float) -> None:
    weights = delayed(np.array(retention), np.array(delay))
    carryover = float(same_mean_lag(weights))
    lags = np.arange(3000)
    assert ((1 - carryover) * carryover**lags) @ lags == pytest.approx(weights @ np.arange(LAGS), rel=1e-6)
