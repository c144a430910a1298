"""Customers: groups by recency, frequency, money; repurchase with its denominator."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.customers import GROUPS, repurchase, rfm


def test_groups_by_hand():
    """0 buys often, much, lately; 1 once, long ago, little; 2 once, lately, much."""
    customer = np.array([0, 0, 0, 1, 2])
    day = np.array([90, 95, 99, 10, 98])
    found = rfm(customer, day, np.array([100.0, 100.0, 100.0, 10.0, 400.0]), 100).set_index("customer")
    assert found["group"].tolist() == ["core", "lost", "promising"]
    assert found["recency_days"].tolist() == [1, 90, 2] and found["orders"].tolist() == [3, 1, 1]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 99)), min_size=1, max_size=40))
def test_counts_fit_together(orders):
    customer, day = (np.array(column) for column in zip(*orders, strict=True))
    found = repurchase(customer, day, 50, 99)
    bought = {c for c, d in orders if d >= 50}
    assert found.customers == len(bought)
    assert found.repeated == sum(len({d for c, d in orders if c == one and d >= 50}) > 1 for one in bought)
    assert found.returning == len(bought & {c for c, d in orders if d < 50}) <= found.old
    table = rfm(customer, day, np.ones(len(day)), 99)
    assert set(table["group"]) <= set(GROUPS) and table["orders"].sum() == len(orders)


def test_nobody():
    found = repurchase(np.array([0]), np.array([5]), 10, 20)
    assert found.customers == 0 and np.isnan(found.rate) and found.old_rate == 0.0
