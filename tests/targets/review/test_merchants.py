"""The review of a demo merchant and of M5 against sums worked out without it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.data.readers import m5
from engine.data.validate import validate
from engine.demo import DemoSettings, make_merchant
from engine.execution.run import Run
from engine.plans.review import Review
from engine.targets.review.events import COSTS
from engine.targets.review.make import review_year
from engine.targets.review.settings import ReviewSettings

DATA = Path(__file__).parents[4] / "shared" / "data"


def made(data: Dataset) -> Review:
    return review_year(data, ReviewSettings(), Run(1, 1))


def exact(review: Review) -> None:
    """Levels add up; parts add up to the change; every dimension adds up to the year."""
    net, before = (int(review.figure("net_fen", flag)) for flag in (False, True))
    for basis in set(review.growth["basis"]):
        assert sum(review.parts(basis).values()) == net - before
    for _, rows in review.slices.groupby("dimension"):
        assert rows["net_fen"].sum() == net and rows["before_fen"].sum() == before
    bridge = review.bridge
    for column in ("now", "before"):
        levels = bridge.loc[bridge["kind"] == "level", column]
        assert levels.iloc[0] + bridge.loc[bridge["kind"] == "change", column].sum() == levels.iloc[-1]


def test_a_demo_merchant() -> None:
    data = Dataset(make_merchant(DemoSettings(skus=12, days=745)).tables, "0")
    found = made(data)
    exact(found)
    sales, traffic, media = (data[name] for name in ("sales", "traffic", "media"))
    now = sales[(sales["date"] >= found.start) & (sales["date"] <= found.end)]
    assert found.figure("net_fen") == (now["amount_paid_fen"] - now["amount_cancelled_fen"]).sum()
    assert found.figure("paid_fen") == now["amount_paid_fen"].sum()
    assert -found.bridge.set_index("step").loc["returned", "now"] == now["amount_returned_fen"].sum()
    seen = traffic[(traffic["date"] >= found.start) & (traffic["date"] <= found.end)]
    assert found.figure("visitors") == seen["visitors"].sum()
    assert found.figure("conversion") == pytest.approx(seen["buyers"].sum() / seen["visitors"].sum())
    spend = media.loc[(media["date"] >= found.start) & (media["date"] <= found.end), "spend_fen"].sum()
    assert found.figure("ads_fen") == pytest.approx(spend)
    channels = found.slices[found.slices["dimension"] == "channel"]
    assert channels["ads_fen"].sum() == pytest.approx(spend)
    # an event is never more than its sales, and its chain of costs adds up
    events = found.events
    assert (events["gain_fen"] <= events["net_fen"]).all()
    chain = ["uplift_fen", *COSTS]
    np.testing.assert_allclose(events[chain].sum(axis=1), events["earned_fen"], atol=len(chain))
    every = events[events["channel"] == ""].set_index("event")
    parts = events[events["channel"] != ""].groupby("event")
    np.testing.assert_allclose(parts["uplift_fen"].sum(), every["uplift_fen"].sort_index(), atol=5)
    assert (every["uplift_low_fen"] < every["uplift_fen"]).all()
    again = made(data)
    for name in ("figures", "bridge", "growth", "slices", "events", "anomalies"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(found, name))


def test_m5_of_two_stores() -> None:
    if not (DATA / "m5").is_dir():
        pytest.skip(f"the public set m5 is not in {DATA}")
    tables, problems = validate(m5(DATA / "m5", ["CA_1", "TX_2"], items=40).tables)
    assert not problems
    data = Dataset(tables, "0")
    found = made(data)
    exact(found)
    sales = data["sales"]
    now = sales[(sales["date"] >= found.start) & (sales["date"] <= found.end)]
    assert found.figure("units") == now["units_paid"].sum()
    assert set(found.slices.loc[found.slices["dimension"] == "channel", "key"]) == {"CA_1", "TX_2"}
    assert found.events.empty and found.stock.empty and found.customers.empty
    assert len(set(found.notes)) == len(found.notes) >= 6
