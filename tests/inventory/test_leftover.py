"""Stock left at the end: held until sold, or cleared, whichever costs less, unit by unit."""

from __future__ import annotations

import numpy as np
import pytest

from models.inventory.leftover import leftover_cost


@pytest.mark.parametrize(
    ("units", "holding", "rate", "loss"), [(50.0, 0.3, 2.0, 5.0), (50.0, 0.01, 2.0, 5.0), (7.0, 1.0, 0.1, 4.0)]
)
def test_equals_the_sum_over_small_pieces(units: float, holding: float, rate: float, loss: float) -> None:
    waits = (np.arange(100_000) + 0.5) * units / 100_000 / rate
    slow = np.minimum(holding * waits, loss).mean() * units
    assert leftover_cost(units, holding, rate, loss) == pytest.approx(slow, rel=1e-6)


def test_ten_years_of_stock_costs_about_its_clearance() -> None:
    assert leftover_cost(520.0, 0.1, 1.0, 20.0) > 0.6 * 520 * 20.0
    assert leftover_cost(0.0, 0.1, 1.0, 20.0) == 0.0
