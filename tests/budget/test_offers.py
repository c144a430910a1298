"""Contracts with hosts: terms by hand, signing against all choices, and the whole stage."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from engine.budget.effect import forecast_under
from engine.budget.hosts import HostTerms, Yield, by_draw, outcomes
from engine.budget.objective import Worth
from engine.budget.plan import plan_budget
from engine.budget.planning import PlanningModel
from engine.budget.rules import Rule, Rules
from engine.budget.search import Search, best_split
from engine.budget.settings import BudgetSettings
from engine.budget.streams import streams_on_offer
from engine.budget.terms import Offer, Terms
from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.plans.budget import BudgetPlan
from engine.plans.errors import BadInput
from engine.plans.forecast import Forecast
from models.demand.live import Bookings
from models.response.curves import ResponseCurves
from tests.budget.merchant import ORIGIN, SHOPS, forecast, merchant

ONE = np.ones(1)


def test_a_refund_pays_back_the_share_of_the_fee_that_is_missing() -> None:
    terms = HostTerms(1000.0, ((0.0, 0.2), (4000.0, 0.3)), guarantee=3.0)
    found = outcomes(terms, Yield(0.75, 0.5), np.array([1500.0, 8000.0]), np.zeros(2))
    # 1500 of 3000 promised: half of the fee is back; commission 20 % of 1125 kept
    # 8000: 6000 are kept, of which 4000 pay 20 % and 2000 pay 30 %
    assert found.refund.tolist() == [500.0, 0.0]
    assert found.earned == pytest.approx([750.0 - 225.0 + 500.0, 4000.0 - 800.0 - 600.0])


def test_a_repeat_sells_again_only_where_the_promise_was_missed() -> None:
    terms = HostTerms(1000.0, ((0.0, 0.2),), guarantee=3.0, repeats=True)
    found = outcomes(terms, Yield(0.75, 0.5), np.array([1500.0, 8000.0]), np.array([2000.0, 2000.0]))
    assert found.sales.tolist() == [3500.0, 8000.0] and found.refund.tolist() == [0.0, 0.0]
    assert found.earned == pytest.approx([3500.0 * 0.35, 8000.0 * 0.35])


def test_a_repeat_pays_the_tiers_of_a_stream_of_its_own() -> None:
    terms = HostTerms(1000.0, ((0.0, 0.2), (1500.0, 0.4)), guarantee=3.0, repeats=True)
    found = outcomes(terms, Yield(0.5, 0.5), np.array([2000.0, 8000.0]), np.array([2000.0, 2000.0]))
    # 1000 are kept twice, each at 20 %; 4000 kept at once pay 40 % above 1500
    assert found.sales.tolist() == [4000.0, 8000.0]
    assert found.earned == pytest.approx([2 * (1000.0 - 200.0), 4000.0 - 300.0 - 1000.0])


def test_break_even_lies_in_the_tier_where_the_fee_is_earned() -> None:
    # a yuan leaves 0.5 - 0.75 x 0.2 = 0.35 up to 2000 of sales (1500 kept), 0.275 beyond
    terms = HostTerms(1000.0, ((0.0, 0.2), (1500.0, 0.3)))
    assert Yield(0.75, 0.5).break_even(terms) == pytest.approx(2000.0 + 300.0 / 0.275)
    assert Yield(0.75, 0.5).break_even(replace(terms, fee=700.0)) == pytest.approx(2000.0)
    assert Yield(0.75, 0.5).break_even(replace(terms, fee=0.0)) == 0.0
    assert Yield(0.75, 0.16).break_even(terms) is None


def test_luck_on_fewer_draws_keeps_its_mean() -> None:
    values = np.random.default_rng(0).lognormal(0.0, 1.0, 1000)
    for draws in (7, 50, 400):
        assert by_draw(values, draws, np.arange(draws)).mean() == pytest.approx(values.mean())


def _model(seed: int, draws: int) -> PlanningModel:
    rng = np.random.default_rng(seed)
    scale = rng.uniform(100.0, 250.0, 2) * rng.lognormal(0.0, 0.3, (draws, 2))
    half, slope = np.full((draws, 2), 50.0), np.full((draws, 2), 1.5)
    nothing = np.zeros((draws, 2))
    curves = ResponseCurves(("a", "b"), ("shop",), nothing, half, slope, scale, nothing, np.ones((2, 1)))
    return PlanningModel.of(curves, 1, np.zeros((2, 1)))


@pytest.mark.parametrize(("seed", "care", "cost"), [(0, 0.0, 0.0), (1, 0.0, 1.0), (2, 0.6, 0.0), (3, 1.0, 1.0)])
def test_signing_is_the_best_of_all_choices_and_the_bound_holds(seed: int, care: float, cost: float) -> None:
    draws = 1 if care == 0.0 else 6
    model, rng = _model(seed, draws), np.random.default_rng(100 + seed)
    cash = rng.uniform(20.0, 60.0, 4)
    offers = tuple(
        Offer(f"L{n}", float(fee), fee * rng.uniform(0.3, 2.5) * rng.lognormal(0.0, 0.5, draws), None if n else True)
        for n, fee in enumerate(cash)
    )
    row = Rule("total budget", np.ones((2, 1)), 0.0, 150.0, "", cash=True)
    terms = replace(Terms.plain(2), offers=offers)
    rules = Rules(("a", "b"), np.zeros((2, 1)), np.full((2, 1), 150.0), (row,), terms)
    worth = Worth(np.ones(2), cost, care, 0.34)
    split = best_split(model, rules, worth, np.full((2, 1), 40.0), Search(1e-4, 40))
    grid, best, choice = np.linspace(0.0, 150.0, 76), -np.inf, ()
    for taken in product((False, True), repeat=4):
        if not taken[0] or cash[list(taken)].sum() > 150.0:
            continue
        left = 150.0 - cash[list(taken)].sum()
        for a, b in product(grid, grid):
            if a + b <= left:
                spend = np.array([[a], [b]])
                value = worth.of(model, terms, spend, replace(terms.pattern_of(spend), taken=taken))
                best, choice = max((best, choice), (value, taken))
    assert split.pattern.taken == choice and not rules.broken(split.spend, split.pattern, 1e-6)
    assert split.report.objective / 100.0 >= best - 1e-6
    assert split.report.bound / 100.0 >= best - 1e-6 and split.report.gap <= 0.01


def test_offers_are_judged_where_no_ad_has_any_effect() -> None:
    model = _model(0, 1)
    flat = replace(model, curves=replace(model.curves, scale=0.0 * model.curves.scale))
    offers = (Offer("good", 50.0, 90.0 * ONE), Offer("bad", 50.0, 20.0 * ONE))
    row = Rule("total budget", np.ones((2, 1)), 0.0, 150.0, "", cash=True)
    terms = replace(Terms.plain(2), offers=offers)
    rules = Rules(("a", "b"), np.zeros((2, 1)), np.full((2, 1), 150.0), (row,), terms)
    split = best_split(flat, rules, Worth(np.ones(2), 1.0), np.zeros((2, 1)), Search(1e-4, 10))
    assert split.pattern.taken == (True, False)


@pytest.fixture(scope="module")
def offered() -> tuple[Dataset, Forecast]:
    """Two streams of 抖音 on offer in the second week: L1 sells 4000 units a time for 10,000 yuan, L2 ten."""
    data = merchant()
    usual = np.array([4000.0, 10.0])
    law = (np.full(2, 0.5), np.zeros((2, 2)), 0.2, np.array(["L1", "L2"]))
    row = np.full(2, SHOPS.index("抖音"), dtype=np.int64)
    day = np.full(2, 9, dtype=np.int64)
    ahead = replace(forecast(data), offered=Bookings(np.arange(2), row, day, usual, *law))
    streams = pd.DataFrame({"stream": ["L1", "L2"], "channel": "抖音", "host": ["h", "k"], "sku": "sku-抖音"})
    streams = streams.assign(date=pd.Timestamp(ORIGIN) + pd.Timedelta(days=9), price_fen=9000, signed=False)
    hosts = pd.DataFrame({"host": ["h", "k"], "slot_fee_fen": 10_000_00, "commission_rate": 0.2})
    hosts["guaranteed_roi"] = [3.0, np.nan]
    tiers = pd.DataFrame({"host": ["h"], "from_fen": [200_000_00], "commission_rate": [0.25]})
    inventory = pd.DataFrame({"date": [pd.Timestamp(ORIGIN)], "sku": ["sku-抖音"], "warehouse": "w", "on_hand": 3000})
    more = {"live_streams": streams, "hosts": hosts, "host_commissions": tiers, "inventory": inventory}
    return Dataset({**data.tables, **more}, "offers"), ahead


@pytest.fixture(scope="module")
def plan(offered: tuple[Dataset, Forecast]) -> BudgetPlan:
    return plan_budget(*offered, BudgetSettings(), Run(1))


def test_the_plan_signs_what_pays_and_says_what_it_takes(plan: BudgetPlan) -> None:
    table = plan.offers.set_index("stream")
    assert plan.signed == ("L1",) and table.loc["L2", "decision"] == "leave"
    paid = plan.split["spend_fen"].sum() + table.loc["L1", "slot_fee_fen"]
    assert paid <= plan.split["today_fen"].sum() + 1
    # a unit of 90: VAT 90 x 13/113, commission of the channel 4.5, goods 40; the host takes 18
    # of the slot fee the input VAT comes back
    left = 90.0 - 90.0 * 13 / 113 - 4.5 - 40.0
    assert table.loc["L2", "break_even_units"] == int(np.ceil(10_000 / 1.06 / (left - 18.0)))
    assert table.loc["L2", "break_even_fen"] == round(100 * 10_000 / 1.06 / (left - 18.0) * 90)
    assert table.loc["L2", "pays"] == 0.0 and table.loc["L1", "pays"] == 1.0
    assert table.loc["L2", "surplus_fen"] < 0 < table.loc["L1", "surplus_fen"]
    reserve = plan.reserve.set_index("stream")
    assert reserve.loc["L1", "units"] == pytest.approx(4000 * np.exp(0.2 * 1.2815516), abs=2)
    assert reserve.loc["L2", "units"] == 13
    assert reserve.loc["L1", "short_units"] == reserve.loc["L1", "units"] - 3000
    back = BudgetPlan.from_parts(plan.to_parts())
    pd.testing.assert_frame_equal(back.offers, plan.offers)


def test_stock_is_planned_for_what_is_signed(offered: tuple[Dataset, Forecast], plan: BudgetPlan) -> None:
    _, ahead = offered
    with_it, without = forecast_under(ahead, plan), forecast_under(ahead, replace(plan, offers=plan.offers.iloc[:0]))
    more = (with_it.mean - without.mean).sum(axis=1)
    assert more[SHOPS.index("抖音")] == pytest.approx(4000 * np.exp(0.02), rel=1e-3) and np.count_nonzero(more) == 1
    assert with_it.live is not None and with_it.live.name.tolist() == ["L1"] and without.live is None


def test_stock_is_reserved_for_a_repeat_as_well(offered: tuple[Dataset, Forecast]) -> None:
    data, ahead = offered
    found = {}
    for guarantee in ("refund", "repeat"):
        hosts = data["hosts"].assign(guaranteed_roi=1e6, guarantee=guarantee)  # a promise that is always missed
        tables = Dataset({**data.tables, "hosts": hosts}, "offers")
        found[guarantee] = streams_on_offer(tables, ahead, BudgetSettings(stream_stock=0.8), {}, 1).items[0]
    days = ahead.offered.luck(4000)[0]
    assert found["refund"].reserve == pytest.approx(np.quantile(days, 0.8))
    twice = np.quantile((days[:, None] + days).ravel(), 0.8)
    assert found["repeat"].reserve == pytest.approx(twice, rel=0.01)
    sales = found["repeat"].found.sales
    assert sales.max() == pytest.approx(4000 * 90.0 * found["repeat"].reserve)
    assert (sales < sales.max() - 1.0).mean() == pytest.approx(0.8, abs=0.001)


def test_what_the_settings_decide_stands(offered: tuple[Dataset, Forecast]) -> None:
    settings = BudgetSettings(streams={"L2": True, "L1": False}, care=0.4, care_draws=20)
    plan = plan_budget(*offered, settings, Run(1))
    assert plan.signed == ("L2",) and plan.offers["decided"].all()
    assert any("L2: signed for the objective, though" in note for note in plan.warnings)
    with pytest.raises(BadInput, match="L9"):
        plan_budget(*offered, BudgetSettings(streams={"L9": True}), Run(1))
