"""Hours of event days, rolling over the demo's events: what earlier days told is nearer than an even day."""

import numpy as np
import pandas as pd
import pytest

from engine.budget.hours import day_course
from engine.data.dataset import Dataset
from engine.data.event_days import event_kinds
from engine.demo import Merchant


def test_earlier_event_days_foresee_the_hours_of_the_next(merchant: Merchant) -> None:
    dataset, channels = Dataset(merchant.tables, "demo"), ("天猫", "京东", "抖音")
    kinds = event_kinds(merchant.tables["events"], channels)
    told, sales = merchant.tables["event_progress"], merchant.tables["sales"]
    ours, even = [], []
    for day in (np.datetime64("2025-10-20"), np.datetime64("2025-11-11"), np.datetime64("2026-06-18")):
        course = day_course(dataset, channels, day, kinds)
        assert course is not None and course.shares.sum(axis=2) == pytest.approx(1.0)
        for row, channel in enumerate(channels):
            rows = told[(told["date"] == day) & (told["channel"] == channel) & (told["hour"] > 0)]
            whole = sales[(sales["date"] == day) & (sales["channel"] == channel)]["units_paid"].sum()
            if rows.empty:
                continue
            sold = rows.groupby("hour")["units_paid"].sum().to_numpy() / whole
            true = np.diff([0.0, *sold, 1.0])
            kind = course.kinds.get_loc(kinds[(pd.Timestamp(day), channel)])
            ours.append(np.abs(course.shares[kind, row] - true).sum() / 2)
            even.append(np.abs(np.diff(course.hours) / 24 - true).sum() / 2)
    assert len(ours) == 7 and np.mean(ours) < 0.6 * np.mean(even)
