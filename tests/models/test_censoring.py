"""Expected demand given that at least the sales were wanted, against summation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from models.censoring import DISPERSION, expected_above, restored


@pytest.mark.parametrize("mean", [0.1, 1.0, 7.5, 60.0])
@pytest.mark.parametrize("sold", [0.0, 1.0, 4.0, 20.0])
def test_expected_above_is_the_sum_over_the_tail(mean: float, sold: float) -> None:
    units = np.arange(20_000)
    chance = stats.nbinom.pmf(units, 1 / DISPERSION, 1 / (1 + DISPERSION * mean))
    tail = units >= sold
    if chance[tail].sum() > 1e-6:
        assert expected_above(mean, sold) == pytest.approx((units * chance)[tail].sum() / chance[tail].sum(), rel=1e-3)


@given(st.floats(0, 5000), st.floats(0, 5000), st.floats(0, 0.99))
def test_restored_demand_is_finite_and_never_below_the_sales(mean: float, sold: float, share: float) -> None:
    demand = restored(sold, share, mean)
    assert np.isfinite(demand) and demand >= sold * (1 - 1e-9)
