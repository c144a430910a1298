"""Event days on which a warehouse gets more orders than it can ship."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.replenishment.alerts.parcels import waiting
from engine.reports.words import Words
from tests.replenishment.alerts.merchant import START, alerts, demand, only, planned, tables

WEEKLY = {"A": 70.0, "B": 140.0}
FIRST = pd.Timestamp(START) + pd.Timedelta(days=9)
DAYS = 4


def merchant(parcels_day: float | None, days: int = DAYS) -> dict[str, pd.DataFrame]:
    """30 units a day of two SKUs from one warehouse, an event of ``days`` days."""
    content = tables(WEEKLY, {"A": 5000, "B": 5000})
    content["warehouses"] = pd.DataFrame({"warehouse": ["main"], "parcels_day": [parcels_day]})
    end = FIRST + pd.Timedelta(days=days - 1)
    content["events"] = pd.DataFrame(
        {"event": ["618", "618"], "kind": "618", "phase": ["main", "return_wave"], "start": [FIRST, end], "end": end}
    )
    return content


def peaked(content: dict[str, pd.DataFrame], factor: float = 3.0):  # type: ignore[no-untyped-def]
    """Daily demand, ``factor`` times as much on the event's first two days."""
    asked = demand(WEEKLY, frequency="D")
    mean = asked.mean.copy()
    mean[:, 9:11] *= factor
    return planned(content, replace(asked, mean=mean))


def test_days_parcels_and_money() -> None:
    content = merchant(50.0)
    row = only(alerts(content, peaked(content), parcel_wait_yuan_day=3.0), "parcels").iloc[0]
    # 90, 90, 30 and 30 parcels against 50: 40, 80, 60 and 40 wait
    assert row["reason"] == "618: up to 90 parcels a day on 11-11, 11-12, 50 can leave: 80 wait at worst"
    assert (row["units"], row["stake_fen"], row["date"]) == (80, 3 * 220 * 100, FIRST)
    assert (row["warehouse"], row["sku"], row["action"], row["how"]) == (
        "main",
        "",
        "ship_more",
        "40 parcels a day more",
    )
    assert row["probability"] == pytest.approx(1.0)
    assert Words("zh").label(row["reason"]) == "618：11-11, 11-12 每天最多 90 单，只能发 50 单，最多积压 80 单"


def test_many_days_are_counted() -> None:
    content = merchant(20.0, days=6)
    row = only(alerts(content, peaked(content)), "parcels").iloc[0]
    assert "on 11-11, 11-12, 11-13 and 3 more days, 20 can leave" in row["reason"]
    assert "另有 3 天" in Words("zh").label(row["reason"])


@pytest.mark.parametrize("capacity", [90.0, None])
def test_none_where_the_warehouse_ships_it_all_or_states_nothing(capacity: float | None) -> None:
    content = merchant(capacity)
    assert only(alerts(content, peaked(content)), "parcels").empty


def test_busy_days_outside_events_are_no_alert() -> None:
    content = merchant(20.0)
    content["events"] = content["events"].assign(phase="return_wave")
    assert only(alerts(content, peaked(content)), "parcels").empty


def test_returned_goods_are_shipped_and_bulk_is_not() -> None:
    content = merchant(50.0)
    content["returns"] = pd.DataFrame({"category": [""], "channel": [""], "rate": [0.5], "grade_a_share": [1.0]})
    assert only(alerts(content, peaked(content)), "parcels").iloc[0]["units"] == 80
    content["channels"] = content["channels"].assign(kind="platform_run")
    assert only(alerts(content, peaked(content)), "parcels").empty


def test_weekly_demand_is_even_over_its_days() -> None:
    content = merchant(25.0)
    row = only(alerts(content, planned(content, demand(WEEKLY))), "parcels").iloc[0]
    assert row["units"] == DAYS * 5


@given(st.lists(st.floats(0, 100), min_size=1, max_size=20), st.floats(0, 60))
def test_what_came_has_left_or_waits(parcels: list[float], capacity: float) -> None:
    left = waiting(np.array(parcels), capacity)
    shipped = np.array(parcels) + np.concatenate([[0.0], left[:-1]]) - left
    assert (left >= 0).all() and (shipped <= capacity + 1e-9).all()
    assert np.allclose(np.minimum(left, capacity - shipped), 0.0, atol=1e-9)
