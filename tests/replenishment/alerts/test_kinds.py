"""Each kind of alert on a merchant whose answer can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.replenishment.alerts.merchant import START, TODAY, alerts, demand, only, planned, tables

DAY = pd.Timestamp(START)


def test_stock_out_day_loss_and_the_supplier_that_still_helps() -> None:
    weekly = {"A": 70.0, "B": 70.0}
    content = tables(weekly, {"A": 175, "B": 2000})
    # a second supplier delivers within a week, four yuan dearer
    more = content["supply_terms"].assign(supplier="b", rank=2, lead_time_days=7.0, unit_price_fen=4400)
    content["supply_terms"] = pd.concat([content["supply_terms"], more], ignore_index=True)
    found = only(alerts(content, planned(content, demand(weekly), [("A", 5, 700)]), watch_weeks=8), "stock_out")
    assert found["sku"].tolist() == ["A"]
    row = found.iloc[0]
    # 175 units last two and a half weeks; 700 come at the start of the sixth: two and a half weeks are lost
    assert row["date"] == DAY + pd.Timedelta(days=17)
    assert (row["probability"], row["units"]) == (1.0, 175)
    assert row["stake_fen"] == 175 * 60_00
    assert row["action"] == "second_supplier" and row["how"] == "175 units from b"
    assert row["value_fen"] == 175 * (60_00 - 4_00)


def test_next_arrival_is_speeded_up_where_nobody_else_is_quicker() -> None:
    weekly = {"A": 70.0}
    content = tables(weekly, {"A": 140})
    content["supply_terms"] = content["supply_terms"].assign(lead_time_days=35.0)
    found = only(alerts(content, planned(content, demand(weekly), [("A", 3, 1000)])), "stock_out").iloc[0]
    assert found["units"] == 70
    assert found["action"] == "expedite" and found["how"] == "1,000 units, 1 week sooner"
    assert found["value_fen"] == 70 * 60_00 - 1000 * 4_00


def test_no_stock_out_where_the_plan_comes_in_time() -> None:
    weekly = {"A": 70.0}
    content = tables(weekly, {"A": 210})
    assert only(alerts(content, planned(content, demand(weekly), [("A", 3, 1000)])), "stock_out").empty


def test_overstock_in_days_units_and_yuan() -> None:
    weekly = {"A": 70.0, "B": 70.0}
    content = tables(weekly, {"A": 3000, "B": 700})
    found = only(alerts(content, planned(content, demand(weekly)), overstock_days=120), "overstock")
    assert found["sku"].tolist() == ["A"]
    row = found.iloc[0]
    assert row["units"] == 3000 - 1200
    assert row["stock_fen"] == 1800 * 40_00
    assert row["reason"] == "stock lasts 300 days, 1,800 units beyond 120 days"
    assert row["date"] == DAY + pd.Timedelta(days=300)
    # each of the last 1,800 units waits (10 a day) from day 120 to 300, then saves a purchase: 210 days on average
    assert row["stake_fen"] / 100 == pytest.approx(1800 * 0.4 * 210 / 7, rel=0.01)


def test_dead_stock_is_old_stock_without_a_sale() -> None:
    weekly = {"A": 70.0, "DEAD": 0.0, "NEW": 0.0, "OLD": 0.0}
    content = tables(weekly, {"A": 700, "DEAD": 50, "NEW": 60, "LOOSE": 30})
    content["skus"]["launch_date"] = pd.to_datetime(["2020-01-01", "2020-01-01", "2026-10-01", None, None])
    found = only(alerts(content, planned(content, demand(weekly))), "dead_stock").set_index("sku")
    assert set(found.index) == {"DEAD", "LOOSE"}
    assert found.loc["DEAD", "units"] == 50
    # written down to a quarter of its cost after a year of holding; cleared now, the holding is saved
    assert found.loc["DEAD", "stake_fen"] == 50 * (30_00 + 52 * 40)
    assert found.loc["DEAD", "action"] == "clearance" and found.loc["DEAD", "value_fen"] == 50 * 52 * 40


def test_season_end_leaves_what_is_not_sold_by_then() -> None:
    weekly = {"A": 70.0}
    content = tables(weekly, {"A": 1000})
    content["skus"]["end_date"] = DAY + pd.Timedelta(days=69)
    asked = demand(weekly)
    asked.mean[:, 10:] = 0.0
    found = only(alerts(content, planned(content, asked)), "season_end").iloc[0]
    assert (found["units"], found["probability"]) == (300, 1.0)
    assert found["date"] == DAY + pd.Timedelta(days=69)
    assert found["action"] == "markdown"


def test_turnover_from_average_stock_and_sales() -> None:
    weekly = {"A": 70.0}
    content = tables(weekly, {"A": 1000})
    rules = {"overstock_days": 365, "turnover_days": 60.0}
    found = only(alerts(content, planned(content, demand(weekly)), **rules), "turnover").iloc[0]
    assert found["reason"] == "turned over in 100 days, the limit is 60"
    assert found["units"] == 400


def test_broken_sizes_name_the_core_size_and_what_lies_there() -> None:
    weekly = {"S": 14.0, "M": 70.0, "L": 14.0}
    content = tables(weekly, {"S": 100, "L": 100})
    content["skus"] = content["skus"].assign(spu="P1", colour="red", size=content["skus"]["sku"])
    found = only(alerts(content, planned(content, demand(weekly))), "broken_sizes").iloc[0]
    assert found["sku"] == "M" and found["units"] == 200
    assert found["reason"] == "core sizes M of P1 red are out while 200 units of L, S lie there"
    # nothing is planned: 26 weeks are lost, all but the three of the lead time can be saved
    assert found["stake_fen"] == 26 * 70 * 60_00
    assert found["action"] == "reorder_sizes" and found["value_fen"] == 23 * 70 * 60_00


def test_whole_size_runs_are_no_alert() -> None:
    weekly = {"S": 14.0, "M": 70.0, "L": 14.0}
    content = tables(weekly, {"S": 100, "M": 700})
    content["skus"] = content["skus"].assign(spu="P1", colour="red", size=content["skus"]["sku"])
    assert only(alerts(content, planned(content, demand(weekly))), "broken_sizes").empty


def test_return_rate_against_the_category() -> None:
    weekly = {"A": 70.0, "B": 70.0, "C": 70.0}
    content = tables(weekly, dict.fromkeys(weekly, 700))
    rate = content["sales"]["sku"].map({"A": 0.5, "B": 0.1, "C": 0.1})
    content["sales"]["units_returned"] = (rate * content["sales"]["units_paid"]).astype(int)
    content["returns"] = pd.DataFrame({"category": ["bags"], "channel": ["shop"], "rate": [0.23]})
    found = only(alerts(content, planned(content, demand(weekly))), "return_rate")
    assert found["sku"].tolist() == ["A"]
    row = found.iloc[0]
    assert row["probability"] > 0.99 and row["reason"] == "50% come back, 10% in its category"
    assert row["units"] == round(13 * 70 * 0.4)
    # each return costs the price without VAT less what the goods are worth: 100 - 0.85 x 40
    assert row["stake_fen"] / 100 == pytest.approx(13 * 70 * 0.4 * (100 - 0.85 * 40), rel=1e-3)
    assert row["action"] == "supplier_claim"
    assert row["value_fen"] / 100 == pytest.approx(13 * 70 * 0.4 * 0.1 * 40, rel=1e-3)


@pytest.mark.parametrize(("stock", "alarmed"), [(350, True), (2000, False)])
def test_event_order_by_the_last_safe_date(stock: int, alarmed: bool) -> None:
    weekly = {"A": 70.0}
    content = tables(weekly, {"A": stock})
    start = DAY + pd.Timedelta(weeks=6)
    content["events"] = pd.DataFrame(
        {"event": ["618", "618"], "kind": "618", "phase": ["main", "return_wave"], "start": start, "end": start}
    )
    found = only(alerts(content, planned(content, demand(weekly), [("A", 5, 40)])), "event_order")
    assert len(found) == alarmed
    if alarmed:
        row = found.iloc[0]
        # three weeks of lead time before the event; all of its first week is lost without an order
        assert row["date"] == DAY + pd.Timedelta(weeks=3)
        assert (row["units"], row["stake_fen"], row["probability"]) == (70, 70 * 60_00, 1.0)
        assert row["action"] == "order_by_date" and row["how"] == "40 units planned in time"


def test_event_too_near_for_a_safe_order() -> None:
    weekly = {"A": 70.0}
    content = tables(weekly, {"A": 0})
    start = DAY + pd.Timedelta(weeks=2)
    content["events"] = pd.DataFrame(
        {"event": ["618"], "kind": "618", "phase": "main", "start": start, "end": start + pd.Timedelta(weeks=2)}
    )
    row = only(alerts(content, planned(content, demand(weekly))), "event_order").iloc[0]
    assert row["action"] == "order_now" and row["date"] == DAY
    assert row["stake_fen"] == 70 * 60_00


def test_the_order_date_moves_before_a_shutdown() -> None:
    weekly = {"A": 70.0}
    content = tables(weekly, {"A": 0})
    start = DAY + pd.Timedelta(weeks=6)
    content["events"] = pd.DataFrame(
        {"event": ["618"], "kind": "618", "phase": "main", "start": [start], "end": [start]}
    )
    plan = planned(content, demand(weekly))
    plan.orders.case.can_order[:, 2:5] = False
    row = only(alerts(content, plan), "event_order").iloc[0]
    assert row["date"] == DAY + pd.Timedelta(days=13)


def test_ranked_by_money_and_the_small_ones_are_counted() -> None:
    weekly = {"A": 70.0, "B": 7.0, "C": 70.0}
    content = tables(weekly, {"A": 0, "B": 0, "C": 3000})
    plan = planned(content, demand(weekly))
    everything = alerts(content, plan)
    assert everything.table["stake_fen"].is_monotonic_decreasing
    some = alerts(content, plan, smallest_yuan=5000.0)
    dropped = len(everything.table) - len(some.table)
    assert dropped > 0 and f"{dropped} alerts with less than 5,000 yuan at stake are left out" in some.notes


def test_without_a_plan_or_tables_the_rest_is_told_and_the_gaps_are_named() -> None:
    content = tables({"A": 70.0}, {"A": 3000, "DEAD": 50})
    found = alerts(content, None)
    assert {"dead_stock", "overstock"} <= set(found.table["kind"])
    assert any(note.startswith("stock_out skipped: ") and "yunchou replenish" in note for note in found.notes)
    del content["inventory"]
    bare = alerts(content, None)
    assert bare.table.empty and sum("skipped" in note for note in bare.notes) >= 6
    assert alerts({**content, "sales": content["sales"].head(1)}, None).table.empty


def test_stock_is_told_once() -> None:
    weekly = {"A": 7.0}
    content = tables(weekly, {"A": 3000, "DEAD": 500})
    found = alerts(content, planned(content, demand(weekly)))
    surplus = found.table[found.table["kind"].isin(["dead_stock", "overstock", "season_end", "turnover"])]
    assert not surplus[["sku", "warehouse", "pool"]].duplicated().any()


def test_no_nan_and_nothing_negative() -> None:
    weekly = {"A": 70.0, "B": 0.0, "C": 1.0}
    content = tables(weekly, {"A": 10, "B": 400, "C": 900})
    found = alerts(content, planned(content, demand(weekly))).table
    assert not found.isna().any().any()
    numbers = found[["probability", "units", "stock_fen", "stake_fen", "value_fen"]].to_numpy(dtype=float)
    assert np.isfinite(numbers).all() and (numbers >= 0).all()
    assert found["date"].max() < TODAY + pd.Timedelta(days=4000)
