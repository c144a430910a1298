import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.response.curves import ResponseCurves, adstock, hill


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


def test_hill_by_hand() -> None:
    assert hill(np.array([0.0, 10.0, 20.0]), np.array(10.0), np.array(2.0)) == pytest.approx([0.0, 0.5, 0.8])


def test_lift_falls_on_sales_channels_by_the_split() -> None:
    one = np.ones((1, 1))
    curves = ResponseCurves(("a",), ("x", "y"), 0 * one, 10 * one, one, 100 * one, 0 * one, np.array([[0.25, 0.75]]))
    assert curves.lift_by_channel(np.array([[10.0]])) == pytest.approx(np.array([[12.5], [37.5]]))
