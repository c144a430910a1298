"""The feature kernel sees no future, and what it sees is what pandas sees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.drivers import Block, Drivers
from models.features.clock import CLOCKS
from models.features.effects import effect_grid, regular_price
from models.features.rows import FEATURES, feature_rows
from models.features.state import feature_state
from models.features.sums import running, weekday_at
from models.panel import Panel
from models.price import DemandEffects
from models.price_fit import fit_effects
from tests.models.worlds import world


def fitted(frequency: str = "D") -> tuple[Panel, Drivers, DemandEffects]:
    panel, drivers = world(series=6, periods=420 if frequency == "D" else 70, frequency=frequency)  # type: ignore[arg-type]
    return panel, drivers, fit_effects(panel, drivers, 0)


def column(features: np.ndarray, name: str) -> np.ndarray:
    return features[:, FEATURES.index(name)]


@settings(max_examples=15, deadline=None)
@given(origin=st.integers(30, 410), ahead=st.integers(1, 28), seed=st.integers(0, 99), frequency=st.sampled_from("DW"))
def test_changing_the_future_leaves_features_unchanged(origin: int, ahead: int, seed: int, frequency: str) -> None:
    panel, drivers, effects = fitted(frequency)
    origin = min(origin, len(panel.dates) - 1)
    rng = np.random.default_rng(seed)
    units = panel.units.copy()
    units[:, origin:] = rng.poisson(50, units[:, origin:].shape)
    known, censored = panel.known.copy(), panel.censored.copy()
    known[:, origin:] = rng.random(known[:, origin:].shape) < 0.5
    censored[:, origin:] = rng.random(known[:, origin:].shape) < 0.5
    other = replace(panel, units=units, known=known, censored=censored)
    rows, origins = np.arange(6), np.full(6, origin)
    steps = np.full(6, ahead)
    before = feature_rows(feature_state(panel, drivers, effects), rows, origins, steps)
    after = feature_rows(feature_state(other, drivers, effects), rows, origins, steps)
    np.testing.assert_array_equal(before, after)
    cut = feature_rows(feature_state(panel.until(origin), drivers, effects), rows, origins, steps)
    np.testing.assert_array_equal(before, cut)


def test_prices_after_the_target_do_not_matter() -> None:
    panel, drivers, effects = fitted()
    block = drivers.blocks["price"]
    changed = block.values.copy()
    changed[:, 305:] = 3.0
    other = drivers.with_block("price", Block(changed, block.group))
    asked = np.arange(6), np.full(6, 300), np.full(6, 5)
    np.testing.assert_array_equal(
        feature_rows(feature_state(panel, drivers, effects), *asked),
        feature_rows(feature_state(panel, other, effects), *asked),
    )


def test_windows_recency_and_zero_share_are_those_of_pandas() -> None:
    panel, drivers, effects = fitted()
    plain = Drivers(drivers.dates, "D", {})
    nothing = replace(effects, lift={})
    state = feature_state(replace(panel, censored=np.zeros_like(panel.censored)), plain, nothing)
    origin = 400
    features = feature_rows(state, np.arange(6), np.full(6, origin), np.ones(6, dtype=int))
    history = pd.DataFrame(panel.units[:, :origin].T)
    level = np.exp(column(features, "log_level"))
    mean = {days: history.tail(days).mean().to_numpy() for days in (28, 91, 182)}
    np.testing.assert_allclose(level, 0.45 * mean[28] + 0.35 * mean[91] + 0.2 * mean[182], rtol=1e-5)
    np.testing.assert_allclose(column(features, "zero_share"), (history.tail(91) == 0).mean(), atol=1e-6)
    last = [origin - 1 - history.index[history[row] > 0].max() for row in history]
    np.testing.assert_array_equal(column(features, "recency"), last)
    assert column(features, "weekday").tolist() == [pd.Timestamp(panel.dates[origin]).weekday()] * 6
    assert np.isnan(column(features, "log_season_own")).sum() < 6


def test_weekday_sums_are_those_of_pandas() -> None:
    rng = np.random.default_rng(1)
    values = rng.random(300)
    sums = running(values, np.ones(300), 7)
    for origin, target in ((300, 303), (200, 219), (20, 21), (5, 9)):
        units, _ = weekday_at(sums, origin, target, CLOCKS["D"])
        same = [t for t in range(origin) if (target - t) % 7 == 0][-26:]
        assert units == pytest.approx(values[same].sum())


def test_regular_price_is_the_median_of_weekly_samples_of_the_past() -> None:
    price = np.full(200, 10.0, dtype=np.float32)
    price[150:155] = 5.0
    price[:3] = np.nan
    regular = regular_price(price, 200, CLOCKS["D"])
    assert np.isnan(regular[:3]).all() and (regular[3:] == 10.0).all()
    jump = np.where(np.arange(200) < 100, 10.0, 20.0).astype(np.float32)
    settled = regular_price(jump, 200, CLOCKS["D"])
    assert settled[100] == 10.0 and settled[160] == 20.0


def test_runs_of_events_are_found() -> None:
    panel, drivers, effects = fitted()
    grid = effect_grid(drivers, len(panel.series), effects)
    line = grid.flag_row[0, 0]
    first = grid.pointer[line]
    assert grid.active[first : first + 5].tolist() == [60, 61, 62, 63, 64]
    assert grid.run_start[first + 4] == first and grid.run_stop[first] == first + 5
