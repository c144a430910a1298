"""Lunar New Year against an independent source; festival windows by year and platform."""

from __future__ import annotations

from datetime import date

import holidays
import pandas as pd
import pytest

from engine.data.calendar import festival_events, lunar_new_year
from engine.data.configs import config_path, read_config
from engine.data.tables import TABLES

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
