"""The compiled weekly review against plain Python, and its laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.inventory.leftover import leftover_cost
from models.inventory.stock_flow import Goods, Limits, Values, draw_lead_weeks, fixed_rule, order_up_to, simulate
from tests.oracles.stock_flow import follow

ITEMS, PATHS, WEEKS = 5, 3, 8


def make_problem(seed: int, tight: bool) -> tuple[np.ndarray, list[np.ndarray], Goods, Values, Limits]:
    """A random small problem: whole units, so that the oracle and the kernel round alike."""
    rng = np.random.default_rng(seed)
    lead = rng.integers(0, 4, ITEMS)
    deposit = rng.choice([0.0, 0.25, 1.0], ITEMS)
    goods = Goods(
        on_hand=rng.integers(0, 30, ITEMS).astype(float),
        scheduled=rng.integers(0, 5, (WEEKS, ITEMS)).astype(float),
        can_order=rng.random((WEEKS, ITEMS)) < 0.8,
        lead=lead,
        pack=rng.choice([1.0, 6.0], ITEMS),
        moq=rng.choice([0.0, 5.0, 12.0], ITEMS),
        warehouse=rng.integers(0, 2, ITEMS),
        pay_weeks=np.stack([np.zeros(ITEMS, np.int64), lead], axis=1),
        pay_share=np.stack([deposit, 1.0 - deposit], axis=1),
        excess=np.full(ITEMS, 10.0),
        active=np.ones(ITEMS),
        lane_item=np.array([0, 1, 1, 3]),
        lane_second=np.array([1, 0, 2, 4]),
        lane_share=np.array([1.0, 0.5, 0.25, 0.75]),
    )
    cost = rng.integers(0, 10, ITEMS).astype(float)
    values = Values(
        revenue=rng.integers(5, 30, (WEEKS, ITEMS)).astype(float),
        cost=cost,
        goods=rng.integers(0, 10, ITEMS).astype(float),
        holding=rng.random(ITEMS),
        penalty=rng.random(ITEMS),
        demand_after=rng.choice([0.0, 2.0], ITEMS),
        clearance_loss=rng.random(ITEMS),
        order=rng.integers(0, 5, ITEMS).astype(float),
        tier_from=np.stack([rng.choice([8.0, np.inf], ITEMS), np.full(ITEMS, 20.0)], axis=1),
        tier_price=np.stack([0.75 * cost, 0.5 * cost], axis=1),
        lane_extra=np.array([1.0, 2.0, 0.5, 3.0]),
    )
    cash = np.cumsum(rng.integers(0, 200, WEEKS)).astype(float) if tight else np.full(WEEKS, np.inf)
    room = rng.integers(0, 40, (2, WEEKS)).astype(float) if tight else np.full((2, WEEKS), np.inf)
    demand = rng.poisson(6, (ITEMS, PATHS, WEEKS)).astype(np.float32)
    lead_weeks = [draw_lead_weeks(lead, np.full(ITEMS, 0.8), WEEKS, seed, path) for path in range(PATHS)]
    return demand, lead_weeks, goods, values, Limits(cash, room)


def make_rules(seed: int) -> list:
    rng = np.random.default_rng([seed, 1])
    reorder = rng.integers(0, 30, (WEEKS, ITEMS)).astype(float)
    return [
        order_up_to(reorder + rng.integers(0, 20, (WEEKS, ITEMS)), reorder),
        order_up_to(reorder),
        fixed_rule(rng.integers(0, 15, (WEEKS, ITEMS)).astype(float)),
    ]


@pytest.mark.parametrize("tight", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_agrees_with_the_oracle(seed: int, tight: bool) -> None:
    demand, lead_weeks, goods, values, limits = make_problem(seed, tight)
    rules = make_rules(seed)
    for rule, flows in zip(rules, simulate(rules, demand, lead_weeks, goods, values, limits), strict=True):
        for path in range(PATHS):
            slow = follow(rule, demand[:, path].T, lead_weeks[path], goods, values, limits)
            np.testing.assert_allclose(flows.of("sold_units")[path], slow["sold"])
            np.testing.assert_allclose(flows.of("received_units")[path], slow["received"])
            np.testing.assert_allclose(flows.of("ordered_units")[path], np.sum(slow["units"], axis=1))
            np.testing.assert_allclose(flows.of("stock_units")[path], np.sum(slow["stock"], axis=1))
            np.testing.assert_allclose(flows.of("stock_yuan")[path], np.array(slow["stock"]) @ values.cost)
            np.testing.assert_allclose(flows.of("payments_yuan")[path], slow["payments"])
            left = map(leftover_cost, slow["left"], values.holding, values.demand_after, values.clearance_loss)
            np.testing.assert_allclose(flows.of("leftover_yuan")[path].sum(), sum(left), atol=1e-9)
            for name, key in (
                ("revenue_yuan", "revenue"),
                ("holding_yuan", "holding"),
                ("lost_yuan", "lost_yuan"),
                ("order_cost_yuan", "order_cost"),
                ("purchases_yuan", "purchases"),
                ("discount_yuan", "discount"),
                ("out_weeks", "out"),
                ("second_units", "second"),
            ):
                np.testing.assert_allclose(flows.of(name)[path].sum(), slow[key], atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), tight=st.booleans())
def test_goods_and_money_are_conserved(seed: int, tight: bool) -> None:
    demand, lead_weeks, goods, values, limits = make_problem(seed, tight)
    for flows in simulate(make_rules(seed), demand, lead_weeks, goods, values, limits):
        sold, stock = flows.of("sold_units"), flows.of("stock_units")
        opening = np.concatenate([np.full((PATHS, 1), goods.on_hand.sum()), stock[:, :-1]], axis=1)
        np.testing.assert_allclose(opening + flows.of("received_units"), sold + stock)
        assert (sold <= flows.of("demand_units") + 1e-9).all()
        assert (flows.total >= -1e-9).all()
        assert (np.cumsum(flows.of("payments_yuan"), axis=1) <= limits.cash * (1 + 1e-8) + 1e-6).all()
        assert (flows.item_sold <= flows.item_demand + 1e-9).all()
        np.testing.assert_allclose(flows.item_sold.sum(), sold.sum())
        np.testing.assert_allclose(flows.item_out.sum(), flows.of("out_weeks").sum())


def test_threads_and_blocks_change_nothing() -> None:
    demand, lead_weeks, goods, values, limits = make_problem(3, True)
    rules = make_rules(3)
    whole = simulate(rules, demand, lead_weeks, goods, values, limits, threads=2)
    for path in range(PATHS):
        part = simulate(rules, demand[:, path : path + 1], lead_weeks[path : path + 1], goods, values, limits)
        for one, all_paths in zip(part, whole, strict=True):
            assert (one.total[:, 0] == all_paths.total[:, path]).all()


def test_most_urgent_order_first() -> None:
    """Cash for one order: the item without stock gets it, though it stands last."""
    goods = Goods(
        on_hand=np.array([5.0, 0.0]),
        scheduled=np.zeros((1, 2)),
        can_order=np.ones((1, 2), dtype=bool),
        lead=np.zeros(2, np.int64),
        pack=np.ones(2),
        moq=np.zeros(2),
        warehouse=np.zeros(2, np.int64),
        pay_weeks=np.zeros((2, 1), np.int64),
        pay_share=np.ones((2, 1)),
        excess=np.zeros(2),
        active=np.ones(2),
    )
    zero, one = np.zeros(2), np.ones(2)
    values = Values(np.ones((1, 2)), one, *[zero] * 6, np.full((2, 1), np.inf), np.ones((2, 1)))
    limits = Limits(np.array([10.0]), np.full((1, 1), np.inf))
    demand = np.full((2, 1, 1), 10.0, dtype=np.float32)
    lead = [np.zeros((1, 2), np.int16)]
    (flows,) = simulate([order_up_to(np.full((1, 2), 10.0))], demand, lead, goods, values, limits)
    assert flows.item_sold.tolist() == [5.0, 10.0]


def test_grids_of_another_shape_are_refused() -> None:
    demand, lead_weeks, goods, values, limits = make_problem(0, False)
    with pytest.raises(ValueError, match="8 weeks, 5 items"):
        simulate([fixed_rule(np.zeros((WEEKS, ITEMS + 1)))], demand, lead_weeks, goods, values, limits)


def test_lead_times() -> None:
    lead, sd = np.array([0, 3, 3]), np.array([0.0, 0.0, 1.0])
    drawn = np.stack([draw_lead_weeks(lead, sd, 40, 7, path) for path in range(200)])
    assert (drawn[:, :, 0] == 0).all()
    assert (drawn[:, :, 1] == 3).all()
    assert drawn[:, :, 2].min() == 1
    assert drawn[:, :, 2].mean() == pytest.approx(3.0, abs=0.05)
    assert drawn[:, :, 2].std() == pytest.approx(1.04, abs=0.03)
    assert (draw_lead_weeks(lead, sd, 40, 7, 5) == drawn[5]).all()
    assert (drawn[0] != drawn[1]).any()
