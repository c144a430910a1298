"""One column of any make brought to the dtype of the contract.

Text is parsed by its distinct values only, so that ten million rows cost little more than their distinct values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data.contract.column import Column

Mask = NDArray[np.bool_]
TRUE = ("true", "1", "yes", "y", "是")
FALSE = ("false", "0", "no", "n", "否")
FIRST_DAY, LAST_DAY = np.datetime64("1900-01-01"), np.datetime64("2200-01-01")
FEN = 100
LARGEST_FEN = 2**53

EXPECTED = {
    "integer": "a whole number such as 12",
    "number": "a number such as 12.5",
    "money": "whole fen such as 1250",
    "yuan": "yuan with at most two decimals such as 12.50",
    "day": "a date such as 2026-01-05, 2026/1/5 or 20260105",
    "flag": "true or false",
    "text": "text",
}
"""What a cell of each kind should look like, for messages."""


@dataclass(frozen=True)
class Conformed:
    """``values`` in the dtype of the contract; ``blank``: nothing was given; ``wrong``: it could not be read."""

    values: pd.Series
    blank: Mask
    wrong: Mask


def conform(raw: pd.Series, column: Column, yuan: bool = False) -> Conformed:
    """The column as the contract holds it; ``yuan``: a money column given in yuan.

    >>> conform(pd.Series(["2026/1/5", "20260132"]), Column("date", "day", "日期")).wrong.tolist()
    [False, True]
    """
    if column.kind == "text":
        return _text(raw, column)
    if _is_text(raw):
        codes, labels = _distinct(raw)
        parsed, wrong = _PARSERS["yuan" if yuan else column.kind](labels)
        blank_labels = np.append(labels == "", True)
        values, blank = parsed[codes], blank_labels[codes]
        wrong = np.append(wrong, False)[codes] & ~blank
    else:
        values, wrong = _from_array(raw, column, yuan)
        blank = raw.isna().to_numpy()
        wrong &= ~blank
    return Conformed(_finished(values, blank, wrong, column, raw.index), blank, wrong)


def _is_text(raw: pd.Series) -> bool:
    return bool(
        isinstance(raw.dtype, pd.CategoricalDtype)
        or pd.api.types.is_object_dtype(raw)
        or pd.api.types.is_string_dtype(raw)
    )


def _distinct(raw: pd.Series) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Positions in the distinct values (-1: missing) and these, trimmed, as text."""
    if isinstance(raw.dtype, pd.CategoricalDtype):
        codes, values = raw.cat.codes.to_numpy().astype(np.int64), raw.cat.categories
    else:
        codes, values = pd.factorize(raw)
    return codes, _trimmed(values)


def _trimmed(values: Any) -> NDArray[Any]:
    """Distinct values as text without blanks around them."""
    if pd.api.types.is_string_dtype(values) and not pd.api.types.is_object_dtype(values):
        trimmed = pc.utf8_trim_whitespace(pa.array(values, type=pa.string()))
        return cast(NDArray[Any], trimmed.to_numpy(zero_copy_only=False))
    return np.array([str(value).strip() for value in values], dtype=object)


def _text(raw: pd.Series, column: Column) -> Conformed:
    """Sorted categories without repetition; blanks are the default or the empty text. Fractions are no ids."""
    none = np.zeros(len(raw), dtype=bool)
    if pd.api.types.is_float_dtype(raw) or pd.api.types.is_datetime64_any_dtype(raw):
        values = pd.Categorical.from_codes(np.zeros(len(raw), dtype=np.int8), categories=pd.Index([""], dtype="str"))
        blank = raw.isna().to_numpy()
        return Conformed(pd.Series(values, index=raw.index), blank, ~blank)
    codes, labels = _distinct(raw)
    labels = np.append(labels, "")
    codes = np.where(codes < 0, len(labels) - 1, codes)
    blank = (labels == "")[codes] if len(codes) else none
    filled = np.where(labels == "", column.default or "", labels)
    used = np.bincount(codes, minlength=len(labels)) > 0
    names, position = np.unique(filled[used].astype(str), return_inverse=True)
    lookup = np.zeros(len(labels), dtype=np.int64)
    lookup[used] = position
    values = pd.Categorical.from_codes(lookup[codes], categories=pd.Index(names.tolist(), dtype="str"))
    return Conformed(pd.Series(values, index=raw.index), blank, none)


