"""Curves by day as curves by week, against days that are simulated one by one."""

from dataclasses import replace

import numpy as np
import pytest

from models.response.adstock import delayed, summed, weibull
from models.response.by_week import curves_by_week
from models.response.curves import ResponseCurves
from models.response.data import LiftTest, ResponseData
from models.response.forms import Forms
from models.response.period import in_weeks

CARRYOVER = (0.1, 0.5, 0.8, 0.95)
HALF, SLOPE, SCALE = 300.0, 1.6, 5000.0


def _curves(half: float = HALF, slope: float = SLOPE, scale: float = SCALE, start: float = 0.0) -> ResponseCurves:
    names, ones = tuple(map(str, CARRYOVER)), np.ones((1, len(CARRYOVER)))
    values = [np.array([CARRYOVER]), half * ones, slope * ones, scale * ones, start * ones]
    return ResponseCurves(names, ("shop",), *values, split=ones.T, days=1)


def _straight(start: float = 0.0) -> ResponseCurves:
    """A yuan of stock brings a yuan."""
    return _curves(1e9, 1.0, 1e9, start)


def _even(weekly: np.ndarray) -> np.ndarray:
    return np.repeat(weekly / 7.0, 7, axis=1)


def test_steady_spend_brings_seven_times_a_day_of_it() -> None:
    day, week = _curves(), curves_by_week(_curves())
    spend = np.array([10.0, 200.0, 900.0])
    for row in range(len(CARRYOVER)):
        assert week.steady(row, 7.0 * spend) == pytest.approx(7.0 * day.steady(row, spend))
    settled = day.started(np.full(4, 50.0)).lift(np.full((4, 70), 50.0))
    assert curves_by_week(day.started(np.full(4, 50.0))).lift(np.full((4, 10), 350.0)) == pytest.approx(
        in_weeks(settled, 1).sum(axis=-1)
    )
    assert curves_by_week(week) is week


def test_a_pulse_brings_as_much_at_the_same_mean_lag() -> None:
    weekly = np.zeros((4, 150))
    weekly[:, 0] = 700.0
    lags = np.arange(150)
    by_day = in_weeks(_straight().lift(_even(weekly))[0], 1).sum(axis=-1)
    by_week = curves_by_week(_straight()).lift(weekly)[0]
    assert by_week.sum(axis=1) == pytest.approx(by_day.sum(axis=1), rel=1e-5)
    assert by_week @ lags == pytest.approx(by_day @ lags, rel=1e-3)
    assert np.abs(by_week - by_day).max() < 0.13 * 700.0  # by lag nearly


def test_what_the_past_still_brings_is_carried_over() -> None:
    nothing = np.zeros((4, 150))
    by_day = _straight(start=40.0).lift(_even(nothing))[0].sum(axis=1)
    assert curves_by_week(_straight(start=40.0)).lift(nothing)[0].sum(axis=1) == pytest.approx(by_day, rel=1e-5)
    assert by_day == pytest.approx([40.0 * a / (1.0 - a) for a in CARRYOVER], rel=1e-5)


def test_lags_of_late_ads_are_those_of_the_days_added_up() -> None:
    carry = np.array([[1.0, 1.0, 2.0, 2.0]])
    shape, weeks = np.array([[0.8, 0.4, 1.0, 2.5]]), np.array([[0.0, 3.0, 0.4, 3.0]])
    past = np.linspace(10.0, 100.0, 4 * 90).reshape(4, 90)
    past[:, :6] = 0.0  # the six days beyond twelve whole weeks
    past = np.repeat(in_weeks(past[:, 6:], 1).mean(axis=-1), 7, axis=1)  # even over each week
    forms = Forms(carry, shape, weeks, 0.0 * carry, np.concatenate([np.zeros((4, 6)), past], axis=1), 1, 1)
    day = replace(_straight(), forms=forms)
    weekly = np.random.default_rng(5).uniform(0.0, 700.0, (4, 20))
    by_day = in_weeks(day.lift(_even(weekly))[0], 1).sum(axis=-1)
    assert curves_by_week(day).lift(weekly)[0] == pytest.approx(by_day, rel=0.01)
    assert forms.weights[0, 1] @ np.arange(91) / 7.0 == pytest.approx(3.0, abs=0.01)


def test_added_up_weights_by_hand() -> None:
    for weights in (delayed(np.array(0.6), np.array(1.3), 1), weibull(np.array(0.9), np.array(0.5), 1)):
        by_hand = np.zeros(13)
        for first in range(7):
            for lag, weight in enumerate(weights):
                by_hand[min((first + lag) // 7, 12)] += weight / 7.0
        assert summed(weights, 7) == pytest.approx(by_hand)


def test_a_history_by_day_adds_up_to_weeks() -> None:
    spend, ones = np.arange(28.0).reshape(1, 28), np.ones((1, 1))
    tests = (LiftTest("a", 7, 20, 1.0, 1.0, 1.0),)
    told = 3.0 * spend
    told[0, 9] = np.nan
    days = ResponseData(("a",), ("x",), spend, 2.0 * spend, spend.T[None], ones, tests, (3, 4, 27), told, 1)
    weeks = days.by_week()
    assert (days.weeks, weeks.weeks, weeks.periods, weeks.days) == (4, 4, 4, 7)
    assert weeks.spend[0].tolist() == [21.0, 70.0, 119.0, 168.0] and (weeks.revenue == 2.0 * weeks.spend).all()
    assert weeks.controls[0, :, 0].tolist() == [3.0, 10.0, 17.0, 24.0] and weeks.by_week() is weeks
    assert weeks.claims is not None and np.isnan(weeks.claims[0, 1]) and weeks.claims[0, 0] == 63.0
    assert weeks.gap == (0, 3) and (weeks.tests[0].first, weeks.tests[0].last) == (1, 2)
    for count, size in ((27, 1), (28, 2)):
        with pytest.raises(ValueError, match="whole weeks"):
            replace(days, spend=spend[:, :count], days=size)
