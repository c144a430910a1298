"""Coupled plans against an exact model and an independent checker."""

from __future__ import annotations

import numpy as np
import pytest

from engine.execution.run import Run
from engine.replenishment.columns import exact_prices
from engine.replenishment.dual import solve_dual
from engine.replenishment.exact import solve_exact
from engine.replenishment.plan import cheapest_plan
from engine.replenishment.settings import ReplenishSettings
from models.inventory.coupling import CASH, INBOUND, Coupling, charges, within_limits
from models.inventory.lot_sizing import LotPlans, LotProblem, solve_lots
from tests.oracles.exact_orders import allowed, changed, exact_orders, uses, waste
from tests.replenishment.random_problem import perishable, random_problem, with_shares


def check(problem: LotProblem, coupling: Coupling, plans: LotPlans) -> float:
    """Cost of the plans, counted again; every rule asserted. Knows nothing of the kernels."""
    items, weeks = problem.shape
    used, total = np.zeros(len(coupling.limit)), 0.0
    for item in range(items):
        k = 0
        for week in range(weeks):
            lots = int(plans.lots[item, week])
            k += lots
            row = int(plans.offer[item, week])
            total += changed(problem, item, week, row if lots else -1, lots * float(problem.lot[item]))
            assert 0 <= k < problem.states[item]
            total += float(problem.tables[problem.start[item] + week * problem.states[item] + k])
            if lots == 0:
                continue
            offer = int(plans.offer[item, week])
            assert problem.offer_start[item] <= offer < problem.offer_start[item + 1]
            assert allowed(problem, offer, week, lots)
            units = lots * problem.lot[item]
            total += float(problem.offer_fixed[offer] + units * problem.offer_extra[offer])
            total += waste(problem, item, week, k - lots, k)
            for row, use in uses(problem, coupling, item, offer, week, units).items():
                used[row] += use
    assert (used <= coupling.limit * (1 + 1e-6) + 1e-6 * np.maximum(coupling.size, 1.0)).all()
    return total


@pytest.mark.parametrize(("seed", "tightness"), [(0, 1.5), (1, 1.1), (2, 0.8), (3, 1.1)])
def test_bound_and_plan_bracket_the_optimum(seed: int, tightness: float) -> None:
    problem, coupling = random_problem(seed, items=3, weeks=4, states=7, tightness=tightness)
    settings = ReplenishSettings()
    dual = solve_dual(problem, coupling, settings, Run(1, 1))
    plans = cheapest_plan(problem, coupling, dual, settings, Run(1, 1))
    cost, best = check(problem, coupling, plans), exact_orders(problem, coupling)
    assert plans.cost.sum() == pytest.approx(cost)
    assert dual.bound <= best + 1e-6 * best
    assert cost >= best - 1e-6 * best


@pytest.mark.parametrize("seed", range(6))
def test_changes_against_the_last_plan_cost_and_the_programme_stays_exact(seed: int) -> None:
    problem, coupling = random_problem(seed, items=3, weeks=4, states=7, tightness=1e6 if seed < 4 else 1.2)
    rng = np.random.default_rng(seed)
    before = 5.0 * rng.integers(1, 9, problem.most.shape) * (rng.random(problem.most.shape) < 0.4)
    problem = problem._replace(before=before, change_line=float(rng.uniform(0, 20)), change_unit=float(rng.random()))
    settings = ReplenishSettings()
    dual = solve_dual(problem, coupling, settings, Run(1, 1))
    plans = cheapest_plan(problem, coupling, dual, settings, Run(1, 1))
    cost, best = check(problem, coupling, plans), exact_orders(problem, coupling)
    assert plans.cost.sum() == pytest.approx(cost)
    assert dual.bound <= best + 1e-6 * best
    if seed < 4:
        assert cost == pytest.approx(best)
    else:
        assert cost >= best - 1e-6 * best
        assert solve_exact(problem, coupling).bound == pytest.approx(best, rel=1e-4)


@pytest.mark.parametrize(("seed", "tightness"), [(0, 1e6), (1, 1e6), (2, 1e6), (3, 1.1)])
def test_goods_that_expire_cost_and_the_programme_stays_exact(seed: int, tightness: float) -> None:
    problem, coupling = random_problem(seed, items=3, weeks=4, states=7, tightness=tightness)
    problem = perishable(problem, seed)
    settings = ReplenishSettings()
    dual = solve_dual(problem, coupling, settings, Run(1, 1))
    plans = cheapest_plan(problem, coupling, dual, settings, Run(1, 1))
    cost, best = check(problem, coupling, plans), exact_orders(problem, coupling)
    assert plans.cost.sum() == pytest.approx(cost)
    assert solve_exact(problem, coupling).bound == pytest.approx(best, rel=1e-4)
    assert dual.bound <= best + 1e-6 * best
    assert cost == pytest.approx(best) if tightness > 10.0 else cost >= best - 1e-6 * best


@pytest.mark.parametrize(("seed", "least", "most"), [(0, 0.0, 0.3), (1, 0.7, 1.0), (2, 0.5, 0.8)])
def test_shares_of_a_supplier_are_a_limit_like_the_others(seed: int, least: float, most: float) -> None:
    problem, coupling = random_problem(seed, items=4, weeks=4, states=7, tightness=1.3)
    coupling = with_shares(problem, coupling, seed, least, most)
    settings = ReplenishSettings()
    dual = solve_dual(problem, coupling, settings, Run(1, 1))
    plans = cheapest_plan(problem, coupling, dual, settings, Run(1, 1))
    cost, best = check(problem, coupling, plans), exact_orders(problem, coupling)
    assert (dual.price[-2:] > 0).any()
    assert dual.bound <= best + 1e-6 * best
    assert best - 1e-6 * best <= cost <= 1.3 * best
    assert solve_exact(problem, coupling).bound == pytest.approx(best, rel=1e-4)


