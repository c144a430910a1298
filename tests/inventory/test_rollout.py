"""The first order under lost sales: against a slow simulation, and against what the tables alone would order."""

from __future__ import annotations

import numpy as np
import pytest

from models.inventory.cost_tables import fill_tables, interval_demand, lost_sales_levels, projected_sales
from models.inventory.rollout import FOLLOWED, Start, judge_first_order, weeks_followed

WEEKS, LEAD, STATES = 8, 2, 24
HOLDING, SHORTAGE = 0.2, 1.0


def slowly(
    demand: np.ndarray, late: np.ndarray, on_hand: float, scheduled: np.ndarray, up_to: np.ndarray, q: float
) -> float:
    """Mean cost of the weeks from the first arrival on."""
    end, total = LEAD + 1 + FOLLOWED, 0.0
    for path, delay in zip(demand, late, strict=True):
        stock, due = on_hand, list(scheduled[:end]) + [0.0] * (LEAD + 4)
        for week in range(end):
            if week + LEAD < end:
                wish = q if week == 0 else max(0.0, up_to[week + LEAD] - stock - sum(due[week:end]))
                if week + LEAD + delay < end:
                    due[week + LEAD + delay] += wish
            stock += due[week]
            left = stock - path[week]
            total += max(left, 0.0) * HOLDING + max(-left, 0.0) * SHORTAGE if week >= LEAD else 0.0
            stock = max(left, 0.0)
    return total / len(demand)


@pytest.mark.parametrize("late", [0, 1])
def test_curve_equals_a_slow_simulation(late: int) -> None:
    rng = np.random.default_rng(late)
    demand = rng.poisson(2.0, (1, 40, WEEKS)).astype(np.float32)
    delays = rng.integers(0, late + 1, (1, 40))
    scheduled = np.array([[0.0, 2.0, 0, 0, 0, 0, 0, 0]])
    up_to = np.full((1, WEEKS), 7.0)
    goods = Start(
        np.array([3.0]), scheduled, up_to, np.array([LEAD]), np.array([LEAD]), np.array([[HOLDING, SHORTAGE]])
    )
    tables = np.zeros(STATES * WEEKS)  # further weeks cost nothing, so that the curve itself is written
    assert weeks_followed(np.array([LEAD]), WEEKS) == LEAD + 1 + FOLLOWED
    judge_first_order(demand, delays, goods, np.ones(1), np.zeros(1, np.int64), np.array([STATES]), tables)
    written = tables[LEAD * STATES : (LEAD + 1) * STATES]
    expected = [slowly(demand[0], delays[0], 3.0, scheduled[0], up_to[0], q) for q in range(STATES)]
    best = int(np.argmin(expected))
    assert np.argmin(written) == best
    assert written[best - 1 : best + 2] == pytest.approx(expected[best - 1 : best + 2])
    assert written == pytest.approx(expected, abs=0.35)  # sizes far from the best lie between judged ones
    assert not tables[: LEAD * STATES].any() and not tables[(LEAD + 1) * STATES :].any()


def test_the_judged_order_costs_less_under_lost_sales_than_the_tables_order() -> None:
    rng = np.random.default_rng(5)
    items, paths, weeks = 150, 96, 12
    mean = rng.gamma(1.0, 2.0, (items, 1, 1)) + 0.2
    demand = rng.negative_binomial(1.0, 1.0 / (1.0 + mean), (items, paths, weeks)).astype(np.float32)
    fresh = rng.negative_binomial(1.0, 1.0 / (1.0 + mean), (items, 400, weeks)).astype(np.float32)
    lead, none = np.full(items, LEAD), np.zeros((items, weeks))
    on_hand = np.rint(2 * mean[:, 0, 0])
    holding, shortage = np.full(items, HOLDING), np.full(items, SHORTAGE)
    factor, up_to = lost_sales_levels(demand, lead, holding, shortage)
    interval = interval_demand(
        projected_sales(demand, on_hand, none, lead), lead, lead, np.zeros((items, paths), np.int64)
    )
    states, start = np.full(items, 40), 40 * weeks * np.arange(items)
    cost = np.column_stack([holding, shortage / factor, holding, np.ones(items), np.ones(items)])
    tables = np.empty(items * 40 * weeks)
    base = np.repeat(on_hand[:, None], weeks, axis=1) - np.maximum(np.arange(weeks) - LEAD, 0) * mean[:, 0]
    fill_tables(interval, base, np.ones(items), lead, cost, start, states, tables)
    first = start[:, None] + LEAD * 40 + np.arange(40)
    plain = tables[first].argmin(axis=1)
    goods = Start(on_hand, none, up_to, lead, lead, np.column_stack([holding, shortage]))
    late = np.zeros((items, paths), np.int64)
    judge_first_order(demand, late, goods, np.ones(items), start, states, tables)
    later = np.stack([tables[start[:, None] + t * 40 + np.arange(40)] for t in (LEAD + 1, LEAD + 2)])
    follow = np.minimum.accumulate(later[1][:, ::-1], axis=1)[:, ::-1]
    follow = np.minimum.accumulate((later[0] + follow)[:, ::-1], axis=1)[:, ::-1]
    judged = (tables[first] + follow).argmin(axis=1)
    spent = [
        sum(slowly(fresh[i], np.zeros(400, np.int64), on_hand[i], none[i], up_to[i], q[i]) for i in range(0, items, 5))
        for q in (judged, plain)
    ]
    assert spent[0] < spent[1]


def test_too_short_a_horizon_keeps_the_tables() -> None:
    demand = np.ones((1, 4, 4), dtype=np.float32)
    goods = Start(np.zeros(1), np.zeros((1, 4)), np.ones((1, 4)), np.array([2]), np.array([2]), np.array([[1.0, 1.0]]))
    tables = np.arange(12.0)
    judge_first_order(
        demand, np.zeros((1, 4), np.int64), goods, np.ones(1), np.zeros(1, np.int64), np.array([3]), tables
    )
    assert tables.tolist() == list(range(12))
    assert weeks_followed(np.array([9]), 4) == 0
