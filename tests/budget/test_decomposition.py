"""Courses of single ad channels: the dynamic programme against all courses, its counts, and the bound of mixtures."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from engine.budget.branching import chosen
from engine.budget.columns import Layout, Node
from engine.budget.decomposition import Decomposition
from engine.budget.feasible import nearest, repair
from engine.budget.limits import build_rules
from engine.budget.objective import Worth
from engine.budget.planning import PlanningModel
from engine.budget.rules import Rule, Rules
from engine.budget.schedules import Count, Reward, Schedule
from engine.budget.terms import tariff_of
from models.response.curves import ResponseCurves
from tests.budget.test_rules import SETTINGS, WEEKS, _model, _situation

FEE = 25.0


def _rules() -> Rules:
    return build_rules(SETTINGS, _situation())


def _worth_of_course(spend: np.ndarray, price: np.ndarray, channel: int, on: int) -> float:
    model = _model(0)
    line = np.zeros((4, WEEKS))
    line[channel] = spend
    return float(model.by_draw(line)[:, channel].mean() - price @ spend - FEE * on)


def _best(count: Count | None = None, channel: int = 1) -> tuple[float, np.ndarray, np.ndarray]:
    model = _model(0)
    schedule, price = Schedule(model, _rules(), channel), np.array([0.7, 1.2, 0.9, 1.1])
    reward = np.repeat(model.lift_by_draw(channel, schedule.points).mean(axis=0)[None], WEEKS, axis=0)
    reward[-1] = model.last_lift_by_draw(channel, schedule.points).mean(axis=0)
    course = schedule.best(Reward.of(reward, np.zeros_like(reward)), price, FEE, count)
    return course.value, course.spend, course.on


def test_no_course_is_worth_more_and_the_course_found_nearly_is() -> None:
    value, spend, on = _best()
    price = np.array([0.7, 1.2, 0.9, 1.1])
    levels = [0.0, *np.linspace(60.0, 225.0, 6)]
    tried = [
        _worth_of_course(np.array(line), price, 1, sum(s > 0 for s in line)) for line in product(levels, repeat=WEEKS)
    ]
    found = _worth_of_course(spend, price, 1, int(on.sum()))
    assert value >= max(tried) and found >= max(tried) * 0.999
    assert value == pytest.approx(found, rel=5e-3)
    assert ((spend == 0.0) | (spend >= 60.0 - 1e-6)).all()


def test_counts_of_weeks_part_the_courses() -> None:
    whole = _best()[0]
    parts = [_best(Count(80.0, least, most))[0] for least, most in ((0, 1), (2, WEEKS))]
    assert max(parts) == pytest.approx(whole, rel=1e-6) and min(parts) < whole
    assert _best(Count(1e9, 1, WEEKS))[0] == -np.inf


@pytest.mark.parametrize("care", [0.0, 0.6])
def test_the_bound_of_mixtures_lies_above_every_split(care: float) -> None:
    model, rules, worth = _model(2), _rules(), Worth(np.ones(4), 0.0, care, 0.25)
    mixture = Decomposition(Layout(model, rules, worth), []).mix(Node({}, {}), -np.inf)
    rng = np.random.default_rng(3)
    for _ in range(15):
        spend, pattern = nearest(rules, rng.uniform(0.0, 250.0, (4, WEEKS)))
        if not rules.over_ratio(model, spend):
            assert worth.of(model, rules.terms, spend, pattern) <= mixture.bound * rules.unit * (1 + 1e-9)
    shares = np.bincount([c.channel for c in mixture.columns], weights=mixture.shares)
    assert shares == pytest.approx(np.ones(4))


def _plain(total: float, slope: float = 0.6) -> tuple[PlanningModel, Rules]:
    """Two ad channels x 3 weeks without carry-in, curves that are steepest at nothing."""
    one, shape = np.ones((1, 2)), (2, 3)
    curves = ResponseCurves(
        ("a", "b"), ("shop",), 0.3 * one, 1e4 * one, slope * one, np.array([[2e3, 3e3]]), 0.0 * one, np.ones((2, 1))
    )
    model = PlanningModel.of(curves, 3, np.zeros((2, 1)))
    rows = (Rule("total", np.ones(shape, dtype=bool), total, total, "", cash=True),)
    return model, Rules.plain(curves.ad_channels, np.zeros(shape), np.full(shape, 3e4), rows)


def test_curves_that_are_steepest_at_nothing_are_bounded() -> None:
    model, rules = _plain(3e3)
    rules = replace(rules, rows=(replace(rules.rows[0], low=0.0),))
    worth, split = Worth(np.ones(2), 1.0), np.full((2, 3), 20.0)
    mixture = Decomposition(Layout(model, rules, worth), []).mix(Node({}, {}), -np.inf)
    assert worth.of(model, rules.terms, split, rules.terms.pattern_of(split)) <= mixture.bound * rules.unit


def test_a_rebate_that_no_spend_reaches_is_not_in_the_bound() -> None:
    model, rules = _plain(9e4)
    worth, bounds = Worth(np.ones(2), 1.0), []
    for rebates in ((), ((1e9, 0.3),)):
        tariffs = (tariff_of(0.0, rebates, 0.0, 0.0), *rules.terms.tariffs[1:])
        layout = Layout(model, replace(rules, terms=replace(rules.terms, tariffs=tariffs)), worth)
        bounds.append(Decomposition(layout, []).mix(Node({}, {}), -np.inf).bound)
    assert bounds[1] == pytest.approx(bounds[0], rel=1e-6)


def test_courses_are_chosen_though_none_meets_the_total_by_itself() -> None:
    model, rules = _plain(5e4, 2.0)
    worth, known = Worth(np.ones(2)), np.array([[8e3, 8e3, 8e3], [9e3, 8e3, 9e3]])
    layout = Layout(model, rules, worth)
    found = chosen(Decomposition(layout, []).mix(Node({}, {}), -np.inf), layout, model.weights, -np.inf)
    assert found is not None
    repaired = repair(rules, *found)
    assert repaired is not None and not rules.broken(repaired, found[1], 0.01)
    assert model.value(repaired) > model.value(known)
