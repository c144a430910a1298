"""Textbook lot sizes and review levels."""

from __future__ import annotations

import numpy as np
import pytest

from models.inventory.policies import discounted_lot, economic_order_quantity, protection, review_levels


@pytest.mark.parametrize(
    ("order", "holding", "demand", "lot", "cost"),
    [
        (8, 0.225, 1300, 304.0467800264368, 68.41052550594829),
        (100, 2.0, 5000, 707.1067811865476, 1414.213562373095),
        (45.5, 0.07, 120, 394.96835316262997, 27.6477847213841),
    ],
)
def test_economic_order_quantity(order: float, holding: float, demand: float, lot: float, cost: float) -> None:
    """Snyder, Shen 2019, example 3.1, and two more; numbers by stockpyl 1.0.2, ``economic_order_quantity``."""
    quantity = economic_order_quantity(demand, order, holding)
    assert quantity == pytest.approx(lot, rel=1e-6)
    assert order * demand / quantity + holding * quantity / 2 == pytest.approx(cost, rel=1e-6)


def test_economic_order_quantity_without_set_up_or_holding() -> None:
    assert economic_order_quantity(100, 0, [1.0, 0.0]).tolist() == [0.0, 0.0]
    assert np.isinf(economic_order_quantity(100, 5, 0))


THREE = ([(0, 0.75), (400, 0.72), (800, 0.68)], [(0, 5.0), (200, 4.8), (1000, 4.75)])


@pytest.mark.parametrize(
    ("order", "rate", "demand", "tiers", "lot", "cost"),
    [
        (8, 0.3, 1300, THREE[0], 800, 978.6),
        (50, 0.2, 1000, THREE[1], 322.7486121839514, 5109.838667696593),
        (20, 0.25, 300, [(0, 10.0), (100, 9.7), (500, 9.6)], 100, 3091.25),
        (100, 0.3, 2000, [(0, 8.0), (500, 7.9), (1500, 7.2)], 1500, 16153.333333333334),
    ],
)
def test_all_units_discounts(order: float, rate: float, demand: float, tiers: list, lot: float, cost: float) -> None:
    """Snyder, Shen 2019, example 3.5, and three more; stockpyl 1.0.2, ``..._with_all_units_discounts``."""
    assert discounted_lot(demand, order, rate, tiers, incremental=False) == pytest.approx((lot, cost), rel=1e-6)


@pytest.mark.parametrize(
    ("order", "rate", "demand", "tiers", "lot", "cost"),
    [
        (8, 0.3, 1300, THREE[0], 304.0467800264368, 1043.4105255059483),
        (50, 0.2, 1000, THREE[1], 433.0127018922193, 5219.692193816531),
        (100, 0.3, 2000, [(0, 8.0), (500, 7.0), (1500, 6.2)], 1967.477507351859, 16314.508163674458),
    ],
)
def test_incremental_discounts(order: float, rate: float, demand: float, tiers: list, lot: float, cost: float) -> None:
    """Stockpyl 1.0.2, ``economic_order_quantity_with_incremental_discounts``."""
    assert discounted_lot(demand, order, rate, tiers, incremental=True) == pytest.approx((lot, cost), rel=1e-6)


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
