"""The boosted model: deterministic, finite, better than the yardsticks on a world with promotions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.demand.boosted import BoostedDemand, BoostedParameters
from models.demand.yardsticks import FOUR_WEEK_MEAN, SAME_WEEKDAY_MEAN, SEASONAL_NAIVE, yardsticks
from models.drivers import Drivers
from models.panel import Panel
from tests.models.worlds import world

FAST = BoostedParameters(horizon=28, max_rows=20_000, rounds=40, threads=1)


def test_it_beats_the_yardsticks_where_promotions_move_demand() -> None:
    whole, drivers = world(periods=448, horizon=0)
    panel = whole.until(420)
    model = BoostedDemand.fit(panel, drivers, 1, FAST)
    actual = whole.units[:, 420:]
    error = np.abs(model.predict(28) - actual).mean()
    for name, forecast in yardsticks(panel, 28).items():
        assert error < 0.95 * np.abs(forecast - actual).mean(), name
    again = BoostedDemand.fit(panel, drivers, 1, FAST)
    np.testing.assert_array_equal(model.predict(28), again.predict(28))


def test_a_saved_state_forecasts_the_same_and_updates_to_newer_history() -> None:
    panel, drivers = world(series=12, periods=300)
    model = BoostedDemand.fit(panel, drivers, 1, FAST)
    back = BoostedDemand.from_state(model.state(), panel, drivers)
    np.testing.assert_allclose(back.predict(14), model.predict(14), rtol=1e-6)
    older = model.update(panel.until(280), drivers)
    assert older.predict(14).shape == (12, 14)


def test_bare_histories_are_finite() -> None:
    panel, drivers = world(series=5, periods=200)
    bare = Drivers(drivers.dates, "D", {})
    for history in (panel.until(1), panel.until(9), replace(panel, units=np.zeros_like(panel.units))):
        mean = BoostedDemand.fit(history, bare, 1, FAST).predict(28)
        assert np.isfinite(mean).all() and (mean >= 0).all()
    silent = replace(panel, known=np.zeros_like(panel.known))
    assert not BoostedDemand.fit(silent, drivers, 1, FAST).predict(28).any()


def test_yardsticks_by_hand() -> None:
    panel, _ = world(series=2, periods=400)
    units = np.tile(np.arange(400, dtype=np.float32), (2, 1))
    plain = Panel(panel.series, panel.dates, "D", units, np.ones(units.shape, dtype=bool), np.zeros(units.shape, bool))
    found = yardsticks(plain, 9)
    assert found[FOUR_WEEK_MEAN][0, 0] == np.arange(372, 400).mean()
    assert found[SAME_WEEKDAY_MEAN][0, :8].tolist() == [382.5 + n for n in range(7)] + [382.5]
    assert found[SEASONAL_NAIVE][0].tolist() == list(range(36, 45))
