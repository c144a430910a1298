import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.response.saturation import LOGISTIC_SLOPE, hill, logistic, logistic_steepness


def test_hill_by_hand() -> None:
    assert hill(np.array([0.0, 10.0, 20.0]), np.array(10.0), np.array(2.0)) == pytest.approx([0.0, 0.5, 0.8])


@given(st.floats(0, 1e4), st.floats(1, 1e4))
def test_logistic_by_hand(stock: float, half: float) -> None:
    decay = math.exp(-math.log(3.0) / half * stock)
    assert float(logistic(np.array(stock), np.array(half))) == pytest.approx((1 - decay) / (1 + decay), abs=1e-12)
    assert float(logistic(np.array(half), np.array(half))) == pytest.approx(0.5)


@given(st.floats(0.01, 5), st.floats(1, 1e4))
def test_its_derivative_is_that_of_small_steps(relative: float, half: float) -> None:
    stock, step = relative * half, 1e-6 * half
    rise = (logistic(np.array(stock + step), half) - logistic(np.array(stock - step), half)) / (2 * step)
    assert float(logistic_steepness(np.array(relative), half)) == pytest.approx(float(rise), rel=1e-4, abs=1e-9 / half)


def test_its_hill_curve_is_as_steep_at_the_half_saturation() -> None:
    step = np.array([-1e-4, 1e-4])
    assert np.diff(logistic(2.0 + step, 2.0)) == pytest.approx(np.diff(hill(2.0 + step, 2.0, LOGISTIC_SLOPE)), rel=1e-4)
