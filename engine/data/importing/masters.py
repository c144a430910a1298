"""Master data that the merchant has not given, made from what occurs in his files and marked as assumed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.data.importing.model import Feed, Rows
from engine.data.importing.staging import Staged

SOURCES = {
    "channels": ("channel", ("sales", "orders", "traffic", "availability", "live_streams")),
    "skus": ("sku", ("sales", "orders", "inventory", "availability", "live_streams")),
    "warehouses": ("warehouse", ("inventory",)),
    "hosts": ("host", ("live_streams",)),
}
FILLED = {"channels": {"kind": "shop"}, "skus": {"category": "未分类"}, "warehouses": {}, "hosts": {}}
"""What the required columns of such rows hold."""


def named_masters(feeds: Iterable[Feed], given: Callable[[str], frozenset[str] | None]) -> dict[str, Rows]:
    """Rows for shops and warehouses that no cell names, only the import itself (``--channel``, a platform's name, the
    stand-in for a missing column), where the merchant gives the table and not them. ``given``: names of a table."""
    found = {}
    entries = list(feeds)
    for name in ("channels", "warehouses"):
        column, tables = SOURCES[name]
        known = given(name)
        if known is not None:
            named = {feed.constants.get(column, "") for feed in entries if feed.table in tables}
            values = sorted(named - known - {""})
            if values:
                found[name] = _rows(name, values)
    return found


def missing_masters(staged: Staged, given: Callable[[str], bool]) -> dict[str, Rows]:
    """Rows of master tables that are not given though staged facts refer to them."""
    found = {}
    for name, (column, tables) in SOURCES.items():
        if given(name):
            continue
        values = sorted({value for table in tables for value in _distinct(staged, table, column)})
        if values:
            found[name] = _rows(name, values)
    return found


def _rows(name: str, values: list[str]) -> Rows:
    frame = pd.DataFrame({SOURCES[name][0]: pd.Categorical(values)})
    for column, text in FILLED[name].items():
        frame[column] = pd.Categorical([text] * len(values))
    return Rows(name, frame, np.arange(1, len(values) + 1))


def _distinct(staged: Staged, table: str, column: str) -> set[str]:
    values: set[str] = set()
    for file in staged.parts(table):
        if column in pq.read_schema(file).names:
            data = pq.read_table(file, columns=[column])[column]
            values.update(value for value in pc.unique(data.cast(pa.string())).to_pylist() if value)
    return values
