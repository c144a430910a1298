"""Purchase orders of platforms in the place of their channels' sales."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.panels import build_panel
from engine.data.platform_run import platform_run, with_platform_orders
from engine.data.store import Workspace


def dataset(weekly: bool = False, told: bool = True) -> Dataset:
    """Two SKUs sell every day (or week) in both channels; the platform orders 30 of A each second Monday."""
    days = pd.date_range("2026-01-05", periods=8 if weekly else 56, freq="7D" if weekly else "D")
    rows = [(day, sku, channel) for day in days for sku in "AB" for channel in ("shop", "jd")]
    sales = pd.DataFrame(rows, columns=["date", "sku", "channel"]).astype({"sku": "category", "channel": "category"})
    sales = sales.assign(units_paid=2, units_returned=1, amount_paid_fen=20000)
    tables = {
        "sales": sales,
        "skus": pd.DataFrame({"sku": ["A", "B"], "category": "x"}),
        "channels": pd.DataFrame({"channel": ["shop", "jd"], "kind": ["shop", "platform_run"]}),
        "prices": pd.DataFrame(
            {"sku": "A", "channel": ["shop", "jd"], "date": pd.Timestamp("2026-01-01"), "paid_price_fen": 10000}
        ),
        "availability": pd.DataFrame(
            {"date": days[3], "sku": "A", "channel": ["shop", "jd"], "in_stock_share": [0.5, 0.0]}
        ),
    }
    if told:
        mondays = pd.date_range("2026-01-05", periods=4, freq="14D")
        last = pd.DataFrame({"date": [pd.Timestamp("2026-06-01")], "units": 999})
        orders = pd.concat([pd.DataFrame({"date": mondays + pd.Timedelta(days=2 * weekly), "units": 30}), last])
        tables["platform_orders"] = orders.assign(
            platform_order=[f"P{n}" for n in range(5)], sku="A", channel="jd", unit_price_fen=6000
        ).reset_index(drop=True)
    return Dataset(tables, "test")


def test_orders_take_the_place_of_sales_prices_and_availability() -> None:
    result = with_platform_orders(dataset())
    jd = result["sales"][result["sales"]["channel"] == "jd"]
    assert jd["units_paid"].tolist() == [30] * 4  # the last one waits for sales of its day
    assert jd["amount_paid_fen"].tolist() == [180_000] * 4
    assert not jd["units_returned"].any()
    assert (result["sales"]["channel"] == "shop").sum() == 112
    prices = result["prices"]
    assert set(prices.loc[prices["channel"] == "jd", "paid_price_fen"]) == {6000}
    assert result["availability"]["channel"].tolist() == ["shop"]


def test_silence_between_orders_is_no_demand_and_no_gap() -> None:
    panel = build_panel(with_platform_orders(dataset()), "D")
    row = int(np.flatnonzero((panel.series["channel"] == "jd").to_numpy())[0])
    assert len(panel.series) == 3  # the platform never ordered B
    assert panel.units[row].sum() == 120
    assert panel.known[row].all()


def test_a_busy_platform_orders_many_goods_on_few_days() -> None:
    tables = dataset().tables
    goods = [f"S{n}" for n in range(8)]
    days = tables["sales"]["date"].drop_duplicates()
    rows = [(day, sku, "shop") for day in days for sku in goods]
    sales = pd.DataFrame(rows, columns=["date", "sku", "channel"]).assign(units_paid=2, amount_paid_fen=20000)
    first = tables["platform_orders"].iloc[:4]
    orders = pd.concat([first.assign(sku=sku) for sku in goods], ignore_index=True)
    orders["platform_order"] = [f"P{n}" for n in range(len(orders))]
    skus = pd.DataFrame({"sku": goods, "category": "x"})
    busy = Dataset({"sales": sales, "skus": skus, "channels": tables["channels"], "platform_orders": orders}, "test")
    panel = build_panel(with_platform_orders(busy), "D")
    jd = (panel.series["channel"] == "jd").to_numpy()
    assert jd.sum() == 8
    assert panel.known[jd].all()


def test_orders_of_a_week_count_on_the_day_of_weekly_sales() -> None:
    panel = build_panel(with_platform_orders(dataset(weekly=True)), "W")
    row = int(np.flatnonzero((panel.series["channel"] == "jd").to_numpy())[0])
    assert panel.units[row].tolist() == [30, 0, 30, 0, 30, 0, 30, 0]


def test_without_orders_nothing_changes_and_the_channel_is_named() -> None:
    plain = dataset(told=False)
    assert with_platform_orders(plain) is plain
    assert platform_run(plain) == (frozenset(), frozenset({"jd"}))
    assert platform_run(dataset()) == (frozenset({"jd"}), frozenset())


def test_orders_are_seen_when_they_are_known() -> None:
    early = with_platform_orders(dataset()).as_of(date(2026, 1, 20))
    assert early["sales"].query("channel == 'jd'")["units_paid"].sum() == 60


def test_a_workspace_reads_its_tables_so(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("", "utf-8")
    ws = Workspace.open(tmp_path)
    ws.save_snapshot(dataset().tables, "test")
    stored = ws.dataset()
    assert stored["sales"].query("channel == 'jd'")["units_paid"].tolist() == [30] * 4
    assert len(stored["platform_orders"]) == 5 and set(stored["skus"]["sku"]) == {"A", "B"}
