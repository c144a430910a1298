"""The spread that is learned from paths is the spread they were drawn from."""

from __future__ import annotations

import numpy as np
import pytest

from models.metrics import coverage
from models.paths import SamplePaths, poisson_spread
from models.spread_fit import LEVELS, WeeklyErrors, fit_spread


def errors_from(shared: float, persistence: float, origins: int = 12) -> list[WeeklyErrors]:
    rng = np.random.default_rng(0)
    mean = np.repeat(rng.gamma(1.0, 20.0, 300)[:, None], 8, axis=1).astype(np.float32) + 2
    group = (np.arange(300) % 10).astype(np.int32)
    paths = SamplePaths(mean, group, poisson_spread(shared, persistence), 3)
    drawn = paths.block(np.arange(300), 0, origins)
    scored = np.ones(mean.shape, dtype=bool)
    return [WeeklyErrors(mean, drawn[:, number], scored, group) for number in range(origins)]


def test_coverage_and_dependence_are_recovered() -> None:
    errors = errors_from(0.3, 0.5)
    spread = fit_spread(errors[:-1], 1)
    low, high = spread.quantiles(errors[-1].mean, np.array([0.1, 0.9]))
    inside = coverage(errors[-1].actual, np.floor(low), np.ceil(high), errors[-1].scored)
    assert inside == pytest.approx(0.83, abs=0.07)
    assert spread.shared == pytest.approx(0.3, abs=0.1)
    assert spread.persistence == pytest.approx(0.5, abs=0.12)


def test_ratios_rise_and_have_the_mean_one() -> None:
    spread = fit_spread(errors_from(0.1, 0.2), 1)
    assert (np.diff(spread.ratio, axis=2) >= 0).all()
    edges = np.concatenate([[0.0], LEVELS, [1.0]])
    flat = spread.ratio.reshape(-1, len(LEVELS))
    means = [np.trapezoid(np.concatenate([[0.0], row, row[-1:]]), edges) for row in flat]
    np.testing.assert_allclose(means, 1.0, rtol=1e-9)


def test_too_few_errors_fall_back_to_poisson() -> None:
    few = WeeklyErrors(np.ones((3, 2)), np.ones((3, 2)), np.ones((3, 2), dtype=bool), np.zeros(3, dtype=np.int32))
    assert fit_spread([few], 0).ratio.shape == poisson_spread().ratio.shape
    assert fit_spread([], 0).shared == poisson_spread().shared
