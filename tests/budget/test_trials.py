"""The worth of knowing a curve: by hand, falling with the error of the test, and in the plan."""

import numpy as np
import pytest

from engine.budget.exchange import POINTS, Menu, best
from engine.budget.trials import _worth_of

MONEY, DRAWS = 1000.0, 400
EVEN = np.full(DRAWS, 1.0 / DRAWS)


@pytest.fixture(scope="module")
def menu() -> Menu:
    """Two ad channels of straight curves share 1000 yuan: the first brings 1 a yuan, the second 0.5 to 1.5."""
    slopes = np.stack([np.ones(DRAWS), np.random.default_rng(0).permutation(np.linspace(0.5, 1.5, DRAWS))], axis=1)
    worth = slopes[:, :, None] * np.linspace(0.0, MONEY, POINTS)
    nothing, all_, both = np.zeros(2), np.full(2, MONEY), np.ones((1, 2))
    return Menu(worth, nothing, all_, both, np.array([MONEY]), np.array([MONEY]), np.full(2, MONEY / 2))


def test_knowing_a_curve_is_worth_what_the_better_split_brings(menu: Menu) -> None:
    usual = best(menu, EVEN, menu.start)
    # fifths of the draws bring 0.6, 0.8, 1.0, 1.2 and 1.4 a yuan: the upper two take all the money
    assert _worth_of(menu, menu.swing(1)[None], usual) == pytest.approx(MONEY * (0.2 + 0.4) / 5, rel=0.06)
    assert _worth_of(menu, menu.swing(0)[None] + np.arange(DRAWS), usual) <= 0.03 * MONEY


def test_the_answer_of_a_test_is_worth_less_the_worse_it_measures(menu: Menu) -> None:
    usual, luck = best(menu, EVEN, menu.start), np.random.default_rng(1).standard_normal((5, DRAWS))
    worths = [_worth_of(menu, menu.swing(1) + error * luck, usual) for error in (0.0, 300.0, 1000.0, 1e5)]
    assert worths == sorted(worths, reverse=True) and worths[1] > 3 * worths[3] and worths[3] < 0.03 * MONEY


def test_moves_keep_bounds_and_rows() -> None:
    """Three ad channels, the best two of which share a cap of 500."""
    slopes = np.array([[3.0, 2.0, 1.0]])
    worth = slopes[:, :, None] * np.linspace(0.0, 400.0, POINTS)
    rows, sides = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]), (np.array([0.0, 800.0]), np.array([500.0, 800.0]))
    menu = Menu(worth, np.zeros(3), np.full(3, 400.0), rows, *sides, np.array([100.0, 300.0, 400.0]))
    assert best(menu, np.ones(1), menu.start) == pytest.approx([400.0, 100.0, 300.0], abs=5.0)
