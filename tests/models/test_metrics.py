"""Measures against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.metrics import bias, coverage, naive_scale, pinball, rmsse, wape, weighted

ALL = np.ones((2, 2), dtype=bool)
ACTUAL = np.array([[2.0, 4.0], [0.0, 1.0]])
FORECAST = np.array([[3.0, 2.0], [1.0, 1.0]])


def test_wape_and_bias() -> None:
    assert wape(ACTUAL, FORECAST, ALL) == pytest.approx(4 / 7)
    assert bias(ACTUAL, FORECAST, ALL) == pytest.approx(0.0)
    assert wape(ACTUAL, FORECAST, np.array([[True, False], [False, False]])) == 0.5
    assert wape(0 * ACTUAL, 0 * FORECAST, ALL) == 0.0
    assert wape(0 * ACTUAL, FORECAST, ALL) == 7.0


def test_scaled_errors_by_weight() -> None:
    history = np.array([[0.0, 0.0, 2.0, 4.0, 4.0], [1.0, 1.0, 1.0, 1.0, 1.0]])
    scale = naive_scale(history, np.ones_like(history, dtype=bool))
    assert scale[0] == pytest.approx(np.sqrt(4 / 2))
    assert np.isnan(scale[1])
    error = rmsse(ACTUAL, FORECAST, ALL, scale)
    assert error[0] == pytest.approx(np.sqrt(5 / 2) / np.sqrt(2))
    assert weighted(error, np.array([1.0, 100.0])) == pytest.approx(error[0])
    assert weighted(np.array([1.0, 2.0]), np.zeros(2)) == 1.5
    assert weighted(np.array([np.nan]), np.ones(1)) == 0.0


def test_pinball_and_coverage() -> None:
    levels = np.array([0.1, 0.9])
    quantiles = np.stack([np.full((1, 2), 2.0), np.full((1, 2), 6.0)])
    actual = np.array([[1.0, 7.0]])
    scored = np.ones((1, 2), dtype=bool)
    assert pinball(actual, quantiles, levels, scored) == pytest.approx(np.mean([0.9, 0.5, 0.5, 0.9]))
    assert coverage(actual, quantiles[0], quantiles[1], scored) == 0.0
    assert coverage(actual, 0 * actual, quantiles[1], scored) == 0.5
