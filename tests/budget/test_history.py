"""The weekly history that the response is learned from, where the merchant's records have flaws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.budget.history import response_data
from engine.data.dataset import Dataset
from tests.budget.merchant import ORIGIN, merchant


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
