"""Lunar New Year against an independent source; festival windows by year and platform."""

from __future__ import annotations

import warnings
from datetime import date

import holidays
import numpy as np
import pandas as pd
import pytest

from engine.data.calendar import (
    festival_events,
    gift_days,
    lunar_day,
    lunar_new_year,
    pre_sale_dates,
    shutdown,
    usual_window,
)
from engine.data.configs import config_path, read_config
from engine.data.dataset import Dataset
from engine.data.tables import TABLES
from engine.data.working_days import days_off, is_working_day, working_days
from engine.replenishment.terms import open_weeks

CHANNELS = {"旗舰店": "天猫", "京东": "京东", "快手": "快手"}


def test_lunar_new_year_agrees_with_the_holidays_package() -> None:
    for year in read_config("festivals/lunar_new_year.yaml")["dates"]:
        named = holidays.country_holidays("CN", years=year, language="en_US")
        found = [day for day, name in named.items() if "Chinese New Year (Spring Festival)" in name]
        assert lunar_new_year(year) == min(day for day in found if day.year == year), year


def test_lunar_new_year_outside_of_the_shipped_years() -> None:
    with pytest.raises(ValueError, match="not for 1900"):
        lunar_new_year(1900)


@pytest.mark.parametrize("year", range(2019, 2029))
def test_every_year_has_its_festivals(year: int) -> None:
    events = festival_events(date(year, 1, 1), date(year, 12, 31), CHANNELS)
    kinds = set(events["kind"].astype(str))
    assert {"618", "双11", "双12", "年货节", "38节", "99划算节", "春节", "国庆"} <= kinds
    spring = events[events["kind"] == "春节"].iloc[0]
    assert spring["start"].date() == lunar_new_year(year)
    assert pd.isna(spring["channel"])


def test_windows_keep_the_contract_and_do_not_overlap() -> None:
    events = festival_events(date(2019, 1, 1), date(2028, 12, 31), CHANNELS)
    table = TABLES["events"]
    assert not events.duplicated(list(table.key)).any()
    assert set(events["phase"].astype(str)) <= set(table.column("phase").choices)
    assert (events["end"] >= events["start"]).all()
    own = events.dropna(subset=["channel"]).sort_values(["event", "channel", "start"])
    before = own.groupby(["event", "channel"], observed=True)["end"].shift()
    assert (before.isna() | (own["start"] > before)).all()


def test_platforms_differ_and_unknown_ones_take_the_common_rule() -> None:
    events = festival_events(date(2026, 10, 1), date(2026, 12, 1), CHANNELS)
    festival = events[(events["kind"] == "双11") & (events["phase"] != "return_wave")]
    starts = festival.groupby("channel", observed=True)["start"].min()
    assert starts["旗舰店"] == pd.Timestamp("2026-10-15")
    assert starts["京东"] == pd.Timestamp("2026-10-09")
    assert starts["快手"] == pd.Timestamp("2026-11-01")


def test_a_year_may_have_its_own_windows() -> None:
    events = festival_events(date(2024, 5, 1), date(2024, 6, 30), {"天猫": "天猫"})
    phases = set(events.loc[events["kind"] == "618", "phase"].astype(str))
    assert "presale" not in phases


def test_windows_across_the_turn_of_the_year() -> None:
    events = festival_events(date(2020, 1, 1), date(2020, 1, 5), {"天猫": "天猫"})
    assert "年货节-2020" in set(events["event"].astype(str))
    assert "春节前三周-2020" in set(events["event"].astype(str))


def test_span_without_shipped_years_is_empty() -> None:
    assert festival_events(date(1999, 1, 1), date(1999, 12, 31), CHANNELS).empty


def test_missing_config_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.yaml"):
        config_path("nothing.yaml")


def test_published_days_off_and_made_up_days() -> None:
    assert not is_working_day(date(2025, 1, 28)) and is_working_day(date(2025, 1, 26))
    assert (
        not is_working_day(date(2026, 2, 23))
        and is_working_day(date(2026, 2, 14))
        and is_working_day(date(2026, 2, 28))
    )
    assert is_working_day(date(2026, 10, 10)) and not is_working_day(date(2026, 10, 7))
    assert all(days_off(year).published for year in range(2019, 2027))


