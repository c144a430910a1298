"""The spread that is learned from paths is the spread they were drawn from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.metrics import coverage
from models.paths import SamplePaths
from models.spread import poisson_spread
from models.spread_fit import WeeklyErrors, fit_spread


def errors_from(shared: float, persistence: float, origins: int = 12) -> list[WeeklyErrors]:
    rng = np.random.default_rng(0)
    mean = np.repeat(rng.gamma(1.0, 20.0, 300)[:, None], 8, axis=1).astype(np.float32) + 2
    group = (np.arange(300) % 10).astype(np.int32)
    paths = SamplePaths(mean, group, poisson_spread(shared, persistence), 3)
    drawn = paths.block(np.arange(300), 0, origins)
    scored = np.ones(mean.shape, dtype=bool)
    kind = np.zeros(300, dtype=np.int32)
    return [WeeklyErrors(mean, drawn[:, number], scored, group, kind) for number in range(origins)]


def test_coverage_and_dependence_are_recovered() -> None:
    errors = errors_from(0.3, 0.5)
    spread = fit_spread(errors[:-1], 1)
    low, high = spread.quantiles(errors[-1].mean, np.array([0.1, 0.9]))
    inside = coverage(errors[-1].actual, np.floor(low), np.ceil(high), errors[-1].scored)
    assert inside == pytest.approx(0.83, abs=0.07)
    assert spread.shared == pytest.approx(0.3, abs=0.1)
    assert spread.persistence == pytest.approx(0.5, abs=0.12)


def test_ratios_rise_and_paths_keep_the_mean() -> None:
    errors = errors_from(0.0, 0.0)
    spread = fit_spread(errors, 1)
    assert (np.diff(spread.quantile, axis=3) >= 0).all()
    drawn = SamplePaths(errors[0].mean, errors[0].group, spread, 5).block(np.arange(300), 0, 500)
    assert drawn.sum() / (500 * errors[0].mean.sum(dtype=float)) == pytest.approx(1.0, abs=0.02)


def test_places_are_uniform_for_unseen_errors_of_slow_and_fast_series() -> None:
    rng = np.random.default_rng(4)
    mean = np.repeat(np.exp(rng.uniform(-3.0, 4.0, 8000))[:, None], 4, axis=1).astype(np.float32)
    kind = (np.arange(8000) % 2).astype(np.int32)
    rate = mean * rng.gamma(np.where(kind, 2.0, 20.0), 1 / np.where(kind, 2.0, 20.0), (4, 8000)).T
    units = [rng.poisson(rate).astype(np.float32) for _ in range(2)]
    scored, group = np.ones(mean.shape, dtype=bool), np.zeros(8000, dtype=np.int32)
    spread = fit_spread([WeeklyErrors(mean, units[0], scored, group, kind)], 0)
    place = spread.places(mean, units[1], 1)
    for number in (0, 1):
        for slow in (True, False):
            part = place[(kind == number) & ((mean[:, 0] < 1.0) == slow)]
            share = np.histogram(part, np.linspace(0, 1, 11))[0] / part.size
            assert share == pytest.approx(0.1, abs=0.03)


def test_too_few_errors_fall_back_to_poisson() -> None:
    none = np.zeros(3, dtype=np.int32)
    few = WeeklyErrors(np.ones((3, 2)), np.ones((3, 2)), np.ones((3, 2), dtype=bool), none, none)
    assert fit_spread([few], 0).quantile.shape == poisson_spread().quantile.shape
    assert fit_spread([], 0).shared == poisson_spread().shared


def test_a_class_that_only_the_past_knew_has_a_law() -> None:
    past = errors_from(0.1, 0.2, origins=2)
    kind = (np.arange(300) % 6).astype(np.int32)
    spread = fit_spread([replace(entry, kind=kind) for entry in past], 0, np.minimum(kind, 2).astype(np.int32))
    assert len(spread.means) == 6
    with pytest.raises(ValueError, match="classes up to 6"):
        replace(spread, kind=kind + 1)