def test_many_items_come_close_to_the_bound() -> None:
    problem, coupling = random_problem(5, items=150, weeks=8, states=24, tightness=1.15)
    settings, run = ReplenishSettings(), Run(3, 1)
    dual = solve_dual(problem, coupling, settings, run)
    plans = cheapest_plan(problem, coupling, dual, settings, run)
    cost = check(problem, coupling, plans)
    assert dual.bound <= cost
    assert (cost - dual.bound) / cost < 0.05


def test_loose_limits_give_the_free_plan_and_no_gap() -> None:
    problem, coupling = random_problem(6, items=10, tightness=50.0)
    dual = solve_dual(problem, coupling, ReplenishSettings(), Run(0, 1))
    assert len(dual.plans) == 1
    assert dual.bound == pytest.approx(check(problem, coupling, dual.plans[0]))


def test_no_money_means_no_orders() -> None:
    problem, coupling = random_problem(7, items=6)
    broke = coupling._replace(limit=np.where(coupling.family == CASH, 0.0, coupling.limit))
    settings = ReplenishSettings()
    # terms of 2 weeks after arrival let the last arrivals be paid beyond the horizon: pay at once instead
    broke = broke._replace(paid=np.repeat(np.triu(np.ones((broke.paid.shape[1],) * 2))[None], 2, axis=0))
    dual = solve_dual(problem, broke, settings, Run(0, 1))
    plans = cheapest_plan(problem, broke, dual, settings, Run(0, 1))
    assert plans.lots.sum() == 0


@pytest.mark.parametrize("seed", range(4))
def test_the_exact_model_agrees_with_the_oracle_and_brackets_the_decomposition(seed: int) -> None:
    problem, coupling = random_problem(seed, items=3, weeks=4, states=7, tightness=1.0)
    exact, best = solve_exact(problem, coupling), exact_orders(problem, coupling)
    assert exact.plans is not None
    assert check(problem, coupling, exact.plans) == pytest.approx(best, rel=1e-6)
    assert exact.bound == pytest.approx(best, rel=1e-5)
    settings = ReplenishSettings()
    dual = solve_dual(problem, coupling, settings, Run(1, 1))
    assert dual.bound <= exact.bound + 1e-6 * best
    assert cheapest_plan(problem, coupling, dual, settings, Run(1, 1)).cost.sum() >= best - 1e-6 * best


def test_an_order_that_alone_overruns_a_limit_is_in_no_bound() -> None:
    problem, coupling = random_problem(5, items=4, weeks=4, states=7, tightness=1.1)
    # lots of 10 units do not fit at all: shares of them would
    low = coupling._replace(limit=np.where(coupling.family == INBOUND, 9.0, coupling.limit))
    within = within_limits(problem, low)
    held = low.inbound[np.repeat(np.arange(4), np.diff(problem.source_start))] >= 0
    assert held.any()
    assert (within.most[held] == 0).all()
    settings, run = ReplenishSettings(), Run(1, 1)
    dual = solve_dual(problem, low, settings, run)
    plans = cheapest_plan(problem, low, dual, settings, run)
    assert dual.bound == pytest.approx(check(problem, low, plans), rel=1e-6)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_largest_orders_are_those_that_fit_alone(seed: int) -> None:
    problem, coupling = random_problem(seed, items=3, weeks=4, states=7, tightness=0.6)
    within = within_limits(problem, coupling)
    for item in range(3):
        for source in range(problem.source_start[item], problem.source_start[item + 1]):
            offers = [row for row in range(len(problem.offer_source)) if problem.offer_source[row] == source]
            cheapest = min(offers, key=lambda row: problem.offer_price[row])
            for week in range(4):
                fits = [
                    lots
                    for lots in range(7)
                    if lots <= problem.most[source, week]
                    and all(
                        use <= coupling.limit[row] * (1 + 1e-9) + 1e-9
                        for row, use in uses(
                            problem._replace(offer_paid=np.zeros_like(problem.offer_paid)),
                            coupling,
                            item,
                            cheapest,
                            week,
                            lots * problem.lot[item],
                        ).items()
                    )
                ]
                assert min(within.most[source, week], 6) == max(fits)


def test_exact_multipliers_prove_what_the_linear_programme_does() -> None:
    problem, coupling = random_problem(2, items=5, weeks=4, states=7, tightness=0.9)
    none = np.zeros(problem.most.shape)
    known = [solve_lots(problem, none, none)]
    bound, price = exact_prices(problem, coupling, np.zeros(len(coupling.limit)), known, 1)
    assert (price >= 0).all()
    assert bound <= exact_orders(problem, coupling) * (1 + 1e-9)
    rng = np.random.default_rng(0)
    for _ in range(200):
        other = price * rng.uniform(0.5, 1.5, len(price)) + rng.uniform(0, 0.1, len(price))
        value = solve_lots(
            problem, *charges(problem, coupling, np.where(np.isfinite(coupling.limit), other, 0.0))
        ).value
        assert value.sum() - (other * coupling.limit)[np.isfinite(coupling.limit)].sum() <= bound * (1 + 2e-4)