@pytest.mark.parametrize("year", range(2019, 2027))
def test_published_years_work_about_250_days(year: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        worked = working_days(date(year, 1, 1), date(year, 12, 31))
    assert 246 <= worked.sum() <= 252


def test_unpublished_years_follow_rules_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="2028"):
        worked = working_days(date(2028, 1, 1), date(2028, 12, 31))
    assert not worked[(date(2028, 10, 2) - date(2028, 1, 1)).days]
    assert not days_off(2028).made_up and 245 <= worked.sum() <= 256


def test_lunar_days_agree_with_the_holidays_package() -> None:
    for year in range(2019, 2029):
        named = holidays.country_holidays("CN", years=year, observed=False, language="en_US")
        for name, english in (("端午", "Dragon Boat Festival"), ("中秋", "Mid-Autumn Festival")):
            assert lunar_day(name, year) in [day for day, text in named.items() if english in text], (name, year)
        assert (lunar_day("中秋", year) - lunar_day("七夕", year)).days in (37, 38)
        assert (lunar_day("重阳", year) - lunar_day("中秋", year)).days in (23, 24)
    with pytest.raises(ValueError, match="2040"):
        lunar_day("中秋", 2040)


def test_shutdown_is_what_orders_keep_to() -> None:
    span = shutdown(2026, 7, 8)
    assert span == (date(2026, 2, 10), date(2026, 2, 24))
    assert shutdown(2026, 0, 0) is None and shutdown(2026, 0, 1) == (date(2026, 2, 17), date(2026, 2, 17))
    weeks = np.arange("2026-01-05", "2026-03-30", 7, dtype="datetime64[D]")
    suppliers = pd.DataFrame({"supplier": ["S"], "shutdown_days_before": [7], "shutdown_days_after": [8]})
    is_open = open_weeks(Dataset({"suppliers": suppliers}, "0"), pd.DataFrame({"supplier": ["S"]}), weeks)[0]
    closed = (weeks >= np.datetime64(span[0])) & (weeks <= np.datetime64(span[1]))
    assert (is_open == ~closed).all()


def test_three_dates_of_a_presale_order() -> None:
    for year, deposit, balance in (
        (2019, date(2019, 10, 25), date(2019, 11, 11)),
        (2024, date(2024, 10, 15), date(2024, 10, 21)),
        (2025, date(2025, 10, 16), date(2025, 10, 20)),
    ):
        rows = festival_events(date(year, 10, 1), date(year, 11, 30), {"旗舰店": "天猫"})
        order = pre_sale_dates(deposit, rows, promise_days=15)
        assert order is not None and order.balance == balance
        assert (order.promised - order.balance).days == 15
        assert pre_sale_dates(balance, rows) is None


def test_windows_carry_a_source_or_count_as_assumed() -> None:
    events = festival_events(date(2026, 1, 1), date(2027, 12, 31), CHANNELS).set_index("event")
    assert "国务院" in str(events.loc["国庆-2026", "source"])
    assert pd.isna(events.loc["国庆-2027", "source"])
    assert events.loc["双11-2026", "source"].isna().all()
    assert "紫金山" in str(events.loc["春节-2026", "source"])


def test_gift_days_are_rows_of_events() -> None:
    rows = gift_days(date(2026, 1, 1), date(2026, 12, 31))
    assert (rows["end"] >= rows["start"]).all() and rows["source"].isna().all()
    ends = rows.set_index("event")["end"].dt.date
    assert ends["母亲节-2026"] == date(2026, 5, 10) and ends["父亲节-2026"] == date(2026, 6, 21)
    assert ends["季末清仓-2026Q4"] == date(2026, 12, 31) and ends["中秋礼盒-2026"] == date(2026, 9, 24)
    assert (rows["kind"] == "会员日").sum() == 12
    assert set(rows["phase"].astype(str)) <= set(TABLES["events"].column("phase").choices)


def test_usual_window_is_the_nearest_of_its_kind() -> None:
    window = usual_window("双11", date(2026, 7, 20))
    assert window is not None and window[0].year == 2026 and window[0].month == 10
    assert usual_window("店庆", date(2026, 7, 20)) is None
