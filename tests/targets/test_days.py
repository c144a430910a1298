"""The year by day: events where the calendar has them, months kept to the fen."""

import numpy as np
import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.targets.days import learn_days, year_days
from engine.targets.plan import set_targets
from engine.targets.settings import TargetSettings
from tests.targets.shops import ORIGIN, forecast

GROUPS = pd.DataFrame({"channel": ["A", "B"], "category": ["x", "x"]})


def daily(first: str = "2024-01-01") -> Dataset:
    """100 yuan a day, 60 on Sundays; three times as much on the ten days of 大促 each June, in B also on 会员日."""
    days = np.arange(first, ORIGIN, dtype="datetime64[D]")
    sunday = (days.astype(int) + 3) % 7 == 6
    month = days.astype("datetime64[M]").astype(int) % 12 + 1
    of_month = (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(int) + 1
    fair = (month == 6) & (of_month <= 10)
    rows = []
    for channel, size in (("A", 1.0), ("B", 2.0)):
        fen = np.rint(10_000 * size * np.where(sunday, 0.6, 1.0) * np.where(fair, 3.0, 1.0)).astype(np.int64)
        frame = {"date": days.astype("datetime64[s]"), "sku": "x1", "channel": channel}
        rows.append(pd.DataFrame({**frame, "units_paid": fen // 1000, "amount_paid_fen": fen}))
    events = pd.DataFrame(
        [
            ("大促", "A", "main", f"{year}-06-{start:02d}", f"{year}-06-{start + 9:02d}")
            for year, start in ((2024, 1), (2025, 1), (2026, 1), (2027, 15))
        ]
        + [("大促", "B", "main", f"{year}-06-01", f"{year}-06-10") for year in (2024, 2025, 2026, 2027)],
        columns=["kind", "channel", "phase", "start", "end"],
    )
    events = events.assign(event=events["kind"] + "-" + events["start"].str[:4])
    events[["start", "end"]] = events[["start", "end"]].astype("datetime64[s]")
    skus = pd.DataFrame({"sku": ["x1"], "category": ["x"], "unit_cost_fen": [400]})
    return Dataset({"sales": pd.concat(rows, ignore_index=True), "skus": skus, "events": events}, "0")


def months() -> pd.DataFrame:
    month = pd.date_range("2027-01-01", "2027-12-01", freq="MS").astype("datetime64[s]")
    parts = [pd.DataFrame({"month": month, "channel": c, "category": "x", "forecast_fen": 1_000_003}) for c in "AB"]
    return pd.concat(parts, ignore_index=True)


def test_a_moved_festival_takes_its_peak_with_it():
    found = forecast()
    law = learn_days(daily(), found, GROUPS, np.datetime64("2027-12-31"))
    year = year_days(law, found, GROUPS, months(), 2027)
    assert year.events == ("", "大促")
    june = year.month == 6
    on = [np.flatnonzero((year.event[row] == 1) & june) for row in (0, 1)]
    start = int(np.flatnonzero(june)[0])
    assert on[0].tolist() == list(range(start + 14, start + 24)) and on[1].tolist() == list(range(start, start + 10))
    # 10 days at 3, 20 at 1, Sundays at 60 %: by hand from the weekday of each day
    day = (year.days[june].astype(int) + 3) % 7
    weight = np.where(day == 6, 0.6, 1.0) * np.where(np.isin(np.arange(30), range(14, 24)), 3.0, 1.0)
    np.testing.assert_allclose(year.expected[0, june], 1_000_003 * weight / weight.sum(), rtol=0.01)
    totals = np.add.reduceat(year.expected, np.flatnonzero(np.diff(year.month, prepend=0)), axis=1)
    assert (totals == 1_000_003).all() and (year.actual == 0).all()


def test_cells_split_months_by_event_and_add_up():
    found = forecast()
    law = learn_days(daily(), found, GROUPS, np.datetime64("2027-12-31"))
    year = year_days(law, found, GROUPS, months(), 2027)
    code, cells = year.cell_codes()
    assert len(cells) == 2 * 13 and code.shape == year.expected.shape
    assert cells.groupby(["channel", "month"])["forecast_fen"].sum().eq(1_000_003).all()
    assert set(cells.loc[cells["event"] == "大促", "month"].dt.month) == {6}


def test_goals_of_events_and_their_rhythm():
    plain = set_targets(daily(), forecast(), TargetSettings(growth=0.1), Run())
    found = set_targets(daily(), forecast(), TargetSettings(growth=0.1, events={"大促": {"growth": 0.5}}), Run())
    assert found.details is not None and plain.details is not None
    sums = [plan.details.cells.groupby("event")["target_fen"].sum()["大促"] for plan in (plain, found)]
    before = 3 * 10_000 * 3 * 10  # both channels, ten days at three times; Sundays fall on one or two of them
    assert sums[1] == pytest.approx(before * 1.5, rel=0.15) and sums[1] > sums[0]
    rows = found.details.events.set_index("channel")
    assert rows.loc["", "target_fen"] == sums[1] == rows.loc[["A", "B"], "target_fen"].sum()
    assert rows.loc["A", "days"] == 10 and rows.loc["", "days"] == 20
    days = found.details.days
    on_a = days[days["channel"].eq("A") & days["event"].eq("大促")].groupby("date")["target_fen"].sum()
    assert rows.loc["A", "peak_fen"] == on_a.max()
    assert days["target_fen"].sum() == found.details.cells["target_fen"].sum()
    assert set(found.probability.loc[found.probability["level"] == "event", "key"]) == {"大促"}


def test_weekly_history_has_no_days():
    from dataclasses import replace

    weekly = replace(forecast(), frequency="W")
    law = learn_days(daily(), weekly, GROUPS, np.datetime64("2027-12-31"))
    year = year_days(law, weekly, GROUPS, months(), 2027)
    assert (year.event == 0).all()
    assert year.expected[0, year.month == 6].max() - year.expected[0, year.month == 6].min() <= 1
