"""Local models: each family against a slow textbook loop, no lookahead, odd series, saved states."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.demand.local import LocalDemand
from models.demand.local_filter import CROSTON, HOLT, SES, THETA, TSB, candidates, filter_all, reach
from models.demand.local_season import weekday_indices, yearly_harmonics, yearly_indices
from models.drivers import Drivers
from models.features.clock import CLOCKS
from models.panel import Panel

GRID = candidates("D")


def panel_of(units: np.ndarray, known: np.ndarray | None = None, frequency: str = "D") -> Panel:
    units = units.astype(np.float32)
    series = pd.DataFrame({"sku": [f"s{i}" for i in range(len(units))], "channel": "x", "category": "c"})
    dates = np.datetime64("2023-01-02") + np.arange(units.shape[1]) * (7 if frequency == "W" else 1)
    known = np.ones(units.shape, dtype=bool) if known is None else known
    return Panel(series, dates, frequency, units, known, np.zeros_like(known))


def nothing(panel: Panel, horizon: int = 28) -> Drivers:
    return Drivers(np.concatenate([panel.dates, panel.future_dates(horizon)]), panel.frequency, {})


def fit(panel: Panel) -> LocalDemand:
    return LocalDemand.fit(panel, nothing(panel), 0)


def bare(units: np.ndarray):
    """The filter without seasons: level and slope of each candidate."""
    units = np.atleast_2d(units).astype(np.float32)
    count, periods = units.shape
    reaches = np.array([reach(float(phi), 28) for phi in GRID.phi])
    flat = (np.ones((count, 7)), np.ones((1, periods)), np.zeros(count, dtype=np.int32))
    return filter_all(units, np.ones(units.shape, dtype=bool), *flat, GRID, reaches, (7, 28, 364, 0))


def slow(series: np.ndarray, family: int, alpha: float, beta: float, phi: float) -> float:
    """The forecast one step ahead, as the papers write it."""
    level, trend, since = 0.0, 0.0, 1
    for n, y in enumerate(series, start=1):
        gain = max(alpha, 1 / n)
        if family in (SES, THETA):
            level = gain * y + (1 - gain) * level
        elif family == HOLT:
            ahead = level + phi * trend
            level = gain * y + (1 - gain) * ahead
            trend = phi * trend + (beta * (y - ahead) if alpha >= 1 / n else 0)
        elif family == CROSTON and y > 0:
            level, trend = (
                (y, since) if trend == 0 else (alpha * y + (1 - alpha) * level, trend + alpha * (since - trend))
            )
        elif family == TSB:
            trend += max(beta, 1 / n) * ((y > 0) - trend)
            if y > 0:
                level = y if level == 0 else level + alpha * (y - level)
        since = 1 if y > 0 else since + 1
    if family == SES:
        return level
    if family == THETA:
        n = len(series)
        slope = np.polyfit(np.arange(n), series, 1)[0]
        return level + 0.5 * slope * (1 - (1 - alpha) ** n) / alpha  # Hyndman and Billah (2003), h = 1
    if family == HOLT:
        return level + phi * trend
    return (1 - alpha / 2) * level / trend if family == CROSTON else level * trend


@pytest.mark.parametrize("zeros", [0.0, 0.7])
def test_every_candidate_equals_its_textbook_loop(zeros: float) -> None:
    rng = np.random.default_rng(4)
    series = np.round(rng.gamma(2.0, 3.0, 120) * (rng.random(120) >= zeros), 2).astype(np.float32).astype(float)
    level, slope = bare(series)[:2]
    for c, law in enumerate(zip(GRID.family, GRID.alpha, GRID.beta, GRID.phi, strict=True)):
        ahead = level[0, c] + slope[0, c] * GRID.phi[c]
        assert ahead == pytest.approx(slow(series, *law), rel=1e-6), law


def test_block_errors_are_those_of_past_origins() -> None:
    series = np.random.default_rng(1).poisson(5, 200).astype(float)
    block, blocks = bare(series)[2], bare(series)[4]
    origins = [t for t in range(14, 200 - 27) if (200 - t) % 7 == 0]
    errors = []
    for origin in origins:
        level, slope = bare(series[:origin])[:2]
        reaches = np.array([reach(float(phi), 28) for phi in GRID.phi])
        errors.append((np.maximum(level[0] + slope[0] * reaches, 0) - series[origin : origin + 28].mean()) ** 2)
    assert blocks[0] == len(origins)
    np.testing.assert_allclose(block[0], np.mean(errors, axis=0), rtol=1e-6)


def test_a_constant_series_stays_and_a_weekly_shape_comes_back() -> None:
    week = np.array([10.0, 10, 10, 10, 20, 30, 50])
    np.testing.assert_allclose(fit(panel_of(np.full((1, 730), 4.0))).predict(14), 4.0, rtol=0.01)
    mean = fit(panel_of(np.tile(week, 105)[None, :730] * 20)).predict(14)
    np.testing.assert_allclose(mean[0], np.tile(week, 107)[730:744] * 20, rtol=0.05)


def test_a_yearly_shape_is_learned_from_the_group() -> None:
    day = np.arange(1460)
    wave = np.exp(0.5 * np.sin(2 * np.pi * (day + 4) / 365.25))
    units = np.random.default_rng(0).poisson(wave[:1100] * np.linspace(2, 30, 40)[:, None]).astype(np.float32)
    coefficients = yearly_harmonics(units, units >= 0, np.zeros(40, dtype=np.int32), 0, CLOCKS["D"])
    index = yearly_indices(coefficients, 1100, 1460, CLOCKS["D"])[0]
    assert np.abs(np.log(index / wave[1100:])).max() < 0.12


def test_slow_sellers_take_the_groups_week() -> None:
    units = np.tile(np.array([0, 0, 0, 0, 0, 100, 100], dtype=np.float32), (2, 60))
    units[1] = 0
    units[1, 3::70] = 1
    index = weekday_indices(units, units >= 0, np.zeros(2, dtype=np.int32), 0, CLOCKS["D"])
    assert index[1, 5] > 3 and index[1, 3] < 0.5


def test_the_future_changes_nothing() -> None:
    units = np.random.default_rng(2).poisson(3, (3, 300))
    changed = np.concatenate([units, 100 * np.ones((3, 50))], axis=1)
    np.testing.assert_array_equal(fit(panel_of(units)).predict(7), fit(panel_of(changed).until(300)).predict(7))


@pytest.mark.parametrize("periods", [1, 2, 8, 40])
@pytest.mark.parametrize("frequency", ["D", "W"])
def test_short_empty_and_odd_histories(periods: int, frequency: str) -> None:
    units = np.zeros((5, periods))
    units[1] = 7
    units[2, -1] = -3
    units[3, 0] = np.inf
    known = np.ones(units.shape, dtype=bool)
    known[4] = False
    mean = fit(panel_of(units, known, frequency)).predict(5)
    assert np.isfinite(mean).all() and (mean >= 0).all()
    assert mean[1].mean() == pytest.approx(7, rel=0.05) and not mean[[0, 4]].any()


def test_update_moves_the_level_but_not_the_weights() -> None:
    rng = np.random.default_rng(3)
    old = panel_of(rng.poisson(5, (4, 400)))
    new = panel_of(np.concatenate([old.units, rng.poisson(15, (4, 61))], axis=1))
    model = fit(old)
    newer = model.update(new, nothing(new))
    np.testing.assert_array_equal(model.weights, newer.weights)
    assert newer.predict(7).mean() > model.predict(7).mean() + 3
    saved = json.loads(json.dumps(dict(model.state())))
    np.testing.assert_allclose(LocalDemand.from_state(saved, new, nothing(new)).predict(7), newer.predict(7), rtol=1e-5)


def test_a_gap_is_no_zero_demand() -> None:
    units = np.full((1, 300), 6.0)
    known = np.ones((1, 300), dtype=bool)
    units[0, 200:280], known[0, 200:280] = 0, False
    assert fit(panel_of(units, known)).predict(7).mean() == pytest.approx(6.0, rel=0.01)


def test_series_do_not_depend_on_their_order() -> None:
    panel = panel_of(np.random.default_rng(5).poisson(2, (6, 200)))
    turned = panel.take(np.arange(6)[::-1])
    np.testing.assert_allclose(fit(panel).predict(7)[::-1], fit(turned).predict(7), rtol=1e-5)
    again = fit(replace(panel, units=panel.units.copy())).predict(7)
    np.testing.assert_array_equal(again, fit(panel).predict(7))
