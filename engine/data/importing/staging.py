"""Rows under contract names to typed rows on disk; what breaks the contract is set aside with its reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.data.contract.column import Column
from engine.data.findings import Findings
from engine.data.headers import FEN, YUAN
from engine.data.importing.model import Odd, Rows
from engine.data.rules import ROW_RULES
from engine.data.tables import TABLES
from engine.data.validate import check_column

Mask = NDArray[np.bool_]
ARROW = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "money": pa.int64(),
    "day": pa.timestamp("ms"),
    "flag": pa.bool_(),
}
SHEET, ROW, GRAIN, RANK = "_sheet", "_row", "_grain", "_rank"
"""Columns of a staged file beside those of the contract: sheet and row that a row came from, what tells rows of one
key apart, and whose word counts where two kinds of export tell of the same day (higher)."""
SHOWN = 40


@dataclass
class RowFindings(Findings):
    """Collects what is wrong by row instead of listing the first few."""

    reasons: dict[int, list[str]] = field(default_factory=dict)

    def rows(
        self,
        wrong: Mask,
        column: str,
        message: str | Callable[[int], str],
        values: pd.Series | None = None,
        expected: str | None = None,
        remedy: str | None = None,
    ) -> None:
        for position in np.flatnonzero(wrong):
            text = message if isinstance(message, str) else message(int(position))
            shown = "" if values is None else f" ({str(values.iloc[position])[:SHOWN]})"
            hint = "" if expected is None else f", expected {expected}"
            self.reasons.setdefault(int(position), []).append(f"{column} {text}{shown}{hint}")


@dataclass(frozen=True)
class Typed:
    """Rows in the dtypes of the contract, blanks missing; ``refused``: rows that break it, without their cells."""

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    grain: pd.Series | None
    refused: tuple[Odd, ...]


def typed(rows: Rows) -> Typed:
    """Check every row by itself. Required columns that are absent are filled by other files, or found missing later."""
    table = TABLES[rows.table]
    found = RowFindings(rows.table)
    columns = {}
    for column in table.columns:
        raw, yuan = _given(rows.frame, column)
        if raw is None:
            continue
        cells = check_column(column, raw.rename(column.name), yuan, found)
        values = cells.values.astype("str") if column.kind == "text" else cells.values
        columns[column.name] = values if column.kind == "text" else values.mask(cells.blank)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(rows.rows)))
    for rule in ROW_RULES.get(rows.table, ()):
        rule(frame, {}, found)
    refused = tuple(Odd(int(rows.rows[at]), "; ".join(why), ()) for at, why in sorted(found.reasons.items()))
    keep = np.ones(len(frame), dtype=bool)
    keep[list(found.reasons)] = False
    if keep.all():
        return Typed(frame, rows.rows, rows.grain, refused)
    return Typed(frame[keep], rows.rows[keep], None if rows.grain is None else rows.grain[keep], refused)


def _given(frame: pd.DataFrame, column: Column) -> tuple[pd.Series | None, bool]:
    """The column of the contract and whether it is in yuan."""
    if column.name in frame:
        return frame[column.name], False
    yuan = column.name.replace(FEN, YUAN)
    return (frame[yuan], True) if column.kind == "money" and yuan in frame else (None, False)


class Staged:
    """Typed rows of one import, by table, as Parquet files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._parts = 0

    def add(self, name: str, part: Typed, sheet: int, rank: int) -> None:
        """Write rows that came from a sheet."""
        if not len(part.frame):
            return
        table = TABLES[name]
        arrays: dict[str, pa.Array] = {
            column: _arrow(part.frame[column], table.column(column)) for column in part.frame.columns
        }
        count = len(part.frame)
        arrays[SHEET] = pa.array(np.full(count, sheet, dtype=np.int32))
        arrays[ROW] = pa.array(part.rows)
        arrays[GRAIN] = (
            pa.nulls(count, pa.string()) if part.grain is None else pa.array(part.grain.astype("str"), pa.string())
        )
        arrays[RANK] = pa.array(np.full(count, rank, dtype=np.int32))
        self._parts += 1
        target = self.folder / name
        target.mkdir(exist_ok=True)
        pq.write_table(pa.table(arrays), target / f"{self._parts:06d}-{sheet}.parquet", compression="lz4")

    def forget(self, sheet: int) -> None:
        """Take back what a sheet gave that could not be read to its end."""
        for file in self.folder.glob(f"*/*-{sheet}.parquet"):
            file.unlink()

    def parts(self, name: str) -> tuple[Path, ...]:
        """The files of a table."""
        return tuple(sorted((self.folder / name).glob("*.parquet")))


def _arrow(values: pd.Series, column: Column) -> pa.Array:
    if column.kind in ("integer", "money") and values.dtype.kind == "f":
        return pa.array(values.to_numpy(), mask=values.isna().to_numpy()).cast(pa.int64())
    return pa.array(values, ARROW[column.kind], from_pandas=True)
