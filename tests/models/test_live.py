"""Live streams: the mixture finds its hits and flops, and paths carry them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.demand.live import Bookings, LiveLaw, fit_live
from models.paths import SamplePaths
from models.spread import poisson_spread

FLOPS, HITS = 0.3, 5.0


def streams(count: int, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Units, usual units, tier, band: hits at every second deep price of the first tier, else at every tenth."""
    rng = np.random.default_rng(seed)
    tier, band = rng.integers(0, 2, count), rng.integers(0, 3, count)
    usual = rng.gamma(4.0, 10.0, count)
    hit = rng.random(count) < np.where((tier == 0) & (band == 0), 0.5, 0.1)
    days = np.where(hit, HITS, FLOPS) * np.where(tier == 1, 1.5, 1.0) * rng.lognormal(0.0, 0.3, count)
    return rng.poisson(usual * days).astype(float), usual, tier, band


def test_hits_and_flops_are_told_apart() -> None:
    units, usual, tier, band = streams(2000)
    law = fit_live(units, usual, tier, band, 2)
    assert law.chance[0, 0] == pytest.approx(0.5, abs=0.08)
    assert law.chance[1] == pytest.approx(0.1, abs=0.06)
    assert np.exp(law.size[0]) == pytest.approx([FLOPS, HITS], rel=0.25)
    assert np.exp(law.size[1] - law.size[0]) == pytest.approx(1.5, rel=0.25)
    assert law.spread == pytest.approx(0.35, abs=0.1)
    assert (usual * law.mean(tier, band)).sum() == pytest.approx(units.sum(), rel=0.12)


def test_few_streams_lean_on_all_and_none_on_the_prior() -> None:
    units, usual, tier, band = streams(600)
    few = fit_live(units, usual, tier, band, 3)
    assert (few.chance[2] < few.chance[0, 0]).all() and (few.chance[2] > 0.08).all()
    one = fit_live(np.array([40.0]), np.array([10.0]), np.array([0]), np.array([0]), 1)
    assert 0.2 < one.chance[0, 0] < 0.5 and np.isfinite(one.size).all()
    silent = fit_live(np.zeros(5), np.zeros(5), np.zeros(5, dtype=int), np.ones(5, dtype=int), 1)
    assert np.isfinite(silent.mean(np.array([0]), np.array([1]))).all()


def booked() -> Bookings:
    """One stream in the second week that shows the first two of three series."""
    law = LiveLaw(np.array([[0.25, 0.25, 0.25]]), np.log(np.array([[0.2, 6.0]])), 0.3)
    nothing = np.zeros(2, dtype=np.int64)
    shown = (nothing, np.array([0, 1]), np.array([9, 9]), np.array([20.0, 10.0]))
    return Bookings(*shown, law.chance[0, :1], law.size, 0.3, np.array(["L1"]))


def test_paths_add_the_stream_to_what_it_shows_with_one_luck_for_all() -> None:
    live, mean = booked(), np.full((3, 4), 35.0, dtype=np.float32)
    group = np.zeros(3, dtype=np.int32)
    plain = SamplePaths(mean, group, poisson_spread(), 5)
    paths = SamplePaths(mean, group, poisson_spread(), 5, live, 7)
    rows = np.arange(3)
    added = paths.block(rows, 0, 4000) - plain.block(rows, 0, 4000)
    assert not added[2].any() and not added[:2][:, :, [0, 2, 3]].any()
    expected = live.mean((3, 28))[:, 9]
    assert added[:2, :, 1].mean(axis=1) == pytest.approx(expected[:2], rel=0.06)
    assert (added[0, :, 1] > 50).mean() == pytest.approx(0.25, abs=0.03)
    assert np.corrcoef(added[0, :, 1], added[1, :, 1])[0, 1] > 0.95
    np.testing.assert_array_equal(paths.block(rows[1:], 17, 3), paths.block(rows, 0, 20)[1:, 17:])


def test_other_usual_sales_scale_the_stream_and_a_lowered_mean_bounds_it() -> None:
    live = booked()
    double = live.scaled(np.full((3, 28), 2.0, dtype=np.float32))
    assert double.mean((3, 28)) == pytest.approx(2 * live.mean((3, 28)))
    mean = np.full((3, 28), 1e6, dtype=np.float32)
    mean[0] = 0.0
    bounded = live.within(mean).mean((3, 28))
    assert not bounded[0].any() and bounded[1] == pytest.approx(live.mean((3, 28))[1])
    again = Bookings.from_frames(live.frames("live"), "live")
    assert again is not None and again.mean((3, 28)) == pytest.approx(live.mean((3, 28)))
    assert Bookings.from_frames({}, "live") is None


def test_equally_likely_outcomes_have_the_mean_of_the_law() -> None:
    live = booked()
    expected = float(live.mean((3, 28))[0].sum()) / 20.0
    assert live.luck(20_000).mean() == pytest.approx(expected, rel=2e-3)


def test_streams_are_picked_by_name_and_joined_again() -> None:
    live = booked()
    other = replace(live, usual=np.array([1.0, 2.0]), name=np.array(["L2"]))
    both = live.joined(other)
    assert both.chosen(["L3"]) is None and live.joined(None) is live
    for name, one in (("L1", live), ("L2", other)):
        picked = both.chosen([name])
        assert picked is not None
        np.testing.assert_array_equal(picked.mean((3, 14)), one.mean((3, 14)))
    again = Bookings.from_frames(both.frames("live"), "live")
    assert again is not None and again.name.tolist() == ["L1", "L2"]
    np.testing.assert_array_equal(again.mean((3, 14)), both.mean((3, 14)))
