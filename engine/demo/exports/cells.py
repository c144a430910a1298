"""Columns as the texts that exports hold. Every distinct value is formatted once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Texts = pd.Categorical
"""A column of text, by code: a million rows cost little more than their distinct texts."""

MISSING = "--"


def texts(values: Any, form: Callable[[Any], str], missing: str = "") -> Texts:
    """Each distinct value by ``form``; what is missing becomes ``missing``.

    >>> list(texts(pd.Series([1200, 5]), yuan))
    ['12.00', '0.05']
    """
    codes, found = pd.factorize(values, use_na_sentinel=True)
    labels = np.array([*(form(value) for value in found), missing], dtype=object)
    names, position = np.unique(labels, return_inverse=True)
    return pd.Categorical.from_codes(position[codes], categories=pd.Index(names, dtype=object))


def constant(text: str, count: int) -> Texts:
    """The same text in every row."""
    return pd.Categorical.from_codes(np.zeros(count, dtype=np.int8), categories=pd.Index([text], dtype=object))


def plain(value: Any) -> str:
    """As it is."""
    return str(value)


def whole(value: float) -> str:
    """Whole numbers with thousands separators."""
    return f"{int(value):,}"


def yuan(fen: float) -> str:
    """Fen as yuan with two decimals and thousands separators."""
    sign, amount = ("-", -int(fen)) if fen < 0 else ("", int(fen))
    return f"{sign}{amount // 100:,}.{amount % 100:02d}"


def bare_yuan(fen: float) -> str:
    """Fen as yuan without separators."""
    return yuan(fen).replace(",", "")


def percent(share: float) -> str:
    """A share as a percentage."""
    return f"{100 * share:.2f}%"


def day(form: str) -> Callable[[Any], str]:
    """Dates by ``strftime``; ``%-m`` for months without a leading zero."""
    return lambda value: pd.Timestamp(value).strftime(form)


def moments(days: Any, seconds: NDArray[np.int64], missing: str = "") -> Texts:
    """Dates with a time of day."""
    moment = pd.Series(days).to_numpy().astype("datetime64[s]") + seconds.astype("timedelta64[s]")
    return texts(pd.Series(moment), lambda value: pd.Timestamp(value).strftime("%Y-%m-%d %H:%M:%S"), missing)


def chosen(values: pd.Series, names: dict[str, str], missing: str = "") -> Texts:
    """Codes of the contract by the words that a platform has for them."""
    return texts(values, lambda value: names[str(value)], missing)


def as_lists(columns: Sequence[Texts]) -> list[list[str]]:
    """Plain lists, column by column."""
    return [np.asarray(column.categories, dtype=object)[column.codes].tolist() for column in columns]
