"""Sample paths follow the law they are given: mean, quantiles, dependence, and the same numbers in any block."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.paths import SamplePaths
from models.spread import Spread, poisson_spread, with_mean

LEVELS = np.array([0.005, *np.arange(0.025, 0.976, 0.025), 0.99, 0.995, 0.999])
WEEKS = 6


def make_spread(shared: float = 0.3, persistence: float = 0.5) -> Spread:
    """Negative binomial laws that widen with the horizon and narrow with the mean."""
    means = np.array([0.5, 1.0, 4.0, 20.0, 100.0, 1000.0])
    table = np.empty((1, 2, len(means), len(LEVELS)))
    for number, shape in enumerate((4.0, 2.0)):
        for row, mean in enumerate(means):
            size = shape * (1.0 + math.log1p(mean))
            units = np.arange(int(60 * mean) + 60)
            below = stats.nbinom.cdf(units - 1, size, size / (size + mean))
            table[0, number, row] = with_mean(mean, LEVELS, np.interp(LEVELS, below, units))
    return Spread(LEVELS, means[None], np.array([3, 52]), table, shared, persistence)


def make_paths(mean: list[float], group: list[int], spread: Spread, seed: int = 11) -> SamplePaths:
    grid = np.repeat(np.array(mean, dtype=np.float32)[:, None], WEEKS, axis=1)
    return SamplePaths(grid, np.array(group, dtype=np.int32), spread, seed)


def scores(units: np.ndarray) -> np.ndarray:
    """Normal scores by rank over paths, [series, paths, weeks]."""
    return np.asarray(stats.norm.ppf((stats.rankdata(units, axis=1) - 0.5) / units.shape[1]))


@pytest.mark.parametrize("mean", [0.01, 0.2, 0.5, 3.0, 20.0, 150.0, 1000.0, 50_000.0])
def test_the_mean_of_the_paths_is_the_mean(mean: float) -> None:
    units = make_paths([mean], [0], make_spread(persistence=0.0)).block(np.array([0]), 0, 20_000)[0]
    error = units.std(axis=0) / np.sqrt(len(units)) + 0.003 * mean
    assert (np.abs(units.mean(axis=0) - mean) < 4.5 * error).all()


@pytest.mark.parametrize("mean", [40.0, 300.0, 5000.0])
def test_quantiles_of_the_paths_are_the_quantiles_of_the_law(mean: float) -> None:
    spread, wanted = make_spread(), np.array([0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
    units = make_paths([mean], [0], spread).block(np.array([0]), 0, 20_000)[0]
    law = spread.quantiles(np.full((1, WEEKS), mean), wanted)[:, 0]
    below = (units[None] + 1.0 <= law[:, None, :]).mean(axis=1)
    upto = (units[None] <= law[:, None, :] + 1.0).mean(axis=1)
    assert (below < wanted[:, None] + 0.012).all()
    assert (upto > wanted[:, None] - 0.012).all()


def test_quantiles_rise_with_the_level_and_the_horizon_class_counts() -> None:
    quantiles = make_spread().quantiles(np.full((1, WEEKS), 20.0), np.linspace(0.001, 0.999, 50))[:, 0]
    assert (np.diff(quantiles, axis=0) >= 0).all()
    assert (quantiles[:, 0] == quantiles[:, 2]).all()
    assert quantiles[-1, 3] > quantiles[-1, 2]


def test_dependence_within_a_group_and_over_time() -> None:
    spread = make_spread(shared=0.4, persistence=0.6)
    units = make_paths([900.0] * 3, [0, 0, 1], spread).block(np.arange(3), 0, 20_000)
    latent = scores(units)
    for week in range(WEEKS):
        assert np.corrcoef(latent[0, :, week], latent[1, :, week])[0, 1] == pytest.approx(0.4, abs=0.03)
        assert np.corrcoef(latent[0, :, week], latent[2, :, week])[0, 1] == pytest.approx(0.0, abs=0.03)
    for week in range(WEEKS - 2):
        assert np.corrcoef(latent[0, :, week], latent[0, :, week + 1])[0, 1] == pytest.approx(0.6, abs=0.03)
        assert np.corrcoef(latent[0, :, week], latent[0, :, week + 2])[0, 1] == pytest.approx(0.36, abs=0.03)
        assert np.corrcoef(latent[0, :, week], latent[1, :, week + 1])[0, 1] == pytest.approx(0.24, abs=0.03)


def test_without_dependence() -> None:
    latent = scores(make_paths([900.0] * 2, [0, 0], make_spread(0.0, 0.0)).block(np.arange(2), 0, 20_000))
    assert np.corrcoef(latent[0, :, 0], latent[1, :, 0])[0, 1] == pytest.approx(0.0, abs=0.03)
    assert np.corrcoef(latent[0, :, 0], latent[0, :, 1])[0, 1] == pytest.approx(0.0, abs=0.03)


def test_seeds_are_independent() -> None:
    one, other = (
        scores(make_paths([900.0], [0], make_spread(), seed).block(np.array([0]), 0, 20_000)) for seed in (1, 2)
    )
    assert np.corrcoef(one[0, :, 0], other[0, :, 0])[0, 1] == pytest.approx(0.0, abs=0.03)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), st.integers(0, 50), st.integers(1, 20))
def test_any_block_gives_the_same_numbers(rows: list[int], first: int, count: int) -> None:
    paths = make_paths([0.0, 0.3, 2.0, 20.0, 500.0, 9000.0], [0, 0, 1, 1, 2, 2], make_spread())
    whole = paths.block(np.arange(6), 0, 80)
    part = paths.block(np.array(rows), first, count)
    assert (part == whole[rows, first : first + count]).all()
    assert (part == np.floor(part)).all()
    assert (part >= 0).all()
    assert (whole[0] == 0).all()


def test_poisson_quantiles() -> None:
    spread = poisson_spread()
    for mean in spread.means[0, 8:]:
        law = spread.quantiles(np.full((1, 1), mean), np.array([0.1, 0.5, 0.9]))[:, 0, 0]
        np.testing.assert_allclose(law, stats.poisson.ppf([0.1, 0.5, 0.9], mean), rtol=0.02, atol=0.51)


@pytest.mark.parametrize("mean", [0.05, 0.1, 1.0, 10.0])
def test_poisson_paths_keep_the_mean(mean: float) -> None:
    units = make_paths([mean], [0], poisson_spread(0.0, 0.0)).block(np.array([0]), 0, 20_000)
    assert units.mean() == pytest.approx(mean, rel=0.02)
