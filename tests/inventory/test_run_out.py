"""run_out against plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from models.inventory.run_out import run_out
from tests.oracles.run_out import run_out as by_hand


@pytest.mark.parametrize("seed", range(5))
def test_days_and_losses_as_by_hand(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items, paths, weeks = 6, 5, 9
    demand = rng.poisson(4.0, (items, paths, weeks)).astype(np.float32)
    on_hand = rng.integers(0, 15, items).astype(float)
    arrivals = rng.poisson(2.0, (items, weeks)) * (rng.random((items, weeks)) < 0.4).astype(float)
    late = rng.integers(-2, 4, (items, paths))
    found = run_out(demand, on_hand, arrivals, late)
    for item in range(items):
        whole = np.zeros(weeks)
        for path in range(paths):
            day, lost = by_hand(
                demand[item, path].tolist(), on_hand[item], arrivals[item].tolist(), int(late[item, path])
            )
            assert found.day[item, path] == pytest.approx(day)
            whole += np.array(lost) / paths
        assert found.lost[item] == pytest.approx(whole)


def test_nothing_to_look_at() -> None:
    none = run_out(np.zeros((0, 4, 3), np.float32), np.zeros(0), np.zeros((0, 3)), np.zeros((0, 4), np.int64))
    assert none.day.shape == (0, 4) and none.lost.shape == (0, 3)
