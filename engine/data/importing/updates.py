"""Exports of order lines that hold a part of a day: only orders whose state changed, only one kind of order.

A load replaces the days that it covers. The lines of such a day that are known from earlier loads and are not in the
new export are carried over, so that a refund is an update of its line and not the loss of all others. Days older than
the order lines that are kept stay as they are where the new export tells of fewer ordered units than stand there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from engine.data.importing.staging import GRAIN, RANK, ROW, SHEET, Typed
from engine.data.in_memory import in_memory

ORDER_LINES = 1
"""Rank of order lines among the exports that feed ``sales``."""
PART = "a part of a day whose order lines are no longer kept: the day stays as it was"
_SHIPPED = "state IN ('shipped', 'settled', 'returned', 'refund_only')"
_FIGURES = {
    "ordered": "true",
    "paid": "state <> 'ordered'",
    "cancelled": "state = 'cancelled'",
    "shipped": _SHIPPED,
    "returned": "state = 'returned'",
    "refund_only": "state = 'refund_only'",
}


@dataclass(frozen=True)
class Completion:
    """``carried``: rows of ``sales`` for the lines carried over; ``left``: sheet and row of staged sales that must not
    replace their day."""

    carried: Typed | None
    left: Sequence[tuple[int, int]]


def complete_days(
    sales: Sequence[Path], orders: Sequence[Path], old_sales: Path | None, old_orders: Path | None
) -> Completion:
    """What must be known beside staged order lines (``sales``, ``orders``) so that their days are whole."""
    if not orders or not sales or old_sales is None:
        return Completion(None, ())
    con = in_memory(memory_limit="2GB")
    for name, files in (("fresh", sales), ("lines", orders), ("sold", [old_sales])):
        con.read_parquet([str(file) for file in files], union_by_name=True).create_view(name)
    if old_orders is None:
        con.execute("CREATE TABLE kept (order_id VARCHAR, line VARCHAR, channel VARCHAR, ordered_at TIMESTAMP_MS)")
    else:
        con.read_parquet(str(old_orders)).create_view("kept")
    con.execute(f"CREATE TABLE days AS SELECT DISTINCT channel, date FROM fresh WHERE {RANK} = {ORDER_LINES}")
    carried = None if old_orders is None else _carried(con)
    left = con.execute(
        f"""SELECT {SHEET}, {ROW} FROM fresh JOIN (
            SELECT channel, date FROM days
            JOIN (SELECT channel, date, sum({_ordered(con, "fresh")}) AS now FROM fresh GROUP BY ALL)
                USING (channel, date)
            JOIN (SELECT channel, date, sum({_ordered(con, "sold")}) AS before FROM sold GROUP BY ALL)
                USING (channel, date)
            WHERE now < before
                AND date < coalesce((SELECT min(ordered_at) FROM kept WHERE kept.channel = days.channel), 'infinity')
        ) USING (channel, date) WHERE {RANK} = {ORDER_LINES}"""
    ).fetchall()
    con.close()
    return Completion(carried, [(int(sheet), int(row)) for sheet, row in left])


def _ordered(con: duckdb.DuckDBPyConnection, view: str) -> str:
    """Units ordered; those paid where a table does not tell them."""
    names = {str(entry[0]) for entry in con.execute(f"DESCRIBE {view}").fetchall()}
    return "coalesce(units_ordered, units_paid)" if "units_ordered" in names else "units_paid"


def _carried(con: duckdb.DuckDBPyConnection) -> Typed | None:
    given = {str(entry[0]) for entry in con.execute("DESCRIBE fresh").fetchall()}
    money = "amount_paid_fen" in {str(entry[0]) for entry in con.execute("DESCRIBE kept").fetchall()}
    columns = ["kept.ordered_at AS date", "kept.sku", "kept.channel"]
    for name, test in _FIGURES.items():
        if f"units_{name}" in given:
            columns.append(f"CASE WHEN {test} THEN units ELSE 0 END AS units_{name}")
        if f"amount_{name}_fen" in given and money:
            columns.append(f"CASE WHEN {test} THEN amount_paid_fen ELSE 0 END AS amount_{name}_fen")
    frame: pd.DataFrame = con.execute(
        f"""SELECT {", ".join(columns)}, order_id || '|' || line AS {GRAIN} FROM kept
        JOIN days ON kept.channel = days.channel AND kept.ordered_at = days.date
        ANTI JOIN lines USING (order_id, line) ORDER BY order_id, line"""
    ).df()
    if frame.empty:
        return None
    grain = frame.pop(GRAIN)
    return Typed(frame, np.arange(1, len(frame) + 1), grain, ())
