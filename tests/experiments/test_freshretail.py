"""The planting of stock-outs: the original day stays the truth, its sales are thinned, real stock-outs stay."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.freshretail import HELD_OUT, HOURS, judge, plant


def test_planted_days_are_thinned_and_judged_against_the_original() -> None:
    rng = np.random.default_rng(0)
    count, days = 40, 60
    columns = ["store_id", "product_id", "city_id", "third_category_id"]
    series = pd.DataFrame(
        np.column_stack([np.arange(count) // 10, np.arange(count), *[np.zeros(count)] * 2]).astype(int)
    )
    series.columns = pd.Index(columns)
    sales = rng.poisson(rng.gamma(4.0, 3.0, (count, 1)) * rng.gamma(5.0, 0.2, (count, days))).astype(np.float32)
    hours = np.where(rng.random(sales.shape) < 0.1, 4, 0).astype(np.float32)
    case = plant(series, sales, hours, 0.2, 1)
    seen = slice(0, days - HELD_OUT)
    np.testing.assert_array_equal(case.truth, sales[:, seen])
    assert not case.planted[hours[:, seen] > 0].any()
    assert (case.panel.units[case.planted] <= case.truth[case.planted]).all()
    np.testing.assert_array_equal(case.panel.units[~case.planted], case.truth[~case.planted])
    assert case.panel.in_stock is not None
    assert case.panel.in_stock.min() >= 1 / HOURS
    found = judge(case)
    assert abs(found["restored_bias"]) < 0.05 < abs(found["plain_bias"])
