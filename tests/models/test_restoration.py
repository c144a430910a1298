"""Restored demand against a truth of another form than the model: heavy tails, stock run out by demand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.panel import Panel
from models.restoration import LEAST_SHARE, as_demand, restore


def shop(seed: int, items: int = 150, days: int = 300, review: int = 5) -> tuple[Panel, np.ndarray]:
    """Lognormal days with a heavy tail, shared busy days, and stock ordered up to a cover that busy spells exhaust.

    Customers come at uniform times, so the last of ``stock`` units goes at that order statistic of the day.
    """
    rng = np.random.default_rng(seed)
    mean = rng.lognormal(1.5, 1.0, items)
    week = np.array([0.8, 0.8, 0.9, 0.9, 1.1, 1.4, 1.1])[np.arange(days) % 7]
    shared = np.exp(rng.normal(0, 0.25, (10, days)))[np.arange(items) % 10]
    own = np.exp(0.35 * rng.standard_t(4, (items, days)).clip(-6, 6))
    demand = rng.poisson(mean[:, None] * week * shared * own / 1.12).astype(float)
    sold, share = demand.copy(), np.ones(demand.shape)
    stock = np.zeros(items)
    for day in range(days):
        if day % review == 0:
            stock = np.maximum(stock, np.ceil(mean * review * 1.15))
        sold[:, day] = np.minimum(demand[:, day], stock)
        out = (demand[:, day] >= stock) & (stock > 0)
        share[out, day] = rng.beta(stock[out], demand[out, day] - stock[out] + 1)
        share[stock == 0, day] = 0.0
        stock -= sold[:, day]
    series = pd.DataFrame({"sku": [f"i{i}" for i in range(items)], "channel": "x"})
    series["category"] = [f"c{i % 10}" for i in range(items)]
    dates = np.datetime64("2024-01-01") + np.arange(days)
    known = np.ones(demand.shape, dtype=bool)
    panel = Panel(series, dates, "D", sold.astype(np.float32), known, share < 1, share.astype(np.float32))
    return panel, demand


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_mean_of_stocked_out_days_comes_back(seed: int) -> None:
    panel, demand = shop(seed)
    out = panel.censored
    assert out.mean() > 0.05
    assert demand[out].sum() > 1.3 * panel.units[out].sum()
    found = restore(panel).units
    assert found[out].sum() / demand[out].sum() - 1 == pytest.approx(0, abs=0.03)
    assert found.sum() / demand.sum() - 1 == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_mean_comes_back_where_only_flags_are_known(seed: int) -> None:
    panel, demand = shop(seed)
    found = restore(replace(panel, in_stock=None)).units
    assert found[panel.censored].sum() / demand[panel.censored].sum() - 1 == pytest.approx(0, abs=0.04)


def test_periods_missing_by_chance_come_back_too() -> None:
    """Out of stock for reasons that have nothing to do with demand: sales thinned as customers come."""
    panel, demand = shop(6)
    rng = np.random.default_rng(6)
    share = np.where(rng.random(demand.shape) < 0.15, rng.random(demand.shape), 1.0).astype(np.float32)
    sold = rng.binomial(demand.astype(int), share).astype(np.float32)
    out = share < 1
    found = restore(replace(panel, units=sold, censored=out, in_stock=share)).units
    assert found[out].sum() / demand[out].sum() - 1 == pytest.approx(0, abs=0.03)


def test_without_stock_outs_the_sales_are_the_demand() -> None:
    panel, _ = shop(7, items=4, days=20)
    stocked = replace(panel, censored=np.zeros_like(panel.censored))
    np.testing.assert_array_equal(restore(stocked).units, panel.units)


def test_nothing_looks_ahead() -> None:
    panel, _ = shop(3, items=20, days=120)
    np.testing.assert_array_equal(restore(panel.until(80)).units, restore(panel).units[:, :80])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.booleans())
def test_never_below_the_sales_and_finite(seed: int, flags_only: bool) -> None:
    rng = np.random.default_rng(seed)
    panel, _ = shop(seed, items=6, days=40)
    odd = replace(panel, units=np.where(rng.random((6, 40)) < 0.1, 1e6, panel.units).astype(np.float32))
    odd = replace(odd, known=rng.random((6, 40)) < 0.9, in_stock=None if flags_only else odd.in_stock)
    out = restore(odd)
    assert np.isfinite(out.units).all() and np.isfinite(out.deviation).all() and (out.deviation >= 0).all()
    seen = odd.known & odd.censored
    assert (out.units[seen] >= odd.units[seen] * (1 - 1e-6)).all()
    kept = odd.known & ~odd.censored
    np.testing.assert_array_equal(out.units[kept], odd.units[kept])


def test_the_stated_deviation_is_about_right() -> None:
    panel, demand = shop(4)
    out = restore(panel)
    late = panel.censored.copy()
    late[:, :60] = False
    gap = (out.units - demand)[late]
    assert np.sqrt((gap**2).mean() / (out.deviation[late] ** 2).mean()) == pytest.approx(1, abs=0.35)


def test_empty_panel() -> None:
    panel, _ = shop(5, items=2, days=10)
    assert restore(panel.take(np.array([], dtype=int))).units.shape == (0, 10)


def test_as_demand_keeps_guesses_censored() -> None:
    panel, demand = shop(6, items=40, days=200)
    told = as_demand(panel)
    share = panel.in_stock
    assert share is not None
    np.testing.assert_array_equal(told.censored, panel.censored & (share < LEAST_SHARE))
    part = panel.censored & ~told.censored
    assert told.units[part].sum() / demand[part].sum() == pytest.approx(1.0, abs=0.06)
    assert as_demand(replace(panel, censored=np.zeros_like(panel.censored))).units is not None


def test_a_flagged_period_that_sold_counts_as_told() -> None:
    panel, demand = shop(7, items=40, days=200)
    told = as_demand(replace(panel, in_stock=None))
    np.testing.assert_array_equal(told.censored, panel.censored & (panel.units <= 0))
    sold_out = panel.censored & (panel.units > 0)
    assert (told.units[sold_out] >= panel.units[sold_out]).all()
    assert told.units[sold_out].sum() / demand[sold_out].sum() == pytest.approx(1.0, abs=0.1)
