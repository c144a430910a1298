"""Days that people do not want the forecast to learn from (table ``exclusions``): unknown, not zero and not dropped."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from models.panel import DAYS, Dates, Frequency

Mask = NDArray[np.bool_]
FILTERS = ("channel", "category", "sku")


def excluded_periods(dataset: Dataset, series: pd.DataFrame, dates: Dates, frequency: Frequency) -> Mask:
    """bool [series, periods]: at least one day of the period is excluded.

    ``series``: frame of sku, channel and category.
    """
    grid = np.zeros((len(series), len(dates)), dtype=bool)
    table = dataset.get("exclusions")
    if table is None:
        return grid
    begin = dates.astype("datetime64[D]")
    end = begin + np.timedelta64(DAYS[frequency] - 1, "D")
    for start, stop, fits in _windows(table, series):
        grid[np.ix_(fits, (begin <= stop) & (end >= start))] = True
    return grid


def excluded_rows(dataset: Dataset, rows: pd.DataFrame) -> Mask:
    """bool [rows] of sku, channel and date: an exclusion covers the row."""
    found = np.zeros(len(rows), dtype=bool)
    table = dataset.get("exclusions")
    if table is None or rows.empty:
        return found
    named = rows.assign(sku=_text(rows, "sku"), category=_categories(dataset, _text(rows, "sku")))
    day = rows["date"].to_numpy().astype("datetime64[D]")
    for start, stop, fits in _windows(table, named):
        found |= fits & (day >= start) & (day <= stop)
    return found


def _windows(table: pd.DataFrame, frame: pd.DataFrame) -> Iterator[tuple[np.datetime64, np.datetime64, Mask]]:
    """First and last day of each exclusion, and the rows of the frame it speaks about; a blank lets all through."""
    names = {name: _text(frame, name) for name in FILTERS}
    asked = {name: _text(table, name) for name in FILTERS}
    days = (table[name].to_numpy().astype("datetime64[D]") for name in ("start", "end"))
    for number, (start, stop) in enumerate(zip(*days, strict=True)):
        fits = np.ones(len(frame), dtype=bool)
        for name in FILTERS:
            if asked[name][number]:
                fits &= names[name] == asked[name][number]
        yield start, stop, fits


def _text(frame: pd.DataFrame, column: str) -> NDArray[np.object_]:
    """A column as plain texts, blank where missing."""
    if column not in frame:
        return np.full(len(frame), "", dtype=object)
    values = frame[column].astype(object)
    return np.asarray(values.where(values.notna(), "").astype(str).to_numpy(dtype=object))


def _categories(dataset: Dataset, sku: NDArray[np.object_]) -> NDArray[np.object_]:
    """Category of each SKU, blank where none is given."""
    skus = dataset.get("skus")
    if skus is None or "category" not in skus:
        return np.full(len(sku), "", dtype=object)
    master = skus.assign(sku=_text(skus, "sku")).drop_duplicates("sku")
    of = pd.Series(_text(master, "category"), index=master["sku"])
    return np.asarray(of.reindex(sku).fillna("").to_numpy(dtype=object))
