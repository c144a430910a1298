"""What is left of a claimed gain when the other half of the history judges it."""

from dataclasses import replace

import numpy as np
import pytest

from engine.budget.history import response_data
from engine.budget.honest import UNKNOWN, Belief, belief, believed, half_curves, halves
from engine.budget.limits import build_rules
from engine.budget.objective import Worth
from engine.budget.response import fit_history
from engine.budget.settings import BudgetSettings
from engine.execution.run import Run
from tests.budget.merchant import ORIGIN, merchant
from tests.budget.test_rules import _model, _situation

FREE = BudgetSettings(change_limit=None, week_change=None, event_week_change=None)


def test_halves_part_the_history() -> None:
    data = response_data(merchant(weeks=60), ORIGIN)
    older, younger = halves(data)
    assert older.weeks == younger.weeks == 30
    assert np.concatenate([older.spend, younger.spend], axis=1) == pytest.approx(data.spend)


def test_a_claim_that_both_halves_make_is_believed_and_one_that_they_deny_is_not() -> None:
    model, situation = _model(1), _situation()
    rules, worth, today = build_rules(FREE, situation), Worth(np.ones(4)), situation.scaled
    same = belief((model.curves, model.curves), model, rules, worth, today)
    assert same.share == pytest.approx(1.0) and same.claimed > 0
    turned = replace(model.curves, scale=model.curves.scale[:, ::-1].copy() * np.array([0.2, 1.0, 1.0, 5.0]))
    apart = belief((model.curves, turned), model, rules, worth, today)
    assert apart.share < same.share
    assert belief((), model, rules, worth, today) is UNKNOWN


def test_a_channel_of_one_half_is_judged_by_its_curve_of_the_whole_history() -> None:
    """Wrong it would be to take it for one without effect: then whatever it is given is money lost."""
    data = response_data(merchant(weeks=60), ORIGIN)
    spend = data.spend.copy()
    spend[1, :40] = 0.0
    data, settings, run = replace(data, spend=spend), BudgetSettings(), Run()
    curves = fit_history(data, settings, run).curves
    older, younger = half_curves(data, curves, settings, run)
    assert older.scale[:, 1] == pytest.approx(curves.scale[:, 1]) and (older.scale[:, 1] > 0).all()
    assert older.half_saturation[:, 1] == pytest.approx(curves.half_saturation[:, 1])
    assert not np.allclose(younger.scale[:, 1], curves.scale[:, 1])
    never = np.where(np.arange(60) < 30, [[1.0], [0.0], [1.0], [0.0]], [[0.0], [1.0], [0.0], [1.0]]) * spend
    assert half_curves(replace(data, spend=never), curves, settings, run) == ()


def test_what_was_not_tested_or_not_believed_is_said() -> None:
    assert "as estimated" in UNKNOWN.notes[0]
    assert "97%" in Belief(0.97, 1.0, 0.97).notes[0]
    assert Belief(1.0, 1.0, 1.0).notes == ()


def test_a_shrunk_claim_is_wider_by_what_was_taken() -> None:
    gains = np.random.default_rng(0).normal(10.0, 3.0, 500)
    after = believed(gains, Belief(0.4, 1.0, 0.4))
    assert after.mean() == pytest.approx(0.4 * gains.mean())
    assert after.std() == pytest.approx(np.hypot(gains.std(), 0.6 * gains.mean()))
    assert believed(gains, UNKNOWN) == pytest.approx(gains)
    losses = gains - 20.0
    assert believed(losses, Belief(0.4, 1.0, 0.4)) == pytest.approx(losses)
