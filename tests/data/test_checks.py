"""Checks told apart from what only looks like their defect: chance, returns, shortages, launches, clearances."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.data.tables import Tables
from tests.data.test_quality import DAYS, doubts, findings, frame, shop


def kinds(tables: Tables) -> set[str]:
    return {finding.kind for finding in doubts(tables)}


def weekly(held: list[int]) -> pd.DataFrame:
    """Counts at the end of each week, the last on the last day of sales."""
    days = DAYS[-1] - pd.to_timedelta(7 * np.arange(len(held))[::-1], unit="D")
    return frame(date=days, sku="A1", warehouse="W", on_hand=held)


@pytest.mark.parametrize(("held", "told"), [([90, 60, 9, 9, 9, 9], True), ([90, 60, 30, 9, 9, 9], False)])
def test_stock_is_frozen_where_more_counts_are_equal_than_by_chance(held: list[int], told: bool) -> None:
    tables = shop()
    tables["inventory"] = weekly(held)
    assert ("inventory.frozen" in kinds(tables)) is told


@pytest.mark.parametrize(
    ("states", "told"),
    [({}, True), ({"units_returned": 2}, True), ({"units_returned": 4}, False), ({"units_cancelled": 6}, False)],
)
def test_sales_without_stock_are_more_than_returns_and_cancelled_orders(states: dict[str, int], told: bool) -> None:
    tables = shop()
    tables["sales"] = tables["sales"].assign(units_paid=6, **states)
    tables["inventory"] = weekly([40, 20, 0, 0, 0, 0])
    assert ("inventory.sells_empty" in kinds(tables)) is told


def style(launch: list[str | None]) -> Tables:
    """Four SKUs of one style that sell 2 units a day each over 120 days, or from their launch on."""
    days = pd.date_range(DAYS[0], periods=120)
    skus = [f"A{place}" for place in range(4)]
    sales = pd.concat([frame(date=days, sku=sku, channel="天猫", units_paid=2, amount_paid_fen=500) for sku in skus])
    dates = pd.to_datetime(pd.Series(launch))
    born = dict(zip(skus, dates, strict=True))
    sales = sales[~(sales["date"] < sales["sku"].map(born))]
    tables = shop() | {"sales": sales.reset_index(drop=True)}
    tables["skus"] = frame(sku=skus, spu="S", category="裙", unit_cost_fen=100, launch_date=dates)
    tables["inventory"] = frame(date=[days[-1]] * 4, sku=skus, warehouse="W", on_hand=9)
    return tables


@pytest.mark.parametrize(
    ("moq", "level", "told"), [(700, "sku", False), (900, "sku", True), (900, "style", False), (4000, "style", True)]
)
def test_a_minimum_of_a_style_is_compared_with_the_style(moq: int, level: str, told: bool) -> None:
    tables = style([None] * 4)
    tables["supply_terms"] = frame(
        supplier="S", sku=tables["skus"]["sku"], lead_time_days=7, unit_price_fen=100, moq_units=moq, moq_level=level
    )
    assert ("supply_terms.moq" in kinds(tables)) is told


@pytest.mark.parametrize(("moq", "told"), [(700, False), (900, True)])
def test_a_minimum_of_a_launch_is_compared_with_the_best_sellers(moq: int, told: bool) -> None:
    tables = style([None, None, None, "2026-04-28"])
    tables["supply_terms"] = frame(
        supplier="S", sku=tables["skus"]["sku"], lead_time_days=7, unit_price_fen=100, moq_units=[1, 1, 1, moq]
    )
    assert ("supply_terms.moq" in kinds(tables)) is told


@pytest.mark.parametrize(("full", "told"), [(2, True), (9, False)])
def test_a_high_row_is_compared_with_days_in_stock(full: int, told: bool) -> None:
    tables = shop()
    units = np.full(60, full)
    units[20:40] = 1
    units[30] = 60
    tables["sales"] = tables["sales"].assign(units_paid=units, amount_paid_fen=250 * units)
    out = frame(date=DAYS[20:40], sku="A1", channel="天猫", in_stock_share=0.2)
    tables["availability"] = out[out["date"] != DAYS[30]]
    assert ("sales.high_row" in kinds(tables)) is told
    tables["exclusions"] = frame(start=[DAYS[30]], end=[DAYS[30]], sku=["A1"], category=["裙"])
    assert "sales.high_row" not in kinds(tables)


@pytest.mark.parametrize(
    ("end", "spu", "level"),
    [(None, "ABCD", "warning"), (None, "SSSS", "note"), (DAYS[-1] + pd.Timedelta(days=9), "ABCD", "note")],
)
def test_a_loss_leader_and_a_clearance_are_meant(end: pd.Timestamp | None, spu: str, level: str) -> None:
    tables = style([None] * 4)
    skus = tables["skus"]["sku"]
    tables["skus"] = tables["skus"].assign(spu=list(spu), end_date=pd.Series([end] * 4, dtype="datetime64[s]"))
    tables["prices"] = frame(sku=skus, channel="天猫", date=DAYS[40], paid_price_fen=100)
    told = [finding for finding in findings(tables) if finding.kind == "prices.below_cost"]
    assert [finding.level for finding in told] == [level]
