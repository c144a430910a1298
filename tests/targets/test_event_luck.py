"""Luck of events: what repeats of an event tell, and draws that keep their months."""

import numpy as np
import pandas as pd
import pytest

from engine.data.recurrence import FestivalDays
from engine.targets.chance import chances
from engine.targets.days import kinds_of
from engine.targets.event_luck import APART_DAYS, PRIOR_RUNS, USUAL_SD, _runs, with_luck


def cells() -> pd.DataFrame:
    """Two channels in November: a third of each month is the event; a December without."""
    rows = [(11, "", "A", 0, 2 / 3), (11, "E", "A", 0, 1 / 3), (11, "", "B", 1, 2 / 3), (11, "E", "B", 1, 1 / 3)]
    table = pd.DataFrame([*rows, (12, "", "A", 2, 1.0)], columns=["m", "event", "channel", "row", "part"])
    month = pd.to_datetime("2027-" + table["m"].astype(str) + "-01")
    return table.assign(month=month, category="x", actual_fen=0, forecast_fen=(table["part"] * 30_000).astype("int64"))


def test_months_stay_and_events_spread():
    table, rng = cells(), np.random.default_rng(0)
    months = 300.0 * np.exp(0.1 * rng.standard_normal((4000, 3)))
    draws = months[:, table["row"]] * table["part"].to_numpy()
    lucky = with_luck(draws, table, 0.3, rng)
    for row in range(3):
        own = (table["row"] == row).to_numpy()
        np.testing.assert_allclose(lucky[:, own].sum(axis=1), months[:, row], rtol=1e-12)
    share = lucky[:, [1, 3]] / months[:, :2]
    odds = np.log(share / (1 - share))
    assert odds.std() == pytest.approx(0.3, rel=0.05)
    assert np.corrcoef(odds.T)[0, 1] == pytest.approx(0.5, abs=0.05)
    assert lucky.mean(axis=0) == pytest.approx(draws.mean(axis=0), rel=0.03)
    goal = np.array([20_000, 13_000, 20_000, 13_000, 30_000])
    told = [
        chances(found, table, goal, 2027, ()).set_index(["level", "key"])["probability"] for found in (draws, lucky)
    ]
    # far beyond what the month allows, an event may still come there by itself; the total does not care
    assert told[1][("event", "E")] > told[0][("event", "E")] + 0.02
    assert told[1][("total", "2027")] == told[0][("total", "2027")]


def test_nothing_to_spread():
    table = cells().assign(event="")
    draws = np.ones((50, 5))
    assert with_luck(draws, table, 0.3, np.random.default_rng(0)) is draws
    assert with_luck(draws[:1], cells(), 0.3, np.random.default_rng(0)) is not None


def test_runs_of_an_event_by_hand():
    on = np.zeros(400, dtype=bool)
    on[10:15] = on[12 + APART_DAYS + 100 : 20 + APART_DAYS + 100] = True
    sold = np.where(np.arange(400) < 100, 30.0, 20.0)
    np.testing.assert_allclose(_runs(on, sold, np.full(400, 10.0)), np.log([3.0, 2.0]))
    assert len(_runs(np.zeros(400, dtype=bool), sold, sold)) == 0
    assert PRIOR_RUNS > 0 and USUAL_SD > 0


def test_weeks_of_returns_are_no_days_of_the_event():
    days = FestivalDays(("双11.main", "双11.return_wave", "双11.presale"), np.array([]), np.zeros((1, 0, 3)))
    assert kinds_of(days) == ["双11", "", "双11"]
