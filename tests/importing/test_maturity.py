"""Delays of returns against scipy's product-limit estimator, against truth, and at the edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from engine.data.importing.maturity import (
    LONGEST_DELAY,
    mature_returns,
    product_limit,
    return_delays,
)

LAST = pd.Timestamp("2026-10-31")
SKUS = pd.DataFrame({"sku": ["D1", "T1"], "category": ["连衣裙", "T恤"]})
RATES = {("D1", "抖音"): 0.30, ("D1", "京东"): 0.20, ("T1", "抖音"): 0.12, ("T1", "京东"): 0.08}
REFUND_ONLY = 0.02


def world(lines: int, days: int = 150, seed: int = 5) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Order lines and sales as seen on the last day; goods come back 4 + gamma (mean 8) days after the order."""
    rng = np.random.default_rng(seed)
    parts = []
    for (sku, channel), rate in RATES.items():
        age = rng.integers(0, days, lines)
        delay = 4 + rng.gamma(2.0, 4.0, lines).astype(int)
        kind = rng.choice(["returned", "refund_only", "shipped"], lines, p=[rate, REFUND_ONLY, 1 - rate - REFUND_ONLY])
        state = np.where(delay > age, "shipped", kind)
        ordered = LAST - pd.to_timedelta(age, unit="D")
        back = pd.Series(ordered + pd.to_timedelta(delay, unit="D")).where(state == "returned")
        parts.append(
            pd.DataFrame(
                {"ordered_at": ordered, "sku": sku, "channel": channel, "units": 1, "state": state, "returned_at": back}
            )
        )
    orders = pd.concat(parts, ignore_index=True)
    flags = orders.assign(
        date=orders["ordered_at"],
        units_shipped=1,
        units_returned=(orders["state"] == "returned").astype(int),
        units_refund_only=(orders["state"] == "refund_only").astype(int),
    )
    columns = ["units_shipped", "units_returned", "units_refund_only"]
    return orders, flags.groupby(["date", "sku", "channel"], as_index=False)[columns].sum()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40))
def test_product_limit_is_that_of_kaplan_and_meier(lines: list[tuple[int, bool]]) -> None:
    age = np.array([entry[0] for entry in lines])
    back = np.array([entry[1] for entry in lines])
    events, censored = (np.bincount(age[chosen], minlength=13).astype(float) for chosen in (back, ~back))
    if not back.any():
        assert (product_limit(events, censored) == 0).all()
        return
    data = stats.CensoredData(uncensored=age[back], right=age[~back])
    oracle = stats.ecdf(data).cdf.evaluate(np.arange(13))
    np.testing.assert_allclose(product_limit(events, censored), oracle, atol=1e-12)


def test_curve_and_rates_find_the_truth() -> None:
    orders, sales = world(20_000)
    delays = return_delays(orders, SKUS, LAST)
    true = stats.gamma(2.0, scale=4.0)
    ages = np.array([5, 8, 12, 20, 35])
    for category, channel in (("连衣裙", "抖音"), ("T恤", "京东"), (None, None)):
        found = 1.0 - delays.still_to_come(ages, category, channel)
        np.testing.assert_allclose(found, true.cdf(ages - 3.0), atol=0.03)
    table = mature_returns(orders, sales, SKUS, LAST).set_index(["category", "channel"])
    of_category = dict(zip(SKUS["sku"], SKUS["category"], strict=True))
    for (sku, channel), rate in RATES.items():
        row = table.loc[(of_category[sku], channel)]
        assert row["rate"] == pytest.approx(rate, rel=0.06)
        assert row["delay_days"] == pytest.approx(11.5, abs=0.5)
        assert row["refund_only_rate"] == pytest.approx(REFUND_ONLY, rel=0.15)


def test_recent_orders_bias_the_plain_rate_and_not_this_one() -> None:
    orders, sales = world(20_000, days=25)
    plain = sales["units_returned"].sum() / sales["units_shipped"].sum()
    truth = np.mean(list(RATES.values()))
    found = mature_returns(orders, sales, SKUS, LAST)["rate"].mean()
    assert plain < 0.65 * truth
    assert found == pytest.approx(truth, rel=0.12)


def test_few_sales_follow_the_others() -> None:
    orders, sales = world(5_000)
    rare = pd.DataFrame({"date": [LAST - pd.Timedelta(days=60)], "sku": ["D1"], "channel": ["小程序"]})
    rare = rare.assign(units_shipped=4, units_returned=4, units_refund_only=0)
    rate = mature_returns(orders, pd.concat([sales, rare]), SKUS, LAST).set_index(["category", "channel"])["rate"]
    assert 0.2 < rate[("连衣裙", "小程序")] < 0.35
    delays = return_delays(orders, SKUS, LAST)
    ages = np.arange(LONGEST_DELAY)
    np.testing.assert_array_equal(delays.still_to_come(ages, "连衣裙", "小程序"), delays.still_to_come(ages))


def test_seen_share_grows_to_one() -> None:
    delays = return_delays(world(500)[0], SKUS, LAST)
    assert (np.diff(delays.seen, axis=1) >= -1e-12).all()
    np.testing.assert_allclose(delays.seen[:, -1], 1.0)


def test_without_order_lines_the_default_delay_holds() -> None:
    _, sales = world(5_000)
    table = mature_returns(None, sales, SKUS, LAST)
    assert table["delay_days"].between(9, 10).all()
    assert table["rate"].between(0.05, 0.4).all()


@pytest.mark.parametrize("rows", [0, 1])
def test_edges_make_no_nan(rows: int) -> None:
    orders, sales = world(10)
    still = sales.head(rows).assign(units_shipped=0, units_returned=0, units_refund_only=0)
    assert mature_returns(orders.head(0), still, SKUS, LAST).empty
    sold = sales.head(rows)
    table = mature_returns(orders.head(rows), sold, SKUS, LAST)
    assert len(table) == rows and not table.isna().any().any()
    assert mature_returns(orders, sales.drop(columns="units_returned"), SKUS, LAST).empty


def test_goods_without_a_category_are_kept_apart() -> None:
    orders, sales = world(300)
    table = mature_returns(orders, sales, SKUS.head(1), LAST)
    assert set(table["category"]) == {"连衣裙", ""}
