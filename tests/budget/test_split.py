"""The split against brute force, its bound, its rules and its prices."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from engine.budget.feasible import nearest
from engine.budget.limits import Situation, build_rules
from engine.budget.objective import Worth
from engine.budget.planning import PlanningModel
from engine.budget.rules import Rule, Rules
from engine.budget.search import Search, Split, best_split
from engine.budget.settings import BudgetSettings, ChannelRule, Group
from engine.plans.errors import BadInput, Infeasible
from models.response.curves import ResponseCurves

GMV = Worth(np.ones(3))
SEARCH = Search(0.005, 16)


def _model(seed: int, channels: int = 3, weeks: int = 1, carry: bool = False) -> PlanningModel:
    rng = np.random.default_rng(seed)
    half = rng.uniform(20.0, 100.0, channels)
    carryover = rng.uniform(0.1, 0.6, channels) if carry else np.zeros(channels)
    names = tuple(f"ad{number}" for number in range(channels))
    curves = ResponseCurves(
        names,
        ("shop",),
        carryover[None],
        half[None],
        rng.uniform(1.5, 4.0, (1, channels)),
        (half * rng.uniform(1.0, 4.0, channels))[None],
        (carryover * half)[None],
        np.ones((channels, 1)),
    )
    return PlanningModel.of(curves, weeks, np.repeat(half[:, None], weeks, axis=1))


def _rules(model: PlanningModel, total: float, weeks: int = 1) -> Rules:
    names = model.curves.ad_channels
    upper = np.repeat(3.0 * model.curves.half_saturation.T, weeks, axis=1)
    everything = np.ones(upper.shape, dtype=bool)
    return Rules.plain(names, np.zeros_like(upper), upper, (Rule("total budget", everything, total, total, "", True),))


def _broken(rules: Rules, split: Split) -> list[str]:
    return rules.broken(split.spend, split.pattern, 1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_the_split_is_the_best_of_all_on_s_curves(seed: int) -> None:
    model = _model(seed)
    rules = _rules(model, 120.0)
    split = best_split(model, rules, GMV, np.full((3, 1), 40.0), SEARCH)
    steps = np.linspace(0.0, 120.0, 121)
    best = max(
        model.value(np.array([[a], [b], [120.0 - a - b]]))
        for a, b in product(steps, steps)
        if 0.0 <= 120.0 - a - b <= rules.upper[2, 0] and a <= rules.upper[0, 0] and b <= rules.upper[1, 0]
    )
    assert model.value(split.spend) >= 0.9999 * best
    assert split.report.bound >= 100.0 * (best - model.value(np.zeros((3, 1)))) * (1 - 1e-9)
    assert split.report.gap <= 0.005 and split.report.solver_status == "optimal"
    assert not _broken(rules, split)


def test_carry_over_weeks_have_a_true_bound() -> None:
    model = _model(7, 3, 4, carry=True)
    rules = _rules(model, 400.0, 4)
    split = best_split(model, rules, GMV, np.full((3, 4), 400.0 / 12), SEARCH)
    nothing = model.value(np.zeros((3, 4)))
    rng = np.random.default_rng(0)
    tried = [nearest(rules, rules.upper * rng.random((3, 4)) * rng.integers(0, 2, (3, 4)))[0] for _ in range(60)]
    assert split.report.bound >= split.report.objective
    assert split.report.objective >= 100.0 * (max(model.value(spend) for spend in tried) - nothing)


def test_the_gradient_is_the_difference_quotient() -> None:
    model = _model(3, 3, 4, carry=True)
    spend = np.random.default_rng(1).uniform(10.0, 60.0, (3, 4))
    slope = model.gradient(spend)
    for cell in np.ndindex(3, 4):
        step = np.zeros((3, 4))
        step[cell] = 1e-4
        assert slope[cell] == pytest.approx((model.value(spend + step) - model.value(spend - step)) / 2e-4, rel=1e-4)


def test_the_price_of_the_budget_is_the_gain_of_one_more_yuan() -> None:
    model = _model(2)
    prices_of = {}
    for total in (120.0, 121.0):
        split = best_split(model, _rules(model, total), GMV, np.full((3, 1), total / 3), Search(1e-5, 40))
        prices_of[total] = (model.value(split.spend), split.report.binding)
    gain = prices_of[121.0][0] - prices_of[120.0][0]
    price = next(entry.price for entry in prices_of[120.0][1] if entry.rule == "total budget")
    assert price == pytest.approx(gain, rel=0.05)


def test_only_limits_that_were_set_are_named() -> None:
    plain = _model(2)
    scale, slope = plain.curves.scale.copy(), np.ones((1, 3))
    scale[0, 2] *= 1e-3
    model = replace(plain, curves=replace(plain.curves, scale=scale, slope=slope))
    free, today = _rules(model, 120.0), np.full((3, 1), 40.0)
    least, least_if_any = np.array([[0.0], [0.0], [5.0]]), np.array([0.0, 0.0, 121.0])
    split = best_split(model, free, GMV, today, Search(1e-5, 40))
    assert split.spend[2] < 1e-9 and {entry.rule for entry in split.report.binding} == {"total budget"}
    held = best_split(model, replace(free, lower=least), GMV, today, Search(1e-5, 40)).report.binding
    (limit,) = [entry.price for entry in held if entry.rule == "ad2, lower limit of a week"]
    assert -limit == pytest.approx(next(entry.price for entry in held if entry.rule == "total budget"), rel=0.01)
    strong = replace(model, curves=replace(model.curves, scale=plain.curves.scale))
    terms = replace(free.terms, least=least_if_any)  # nothing, or more than the whole budget
    off = best_split(strong, replace(free, terms=terms), GMV, today, Search(1e-5, 40))
    assert off.spend[2] < 1e-9 and {entry.rule for entry in off.report.binding} == {"total budget", "terms of ad2"}


def test_no_response_keeps_today_as_far_as_the_rules_let_it() -> None:
    model = _model(1)
    flat = PlanningModel(
        ResponseCurves(**{**vars(model.curves), "scale": 0.0 * model.curves.scale}), 1, model.tail, model.weights
    )
    today = np.array([[50.0], [30.0], [20.0]])
    assert best_split(flat, _rules(flat, 100.0), GMV, today, SEARCH).spend == pytest.approx(today)


def _today() -> np.ndarray:
    return np.array([[60.0, 60.0], [30.0, 30.0], [10.0, 10.0]])


def _situation(total: float = 200.0) -> Situation:
    starts = np.array(["2026-11-01", "2026-11-08"], dtype="datetime64[D]")
    nothing = np.zeros(3)
    return Situation(
        ("a", "b", "c"),
        _today(),
        np.array([100.0, 50.0, 20.0]),
        np.array([8.0, 4.0, 1.5]),
        total,
        nothing,
        starts,
        np.array([False, True]),
        np.array([500.0, 500.0]),
    )


def test_rules_follow_the_settings() -> None:
    settings = BudgetSettings(
        groups={"brand": Group(ad_channels=("b",), max_share=0.2)}, channels={"c": ChannelRule(min_yuan=25.0)}
    )
    rules = build_rules(settings, _situation())
    assert rules.lower[0].tolist() == [30.0, 30.0] and rules.upper[0].tolist() == [90.0, 90.0]
    assert rules.lower[2].tolist() == [0.0, 0.0]  # an own rule replaces the change limit
    spend, pattern = nearest(rules, _today())
    assert not rules.broken(spend, pattern, 1e-6)
    assert spend[1].sum() <= 40.0 + 1e-6 and spend[2].sum() >= 25.0 - 1e-6
    assert set(rules.broken(_today(), rules.terms.pattern_of(_today()), 1e-6)) == {"group brand", "ad channel c"}


def test_contradictory_rules_name_the_smallest_change() -> None:
    settings = BudgetSettings(channels={"a": ChannelRule(min_yuan=150.0), "b": ChannelRule(min_yuan=90.0)})
    rules = build_rules(settings, _situation())
    with pytest.raises(Infeasible) as caught:
        best_split(_model(1, 3, 2), rules, GMV, _today(), SEARCH)
    needed = sum(entry.amount for entry in caught.value.relaxations)
    assert needed == pytest.approx(50.0, abs=1.0)  # 150 + 90 + half of 20 = 250 against 200
    with pytest.raises(BadInput, match="unknown"):
        build_rules(BudgetSettings(channels={"unknown": ChannelRule()}), _situation())
