"""What the cells of a column look like: dates, numbers, ids, few distinct texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.data.contract.column import Column
from engine.data.importing.model import Sheet
from engine.plans.errors import BadInput

SAMPLE_ROWS = 2_000
MOST = 0.8
_BLANK = re.compile(r"^[\s\-—–/]*$|^(?:null|nan|none|n/a|无)$", re.IGNORECASE)
_DATE = re.compile(
    r"^(?:19|20)\d{2}"
    r"(?:[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?)?月?(?:[ T]\d{1,2}:\d{2}.*)?(?:\s*[~至到]\s*.+)?|[01]\d[0-3]\d)$"
)
_NUMBER = re.compile(r"^[￥¥$]?[+-]?(?:\d{1,3}(?:,\d{3})+|\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\s*[%元万亿]*$")
_WHOLE = re.compile(r"^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?$")
_SERIAL = re.compile(r"^[2-6]\d{4}(?:\.\d+)?$")


@dataclass(frozen=True, slots=True)
class Shape:
    """Shares of the cells that hold something, 0 to 1; ``distinct``: distinct values a row; ``rows``: cells seen."""

    rows: int
    dates: float
    numbers: float
    whole: float
    serials: float
    distinct: float


def sample(sheet: Sheet) -> pd.DataFrame:
    """The first rows of the sheet, text by position; none where it cannot be read (loading it will say why)."""
    try:
        frame = next((block.frame for block in sheet.blocks() if len(block.frame)), None)
    except BadInput:
        frame = None
    return pd.DataFrame(columns=range(len(sheet.names))) if frame is None else frame.iloc[:SAMPLE_ROWS]


def shape_of(cells: pd.Series) -> Shape:
    """The shape of a column of text."""
    texts = cells.astype("str").fillna("").str.strip()
    counts = texts[~texts.map(lambda text: bool(_BLANK.match(text))).astype(bool)].value_counts()
    total = int(counts.sum())
    if not total:
        return Shape(0, 0.0, 0.0, 0.0, 0.0, 0.0)

    def share(pattern: re.Pattern[str]) -> float:
        return float(counts[[bool(pattern.match(str(text))) for text in counts.index]].sum()) / total

    return Shape(total, share(_DATE), share(_NUMBER), share(_WHOLE), share(_SERIAL), len(counts) / total)


def shape_fits(column: Column, shape: Shape) -> bool:
    """Whether such cells can be values of the column; empty columns fit everywhere."""
    if not shape.rows:
        return True
    if column.kind == "day":
        return shape.dates >= MOST or shape.serials >= MOST
    if column.kind == "integer":
        return shape.whole >= MOST or (shape.numbers >= MOST and shape.whole > 0)
    if column.kind in ("number", "money"):
        return shape.numbers >= MOST
    if column.kind == "text" and not column.choices:
        return shape.dates < MOST or shape.whole >= MOST
    return True


def is_key(frame: pd.DataFrame, positions: Sequence[int]) -> bool:
    """Whether the columns tell (nearly) all rows of a sample apart."""
    if frame.empty or not positions:
        return True
    rows = frame[list(positions)].astype("str")
    return float(np.mean(~rows.duplicated())) >= 0.95
