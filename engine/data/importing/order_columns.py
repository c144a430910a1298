"""Columns of order lines as codes and distinct texts: a million lines cost little more than their distinct cells."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data.conform import conform
from engine.data.contract.column import Column, ColumnKind
from engine.data.importing.cells import clean
from engine.data.importing.model import Block, Feed

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]
_CLOCK = r"^(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?)[ T]+\d{1,2}[:：].*$"


class Cells(NamedTuple):
    """Numbers of a column, where it is blank, and where it cannot be read."""

    values: Ints
    blank: Mask
    wrong: Mask


class OrderColumns:
    """The columns of a block of order lines under their names, as codes and cleaned distinct texts."""

    def __init__(self, feed: Feed, block: Block) -> None:
        self.feed, self.frame, self.count = feed, block.frame, len(block.rows)
        self.kept: dict[str, pd.Categorical] = {}

    def has(self, name: str) -> bool:
        """Whether the feed gives it, as a column or a constant."""
        return name in self.feed.columns or name in self.feed.constants

    def texts(self, name: str, kind: ColumnKind) -> pd.Categorical:
        """Cleaned texts; blanks are the empty text."""
        if name not in self.kept:
            if name not in self.feed.columns:
                self.kept[name] = coded(np.zeros(self.count, dtype=np.int64), [self.feed.constants.get(name, "")])
            else:
                raw = self.frame[self.feed.columns[name]]
                raw = raw if isinstance(raw.dtype, pd.CategoricalDtype) else raw.astype("category")
                codes, labels = raw.cat.codes.to_numpy().astype(np.int64), raw.cat.categories.to_numpy(dtype=object)
                if kind == "day":
                    codes, labels = _days_of(codes, labels)
                self.kept[name] = coded(codes, clean(labels, kind))
        return self.kept[name]

    def filled(self, name: str, kind: ColumnKind = "text") -> Mask:
        """Cells that hold something."""
        column = self.texts(name, kind)
        return np.asarray(column.categories != "")[column.codes]

    def series(self, name: str) -> pd.Series | None:
        """Texts as they stand; None where the feed has no such column."""
        return pd.Series(self.texts(name, "text")) if self.has(name) else None

    def number(self, name: str, kind: ColumnKind, yuan: bool = False) -> Cells:
        """Whole numbers; money in fen."""
        cells = conform(pd.Series(self.texts(name, kind)), Column(name, kind, name, required=True, minimum=0), yuan)
        values = cells.values.to_numpy().astype(np.int64)
        return Cells(values, cells.blank, cells.wrong | (values < 0))

    def money(self, stem: str) -> Cells | None:
        """Fen of a money column in either unit; None where there is none."""
        for name, yuan in ((f"{stem}_fen", False), (f"{stem}_yuan", True)):
            if name in self.feed.columns:
                return self.number(name, "money", yuan)
        return None


def coded(codes: Ints, labels: Any) -> pd.Categorical:
    """Categories without repetition; missing cells are the empty text."""
    place, names = pd.factorize(np.array([*labels, ""], dtype=object))
    return pd.Categorical.from_codes(place[codes], categories=pd.Index(names, dtype=object))


def only(column: pd.Categorical, rows: Mask) -> pd.Categorical:
    """Other cells become blank."""
    return coded(np.where(rows, column.codes, -1).astype(np.int64), column.categories)


def digits(values: Ints) -> pd.Categorical:
    """Whole numbers as text."""
    codes, names = pd.factorize(values)
    return pd.Categorical.from_codes(codes, categories=pd.Index([str(value) for value in names], dtype=object))


def arrow_texts(column: pd.Categorical) -> pa.Array:
    """One text a row."""
    return pa.array(column.categories.to_numpy(dtype=object), pa.string()).take(pa.array(column.codes))


def _days_of(codes: Ints, labels: NDArray[Any]) -> tuple[Ints, NDArray[Any]]:
    """Moments without their time of day: a million of them are a few days."""
    cut = pc.replace_substring_regex(pa.array(labels, pa.string()), _CLOCK, r"\1").dictionary_encode()
    place = np.append(cut.indices.to_numpy().astype(np.int64), -1)
    return place[codes], cut.dictionary.to_numpy(zero_copy_only=False)
