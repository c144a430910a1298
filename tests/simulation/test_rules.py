"""The policies of comparison."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from engine.simulation.draws import draws, item_mean
from engine.simulation.measures import profit
from engine.simulation.rules import followed, frozen, tune
from engine.simulation.settings import SimulationSettings
from engine.simulation.stock import Stock, stock_of
from models.inventory.stock_flow import simulate
from tests.simulation.cases import make_case, make_demand, make_plan

MEAN = np.full((3, 8), 6.0)


def make_stock(**columns: object) -> tuple[Stock, object, object]:
    case, demand = make_case(items=3, weeks=8, **columns), make_demand(MEAN)
    return stock_of(case, item_mean(case, demand), 13.0), case, demand


def test_the_tuned_rule_is_the_best_of_its_grid() -> None:
    stock, case, demand = make_stock()
    training = draws(case, demand, stock, 1)
    settings = SimulationSettings(training_paths=8)
    found = tune(stock, training, settings, 1)
    assert found.safety_factor in settings.safety_factors
    assert found.cover_weeks in settings.cover_weeks
    paths, lead_weeks = next(training.blocks(8, 8))
    (best,) = simulate([found.rule], paths, lead_weeks, stock.goods, stock.values, stock.limits)
    for factor in settings.safety_factors:
        one = settings.model_copy(update={"safety_factors": (factor,), "cover_weeks": (1.0,)})
        other = tune(stock, training, one, 1)
        (flows,) = simulate([other.rule], paths, lead_weeks, stock.goods, stock.values, stock.limits)
        assert profit(best).mean() >= profit(flows).mean() - 1e-9


def test_dear_lost_sales_ask_for_more_safety() -> None:
    factors = []
    for revenue in (1100.0, 20_000.0):
        columns = {"revenue_fen": np.full((3, 8), revenue, dtype=np.float32), "holding_fen_week": 150.0}
        stock, case, demand = make_stock(**columns)
        factors.append(tune(stock, draws(case, demand, stock, 1), SimulationSettings(), 1).safety_factor)
    assert factors[0] < factors[1]


def test_the_plan_followed_tops_up_to_the_planned_position() -> None:
    stock, case, _ = make_stock(lead_time_weeks=0, lead_time_sd_weeks=0.0, order_cost_fen=0)
    plan = make_plan(case, MEAN)
    demand = np.full((3, 1, 8), 9.0, dtype=np.float32)
    lead = [np.zeros((8, 3), np.int16)]
    follow, freeze = simulate(
        [followed(plan, stock), frozen(plan)], demand, lead, stock.goods, stock.values, stock.limits
    )
    assert freeze.of("ordered_units")[0].sum() == plan.quantity.sum()
    assert follow.of("ordered_units")[0].sum() > plan.quantity.sum()
    held = np.append(stock.goods.on_hand.sum(), follow.of("stock_units")[0, :-1]) + follow.of("ordered_units")[0]
    ordered = plan.quantity.sum(axis=0) > 0
    np.testing.assert_allclose(held[ordered], plan.position.sum(axis=0)[ordered])


def test_orders_that_come_after_the_horizon_are_left_out() -> None:
    stock, _, _ = make_stock(lead_time_weeks=3)
    assert stock.goods.can_order[:5].all()
    assert not stock.goods.can_order[5:].any()


def test_payments_by_milestone() -> None:
    terms = pd.DataFrame({"supplier": "maker", "milestone": ["arrival", "order"], "weeks": [1, 0], "share": [0.7, 0.3]})
    stock, _, _ = make_stock(payments=terms, supplier=["maker", "maker", "other"])
    assert stock.goods.pay_weeks[:2].tolist() == [[0, 3], [0, 3]]
    assert stock.goods.pay_share[0].tolist() == [0.3, 0.7]
    assert stock.goods.pay_share[2].tolist() == [1.0, 0.0]


def test_price_tiers_lower_the_bill_of_large_orders() -> None:
    tiers = pd.DataFrame(
        {"item": 1, "supplier": "maker", "from_units": [50, 100], "unit_cost_fen": [900, 800], "incremental": False}
    )
    stock, case, _ = make_stock(tiers=tiers, on_hand=0.0, lead_time_weeks=0, lead_time_sd_weeks=0.0)
    quantity = np.zeros((3, 8))
    quantity[:, 0] = 60.0
    plan = replace(make_plan(case, MEAN), quantity=quantity)
    demand = np.zeros((3, 1, 8), dtype=np.float32)
    (flows,) = simulate([frozen(plan)], demand, [np.zeros((8, 3), np.int16)], stock.goods, stock.values, stock.limits)
    assert flows.of("purchases_yuan").sum() == 600.0 + 540.0 + 600.0
    assert flows.of("discount_yuan").sum() == 60.0
