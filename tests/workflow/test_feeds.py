"""Demand that supply is planned for, against months worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.plans.forecast import Demand
from engine.plans.targets import TargetDetails
from engine.workflow.feeds import supplied_demand
from models.spread import poisson_spread

COLUMNS = ["month", "channel", "category", "actual_fen", "forecast_fen", "target_fen"]


def details(*cells: tuple[str, str, str, float, float, float]) -> TargetDetails:
    """Targets of 2026 with nothing but cells: month, channel, category, yuan sold, sold and expected, wanted."""
    frame = pd.DataFrame(list(cells), columns=COLUMNS)
    frame["month"] = pd.to_datetime(frame["month"])
    for name in COLUMNS[3:]:
        frame[name] = (100 * frame[name]).astype("int64")
    return TargetDetails(2026, "2026-11-21", "", {}, frame, *[pd.DataFrame()] * 11)


def demand(frequency: str = "D") -> Demand:
    """Two SKUs from 21 November to the end of December, 10 yuan each: x sells one a day, y two."""
    step = {"D": 1, "W": 7}[frequency]
    dates = np.datetime64("2026-11-21") + np.arange(0, 41, step)
    series = pd.DataFrame({"sku": ["1", "2"], "channel": "shop", "category": ["x", "y"]})
    mean = step * np.array([[1.0], [2.0]], dtype=np.float32).repeat(len(dates), axis=1)
    return Demand(series, dates, frequency, mean, np.full(mean.shape, 10.0, np.float32), poisson_spread())  # type: ignore[arg-type]


def yuan(found: Demand, month: str) -> list[float]:
    inside = found.dates.astype("datetime64[M]") == np.datetime64(month)
    return [10.0 * float(row[inside].sum()) for row in found.mean]


RUNNING = details(
    ("2026-10-01", "shop", "x", 500, 500, 500),
    ("2026-11-01", "shop", "x", 900, 1000, 1100),
    ("2026-12-01", "shop", "x", 0, 310, 465),
    ("2026-12-01", "shop", "y", 0, 620, 620),
)


@pytest.mark.parametrize("ads", [1.0, 1.25])
def test_what_was_sold_and_what_ads_bring_count_towards_the_target(ads):
    plain = demand()
    asked = replace(plain, mean=(ads * plain.mean).astype(np.float32))
    found, notes = supplied_demand(asked, plain, RUNNING, 1.0)
    # November: 1,100 less 900 sold; y has no target in November and keeps its ten days of two
    assert yuan(found, "2026-11") == pytest.approx([200.0, ads * 200.0])
    assert yuan(found, "2026-12") == pytest.approx([465.0, 620.0])
    assert notes == ()
    half, _ = supplied_demand(asked, plain, RUNNING, 0.5)
    assert yuan(half, "2026-11")[0] == pytest.approx((ads * 100.0 + 200.0) / 2)
    assert supplied_demand(asked, plain, RUNNING, 0.0)[0] is asked


def test_a_week_over_the_turn_of_the_month_takes_of_both():
    plain = demand("W")
    found, _ = supplied_demand(plain, plain, RUNNING, 1.0)
    # 28 Nov to 4 Dec: three days at twice the forecast, four at one and a half
    assert found.mean[0, 1] == pytest.approx(3 * 2.0 + 4 * 1.5, rel=1e-6)


def test_what_of_a_target_cannot_be_supplied_is_named():
    goals = details(
        ("2026-11-01", "shop", "x", 0, 100, 700),
        ("2026-11-01", "shop", "z", 0, 0, 50),
        ("2026-12-01", "club", "x", 30, 80, 130),
        ("2027-02-01", "shop", "x", 0, 10, 90),
    )
    plain = demand()
    found, notes = supplied_demand(plain, plain, goals, 1.0)
    assert yuan(found, "2026-11")[0] == pytest.approx(500.0)
    none, beyond = notes
    assert "150 yuan of the targets have no forecast" in none
    assert none.endswith(": 2026-12 club x, 2026-11 shop z")
    assert "200 yuan" in beyond and beyond.endswith(": 2026-11 shop x")
