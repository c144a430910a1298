"""Everyday sales: known levels are found under events, trends and noise, and the stated error is honest."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from models.everyday import everyday_sales

DAYS = np.arange(365)
WEEKDAY = DAYS % 7
RHYTHM = np.array([0.8, 0.9, 1.0, 1.0, 1.1, 1.2, 1.0])


def test_trend_and_weekday_under_an_event():
    level = (1000.0 + 2.0 * DAYS) * RHYTHM[WEEKDAY]
    event = (DAYS >= 150) & (DAYS < 180)
    found = everyday_sales(np.where(event, 5.0 * level, level), ~event, WEEKDAY)
    assert found is not None
    np.testing.assert_allclose(found.level[event], level[event], rtol=0.03)
    assert abs(found.level[event].sum() / level[event].sum() - 1.0) < 0.01


def test_a_bulk_order_is_not_the_everyday():
    sold = 100.0 * RHYTHM[WEEKDAY]
    odd = sold.copy()
    odd[100] += 50_000.0
    found = everyday_sales(odd, np.ones(365, dtype=bool), WEEKDAY)
    assert found is not None
    np.testing.assert_allclose(found.level, sold, rtol=0.02)


def test_too_few_quiet_days_say_nothing():
    assert everyday_sales(np.ones(60), DAYS[:60] < 13, WEEKDAY[:60]) is None
    assert everyday_sales(np.zeros(60), np.ones(60, dtype=bool), WEEKDAY[:60]) is None


def test_days_without_a_sale_have_a_level():
    sold = np.where(DAYS % 5 == 0, 30.0, 0.0)
    found = everyday_sales(sold, np.ones(365, dtype=bool), WEEKDAY)
    assert found is not None and np.isfinite(found.level).all() and abs(found.level.mean() - 6.0) < 0.5


def test_a_closed_weekday_sells_nothing_and_lifts_no_other():
    sold = np.where(WEEKDAY == 6, 0.0, 100.0 * RHYTHM[WEEKDAY])
    event = (DAYS >= 150) & (DAYS < 164)
    found = everyday_sales(np.where(event, 3.0 * sold, sold), ~event, WEEKDAY)
    assert found is not None
    np.testing.assert_allclose(found.level, sold, atol=1e-6)
    assert found.noise < 1e-9 and not found.quiet[WEEKDAY == 6].any()


def test_the_stated_error_covers():
    """Uplift of a 10-day window over 200 histories with noise that lasts: 90 % ranges hold 80 to 97 %."""
    rng = np.random.default_rng(3)
    window = (DAYS >= 200) & (DAYS < 210)
    quiet = ~((DAYS >= 193) & (DAYS < 224))
    held = []
    for _ in range(200):
        noise = np.zeros(365)
        shocks = 0.1 * rng.standard_normal(365)
        for day in range(1, 365):
            noise[day] = 0.6 * noise[day - 1] + shocks[day]
        sold = 1000.0 * RHYTHM[WEEKDAY] * np.exp(noise)
        found = everyday_sales(np.where(window, sold + 500.0, sold), quiet, WEEKDAY)
        assert found is not None
        uplift = (sold + 500.0 - found.level)[window].sum()
        held.append(abs(uplift - 5000.0) <= 1.645 * found.error(window))
    assert 0.80 <= np.mean(held) <= 0.97


def test_the_range_of_a_part_holds_its_true_everyday_nine_times_in_ten():
    """Two parts whose shares wander by the day and by the season; the event brings nothing."""
    rng, inside = np.random.default_rng(5), []
    event = np.zeros(365, dtype=bool)
    event[150:170] = True
    near = ~event & (np.abs(DAYS - 150) <= 91)
    for _ in range(60):
        slow = lfilter([np.sqrt(1 - 0.95**2)], [1.0, -0.95], rng.normal(0.0, 0.1, (2, 365 + 200)), axis=1)[:, 200:]
        parts = np.array([[300.0], [700.0]]) * (1.0 + slow + rng.normal(0.0, 0.1, (2, 365)))
        sold = parts.sum(axis=0)
        found = everyday_sales(sold, ~event, WEEKDAY)
        share = parts[0, near].sum() / sold[near].sum()
        missed = parts[0, event].sum() - share * found.level[event].sum()
        apart = found.share_error(found.share_swings(sold, parts[0]), event, near)
        error = share * np.hypot(found.error(event), apart)
        inside.append(abs(missed) <= 1.645 * error)
    assert 0.8 <= np.mean(inside) <= 0.98
