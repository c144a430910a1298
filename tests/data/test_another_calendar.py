"""A year under another calendar: what is moved moves whole, what is dropped does not come back."""

import numpy as np
import pandas as pd
import pytest

from engine.data.another_calendar import EventChange, read_calendar, under_calendar
from engine.data.dataset import Dataset
from engine.data.recurrence import festival_days
from engine.plans.errors import BadInput

ROWS = [
    (kind, phase, channel, f"{year}-{start}", f"{year}-{end}")
    for year in (2024, 2025)
    for kind, phase, channel, start, end in (
        ("双11", "presale", "A", "10-20", "10-31"),
        ("双11", "main", "A", "11-01", "11-11"),
        ("双11", "return_wave", "A", "11-12", "11-25"),
        ("店庆", "main", None, "05-05", "05-07"),
        ("会员日", "main", "A", "08-08", "08-08"),
    )
]


def shop() -> Dataset:
    events = pd.DataFrame(ROWS, columns=["kind", "phase", "channel", "start", "end"]).assign(event=lambda t: t["kind"])
    for name in ("start", "end"):
        events[name] = pd.to_datetime(events[name]).astype("datetime64[s]")
    return Dataset({"events": events.astype({"kind": "category", "channel": "category"})}, "0")


def days_of(dataset: Dataset, name: str, last: str = "2027-12-31") -> list[str]:
    found = festival_days(dataset, ["A", "B"], np.datetime64("2026-01-01"), np.datetime64(last))
    return (
        [str(day) for day in found.days[found.values[0, :, found.names.index(name)] > 0]] if name in found.names else []
    )


def test_an_empty_calendar_is_the_one_that_stands():
    same = under_calendar(shop(), {}, 2026)
    for last in ("2026-12-31", "2027-06-30"):
        days = np.datetime64("2024-01-01"), np.datetime64(last)
        before, after = (festival_days(dataset, ["A", "B"], *days) for dataset in (shop(), same))
        assert before.names == after.names
        np.testing.assert_array_equal(before.values, after.values)


def test_what_is_moved_moves_whole_and_what_is_dropped_stays_away():
    change = {"双11": EventChange(shift_days=-3, longer_days=2), "店庆": EventChange(dropped=True)}
    found = under_calendar(shop(), change, 2026)
    main = days_of(found, "双11.main", "2026-12-31")
    assert (main[0], main[-1], len(main)) == ("2026-10-29", "2026-11-10", 13)
    assert days_of(found, "双11.presale", "2026-12-31")[0] == "2026-10-17"
    assert days_of(found, "双11.return_wave", "2026-12-31")[0] == "2026-11-11"
    assert days_of(found, "店庆.main", "2026-12-31") == [] and len(days_of(found, "店庆.main")) == 3
    assert days_of(found, "会员日.main", "2026-12-31") == ["2026-08-08"]
    # the past is what it was
    assert (found["events"]["start"] < "2026-01-01").sum() == len(ROWS)


def test_an_event_never_gets_shorter_than_a_day():
    found = under_calendar(shop(), {"会员日": EventChange(longer_days=-5)}, 2026)
    assert days_of(found, "会员日.main", "2026-12-31") == ["2026-08-08"]


def test_all_that_is_wrong_is_named(tmp_path):
    with pytest.raises(BadInput) as caught:
        under_calendar(shop(), {"没有": EventChange(), "双13": EventChange()}, 2026)
    assert [problem.value for problem in caught.value.problems] == ["没有", "双13"]
    file = tmp_path / "A.yaml"
    file.write_text("events: {双11: {shift_dayz: 1, longer_days: 900}}\n", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_calendar(file)
    assert len(caught.value.problems) == 2
    file.write_text("", encoding="utf-8")
    assert read_calendar(file).events == {}
