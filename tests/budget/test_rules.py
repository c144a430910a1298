"""Every rule at once, kept by the plan and checked by hand; bad luck; terms of payment; other budgets."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from engine.budget.feasible import nearest, smallest_relaxation, what_must_give
from engine.budget.limits import Situation, build_rules
from engine.budget.objective import Worth, worst
from engine.budget.overrun import least_relaxation
from engine.budget.planning import PlanningModel
from engine.budget.polish import polish
from engine.budget.rules import RatioCap, Rule, Rules
from engine.budget.search import Search, Split, best_split
from engine.budget.settings import BudgetSettings, ChannelRule, Group, Period, Rebate
from engine.budget.terms import Terms, tariff_of
from engine.plans.errors import Infeasible
from models.response.curves import ResponseCurves

NAMES = ("a", "b", "c", "d")
WEEKS = 4
SEARCH = Search(0.005, 20)
SETTINGS = BudgetSettings(
    total_yuan=1600.0,
    week_change=0.4,
    event_week_change=0.8,
    daily_cap=3.0,
    ad_ratio=0.25,
    event_ad_ratio=0.24,
    groups={"brand": Group(ad_channels=("a", "b"), min_share=0.1, max_share=0.5)},
    channels={
        "b": ChannelRule(least_week_yuan=60.0, fee_week_yuan=10.0),
        "c": ChannelRule(
            min_yuan=100.0, max_yuan=700.0, prepaid_yuan=80.0, rebates=(Rebate(from_yuan=300.0, rate=0.05),)
        ),
        "d": ChannelRule(fee_yuan=50.0, least_yuan=200.0, max_share=0.3),
    },
    periods=(Period(start=date(2026, 11, 1), end=date(2026, 11, 14), min_yuan=300.0, max_yuan=900.0),),
)


def _model(seed: int, draws: int = 8) -> PlanningModel:
    rng = np.random.default_rng(seed)
    half = rng.uniform(60.0, 200.0, len(NAMES))
    carryover = np.repeat(rng.uniform(0.0, 0.5, len(NAMES))[None], draws, axis=0)
    curves = ResponseCurves(
        NAMES,
        ("shop",),
        carryover,
        half * rng.lognormal(0.0, 0.2, (draws, len(NAMES))),
        rng.uniform(1.0, 3.0, (draws, len(NAMES))),
        half * rng.uniform(2.0, 6.0, len(NAMES)) * rng.lognormal(0.0, 0.3, (draws, len(NAMES))),
        carryover * half,
        np.ones((len(NAMES), 1)),
    )
    return PlanningModel.of(curves, WEEKS, np.full((len(NAMES), 2), 80.0))


def _situation(total: float = 1600.0) -> Situation:
    starts = np.datetime64("2026-11-01") + 7 * np.arange(WEEKS)
    today = np.full((4, WEEKS), 100.0)
    return Situation(
        NAMES,
        today,
        np.full(4, 150.0),
        np.full(4, 14.0),
        total,
        np.zeros(4),
        starts,
        np.array([False, True, False, False]),
        np.full(WEEKS, 1200.0),
    )


def _complaints(model: PlanningModel, split: Split) -> list[str]:
    """The rules of SETTINGS in plain arithmetic, written apart from the room."""
    x, slack = split.spend, 1e-3
    found = []
    fees = 10.0 * (x[1] > 1e-6).sum() + (50.0 if x[3].sum() > 1e-6 else 0.0)
    rebate = 0.05 if x[2].sum() >= 300.0 - slack else 0.0
    cash = x[0].sum() + x[1].sum() + x[3].sum() + fees + max((1 - rebate) * x[2].sum() - 80.0, 0.0)
    if cash > 1600.0 + slack:
        found.append("total")
    if not all(50.0 - slack <= s <= 150.0 + slack for s in x[0]):
        found.append("change limit")
    if any(1e-6 < s < 60.0 - slack for s in x[1]):
        found.append("least of a week")
    if not 100.0 - slack <= x[2].sum() <= 700.0 + slack:
        found.append("channel c")
    if 1e-6 < x[3].sum() < 200.0 - slack or x[3].sum() > 480.0 + slack:
        found.append("channel d")
    if not 160.0 - slack <= x[:2].sum() <= 800.0 + slack:
        found.append("group")
    if not 300.0 - slack <= x[:, :2].sum() <= 900.0 + slack:
        found.append("period")
    if any(x[:, t].sum() > 400.0 * (1.8 if t == 1 else 1.4) + slack for t in range(WEEKS)):
        found.append("week")
    if (x > 7 * 3.0 * 14.0 + slack).any():
        found.append("daily cap")
    stock, lift = model.curves.start[0], np.zeros(WEEKS)
    keep = model.curves.carryover[0]
    for t in range(WEEKS):
        stock = (1 - keep) * x[:, t] + keep * stock
        power = (stock / model.curves.half_saturation) ** model.curves.slope
        lift[t] = (model.curves.scale * power / (1 + power)).sum(axis=1).mean()
    if x.sum() > 0.25 * (4800.0 + lift.sum()) + slack or x[:, 1].sum() > 0.24 * (1200.0 + lift[1]) + slack:
        found.append("ad ratio")
    return found


@pytest.mark.parametrize(("seed", "care"), [(0, 0.0), (1, 0.0), (2, 0.5), (3, 1.0)])
def test_the_split_keeps_every_rule_and_proves_its_gap(seed: int, care: float) -> None:
    model = _model(seed)
    rules = build_rules(SETTINGS, _situation())
    worth = Worth(np.ones(4), 0.0, care, 0.25)
    split = best_split(model, rules, worth, _situation().scaled, SEARCH)
    assert _complaints(model, split) == []
    assert not rules.broken(split.spend, split.pattern, 1e-3) and not rules.over_ratio(model, split.spend, 1e-3)
    assert split.report.bound >= split.report.objective > 0 and split.report.gap <= 0.02
    rng = np.random.default_rng(seed)
    for _ in range(25):
        tried, pattern = nearest(rules, rng.uniform(0.0, 250.0, (4, WEEKS)))
        if not rules.over_ratio(model, tried):
            assert 100.0 * worth.of(model, rules.terms, tried, pattern) <= split.report.bound * (1 + 1e-9)


def test_bad_luck_moves_money_to_the_sure_channel() -> None:
    scale = np.stack([np.full(10, 100.0), np.where(np.arange(10) < 3, 10.0, 170.0)], axis=1)
    one = np.ones((10, 2))
    curves = ResponseCurves(("sure", "bold"), ("shop",), 0 * one, 50 * one, one, scale, 0 * one, np.ones((2, 1)))
    model = PlanningModel.of(curves, 1, np.zeros((2, 1)))
    row = Rule("total budget", np.ones((2, 1)), 0.0, 60.0, "", cash=True)
    rules = Rules.plain(("sure", "bold"), np.zeros((2, 1)), np.full((2, 1), 60.0), (row,))
    splits = {
        care: best_split(model, rules, Worth(np.ones(2), 0.0, care, 0.3), np.full((2, 1), 30.0), SEARCH)
        for care in (0.0, 0.5, 1.0)
    }
    assert splits[0.0].spend[0, 0] < splits[0.5].spend[0, 0] < splits[1.0].spend[0, 0]
    grid = np.linspace(0.0, 60.0, 601)
    best = max(worst(model.by_draw(np.array([[a], [60.0 - a]])).sum(axis=1), 0.3) for a in grid)
    assert splits[1.0].report.objective / 100.0 >= best - 1e-3
    assert splits[1.0].report.bound / 100.0 >= best * (1 - 1e-9) and splits[1.0].report.gap <= 0.005


@pytest.mark.parametrize("seed", range(3))
def test_fees_and_minimums_against_all_choices(seed: int) -> None:
    model = _model(seed, 1)
    one = PlanningModel.of(replace(model.curves, carryover=0 * model.curves.carryover), 1, np.zeros((4, 1)))
    row = Rule("total budget", np.ones((4, 1)), 0.0, 300.0, "", cash=True)
    fee, least = np.array([30.0, 0.0, 20.0, 10.0]), np.array([50.0, 80.0, 0.0, 100.0])
    tariffs = (*Terms.plain(3).tariffs, tariff_of(40.0, ((120.0, 0.1),), 0.0, 0.0))
    rules = Rules(NAMES, np.zeros((4, 1)), np.full((4, 1), 250.0), (row,), Terms(fee, least, tariffs))
    split = best_split(one, rules, Worth(np.ones(4)), np.zeros((4, 1)), SEARCH)
    grid = np.arange(0.0, 251.0, 10.0)
    table = np.stack(np.meshgrid(grid, grid, grid, grid, indexing="ij"), axis=-1).reshape(-1, 4)
    on = table > 0
    last = table[:, 3]
    paid = np.maximum(last * np.where(last >= 120.0, 0.9, 1.0) - 40.0, 0.0)
    cash = table[:, :3].sum(axis=1) + paid + on @ fee
    table = table[(cash <= 300.0) & (~on | (table >= least)).all(axis=1)]
    curves = one.curves
    share = (table / curves.half_saturation) ** curves.slope
    best = float((curves.scale * share / (1 + share)).sum(axis=1).max())
    nothing = float(one.by_draw(np.zeros((4, 1))).sum())
    assert split.report.objective / 100.0 >= (best - nothing) * 0.999
    assert split.report.bound / 100.0 >= best - nothing - 1e-6


def test_what_must_give_where_fees_eat_the_budget() -> None:
    own = ChannelRule(least_week_yuan=60.0, fee_week_yuan=10.0, min_yuan=260.0)
    settings = BudgetSettings(change_limit=None, week_change=None, event_week_change=None, channels={"a": own})
    rules = build_rules(settings, _situation(100.0))
    found = smallest_relaxation(rules)
    # one week on: 100 less the fee of 10 can be spent, 170 short of 260
    assert sum(entry.amount for entry in found) == pytest.approx(170.0, abs=0.1)
    with pytest.raises(Infeasible):
        nearest(rules, np.zeros((4, WEEKS)))


def test_a_hurdle_leaves_money_that_earns_too_little() -> None:
    model, situation = _model(1), _situation()
    free = BudgetSettings(change_limit=None, week_change=None, event_week_change=None, marginal_at_least=2.0)
    rules = build_rules(free, situation)
    split = best_split(model, rules, Worth(np.ones(4), cost=2.0), situation.scaled, SEARCH)
    inside = (split.spend > 1.0) & (split.spend < rules.upper - 1.0)
    assert inside.any() and split.spend.sum() < situation.total
    assert model.gradient(split.spend)[inside] == pytest.approx(np.full(inside.sum(), 2.0), abs=0.02)


def test_all_that_must_give_is_named_at_once() -> None:
    own = {"a": ChannelRule(min_yuan=900.0, max_week_yuan=150.0), "d": ChannelRule(max_week_yuan=100.0)}
    settings = BudgetSettings(
        change_limit=None,
        week_change=None,
        event_week_change=None,
        channels=own,
        groups={"brand": Group(ad_channels=("d",), min_share=0.9)},
    )
    found = smallest_relaxation(build_rules(settings, _situation(1600.0)))
    # four weeks of at most 150 are 300 short of 900, four of at most 100 are 1040 short of 0.9 x 1600
    assert sum(entry.amount for entry in found) == pytest.approx(1340.0, abs=0.5)
    assert len(found) >= 2 and all(entry.remedy for entry in found)


def test_a_cap_on_the_ad_ratio_that_minimums_exceed_is_named_with_its_excess() -> None:
    model, situation = _model(1), _situation()
    rules = build_rules(BudgetSettings(total_yuan=1600.0, ad_ratio=0.05), situation)
    with pytest.raises(Infeasible) as caught:
        best_split(model, rules, Worth(np.ones(4)), situation.scaled, SEARCH)
    (entry,) = caught.value.relaxations
    assert entry.rule == "ad ratio"
    (cap,) = rules.caps
    for part, enough in ((1.01, True), (0.99, False)):
        raised = replace(cap, without_ads=cap.without_ads + part * entry.amount / cap.share)
        assert (what_must_give(model, replace(rules, caps=(raised,))) == []) == enough
    raised = replace(cap, without_ads=cap.without_ads + 1.01 * entry.amount / cap.share)
    assert best_split(model, replace(rules, caps=(raised,)), Worth(np.ones(4)), situation.scaled, SEARCH).spend.any()


def test_more_spend_may_exceed_a_cap_less_than_the_least() -> None:
    """With the minimums alone the S-curve brings nothing; with three times as much it nearly pays for its own ratio."""
    one = np.ones((1, 1))
    curves = ResponseCurves(("a",), ("shop",), 0 * one, 100 * one, 4 * one, 800 * one, 0 * one, one)
    model = PlanningModel.of(curves, 1, np.zeros((1, 1)))
    cap = RatioCap("ad ratio", np.ones(1, dtype=bool), 0.2, 0.0, "raise ad_ratio")
    rules = replace(Rules.plain(("a",), 40 * one, 200 * one, ()), caps=(cap,))
    (entry,) = least_relaxation(model, rules)
    grid = np.linspace(40.0, 200.0, 16001)
    lift = 800.0 * (grid / 100.0) ** 4 / (1.0 + (grid / 100.0) ** 4)
    assert entry.amount == pytest.approx((grid - 0.2 * lift).min(), rel=0.01) and entry.rule == "ad ratio"
    assert entry.amount < 0.95 * cap.excess(model, 40 * one)


@pytest.mark.parametrize("seed", range(3))
def test_contracts_are_bought_whole(seed: int) -> None:
    """Whole contracts of 60 of one ad channel against every number of them, the rest of the money on the others."""
    own = {"b": ChannelRule(contract_yuan=60.0, rebates=(Rebate(from_yuan=120.0, rate=0.1),))}
    settings = BudgetSettings(change_limit=None, week_change=None, event_week_change=None, channels=own)
    model, situation = _model(seed, 1), _situation(400.0)
    rules = build_rules(settings, situation)
    worth = Worth(np.ones(4))
    split = best_split(model, rules, worth, situation.scaled, SEARCH)
    row = NAMES.index("b")
    count = split.spend[row].sum() / 60.0
    assert count == pytest.approx(round(count), abs=1e-6) and not rules.broken(split.spend, split.pattern, 1e-3)
    assert rules.terms.cash(split.spend, split.pattern) <= 400.0 + 1e-3
    for number, step in enumerate(rules.terms.tariffs[row][:7]):
        one = tuple((step,) if n == row else tariff for n, tariff in enumerate(rules.terms.tariffs))
        whole = Rule("so many", np.arange(4)[:, None] == np.full(WEEKS, row), 60.0 * number, 60.0 * number, "")
        alone = replace(rules, rows=(*rules.rows, whole), terms=replace(rules.terms, tariffs=one))
        start, pattern = nearest(alone, situation.scaled)
        found = polish(model, alone, worth, start, pattern).spend
        assert 100.0 * worth.of(model, alone.terms, found, pattern) <= split.report.bound * (1 + 1e-9)


def test_where_not_one_contract_fits_nothing_is_spent() -> None:
    settings = BudgetSettings(change_limit=None, week_change=None, channels={"b": ChannelRule(contract_yuan=1e9)})
    assert build_rules(settings, _situation()).upper[NAMES.index("b")].tolist() == [0.0] * WEEKS
