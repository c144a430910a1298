"""The share of a part: what draws that are known, draws that say nothing and a belief make of it."""

import numpy as np
import pytest

from models.response.part_share import part_share


def test_what_both_fits_know_is_the_share_whatever_is_usual() -> None:
    rng = np.random.default_rng(0)
    part, rest = 0.6 * rng.lognormal(0, 0.01, (200, 2)), 1.4 * rng.lognormal(0, 0.01, (200, 2))
    found = part_share(part, rest, np.array([0.3, 0.9]))
    assert found.mean == pytest.approx(0.3, abs=0.005) and np.all(found.high - found.low < 0.02)


def test_returns_that_say_nothing_leave_the_usual_share_and_a_wide_interval() -> None:
    rng = np.random.default_rng(1)
    part, rest = (level * np.abs(rng.standard_normal((400, 1))) for level in (0.2, 0.8))
    found = part_share(part, rest, np.array([0.2]))
    assert found.mean[0] == pytest.approx(0.25, abs=0.06)  # odds around 1 : 4, the mean of a skewed share
    assert found.low[0] < 0.06 and found.high[0] > 0.4


def test_a_vague_share_is_drawn_towards_the_usual_one() -> None:
    rng = np.random.default_rng(2)
    part, rest = rng.lognormal(0.0, 0.8, (300, 3)), rng.lognormal(0.0, 0.8, (300, 3))
    below, level, above = part_share(part, rest, np.array([0.1, 0.5, 0.9])).mean
    assert 0.2 < below < 0.45 < level < 0.55 < above < 0.8


def test_a_part_that_no_order_was_of_keeps_a_share_of_its_own() -> None:
    found = part_share(np.zeros((5, 1)), np.ones((5, 1)), np.zeros(1))
    assert 0.0 <= found.low[0] <= found.mean[0] <= found.high[0] < 1e-6
