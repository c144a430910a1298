"""Columns as plain arrays, whatever a damaged table holds, and the small statistics that checks share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Days = NDArray[np.datetime64]
NAMED = 3


def codes_of(values: pd.Series) -> tuple[Ints, pd.Index]:
    """Integer codes (-1 for blanks) and the names that they stand for."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        names = pd.Index(values.cat.categories.astype(str))
        codes = values.cat.codes.to_numpy().astype(np.int64)
    else:
        codes, found = pd.factorize(values.astype(object).where(values.notna(), None), sort=False)
        names = pd.Index([str(name) for name in found], dtype=object)
        codes = codes.astype(np.int64)
    blank = np.flatnonzero(names == "")
    return np.where(codes == blank[0], -1, codes) if len(blank) else codes, names


def codes_in(values: pd.Series, names: pd.Index) -> Ints:
    """Positions of the values in ``names``, -1 where they are not there."""
    codes, own = codes_of(values)
    place = names.get_indexer(own.astype(names.dtype)) if len(own) else np.empty(0, dtype=np.int64)
    return np.append(place, -1)[codes].astype(np.int64)


def text(values: pd.Series) -> pd.Series:
    """Text with blanks as "": columns of different tables then compare and merge."""
    codes, names = codes_of(values)
    return pd.Series(np.append(names.to_numpy(dtype=object), "")[codes], index=values.index)


def number(frame: pd.DataFrame, name: str) -> Floats | None:
    """A column as float64 with NaN for blanks and what is no number; None where it is missing."""
    if name not in frame:
        return None
    column = frame[name]
    if column.dtype.kind not in "iufb":
        column = pd.to_numeric(column, errors="coerce")
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def numbers(frame: pd.DataFrame, *names: str) -> list[Floats] | None:
    """Several columns, None where one of them is missing."""
    found = [number(frame, name) for name in names]
    return None if any(column is None for column in found) else [column for column in found if column is not None]


def days_of(values: pd.Series) -> Days:
    """Dates as datetime64[D]; NaT for blanks."""
    if values.dtype.kind != "M":
        values = pd.to_datetime(values.astype(object), errors="coerce")
    return values.to_numpy().astype("datetime64[D]")


def spots(frame: pd.DataFrame, wrong: Mask, *columns: str) -> tuple[int, list[str]]:
    """How many rows are wrong and where the first of them stand, told by these columns."""
    where = np.flatnonzero(wrong)
    if not len(where):
        return 0, []
    cells = [frame[name].iloc[where[:NAMED]] for name in columns if name in frame]
    return len(where), [" ".join(_shown(column.iloc[row]) for column in cells) for row in range(len(where[:NAMED]))]


def _shown(value: object) -> str:
    return (
        str(value.date()) if isinstance(value, pd.Timestamp) else "" if value is None or value != value else str(value)
    )


def names_of(values: Iterable[object]) -> tuple[int, list[str]]:
    """How many distinct names, and the names in order."""
    names = sorted({str(value) for value in values})
    return len(names), names


def usual(values: Floats, group: Ints, groups: int) -> Floats:
    """Geometric mean of the positive values of each group, NaN where there are none: a few slips hardly move it."""
    good = (values > 0) & (group >= 0)
    count = np.bincount(group[good], minlength=groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.exp(np.bincount(group[good], weights=np.log(values[good]), minlength=groups) / count)


def apart(values: Floats, reference: Floats, factor: float) -> Mask:
    """Where a positive value is more than a factor above or below its positive reference."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num(np.abs(np.log(values / reference)), nan=0.0, posinf=0.0) > np.log(factor)


def runs(flags: Mask) -> list[tuple[int, int]]:
    """Start and length of every run of True.

    >>> runs(np.array([True, False, True, True]))
    [(0, 1), (2, 2)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(start), int(end - start)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def has(frame: pd.DataFrame | None, *columns: str) -> bool:
    """Whether a table is there, holds rows and has the columns."""
    return frame is not None and len(frame) > 0 and all(name in frame for name in columns)


def sum_by(groups: Ints, values: Floats, size: int) -> Floats:
    """Sums by group; blanks count as 0 and rows without a group are left out."""
    good = groups >= 0
    return np.bincount(groups[good], weights=np.nan_to_num(values[good]), minlength=size).astype(float)


def day_text(day: np.datetime64) -> str:
    """A day for a message."""
    return str(day.astype("datetime64[D]"))


def listed(parts: Sequence[object]) -> str:
    """Parts of one example."""
    return " ".join(str(part) for part in parts)
