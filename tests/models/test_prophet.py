"""Prophet for totals: recovers a known shape, and every short or empty history has a defined answer."""

import numpy as np
import pytest

from models.demand.growth import GrowthBelief
from models.demand.prophet import ProphetLaw, forecast_totals

LAW = ProphetLaw()
ORIGIN = np.datetime64("2026-11-01")


def world(weeks: int, growth: float = 0.05):
    """Level 1,000 a day growing, a year wave, and a festival that doubles 1-11 November."""
    start = ORIGIN - np.timedelta64(7 * weeks, "D")
    dates = np.arange(start, ORIGIN + np.timedelta64(426, "D"))
    age = (dates - ORIGIN).astype(float)
    month = dates.astype("datetime64[M]")
    festival = ((month.astype(int) % 12 == 10) & ((dates - month).astype(int) < 11)).astype(float)
    daily = 1000 * (1 + growth * age / 365) * (1 + 0.3 * np.cos(2 * np.pi * age / 365.25)) * (1 + festival)
    past = 7 * weeks
    by_week = daily[:past].reshape(weeks, 7).sum(axis=1)
    shares = festival[:past].reshape(weeks, 7).mean(axis=1)[:, None]
    return by_week, dates[:past:7], shares, dates[past:], festival[past:, None], daily[past:]


def test_recovers_trend_year_and_festival():
    *given, truth = world(156)
    found = forecast_totals(*given, LAW)
    assert found.method == "prophet"
    growth = GrowthBelief().of_shop(found.changes)
    assert 0.025 < growth < 0.05
    mean = found.mean(growth)
    assert mean[:300].sum() == pytest.approx(truth[:300].sum(), rel=0.05)
    lift = mean[:11].mean() / mean[11:20].mean()
    assert 1.6 < lift < 2.4
    assert np.nanmean(np.abs(found.fitted / given[0] - 1)) < 0.05


def test_same_input_same_bytes():
    *given, _ = world(110)
    assert forecast_totals(*given, LAW).mean(0.1).tobytes() == forecast_totals(*given, LAW).mean(0.1).tobytes()


@pytest.mark.parametrize(("weeks", "method"), [(156, "prophet"), (70, "prophet_short"), (30, "no_year"), (5, "flat")])
def test_short_histories_have_a_defined_answer(weeks, method):
    *given, _ = world(weeks)
    found = forecast_totals(*given, LAW)
    assert found.method == method
    mean = found.mean(0.0)
    assert np.isfinite(mean).all() and (mean > 0).all()
    assert 400 < mean.mean() < 4000


def test_nothing_sold_and_ended_series_give_zero():
    by_week, *rest, _ = world(156)
    assert forecast_totals(np.zeros_like(by_week), *rest, LAW).mean(0.1).sum() == 0
    gone = by_week.copy()
    gone[60:] = 0
    assert forecast_totals(gone, *rest, LAW).method == "ended"


def test_a_collapsing_series_stays_non_negative():
    by_week, *rest, _ = world(156)
    falling = by_week * np.linspace(1, 0.02, 156)
    found = forecast_totals(falling, *rest, LAW)
    mean = found.mean(GrowthBelief().of_shop(found.changes))
    assert np.isfinite(mean).all() and (mean >= 0).all()
    assert mean.sum() < falling[-52:].sum()
