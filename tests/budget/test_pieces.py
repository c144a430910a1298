from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.budget.pieces import over_estimate


@settings(deadline=None)
@given(st.floats(0.3, 5.0), st.floats(0.05, 20.0), st.floats(0.0, 0.9), st.lists(st.floats(0.0, 10.0), max_size=4))
def test_pieces_are_nowhere_below_the_curve(power: float, half: float, low: float, near: list[float]) -> None:
    def curve(s: np.ndarray) -> np.ndarray:
        share = (np.maximum(s, 1e-9) / half) ** power
        return share / (1 + share)

    def marginal(s: np.ndarray) -> np.ndarray:
        share = (np.maximum(s, 1e-9) / half) ** power
        return power * share / (1 + share) ** 2 / np.maximum(s, 1e-9)

    pieces = over_estimate(curve, marginal, 10.0 * low, 10.0, tuple(near))
    stock = np.linspace(10.0 * low, 10.0, 3001)
    assert (pieces.at(stock) >= curve(stock) - 2e-4).all()
    if power <= 1.0:
        assert pieces.choices == 0
    for left, right in pairwise(pieces.knots):
        assert left < right


def test_a_point_has_one_value() -> None:
    pieces = over_estimate(np.sqrt, lambda s: 0.5 / np.sqrt(s), 4.0, 4.0)
    assert pieces.at(np.array([4.0])) == pytest.approx([2.0])
