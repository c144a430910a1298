"""Who was right: hand-made forecasts against what then sold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.forecasting.overrides import with_overrides
from engine.forecasting.value_added import value_added
from tests.forecasting.test_overrides import forecast, override


def sold(units: int, days: int) -> Dataset:
    """``units`` a day of each SKU in each channel from 20 October on."""
    dates = pd.date_range("2026-10-20", periods=days, freq="D").astype("datetime64[s]")
    keys = pd.MultiIndex.from_product([dates, ["裙1", "鞋2"], ["天猫", "抖音"]], names=["date", "sku", "channel"])
    sales = keys.to_frame(index=False).assign(units_paid=units)
    sales = sales.astype({"sku": "category", "channel": "category"})
    return Dataset({"sales": sales, "skus": pd.DataFrame({"sku": ["裙1", "鞋2"], "category": ["裙", "鞋"]})}, "0")


def test_a_right_override_adds_value_and_a_wrong_one_takes_it() -> None:
    right = override(id=1, author="李四", kind="scale", value=1.5, sku="裙1")
    wrong = override(id=2, kind="scale", value=0.5, sku="鞋2")
    later = override(id=3, start=date(2026, 11, 20), end=date(2026, 11, 25), expires=date(2026, 11, 25))
    made = with_overrides(forecast(), [right, wrong, later])
    found = value_added([made], [right, wrong, later], sold(3, 25))
    assert found.waiting == (3,)
    table = found.overrides.set_index("id")
    assert table.loc[1, ["actual", "before", "after"]].tolist() == pytest.approx([42, 28, 42])
    assert table["value_added"].tolist() == pytest.approx([1 / 3, -1 / 3])
    assert table["bias_after"].tolist() == pytest.approx([0.0, -2 / 3])
    groups = found.groups.set_index("author")
    assert groups["count"].tolist() == [1, 1, 2] and groups.loc["", "value_added"] == pytest.approx(0.0)
    assert groups.loc["李四", "level"] == "sku"


def test_overrides_on_the_same_days_are_judged_step_by_step() -> None:
    both = [override(id=1, kind="scale", value=2.0), override(id=2, author="王五", kind="scale", value=0.75)]
    table = value_added([with_overrides(forecast(), both)], both, sold(3, 25)).overrides
    assert table["before"].tolist() == pytest.approx([56, 112]) and table["after"].tolist() == pytest.approx([112, 84])
    assert table["value_added"].tolist() == pytest.approx([0.0, 1 / 3], abs=1e-6)


def test_the_last_forecast_before_the_period_is_judged() -> None:
    said = override(kind="scale", value=1.5)
    early, late = forecast(), replace(forecast(), mean=np.full((4, 28), 4.0, dtype=np.float32))
    before = replace(early, dates=early.dates - np.timedelta64(1, "D"))
    made = [with_overrides(late, [said]), with_overrides(before, [said]), forecast()]
    row = value_added(made, [said], sold(3, 25)).overrides.iloc[0]
    assert row["origin"] == "2026-11-01" and row["before"] == pytest.approx(112)
    assert value_added([], [said], sold(3, 25)).groups.empty


def test_days_out_of_stock_are_left_out() -> None:
    said = override(kind="scale", value=1.5)
    data = sold(3, 25)
    out = (
        data["sales"].loc[data["sales"]["date"] == "2026-11-03", ["date", "sku", "channel"]].assign(in_stock_share=0.0)
    )
    row = value_added([with_overrides(forecast(), [said])], [said], Dataset({**data.tables, "availability": out}, "1"))
    assert row.overrides.loc[0, "actual"] == pytest.approx(6 * 4 * 3)
