"""Cells as platforms write them, and the contract's reading of what comes out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.conform import conform
from engine.data.contract.column import Column
from engine.data.importing.cells import CellKind, clean, damaged_ids, number_text, ranges


def cleaned(text: str, kind: CellKind) -> str:
    return str(clean(np.array([text], dtype=object), kind)[0])


@pytest.mark.parametrize("kind", ["integer", "number", "share", "money", "day", "text"])
@pytest.mark.parametrize(
    "text", ["", " ", "-", "--", "—", "——", "/", "N/A", "#N/A", "null", "NULL", "\\N", "NaN", "#DIV/0!"]
)
def test_what_stands_for_nothing_is_missing_and_not_zero(text: str, kind: CellKind) -> None:
    assert cleaned(text, kind) == ""


def test_regions_and_names_are_no_blanks() -> None:
    assert [cleaned(text, "text") for text in ("NA", "无", "0", "00123")] == ["NA", "无", "0", "00123"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234.50", "1234.5"),
        ("12,345,678", "12345678"),
        ("１，２３４．５", "1234.5"),
        ("￥88", "88"),
        ("¥1,299.00", "1299"),
        ("-¥5.5", "-5.5"),
        ("¥-5.5", "-5.5"),
        ("88元", "88"),
        ("RMB 88.10", "88.1"),
        ("88 CNY", "88"),
        ("3.21%", "0.0321"),
        ("3.21％", "0.0321"),
        ("5‰", "0.005"),
        ("1.2万", "12000"),
        ("1.23456万元", "12345.6"),
        ("3亿", "300000000"),
        ("2千万", "20000000"),
        ("1.5w", "15000"),
        ("(12.5)", "-12.5"),
        ("（1,234）", "-1234"),
        ("−7", "-7"),
        ("+7", "7"),
        ("1 234 567", "1234567"),
        ("12 件", "12"),
        ("1.2E+05", "120000"),
        (".5", "0.5"),
        ("7.", "7"),
        ("007", "7"),
        ("-0.0", "0"),
    ],
)
def test_numbers(text: str, expected: str) -> None:
    assert cleaned(text, "number") == expected


@pytest.mark.parametrize(
    "text",
    [
        "12箱",
        "$5",
        "HK$5",
        "1,23",
        "1.234,56",
        "1000+",
        "<10",
        "10~20",
        "1.2.3",
        "--5",
        "(-5)",
        "5%%",
        "万",
        "abc",
        "0x1F",
        "1e9999",
    ],
)
def test_what_cannot_be_read_without_guessing_stays(text: str) -> None:
    assert cleaned(text, "number") == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12.000", "12"), ("12件", "12"), ("1,200", "1200"), ("1.2万", "12000"), ("12.5", "12.5")],
)
def test_integers(text: str, expected: str) -> None:
    assert cleaned(text, "integer") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.005", "1.01"),
        ("2.675", "2.68"),
        ("-1.005", "-1.01"),
        ("0.004", "0"),
        ("1234567890123.45", "1234567890123.45"),
        ("1.23456万", "12345.6"),
        ("19.90元", "19.9"),
        ("3%", "3%"),
    ],
)
def test_money_is_rounded_in_decimals(text: str, expected: str) -> None:
    assert cleaned(text, "money") == expected


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_money_of_any_amount_is_exact_to_the_fen(amount: Decimal) -> None:
    written = f"¥{abs(amount):,.2f}" if amount >= 0 else f"(¥{abs(amount):,.2f})"
    text = pd.Series(clean(np.array([written], dtype=object), "money"))
    found = conform(text, Column("x_fen", "money", "金额", required=True), yuan=True)
    assert not found.wrong.any()
    assert int(found.values[0]) == int(amount * 100)


@given(st.integers(-(10**14), 10**14))
def test_integers_of_any_size_are_exact(value: int) -> None:
    assert number_text(f"{value:,}") == str(value)


@pytest.mark.parametrize(
    "text",
    [
        "2023-06-01",
        "2023/6/1",
        "2023/06/01",
        "2023.6.1",
        "20230601",
        "2023年6月1日",
        "2023年06月01号",
        "2023-06-01 12:30:11",
        "2023/6/1 0:00",
        "2023-06-01T12:30:11.123",
        "2023-06-01T23:30:11+08:00",
        "2023年6月1日 12:30",
        "2023年6月1日 12时30分11秒",
        "2023-06-01 下午 3:20",
        "2023-06-01 3:20 PM",
        "2023-06-01(星期四)",
        "2023-06-01 周四",
        "20230601 123011",
        "20230601123011",
        "２０２３－０６－０１",
        "2023-06",
        "2023/6",
        "2023年6月",
        "2023年6月份",
        "202306",
        "45078",
        "45078.0",
        "45078.521",
    ],
)
def test_dates(text: str) -> None:
    assert cleaned(text, "day") == "2023-06-01"


@pytest.mark.parametrize(
    "text",
    [
        "06/01/2023",
        "1/6/2023",
        "23-06-01",
        "6月1日",
        "2023-02-30",
        "2023-13-01",
        "2023W22",
        "12345",
        "230601",
        "99999",
        "x",
    ],
)
def test_dates_that_may_mean_two_days_stay(text: str) -> None:
    assert cleaned(text, "day") == text


@given(st.dates(date(2000, 1, 1), date(2069, 12, 31)), st.times())
def test_any_day_in_any_form(day: date, time: object) -> None:
    serial = (day - date(1899, 12, 30)).days
    forms = [f"{day:%Y/%m/%d}", f"{day.year}/{day.month}/{day.day}", f"{day:%Y%m%d}", str(serial), f"{serial}.75"]
    forms += [f"{day.year}年{day.month}月{day.day}日", datetime.combine(day, time).isoformat(" ")]  # type: ignore[arg-type]
    assert {cleaned(form, "day") for form in forms} == {day.isoformat()}


@given(
    st.dates(date(2000, 1, 1), date(2069, 1, 1)),
    st.integers(0, 400),
    st.sampled_from(["~", "～", " 至 ", " - ", "到", " to ", "—"]),
)
def test_ranges_count_both_ends(first: date, more: int, between: str) -> None:
    last = first + timedelta(days=more)
    starts, days = ranges(np.array([f"{first}{between}{last}", f"{first:%Y%m%d}-{last:%Y%m%d}"], dtype=object))
    assert starts.tolist() == [first.isoformat()] * 2
    assert days.tolist() == [more + 1] * 2


def test_ranges_of_months_days_and_short_ends() -> None:
    texts = [
        "2026-02",
        "2024年2月",
        "2026-11-01",
        "2026-11-01~11-07",
        "2026.11.1-2026.11.7",
        "2026-11-07~2026-11-01",
        "",
    ]
    starts, days = ranges(np.array(texts, dtype=object))
    assert starts.tolist() == ["2026-02-01", "2024-02-01", "2026-11-01", "2026-11-01", "2026-11-01", texts[5], ""]
    assert days.tolist() == [28, 29, 1, 7, 7, 0, 0]


def test_ids_keep_their_digits_and_damaged_ones_are_told() -> None:
    whole = ["690123456789012345678", "00123", "1E5", "1.23457E+18", "690123456789012000"]
    assert clean(np.array(whole, dtype=object), "text").tolist() == whole
    assert damaged_ids(np.array(whole, dtype=object)).tolist() == [False, False, True, True, False]
    assert damaged_ids(np.array(["690123456789012000", "690123456789013000"], dtype=object)).all()


@given(
    st.lists(st.text(max_size=30), max_size=20),
    st.sampled_from(["text", "integer", "number", "share", "money", "day", "flag"]),
)
def test_any_text_is_cleaned_without_a_crash_and_twice_is_once(texts: list[str], kind: CellKind) -> None:
    once = clean(np.array(texts, dtype=object), kind)
    assert clean(once, kind).tolist() == once.tolist()
    ranges(once)
    damaged_ids(once)
