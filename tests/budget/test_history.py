"""The history that the response is learned from, by week or day, where the merchant's records have flaws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.budget.history import response_data, response_history
from engine.data.dataset import Dataset
from engine.reports.words import Words
from tests.budget.merchant import ORIGIN, merchant, varied


def test_weeks_without_any_sale_are_holes_with_a_control_of_their_own() -> None:
    whole = merchant(weeks=60)
    hole = pd.Timestamp(ORIGIN) - pd.Timedelta(days=7 * 21), pd.Timestamp(ORIGIN) - pd.Timedelta(days=7 * 19)
    sales = whole["sales"]
    kept = sales[(sales["date"] < hole[0]) | (sales["date"] >= hole[1])].reset_index(drop=True)
    before, found = (
        response_data(whole, ORIGIN),
        response_data(Dataset({**whole.tables, "sales": kept}, "hole"), ORIGIN),
    )
    assert found.gap == (39, 40) and not before.gap
    assert found.controls.shape[2] == before.controls.shape[2] + 2
    assert (found.controls[:, [39, 40], -2:] == np.eye(2)).all()
    assert found.revenue[:, 39] == pytest.approx((2 * found.revenue[:, 38] + found.revenue[:, 41]) / 3)
    assert found.until(40).gap == (39,)


def test_claims_count_in_weeks_that_tell_all_and_never_those_of_whole_site_tools() -> None:
    data = merchant(weeks=10)
    media = data["media"]
    name, first = media["ad_channel"].astype(str), media["date"].min()
    told = (3 * media["spend_fen"]).astype("Int64").mask((name == "京东快车") & (media["date"] == first))
    told = told.mask(name == "千川")
    given = media.assign(attributed_fen=told, whole_site=name == "种草")
    found = response_data(Dataset({**data.tables, "media": given}, "claims"), ORIGIN)
    claims = dict(zip(found.ad_channels, found.claims / found.spend, strict=True))
    assert claims["直通车"] == pytest.approx(3.0)
    assert np.isnan(claims["京东快车"][0]) and claims["京东快车"][1:] == pytest.approx(3.0)
    assert np.isnan(claims["种草"]).all() and np.isnan(claims["千川"]).all()
    assert response_data(data, ORIGIN).claims is None


def _with_events(dataset: Dataset) -> Dataset:
    days = [pd.Timestamp(ORIGIN) - pd.Timedelta(days=ago) for ago in (30, 29, 1)]
    event = {"kind": "618", "phase": "main", "start": [days[0]], "end": [days[1]], "channel": None}
    money = {"spend_fen": [100], "incremental_fen": [200], "standard_error_fen": [10]}
    test = {"test": "t", "ad_channel": "千川", "start": [days[0]], "end": [days[2]], **money}
    return Dataset({**dataset.tables, "events": pd.DataFrame(event), "lift_tests": pd.DataFrame(test)}, "test")


def test_days_are_those_of_the_weeks() -> None:
    dataset = _with_events(varied(merchant(weeks=30)))
    days, notes = response_history(dataset, ORIGIN, "day")
    weeks = response_data(dataset, ORIGIN)
    assert (days.days, days.periods, days.weeks, notes) == (1, 210, 30, ())
    again = days.by_week()
    assert again.spend == pytest.approx(weeks.spend) and again.revenue == pytest.approx(weeks.revenue)
    assert again.controls[..., -1] == pytest.approx(weeks.controls[..., -1])  # the event's share of the week
    assert np.flatnonzero(days.controls[0, :, -1]).tolist() == [180, 181] and days.controls[0, 180, -1] == 1.0
    assert (days.tests[0].first, days.tests[0].last) == (180, 209) and again.tests == weeks.tests
    assert days.split == pytest.approx(weeks.split)


def test_what_does_not_tell_days_is_by_week_and_it_is_said() -> None:
    even = merchant(weeks=30)
    assert "sales are given by week" in response_history(even, ORIGIN, "day")[1][0]  # seven days alike
    whole = varied(even)
    sales, media = whole["sales"], whole["media"]
    monday = {name: table["date"].dt.dayofweek == 0 for name, table in (("sales", sales), ("media", media))}
    booked = media[monday["media"] | (media["ad_channel"] != "种草")]  # its weeks stand on one day each
    by_week = sales[monday["sales"]]
    rare = sales[sales["date"].dt.dayofweek < 5]
    for changed, word in (
        ({"media": booked}, "种草"),
        ({"sales": by_week}, "sales are"),
        ({"sales": rare}, "on 28% of"),
    ):
        data, notes = response_history(Dataset({**whole.tables, **changed}, "test"), ORIGIN, "day")
        assert data.days == 7 and len(notes) == 1 and word in notes[0] and "fitted by week" in notes[0]
        assert all(Words("zh").label(note) != note for note in notes)
