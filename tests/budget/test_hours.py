"""Event days by the hour: adding up, following the sales channels that are lifted, silent where nothing is told."""

import numpy as np
import pandas as pd
import pytest

from engine.budget.hours import by_hour
from engine.data.dataset import Dataset
from models.response.curves import ResponseCurves
from tests.budget.merchant import ORIGIN, SHOPS

BY_THREE = {"天猫": 0.4, "京东": 0.1, "抖音": 0.25}
PAST = pd.to_datetime(["2025-11-11", "2026-06-18"])


def _curves() -> ResponseCurves:
    one = np.ones((1, 2))
    split = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]])
    return ResponseCurves(("直通车", "种草"), SHOPS, one, one, one, one, one, split)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Two past days of 10,000 units a shop, told at 3 and 12; the next on 11 November; presale was never told."""
    days = [*PAST, pd.Timestamp("2026-11-11")]
    events = pd.DataFrame({"event": [f"e{n}" for n in range(3)], "kind": "k", "phase": "main", "start": days})
    events = events.assign(start=events["start"] - pd.Timedelta(days=1), end=days, channel=None)
    presale = {"event": "e2", "kind": "k", "phase": "presale", "channel": None}
    span = {"start": pd.Timestamp("2026-11-03"), "end": pd.Timestamp("2026-11-04")}
    keys = pd.MultiIndex.from_product([PAST, SHOPS], names=["date", "channel"]).to_frame(index=False).assign(sku="s")
    share = keys["channel"].map(BY_THREE)
    told = [keys.assign(hour=hour, units_paid=1e4 * (share + more)) for hour, more in ((3, 0.0), (12, 0.3))]
    carts = keys.assign(hour=-24, units_paid=np.nan, carts=9)
    tables = {
        "sales": keys.assign(units_paid=10_000),
        "events": pd.concat([events, pd.DataFrame([{**presale, **span}])], ignore_index=True),
        "event_progress": pd.concat([*told, carts], ignore_index=True),
    }
    return Dataset(tables, "hours")


def _days(fen: int = 10_001) -> pd.DataFrame:
    days = pd.to_datetime(np.arange(ORIGIN, ORIGIN + 14)).astype("datetime64[s]")
    keys = pd.MultiIndex.from_product([days, ["直通车", "种草"]], names=["date", "ad_channel"])
    return keys.to_frame(index=False).assign(spend_fen=fen)


def test_hours_follow_the_sales_channels_and_add_up_to_the_day(dataset: Dataset) -> None:
    table, notes = by_hour(dataset, _days(), _curves(), ORIGIN)
    assert table["date"].unique().tolist() == [pd.Timestamp("2026-11-11")]
    assert (table.groupby(["date", "ad_channel"])["spend_fen"].sum() == 10_001).all()
    by_channel = table.set_index(["ad_channel", "hour"])["spend_fen"] / 10_001
    assert table["until"].tolist() == [3, 12, 24] * 2
    # two days of a shop count against one of doubt: the shops' shares are drawn to their mean, and keep their order
    assert 0.3 < by_channel["直通车", 0] < 0.4 and 0.15 < by_channel["种草", 0] < by_channel["直通车", 0]
    # 10 November opens the event, 3-4 November are presale: no such day was told
    assert notes == (f"3 event days are not split by hours: {notes[0].split(': ', 1)[1]}",)


def test_days_to_come_are_not_seen_and_without_hours_nothing_is_said_by_the_hour(dataset: Dataset) -> None:
    told = dataset["event_progress"]
    later = told.assign(date=pd.Timestamp("2026-11-11"), units_paid=9e9)
    more = Dataset({**dataset.tables, "event_progress": pd.concat([told, later])}, "later")
    pd.testing.assert_frame_equal(*(by_hour(data, _days(), _curves(), ORIGIN)[0] for data in (dataset, more)))
    silent = Dataset({name: dataset[name] for name in ("sales", "events")}, "silent")
    table, notes = by_hour(silent, _days(), _curves(), ORIGIN)
    assert table.empty and notes[0].startswith("4 event days are not split")
    calm = Dataset({"sales": dataset["sales"]}, "calm")
    assert by_hour(calm, _days(), _curves(), ORIGIN)[1] == ()
