"""Demo merchants as businesses of known truth."""

import numpy as np
import pytest

from experiments.response.business import Business
from experiments.response.demo_worlds import one_shop
from models.response.data import LiftTest, ResponseData


def test_one_shop_is_the_sum_of_its_channels() -> None:
    revenue = np.array([[100.0, 100.0], [300.0, 300.0]])
    controls = np.array([[[1.0], [0.0]], [[0.0], [1.0]]])
    split = np.array([[1.0, 0.0]])
    tests = (LiftTest("a", 0, 1, 5.0, 9.0, 1.0),)
    data = ResponseData(("a",), ("x", "y"), np.array([[5.0, 6.0]]), revenue, controls, split, tests)
    found = one_shop(Business(data, None, np.array([2.0]))).data
    assert found.revenue == pytest.approx(np.array([[400.0, 400.0]]))
    assert found.controls == pytest.approx(np.array([[[0.25], [0.75]]]))
    assert found.split.tolist() == [[1.0]] and found.tests == () and found.channels == ("shop",)
