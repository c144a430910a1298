"""Parts of a product add up to it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.demand.contributions import FAMILIES, family_of
from models.explanation import additive_parts, logarithmic_mean
from models.features.rows import FEATURES


@given(arrays(float, (5, 4), elements=st.floats(-3, 3)), arrays(float, 4, elements=st.floats(0, 1e6)))
def test_parts_add_up_to_the_product(logs: np.ndarray, start: np.ndarray) -> None:
    end = start * np.exp(logs.sum(axis=0))
    np.testing.assert_allclose(start + additive_parts(start, logs).sum(axis=0), end, rtol=1e-9, atol=1e-9)


@given(arrays(float, (4, 3), elements=st.floats(-3, 3)))
def test_the_order_of_factors_does_not_matter(logs: np.ndarray) -> None:
    start = np.ones(3)
    np.testing.assert_allclose(additive_parts(start, logs[::-1]), additive_parts(start, logs)[::-1])


def test_the_logarithmic_mean_is_continuous() -> None:
    near = logarithmic_mean(np.array([1.0 + 1e-7, 1.0 + 1e-5]), np.ones(2))
    np.testing.assert_allclose(near, [1.0, 1.000005], rtol=1e-6)
    assert logarithmic_mean(np.array([5.0, 0.0]), np.array([0.0, 0.0])).tolist() == [0.0, 0.0]


def test_every_feature_has_a_family() -> None:
    found = {family_of(name) for name in FEATURES}
    assert found == set(FAMILIES)
    assert family_of("log_price_ratio") == "promotion" and family_of("log_season_own") == "season"
