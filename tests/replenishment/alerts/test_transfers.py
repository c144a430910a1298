"""Stock over here and wanted there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.replenishment.alerts.settings import WaysOutSettings
from engine.replenishment.alerts.transfers import Moves, transferred
from engine.replenishment.alerts.ways_out import part_of
from tests.replenishment.alerts.merchant import alerts, demand, only, planned, tables
from tests.replenishment.alerts.test_ways_out import stock


def moves(row: list[int], to: list[int], cost: float = 2.0) -> Moves:
    count = len(row)
    place = np.array([f"w{number}" for number in to], dtype=object)
    return Moves(
        np.array(row, dtype=np.int64), np.array(to, dtype=np.int64), np.full(count, cost), np.full(count, 3.0), place
    )


def test_a_transfer_saves_the_other_warehouse_its_purchases() -> None:
    """500 here, of which ten a week for 20 weeks sell; 80 there, which wants 120 more."""
    given = stock(2, units=[500.0, 80.0], excess=[300.0, 0.0])
    how, value = transferred(given, moves([0, 1], [1, 0]))
    assert how == ["120 units to w1, 3 days, 240 yuan", ""]
    after = stock(2, units=[380.0, 200.0], excess=[180.0, 0.0])
    gain = (after.worth(after.units) - given.worth(given.units)).sum() - 240.0
    assert np.isclose(value[0], gain) and value[1] == 0.0
    # each unit saves a purchase of 40, is not cleared for 10 here and not kept for all the weeks
    assert gain > 120 * (40 - 10 - 2)


def test_nothing_goes_where_it_costs_more_than_it_brings() -> None:
    given = stock(2, units=[500.0, 80.0], excess=[300.0, 0.0])
    how, value = transferred(given, moves([0], [1], cost=200.0))
    assert how == ["", ""] and not value.any()


def test_nothing_goes_to_a_warehouse_that_has_too_much() -> None:
    given = stock(2, units=[500.0, 500.0], excess=[300.0, 300.0])
    assert transferred(given, moves([0, 1], [1, 0]))[0] == ["", ""]


def test_two_that_could_send_share_what_is_wanted() -> None:
    given = stock(3, units=[500.0, 500.0, 100.0], excess=[300.0, 100.0, 0.0])
    how, _ = transferred(given, moves([0, 1], [2, 2]))
    assert [text.split()[0] for text in how[:2]] == ["75", "25"]


def test_goods_on_order_stay_where_they_are_ordered_for() -> None:
    given = stock(2, units=[500.0, 0.0], excess=[300.0, 0.0], open=[450.0, 0.0])
    assert transferred(given, moves([0], [1]))[0][0].startswith("50 units")


def test_no_lane_no_transfer() -> None:
    given = part_of(stock(2), np.array([0]))
    assert transferred(given, moves([], []))[0] == [""]


def test_an_alert_names_the_transfer() -> None:
    weekly = {"A": 70.0}
    content = tables(weekly, {"A": 3000})
    held = content["inventory"]
    content["inventory"] = pd.concat([held, held.assign(warehouse="north", on_hand=50)], ignore_index=True)
    content["region_shares"] = pd.DataFrame({"channel": "shop", "region": ["East", "North"], "share": 0.5})
    content["lanes"] = pd.DataFrame(
        {
            "origin": ["main", "north", "main"],
            "destination": ["East", "North", "north"],
            "kind": ["region", "region", "warehouse"],
            "cost_fen": [300, 300, 200],
            "days": [2.0, 2.0, 3.0],
        }
    )
    rules = WaysOutSettings(sell_off_weeks=26, markdown_depths=(0.01,), markdown_weeks=(1,))
    row = only(alerts(content, planned(content, demand(weekly)), ways_out=rules), "overstock").iloc[0]
    assert (row["warehouse"], row["action"]) == ("main", "transfer")
    assert row["how"] == "860 units to north, 3 days, 1,720 yuan"
    assert row["value_fen"] > 0


def test_stock_that_others_could_sell_is_freed_for_them() -> None:
    """All that is sold is sold from the shop's own pool; what lies shared is wanted by nobody but the shop."""
    weekly = {"A": 70.0}
    content = tables(weekly, {"A": 2000})
    held = content["inventory"]
    bound = held.assign(pool="shop", on_hand=50)
    content["inventory"] = pd.concat([held.assign(pool="shared"), bound], ignore_index=True)
    rules = WaysOutSettings(sell_off_weeks=26, markdown_depths=(0.01,), markdown_weeks=(1,))
    found = alerts(content, planned(content, demand(weekly)), ways_out=rules).table
    row = found[(found["pool"] == "shared") & (found["kind"] != "stock_out")].iloc[0]
    assert row["action"] == "reposition" and row["how"] == "1,770 units to pool shop"
    assert row["value_fen"] > 0
