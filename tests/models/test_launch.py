"""Launches: level by similar items, curve by age, and nothing before the opening."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.demand.launch import CURVE_WEEKS, Launches
from models.panel import Panel

WEEKS = 80
SHAPE = np.array([3.0, 2.0, 1.5, 1.2, *np.ones(CURVE_WEEKS - 4)])


def market(newcomers: int = 1) -> tuple[Panel, np.ndarray]:
    """30 launches in two categories, of size by price, on a yearly wave; the last series are yet to come."""
    rows = []
    units = np.zeros((30 + newcomers, WEEKS), dtype=np.float32)
    known = np.zeros(units.shape, dtype=bool)
    wave = 1 + 0.4 * np.sin(2 * np.pi * np.arange(WEEKS) / 52)
    price = np.where(np.arange(30 + newcomers) % 2, 100.0, 20.0)
    for row in range(30 + newcomers):
        rows.append({"sku": f"s{row}", "channel": "x", "category": "c" if row < 20 or row >= 30 else "d", "brand": "b"})
        if row >= 30:
            continue
        born = 2 * row if row > 3 else 0
        age = np.arange(WEEKS - born)
        shape = np.where(age < CURVE_WEEKS, SHAPE[np.minimum(age, CURVE_WEEKS - 1)], 1.0) if born else 1.0
        units[row, born:] = (40.0 if price[row] < 50 else 10.0) * shape * wave[born:]
        known[row, born:] = True
    dates = np.datetime64("2025-01-06") + 7 * np.arange(WEEKS)
    return Panel(pd.DataFrame(rows), dates, "W", units, known, ~known & False), price


def test_the_curve_has_its_burst_and_ends_at_the_base() -> None:
    panel, price = market()
    curve = Launches.fit(panel, price).curve
    assert curve[:4] == pytest.approx(SHAPE[:4], rel=0.3)
    assert (np.diff(curve[:4]) < 0).all()
    assert curve[5:] == pytest.approx(1.0, abs=0.15)


def test_a_newcomer_sells_like_those_of_its_price_after_its_opening() -> None:
    panel, price = market(2)
    launches = Launches.fit(panel, price)
    ahead = np.repeat(np.where(panel.known[:, -1:], panel.units[:, -1:], 0.0), 20, axis=1)
    cheap, dear = launches.mean(np.array([30, 31]), np.array([3, 0]), ahead)
    assert (cheap[:3] == 0).all() and (dear > 0).all()
    assert cheap[-1] / dear[-1] == pytest.approx(4.0, rel=0.35)
    assert price[launches.analogues(30)] == pytest.approx(20.0)
    assert launches.likeness(30).sum() == pytest.approx(1.0)


def test_without_any_past_a_newcomer_takes_the_mean_of_the_living() -> None:
    panel, price = market()
    short = panel.until(3)
    launches = Launches.fit(short, price)
    assert launches.curve == pytest.approx(1.0)
    mean = launches.mean(np.array([30]), np.array([0]), np.full((31, 4), 7.0))
    assert mean == pytest.approx(7.0)


def test_where_likeness_tells_nothing_a_newcomer_gets_the_mean_of_all_sizes() -> None:
    """Sizes at random, some of them hits: what is expected of a newcomer is unbiased, and the same for all."""
    rng = np.random.default_rng(4)
    panel, _ = market(5)
    size = rng.lognormal(0.0, 1.0, 30)
    units = panel.units.copy()
    units[:30] = (size[:, None] * np.where(panel.known[:30], 20.0, 0.0)).astype(np.float32)
    launches = Launches.fit(replace(panel, units=units), np.full(35, 50.0))
    _, share, variance = launches.law
    told = [launches.expected_level(row) for row in range(30, 35)]
    assert share < 0.5 and variance > 0.4
    assert np.mean(told) == pytest.approx(np.nanmean(launches.level), rel=0.35)
    assert np.std(np.log(told)) < 0.1
