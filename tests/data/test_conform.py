"""One column of any make becomes what the contract says."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.conform import conform
from engine.data.contract.column import Column, day, flag, integer, money, number, text

FEN = money("amount_fen", "金额", "included", required=True, minimum=None)


@given(st.integers(-(10**14), 10**14))
def test_yuan_become_fen_without_losing_one(fen: int) -> None:
    yuan = f"{Decimal(fen) / 100:f}"
    cells = conform(pd.Series([yuan]), FEN, yuan=True)
    assert cells.values.tolist() == [fen] and cells.values.dtype == np.int64 and not cells.wrong.any()


@given(st.integers(-(10**12), 10**12))
def test_yuan_in_binary_fractions_are_rounded_to_the_fen(fen: int) -> None:
    assert conform(pd.Series([fen / 100]), FEN, yuan=True).values.tolist() == [fen]


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        (integer("n", "件"), {"3": 3, "+3": 3, "3.0": 3, " 7 ": 7}, ["3.5", "1,200", "x", "--", "inf", "nan", "1e3"]),
        (number("x", "数", "u"), {"3": 3.0, ".5": 0.5, "1e-3": 0.001}, ["inf", "nan", "1e999", "3%", "-", "0x10"]),
        (FEN, {"1250": 1250, "-1": -1}, ["12.50", "¥3", "1,250"]),
        (flag("f", "是否"), {"true": True, "0": False, "是": True, "NO": False}, ["maybe", "2"]),
    ],
)
def test_cells_are_read_strictly(column: Column, good: dict[str, object], bad: list[str]) -> None:
    cells = conform(pd.Series([*good, *bad, ""]), column)
    assert cells.values.tolist()[: len(good)] == list(good.values())
    assert cells.wrong.tolist() == [False] * len(good) + [True] * len(bad) + [False]
    assert cells.blank.tolist() == [False] * (len(good) + len(bad)) + [True]


def test_yuan_with_more_than_two_decimals_are_refused() -> None:
    cells = conform(pd.Series(["1.005", "1.500", "1.", "7"]), FEN, yuan=True)
    assert cells.wrong.tolist() == [True, False, False, False]
    assert cells.values.tolist()[1:] == [150, 100, 700]


def test_dates_in_three_spellings() -> None:
    column = day("date", "日期", required=True)
    cells = conform(pd.Series(["2026-01-05", "2026/1/5", "20260105", "2026-01-05 00:00:00"]), column)
    assert cells.values.dtype == "datetime64[s]"
    assert set(cells.values) == {pd.Timestamp("2026-01-05")}
    wrong = pd.Series(["2026-02-30", "20261301", "05.01.2026", "2026-01-05 10:30", "0026-01-05", "1/2/2026", "46027"])
    assert conform(wrong, column).wrong.all()
    assert conform(pd.Series(pd.to_datetime(["2026-01-05 10:30"])), column).wrong.all()


def test_text_keeps_every_digit_and_sorts_its_categories() -> None:
    cells = conform(pd.Series(["12345678901234567890", " b ", "007", None, "NA"]), text("sku", "编码"))
    assert cells.values.tolist() == ["12345678901234567890", "b", "007", "", "NA"]
    assert list(cells.values.cat.categories) == ["", "007", "12345678901234567890", "NA", "b"]
    assert conform(pd.Series([12345678901234567]), text("sku", "编码")).values.tolist() == ["12345678901234567"]
    assert conform(pd.Series([1.5e18]), text("sku", "编码")).wrong.all()


def test_blanks_take_the_default_or_become_nan() -> None:
    assert conform(pd.Series(["", "4"]), integer("n", "件", default=1)).values.tolist() == [1, 4]
    unknown = conform(pd.Series(["", "4"]), integer("n", "件")).values
    assert unknown.dtype == np.float64 and np.isnan(unknown[0]) and unknown[1] == 4
    assert conform(pd.Series([None, "x"]), text("pool", "池", default="shared")).values.tolist() == ["shared", "x"]


def test_floats_in_whole_columns() -> None:
    cells = conform(pd.Series([3.0, 3.5, np.inf, np.nan]), integer("n", "件"))
    assert cells.wrong.tolist() == [False, True, True, False] and cells.blank.tolist() == [False, False, False, True]


def test_a_column_without_rows() -> None:
    for column in (FEN, day("d", "日"), text("t", "文"), flag("f", "是"), number("x", "数", "u")):
        assert len(conform(pd.Series([], dtype=object), column).values) == 0
