"""Known causes of sales besides ads, as columns of the response model."""

import numpy as np
import pandas as pd
import pytest

from engine.budget.causes import FEWEST_STREAMS, known_causes
from engine.budget.grid import Grid
from engine.data.dataset import Dataset

ORIGIN = np.datetime64("2026-11-02")
WEEKS = 6
CHANNELS = ("京东", "天猫")


def _day(ago: int) -> pd.Timestamp:
    return pd.Timestamp(ORIGIN) - pd.Timedelta(days=ago)


def _sales() -> pd.DataFrame:
    """On 天猫 A brings 3/4 of the money and B 1/4; on 京东 there is only B."""
    rows = [("A", "天猫", 300.0), ("B", "天猫", 100.0), ("B", "京东", 50.0)]
    days = [_day(ago) for ago in range(7 * WEEKS, 0, -1)]
    entries = [(day, sku, channel, 1, money) for day in days for sku, channel, money in rows]
    return pd.DataFrame(entries, columns=["date", "sku", "channel", "units_paid", "money"])


def _columns(days: int = 7, **tables: pd.DataFrame) -> np.ndarray:
    sales = _sales()
    dataset = Dataset({"sales": sales, **tables}, "test")
    grid = Grid(ORIGIN, 7 * WEEKS // days, days)
    return known_causes(dataset, sales["money"].to_numpy(), CHANNELS, grid)[:, :, 2:]


def test_promotions_count_by_the_usual_sales_they_cover_their_days_and_their_strength() -> None:
    promotions = pd.DataFrame(
        {
            "start": [_day(14), _day(3), _day(400), _day(10)],
            "end": [_day(8), _day(-5), _day(300), _day(10)],
            "sku": ["A", "B", "A", "nowhere sold"],
            "channel": ["天猫", None, "天猫", "天猫"],
            "kind": ["首页", "首页", "首页", "首页"],
            "strength": [0.5, 1.0, 1.0, 1.0],
        }
    )
    found = _columns(promotions=promotions)
    assert found.shape == (2, WEEKS, 1)
    # A on the whole of the last week but one at half strength; B everywhere on the last three days
    assert found[1, :, 0] == pytest.approx([0, 0, 0, 0, 0.5 * 0.75, 0.25 * 3 / 7])
    assert found[0, :, 0] == pytest.approx([0, 0, 0, 0, 0, 3 / 7])
    by_day = _columns(1, promotions=promotions)
    assert by_day.reshape(2, WEEKS, 7).mean(axis=2) == pytest.approx(found[:, :, 0])


def test_streams_count_by_host_once_held_and_rare_hosts_together() -> None:
    often = [("甲", f"s{number}", _day(2 + 7 * number), "A", True) for number in range(FEWEST_STREAMS)]
    rare = [("乙", "r1", _day(9), "A", True), ("乙", "r1", _day(9), "B", True), ("丙", "r2", _day(16), "B", True)]
    not_held = [("甲", "offer", _day(1), "A", False), ("甲", "booked", _day(-3), "A", True)]
    rows = [*often, *rare, *not_held]
    table = pd.DataFrame(rows, columns=["host", "stream", "date", "sku", "signed"]).assign(channel="天猫", units_paid=9)
    found = _columns(live_streams=table)
    assert found.shape == (2, WEEKS, 2) and not found[0].any()
    assert found[1, :, 0] == pytest.approx([0, 0, 0, 0.25 / 7, 1 / 7, 0])
    assert found[1, :, 1] == pytest.approx([0, 0, *[0.75 / 7] * FEWEST_STREAMS])


def test_no_such_tables_no_columns() -> None:
    assert _columns().shape == (2, WEEKS, 0)
