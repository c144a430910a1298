"""The lot-sizing programme against textbooks and against trying everything."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from models.inventory.lot_sizing import LotProblem, backlog_tables, one_item, solve_lots


def solve(problem: LotProblem, money: np.ndarray | None = None, room: np.ndarray | None = None):  # type: ignore[no-untyped-def]
    none = np.zeros(problem.shape)
    return solve_lots(problem, none if money is None else money[None], none if room is None else room[None])


def test_wagner_whitin_with_constant_price() -> None:
    # K=500 h=2 d=90,120,80,70 -> 210,0,150,0 at 1380 (Nahmias; FINDINGS.md)
    demand = np.array([90.0, 120.0, 80.0, 70.0])
    tables = backlog_tables(demand, np.full(4, 2.0), np.full(4, 1e6), 10.0, 40)
    plans = solve(one_item(tables, 10.0, [(1, 500.0, 0.0)]))
    assert (plans.lots[0] * 10).tolist() == [210, 0, 150, 0]
    assert plans.cost[0] == pytest.approx(1380.0)


def test_wagner_whitin_with_changing_price() -> None:
    # K=100 h=.1 price 3,1,4,6,6 d=400,500,500,1100,900 -> 400,3000 at 4940 (stockpyl's instance; FINDINGS.md);
    # the price of a week enters as the room charge of that week
    demand = np.array([400.0, 500.0, 500.0, 1100.0, 900.0])
    tables = backlog_tables(demand, np.full(5, 0.1), np.full(5, 1e6), 100.0, 40)
    problem = one_item(tables, 100.0, [(1, 100.0, 0.0)])
    plans = solve(problem, room=np.array([3.0, 1.0, 4.0, 6.0, 6.0]))
    assert (plans.lots[0] * 100).tolist() == [400, 3000, 0, 0, 0]
    assert plans.value[0] == pytest.approx(4940.0)


def cost_of(problem: LotProblem, orders: tuple[int, ...], money: np.ndarray, room: np.ndarray) -> float:
    """Cost with multipliers of given orders, by the definition."""
    states, lot, total, k = int(problem.states[0]), float(problem.lot[0]), 0.0, 0
    for week, lots in enumerate(orders):
        if lots:
            if lots > problem.most[0, week]:
                return np.inf
            units = lot * lots
            total += min(
                (
                    fixed + units * (extra + price * money[week] + room[week])
                    for smallest, fixed, price, extra in zip(
                        problem.offer_lots, problem.offer_fixed, problem.offer_price, problem.offer_extra, strict=True
                    )
                    if lots >= smallest
                ),
                default=np.inf,
            )
        k += lots
        if k >= states:
            return np.inf
        total += problem.tables[week * states + k]
    return total


@pytest.mark.parametrize("seed", range(12))
def test_equals_trying_everything(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weeks, states = 4, 7
    tables = backlog_tables(rng.integers(0, 4, weeks) * 1.0, rng.random(weeks), 5 * rng.random(weeks), 1.0, states)
    offers = [(int(rng.integers(1, 4)), float(rng.random()), 2.0), (4, 0.2, 1.5), (5, 0.0, 1.0)]
    problem = one_item(tables, 1.0, offers, rng.random(weeks) < 0.7)
    money, room = rng.random(weeks), rng.random(weeks)
    plans = solve(problem, money, room)
    best = min(cost_of(problem, orders, money, room) for orders in product(range(states), repeat=weeks))
    assert plans.value[0] == pytest.approx(best)
    assert cost_of(problem, tuple(plans.lots[0]), money, room) == pytest.approx(best)
    none = np.zeros(weeks)
    extra = sum(
        plans.lots[0, week] * problem.offer_extra[plans.offer[0, week]] for week in range(weeks) if plans.lots[0, week]
    )
    held = sum(problem.tables[week * states + k] for week, k in enumerate(np.cumsum(plans.lots[0])))
    fixed = sum(problem.offer_fixed[row] for row in plans.offer[0] if row >= 0)
    assert plans.cost[0] == pytest.approx(extra + held + fixed)
    assert plans.cost[0] >= cost_of(problem, tuple(solve(problem).lots[0]), none, none) - 1e-9


def test_all_units_tiers_equal_the_lowest_lawful_price() -> None:
    # one week, 10 units needed, breaks at 0/12/20: buying 12 at 0.5 is cheaper than 10 at 1.0
    tables = backlog_tables(np.array([10.0]), np.array([0.1]), np.array([50.0]), 1.0, 25)
    plans = solve(one_item(tables, 1.0, [(1, 1.0, 1.0), (12, 1.0, 0.5), (20, 1.0, 0.45)]))
    assert plans.lots[0].tolist() == [12]
    assert plans.offer[0].tolist() == [1]


def test_nothing_is_ordered_without_need() -> None:
    tables = backlog_tables(np.zeros(5), np.ones(5), np.ones(5), 1.0, 3)
    assert solve(one_item(tables, 1.0, [(1, 0.0, 0.0)])).lots.sum() == 0


def test_a_closed_week_takes_no_order() -> None:
    tables = backlog_tables(np.full(3, 2.0), np.ones(3), np.full(3, 10.0), 1.0, 8)
    plans = solve(one_item(tables, 1.0, [(1, 0.0, 0.0)], np.array([True, False, True])))
    assert plans.lots[0].tolist() == [4, 0, 2]


@pytest.mark.parametrize("seed", range(5))
def test_orders_have_at_most_the_largest_size(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tables = rng.uniform(0.0, 20.0, (3, 7))
    problem = one_item(tables, 1.0, [(1, 2.0, 1.0), (3, 1.0, 0.8)])
    problem = problem._replace(most=rng.integers(0, 5, (1, 3)))
    plans = solve(problem)
    none = np.zeros(3)
    best = min(
        cost_of(problem, orders, none, none)
        for orders in product(range(7), repeat=3)
        if all(lots <= most for lots, most in zip(orders, problem.most[0], strict=True))
    )
    assert plans.cost[0] == pytest.approx(best)