def _from_array(raw: pd.Series, column: Column, yuan: bool) -> tuple[NDArray[Any], Mask]:
    """Numbers, dates and flags that are no text."""
    kind = column.kind
    if kind == "day":
        if not pd.api.types.is_datetime64_any_dtype(raw) or isinstance(raw.dtype, pd.DatetimeTZDtype):
            return np.full(len(raw), np.datetime64("NaT", "s")), np.ones(len(raw), dtype=bool)
        values = raw.to_numpy().astype("datetime64[s]")
        outside = (values < FIRST_DAY) | (values >= LAST_DAY) | (values != values.astype("datetime64[D]"))
        return values, outside & ~np.isnat(values)
    if kind == "flag" and pd.api.types.is_bool_dtype(raw):
        return raw.to_numpy(dtype=bool, na_value=False), np.zeros(len(raw), dtype=bool)
    if not pd.api.types.is_numeric_dtype(raw) or pd.api.types.is_bool_dtype(raw):
        return np.zeros(len(raw)), np.ones(len(raw), dtype=bool)
    if pd.api.types.is_integer_dtype(raw) and not raw.hasnans and not yuan:
        numbers = raw.to_numpy(dtype=np.int64)
        return numbers, (numbers != 0) & (numbers != 1) if kind == "flag" else np.zeros(len(raw), dtype=bool)
    given = raw.to_numpy(dtype=np.float64, na_value=np.nan)
    number = given * FEN if yuan else given
    wrong = ~np.isfinite(number)
    if kind in ("integer", "money"):
        with np.errstate(invalid="ignore"):
            wrong |= np.abs(number - np.rint(number)) > 1e-6 * np.maximum(np.abs(given), 1.0)
            wrong |= np.abs(number) > LARGEST_FEN
        number = np.rint(number)
    if kind == "flag":
        wrong |= (number != 0) & (number != 1)
    return number, wrong


def _finished(values: NDArray[Any], blank: Mask, wrong: Mask, column: Column, index: pd.Index) -> pd.Series:
    """Defaults into blanks and the dtype of the kind; wrong cells hold a stand-in, they never leave validation."""
    missing = blank | wrong
    if column.kind == "day":
        return pd.Series(np.where(missing, np.datetime64("NaT", "s"), values), index=index, dtype="datetime64[s]")
    if column.kind == "flag":
        return pd.Series(np.where(missing, bool(column.default), values).astype(bool), index=index)
    if column.kind == "number":
        stand_in = np.nan if column.default is None else float(column.default)
        return pd.Series(np.where(missing, stand_in, values).astype(np.float64), index=index)
    if column.default is None and not column.required and blank.any():
        return pd.Series(np.where(missing, np.nan, values).astype(np.float64), index=index)
    return pd.Series(np.where(missing, int(column.default or 0), values).astype(np.int64), index=index)


def _arrow(labels: NDArray[Any]) -> pa.Array:
    return pa.array(labels, type=pa.string())


def _matching(labels: NDArray[Any], pattern: str) -> Mask:
    found = pc.match_substring_regex(_arrow(labels), pattern)
    return cast(Mask, found.to_numpy(zero_copy_only=False).astype(bool))


def _integers(labels: NDArray[Any]) -> tuple[NDArray[Any], Mask]:
    good = _matching(labels, r"^[+-]?\d{1,15}(\.0*)?$")
    values = np.zeros(len(labels) + 1, dtype=np.int64)
    values[:-1][good] = [int(label.split(".")[0]) for label in labels[good]]
    return values, ~good


def _numbers(labels: NDArray[Any]) -> tuple[NDArray[Any], Mask]:
    good = _matching(labels, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$")
    values = np.zeros(len(labels) + 1, dtype=np.float64)
    values[:-1][good] = labels[good].astype(np.float64)
    finite = np.isfinite(values)
    return np.where(finite, values, 0.0), ~(good & finite[:-1])


def _yuan(labels: NDArray[Any]) -> tuple[NDArray[Any], Mask]:
    """Decimal digits to fen, digit by digit: no binary fraction in between."""
    good = _matching(labels, r"^[+-]?\d{1,13}(\.\d{0,2}0*)?$")
    values = np.zeros(len(labels) + 1, dtype=np.int64)
    values[:-1][good] = [_fen(label) for label in labels[good]]
    return values, ~good


def _fen(label: str) -> int:
    whole, _, fraction = label.partition(".")
    return int(whole + (fraction + "00")[:2])


def _dates(labels: NDArray[Any]) -> tuple[NDArray[Any], Mask]:
    midnight = r"([ T]0{1,2}:00(:00(\.0+)?)?)?$"
    split = _matching(labels, r"^\d{4}([-/])\d{1,2}([-/])\d{1,2}" + midnight)
    solid = _matching(labels, r"^\d{8}$")
    values = np.full(len(labels) + 1, np.datetime64("NaT", "s"), dtype="datetime64[s]")
    plain = [label.replace("T", " ").split(" ")[0].replace("/", "-") for label in labels[split]]
    for chosen, texts, form in ((split, plain, "%Y-%m-%d"), (solid, labels[solid], "%Y%m%d")):
        parsed = pd.to_datetime(pd.Series(texts, dtype="str"), format=form, errors="coerce")
        values[:-1][chosen] = parsed.to_numpy().astype("datetime64[s]")
    with np.errstate(invalid="ignore"):
        good = (values[:-1] >= FIRST_DAY) & (values[:-1] < LAST_DAY)
    return values, ~good


def _flags(labels: NDArray[Any]) -> tuple[NDArray[Any], Mask]:
    lower = np.array([label.lower() for label in labels], dtype=object)
    yes, no = np.isin(lower, TRUE), np.isin(lower, FALSE)
    return np.append(yes, False), ~(yes | no)


_PARSERS: dict[str, Callable[[NDArray[Any]], tuple[NDArray[Any], Mask]]] = {
    "integer": _integers,
    "number": _numbers,
    "money": _integers,
    "yuan": _yuan,
    "day": _dates,
    "flag": _flags,
}
"""Distinct texts to values (with one stand-in more at the end, for missing cells) and which cannot be read."""
