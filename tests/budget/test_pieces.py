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
    for piece in pieces:
        inside = stock[(stock >= piece.low) & (stock <= piece.high)]
        assert (piece.at(inside) >= curve(inside) - 2e-4).all()
    if power <= 1.0:
        assert len(pieces) == 1
    assert pieces[0].low == pytest.approx(10.0 * low) and pieces[-1].high == 10.0
    for left, right in pairwise(pieces):
        assert left.high == right.low


def test_a_point_has_one_value() -> None:
    pieces = over_estimate(np.sqrt, lambda s: 0.5 / np.sqrt(s), 4.0, 4.0)
    assert pieces[0].at(np.array([4.0])) == pytest.approx([2.0])
