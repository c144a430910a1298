"""Textbook answers of the textbook policies."""

from __future__ import annotations

import numpy as np
import pytest

from models.inventory.policies import economic_order_quantity, newsvendor, poisson_s_S, protection, review_levels


def test_economic_order_quantity() -> None:
    """Snyder, Shen 2019, example 3.1."""
    quantity = economic_order_quantity(1300, 8, 0.225)
    assert quantity == pytest.approx(304.047, abs=1e-3)
    assert 8 * 1300 / quantity + 0.225 * quantity / 2 == pytest.approx(68.4105, abs=1e-4)


def test_economic_order_quantity_without_set_up_or_holding() -> None:
    assert economic_order_quantity(100, 0, [1.0, 0.0]).tolist() == [0.0, 0.0]
    assert np.isinf(economic_order_quantity(100, 5, 0))


def test_newsvendor() -> None:
    """Snyder, Shen 2019, example 4.3."""
    assert newsvendor(50, 8, 0.18, 0.70) == pytest.approx((56.604, 1.9976), abs=1e-3)


@pytest.mark.parametrize(
    ("mean", "holding", "shortage", "order", "answer"),
    [(6, 1, 4, 5, (4, 10, 8.03411)), (10, 1, 9, 64, (6, 40, 35.0216))],
)
def test_exact_s_and_S(mean: float, holding: float, shortage: float, order: float, answer: tuple) -> None:
    """Snyder, Shen 2019, example 4.7; Zheng, Federgruen 1991, table 1."""
    assert poisson_s_S(mean, holding, shortage, order) == pytest.approx(answer, abs=1e-4)


def test_protection_interval_counts_the_review_week_and_stops_at_the_horizon() -> None:
    mean = np.array([[1.0, 2.0, 4.0, 8.0], [1.0, 1.0, 1.0, 1.0]])
    end, total = protection(mean, np.array([1, 0]))
    assert end.tolist() == [[2, 3, 4, 4], [1, 2, 3, 4]]
    assert total.tolist() == [[3.0, 6.0, 12.0, 8.0], [1.0, 1.0, 1.0, 1.0]]
    assert protection(mean, np.array([1, 0]), 0.5)[1].tolist() == [[5.0, 10.0, 12.0, 8.0], [1.5, 1.5, 1.5, 1.0]]


def test_review_levels() -> None:
    mean, variance = np.full((1, 4), 10.0), np.full((1, 4), 25.0)
    reorder, up_to = review_levels(mean, np.array([1]), variance, 2.0, np.full((1, 4), 7.0))
    assert reorder[0, 0] == 30.0
    assert up_to[0, 0] == 37.0
