"""Cost tables against slow sums."""

from __future__ import annotations

import numpy as np
import pytest

from models.inventory.cost_tables import (
    FACTORS,
    add_aged_rent,
    fill_tables,
    interval_demand,
    lost_sales_levels,
    projected_sales,
)
from models.inventory.leftover import leftover_cost


def test_projection_sells_no_more_than_there_is() -> None:
    demand = np.array([[[3.0, 4.0, 5.0]]], dtype=np.float32)
    sold = projected_sales(demand, np.array([5.0]), np.array([[0.0, 1.0, 0.0]]), np.array([2]))
    assert sold[0, 0].tolist() == [3.0, 3.0, 5.0]
    assert demand[0, 0].tolist() == [3.0, 4.0, 5.0]


def test_interval_is_lead_time_and_one_week_and_longer_when_late() -> None:
    sales = np.array([[[1.0, 2.0, 4.0, 8.0], [1.0, 2.0, 4.0, 8.0]]], dtype=np.float32)
    out = interval_demand(sales, np.array([1]), np.array([1]), np.array([[0, 1]]))
    assert out[0, 0].tolist() == [0.0, 3.0, 6.0, 12.0]
    assert out[0, 1].tolist() == [0.0, 7.0, 14.0, 20.0]


def test_tables_equal_plain_means() -> None:
    rng = np.random.default_rng(0)
    interval = rng.gamma(2.0, 5.0, (2, 9, 3)).astype(np.float32)
    base, lot, first = rng.uniform(-5, 5, (2, 3)), np.array([2.0, 6.0]), np.array([0, 1])
    cost = np.array([[0.1, 2.0, 0.1, 3.0, 0.5], [0.3, 1.0, 0.3, 0.0, 2.0]])
    states = np.array([5, 4])
    start = np.array([0, 15])
    out = np.empty(27)
    fill_tables(interval, base, lot, first, cost, start, states, out)
    for item in range(2):
        for week in range(3):
            for k in range(states[item]):
                net = base[item, week] + k * lot[item] - interval[item, :, week].astype(float)
                expected = (cost[item, 0] * np.maximum(net, 0) + cost[item, 1] * np.maximum(-net, 0)).mean()
                if week == 2:
                    expected += np.mean([leftover_cost(units, *cost[item, 2:]) for units in net])
                expected = expected if week >= first[item] else 0.0
                assert np.isclose(out[start[item] + week * states[item] + k], expected)


def test_lost_sales_ask_for_less_stock_than_the_critical_ratio() -> None:
    # h = .2 p and two weeks of lead time: trials on real data found 1.8 (FINDINGS.md)
    demand = np.random.default_rng(1).poisson(4.0, (200, 64, 26)).astype(np.float32)
    factors = lost_sales_levels(demand, np.full(200, 2), np.full(200, 0.2), np.full(200, 1.0)).factor
    assert set(factors) <= set(FACTORS)
    assert 1.4 <= factors.mean() <= 2.8


def test_no_lead_time_needs_no_correction() -> None:
    demand = np.random.default_rng(1).poisson(20.0, (50, 64, 26)).astype(np.float32)
    factors = lost_sales_levels(demand, np.zeros(50, dtype=np.int64), np.full(50, 0.2), np.full(50, 1.0)).factor
    assert np.median(factors) <= 1.25


def test_aged_stock_pays_by_what_is_left_of_its_week() -> None:
    # 10 units on hand, 3 a week are sold, older than 2 weeks pays: followed unit by unit, the oldest sold first
    weeks, demand, on_hand, rate, lot = 5, 3.0, 10.0, 0.5, 4.0
    until = (np.arange(weeks) + 2 + 1) * demand
    tables = np.zeros(weeks * 3)
    one = np.zeros(1, dtype=np.int64)
    add_aged_rent(on_hand - until[None, :], np.array([lot]), one, np.array([rate]), one, np.array([3]), tables)
    for lots in range(3):
        stock = [(0, on_hand + lots * lot)]
        paid = 0.0
        for week in range(weeks + 2):
            left, sold = [], demand
            for came, units in stock:
                gone = min(units, sold)
                sold -= gone
                left.append((came, units - gone))
            stock = left
            # the lots of week 0 stand for every later week too: nothing else arrives
            paid += rate * sum(units for came, units in stock if week - came >= 2)
        assert tables.reshape(weeks, 3)[:, lots].sum() == pytest.approx(paid)
