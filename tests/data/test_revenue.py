"""Net sales: paid minus cancelled, by group and period, in money or at the price in force."""

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.revenue import net_sales, price_on

SKUS = pd.DataFrame({"sku": ["b", "a"], "category": ["y", "x"]})


def sales(**columns) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "date": pd.to_datetime(["2026-01-30", "2026-02-02", "2026-02-02", "2026-02-03"]),
            "sku": pd.Categorical(["a", "a", "b", "a"]),
            "channel": pd.Categorical(["T", "T", "T", "J"]),
            "units_paid": [3, 5, 2, 1],
        }
    )
    return frame.assign(**columns)


def test_paid_minus_cancelled_by_category_and_day():
    table = sales(
        units_cancelled=[0, 1, 0, 0], amount_paid_fen=[300, 500, 90, 100], amount_cancelled_fen=[0, 100, 0, 0]
    )
    found = net_sales(Dataset({"sales": table, "skus": SKUS}, "0"), ("channel", "category"))
    assert found.groups.values.tolist() == [["J", "x"], ["T", "x"], ["T", "y"]]
    assert found.units.tolist() == [[0, 0, 0, 0, 1], [3, 0, 0, 4, 0], [0, 0, 0, 2, 0]]
    assert found.amount_fen is not None and found.amount_fen.sum(axis=1).tolist() == [100, 700, 90]


def test_months_and_missing_money():
    found = net_sales(Dataset({"sales": sales(), "skus": SKUS}, "0"), ("sku",), "M")
    assert found.amount_fen is None
    assert found.dates.astype(str).tolist() == ["2026-01-01", "2026-02-01"]
    assert found.units.tolist() == [[3, 6], [0, 2]]


def test_price_in_force():
    prices = pd.DataFrame(
        {
            "sku": ["a", "a", "a"],
            "channel": ["T", "T", "J"],
            "date": pd.to_datetime(["2026-02-02", "2026-01-01", "2026-02-03"]),
            "paid_price_fen": [80, 100, 70],
        }
    )
    np.testing.assert_array_equal(price_on(prices, sales()), [100, 80, np.nan, 70])
    found = net_sales(Dataset({"sales": sales(), "skus": SKUS, "prices": prices}, "0"), ("sku",), "M")
    assert found.amount_fen is not None and found.amount_fen.tolist() == [[300, 470], [0, 0]]


def test_no_rows():
    found = net_sales(Dataset({"sales": sales().iloc[:0], "skus": SKUS}, "0"), ("sku", "category"))
    assert len(found.groups) == 0 and found.units.shape == (0, 0)
