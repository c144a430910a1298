"""Orders that several items share in the weekly review: minimum, prepack, tier and order cost hold for the whole."""

from __future__ import annotations

import numpy as np
import pytest

from models.inventory.stock_flow import Flows, Goods, simulate
from tests.inventory.test_stock_flow import ITEMS, make_problem, make_rules

LEAST = 25.0


def shared(goods: Goods, ratio: list[float] | None = None) -> Goods:
    """All items in one order."""
    packs = goods.pack if ratio is None else np.array(ratio)
    return goods._replace(
        moq=packs,
        pack=packs,
        lead=np.full(ITEMS, 2),
        unit=np.zeros(ITEMS, dtype=np.int64),
        unit_start=np.array([0, ITEMS]),
        unit_items=np.arange(ITEMS),
        together=np.full(ITEMS, LEAST),
        ratio=np.zeros(ITEMS) if ratio is None else np.array(ratio),
    )


def runs(seed: int, tight: bool, ratio: list[float] | None = None) -> list[Flows]:
    demand, lead_weeks, goods, values, limits = make_problem(seed, tight)
    values = values._replace(order=np.full(ITEMS, 3.0), cost=np.full(ITEMS, 8.0))
    values = values._replace(tier_from=np.full((ITEMS, 1), 40.0), tier_price=np.full((ITEMS, 1), 6.0))
    if tight:
        limits = limits._replace(cash=limits.cash + 200.0)
    return simulate(make_rules(seed), demand, lead_weeks, shared(goods, ratio), values, limits)


@pytest.mark.parametrize("tight", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_an_order_reaches_the_minimum_together(seed: int, tight: bool) -> None:
    units = []
    for flows in runs(seed, tight):
        ordered = flows.of("ordered_units")
        placed = ordered > 0
        assert (ordered[placed] >= LEAST).all()
        assert flows.of("order_cost_yuan") == pytest.approx(3.0 * placed)
        price = np.where(ordered >= 40.0, 6.0, 8.0)
        assert flows.of("purchases_yuan") == pytest.approx(price * ordered)
        assert flows.of("payments_yuan").sum() <= flows.of("purchases_yuan").sum() + 1e-6
        units.append(ordered)
    assert any((grid > 0).any() for grid in units)


def test_what_is_refused_in_part_is_not_paid() -> None:
    demand, lead_weeks, goods, values, limits = make_problem(1, False)
    room = limits.inbound.copy()
    room[0] = 0.0  # one warehouse takes nothing, so that no common order can be placed whole
    assert len(set(goods.warehouse)) == 2
    goods = shared(goods)._replace(can_order=np.ones_like(goods.can_order))
    wants_all = [rule._replace(fixed=np.full(rule.fixed.shape, 6.0)) for rule in make_rules(1)]
    for flows in simulate(wants_all, demand, lead_weeks, goods, values, limits._replace(inbound=room)):
        assert not flows.of("ordered_units")[:, :-2].any()  # those of the last weeks arrive later than any limit
        assert not flows.of("payments_yuan")[:, :-2].any()


@pytest.mark.parametrize("tight", [False, True])
def test_prepacks_come_whole(tight: bool) -> None:
    ratio = [1.0, 2.0, 3.0, 2.0, 1.0]
    for flows in runs(3, tight, ratio):
        ordered = flows.of("ordered_units")
        assert (ordered % sum(ratio) == 0).all() and (ordered[ordered > 0] >= LEAST).all()


def test_what_lacks_goes_to_the_size_farthest_below_its_target() -> None:
    demand, lead_weeks, goods, values, limits = make_problem(0, False)
    goods = shared(goods)._replace(
        on_hand=np.array([40.0, 2.0, 30.0, 30.0, 30.0]), scheduled=np.zeros_like(goods.scheduled), pack=np.ones(ITEMS)
    )
    target = np.full((len(goods.can_order), ITEMS), 30.0)
    rule = make_rules(0)[1]._replace(up_to=target, reorder=np.where(np.arange(ITEMS) == 0, -1.0, target) * 0.9)
    goods = goods._replace(can_order=np.eye(1, len(target)).T.astype(bool) @ np.ones((1, ITEMS), dtype=bool))
    (flows,) = simulate([rule], np.zeros_like(demand), lead_weeks, goods._replace(moq=np.ones(ITEMS)), values, limits)
    assert flows.of("ordered_units")[:, 0] == pytest.approx(28.0)  # only the size that is out reaches its target
