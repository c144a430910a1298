"""The studies' origins: nothing of the horizon reaches a forecast, only in-stock cells count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.data.dataset import Dataset
from engine.execution.run import Run
from experiments.rolling import roll
from tests.experiments.shops import FAST, case


def test_sales_of_the_horizon_change_no_forecast() -> None:
    shop = case()
    first = next(roll(shop, 1, Run(1, 1), FAST))
    sales = shop.dataset["sales"]
    later = sales["date"] >= first.fold.origin
    assert later.any()
    changed = sales.assign(units_paid=np.where(later, 99, sales["units_paid"]))
    tables = dict(shop.dataset.tables) | {"sales": changed}
    again = next(roll(replace(shop, dataset=Dataset(tables, "other")), 1, Run(1, 1), FAST))
    np.testing.assert_array_equal(first.mean, again.mean)
    assert again.yardstick.actual.max() == 99.0


def test_origins_are_a_horizon_apart_and_scores_those_of_the_cells_that_count() -> None:
    shop = case()
    found = list(roll(shop, 3, Run(1, 1), FAST))
    gaps = np.diff([origin.fold.origin for origin in found]).astype(int)
    assert gaps.tolist() == [14, 14]
    yardstick = replace(found[0].yardstick, scored=np.eye(*found[0].mean.shape, dtype=bool))
    actual = yardstick.actual[0, 0] + yardstick.actual[1, 1]
    scores = yardstick.scores(yardstick.actual + 1.0)
    assert (scores["series"], scores["wape"], scores["bias"]) == (2.0, 2.0 / actual, 2.0 / actual)
