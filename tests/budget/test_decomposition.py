"""Courses of single ad channels: the dynamic programme against all courses, its counts, and the bound of mixtures."""

from itertools import product

import numpy as np
import pytest

from engine.budget.columns import Layout, Node
from engine.budget.decomposition import Decomposition
from engine.budget.feasible import nearest
from engine.budget.limits import build_rules
from engine.budget.objective import Worth
from engine.budget.rules import Rules
from engine.budget.schedules import Count, Schedule
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
    reward = np.repeat(model.lift_by_draw(channel, schedule.edges).mean(axis=0)[None], WEEKS, axis=0)
    reward[-1] = model.last_lift_by_draw(channel, schedule.edges).mean(axis=0)
    course = schedule.best(reward, price, FEE, count)
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
