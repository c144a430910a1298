"""The budget of an ad channel by SKU group."""

import numpy as np
import pandas as pd
import pytest

from engine.budget.groups import by_group
from engine.budget.settings import BudgetSettings
from engine.data.dataset import Dataset
from engine.plans.forecast import Demand
from models.response.curves import ResponseCurves
from models.spread import poisson_spread

DATES = np.datetime64("2026-11-01") + np.arange(28)
SKUS = ("hero", "second", "tail", "fresh")
UNITS = (60.0, 15.0, 20.0, 5.0)


def _data(**more: pd.DataFrame) -> Dataset:
    launch = pd.to_datetime(["2025-01-01", "2025-01-01", None, "2026-10-20"])
    skus = pd.DataFrame(
        {"sku": SKUS, "category": "A", "unit_cost_fen": [4000, 4000, 7000, 4000], "launch_date": launch}
    )
    sales = pd.DataFrame({"date": pd.Timestamp("2026-10-31"), "sku": SKUS, "channel": "x", "units_paid": 1})
    channels = pd.DataFrame({"channel": ["x", "y"], "kind": "shop"})
    return Dataset({"skus": skus.assign(vat_rate=0.0), "sales": sales, "channels": channels, **more}, "groups")


def _table(data: Dataset, settings: BudgetSettings | None = None, spend: int = 100_001) -> pd.DataFrame:
    series = pd.DataFrame({"sku": SKUS, "channel": "x", "category": "A"})
    mean = np.repeat(np.array(UNITS)[:, None] / 7.0, 28, axis=1).astype(np.float32)
    demand = Demand(series, DATES, "D", mean, np.full(mean.shape, 100.0, dtype=np.float32), poisson_spread())
    one = np.ones((1, 2))
    curves = ResponseCurves(("ads", "other"), ("x", "y"), one, one, one, one, one, np.eye(2))
    plan = pd.DataFrame({"ad_channel": ["ads", "other"], "spend_fen": [spend, 777], "roi": [2.0, 1.0]})
    return by_group(data, demand, curves, plan, settings or BudgetSettings(), 4).set_index(["ad_channel", "group"])


def test_money_follows_contribution_and_adds_up_to_the_fen() -> None:
    table = _table(_data()).loc["ads"]
    assert table["spend_fen"].sum() == 100_001 and table["skus"].tolist() == [1, 1, 2]
    assert table["top"].tolist() == ["fresh", "hero", "tail, second"]
    # left of 100 yuan: 60, of tail 30; 3000 + 36 000 + 9000 + 6000 of four weeks over four
    left = np.array([5 * 60, 60 * 60, 15 * 60 + 20 * 30], dtype=float)
    assert table["left_rate"].tolist() == pytest.approx([0.6, 0.6, left[2] / 3500.0])
    without_floor = _table(_data(), BudgetSettings(new_share=0.0)).loc["ads", "spend_fen"]
    assert without_floor.to_numpy() == pytest.approx(100_001 * left / left.sum(), abs=1)
    assert table["why"].tolist() == ["floor of new items", "contribution", "contribution"]
    assert table["spend_fen"].to_numpy() == pytest.approx(
        100_001 * np.array([0.1, *(0.9 * left[1:] / left[1:].sum())]), abs=1
    )


def test_a_group_that_nobody_delivers_takes_no_more_than_its_stock_sells() -> None:
    terms = pd.DataFrame({"supplier": "s", "sku": ["second", "tail", "fresh"], "lead_time_days": 7})
    # 240 heroes are expected without more ads; 242 are there: 2 more sell for 200 yuan, at a return of 2 for 100
    inventory = pd.DataFrame({"date": pd.Timestamp("2026-10-31"), "sku": ["hero"], "warehouse": "w", "on_hand": 242})
    table = _table(_data(supply_terms=terms, inventory=inventory)).loc["ads"]
    assert table.loc["hero", "room_fen"] == 10_000 and table.loc["hero", "spend_fen"] == 10_000
    assert table.loc["hero", "why"] == "supply" and table["spend_fen"].sum() == 100_001
    assert table.loc["new", "spend_fen"] > table.loc["rest", "spend_fen"]  # what is left goes to new items first
    none = _table(_data(supply_terms=terms.assign(sku="else"), inventory=inventory.assign(on_hand=0))).loc["ads"]
    assert none["spend_fen"].sum() == 100_001 and set(none["why"]) == {"no supply"}


def test_an_ad_channel_that_reaches_nothing_still_adds_up() -> None:
    table = _table(_data(), spend=0)
    assert table.loc["ads", "spend_fen"].sum() == 0
    assert table.loc["other", "spend_fen"].sum() == 777 and not table.loc["other", "skus"].any()
    assert table.drop(columns="room_fen").notna().all(axis=None)
