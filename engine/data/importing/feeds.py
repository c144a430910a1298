"""Blocks of a sheet to rows under contract names: columns picked, cells cleaned, constants added."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.importing.cells import CellKind, clean, damaged_ids
from engine.data.importing.model import Block, Feed, Odd, Rows
from engine.data.importing.names import find_column, kind_of
from engine.data.importing.order_lines import line_rows
from engine.data.tables import TABLES

IDS = ("sku", "platform_id", "order_id", "line", "po", "customer_id", "bundle_sku", "component_sku")
"""Columns whose digits must all be there."""
DAMAGED = "{header} lost its digits in a spreadsheet ({value}): export again and keep the column as text"
_JOIN = "|"


def feed_rows(feed: Feed, block: Block) -> list[Rows]:
    """The rows of a block for one feed; order lines give rows for ``orders`` and for ``sales``.

    Text stays text: cells are cleaned by their distinct values to what ``conform`` reads, money under the name of its
    unit. Rows whose ids have lost digits are in ``broken`` instead (of the first result).
    """
    damaged, broken = _damaged(feed, block)
    if broken:
        block = Block(block.frame.loc[~damaged].reset_index(drop=True), block.rows[~damaged])
    found = line_rows(feed, block) if feed.kind == "order_lines" else [_plain_rows(feed, block)]
    if not broken:
        return found
    first = found[0] if found else Rows(feed.table, pd.DataFrame(), block.rows[:0])
    return [Rows(first.table, first.frame, first.rows, first.grain, broken), *found[1:]]


def _plain_rows(feed: Feed, block: Block) -> Rows:
    """One row of the table a row of the file."""
    columns = {
        name: _cleaned(block.frame[place], cell_kind(feed.table, name), feed.units.get(name, ""))
        for name, place in feed.columns.items()
    }
    count = len(block.rows)
    for name, value in feed.constants.items():
        columns[name] = pd.Series(
            pd.Categorical.from_codes(np.zeros(count, dtype=np.int64), pd.Index([value], dtype="str"))
        )
    frame = pd.DataFrame(columns, index=pd.RangeIndex(count))
    return Rows(feed.table, frame, block.rows, _grain(feed, block))


def cell_kind(table: str, name: str) -> CellKind:
    """How the cells of a column are cleaned; what the contract does not know (platform ids) is text."""
    column = find_column(TABLES[table], name)
    return "text" if column is None else kind_of(column)


def _cleaned(cells: pd.Series, kind: CellKind, unit: str) -> pd.Series:
    """The column cleaned by its distinct texts, blanks the empty text; ``unit`` is written behind cells without it."""
    codes, labels = _distinct(cells)
    if unit:
        labels = np.array([_with_unit(str(label).strip(), unit) for label in labels], dtype=object)
    texts = np.append(clean(labels, kind), "")
    names, place = np.unique(texts.astype(str), return_inverse=True)
    return pd.Series(pd.Categorical.from_codes(place[codes], categories=pd.Index(names, dtype="str")))


def _with_unit(label: str, unit: str) -> str:
    return f"{label}{unit}" if label and label[-1] in "0123456789." else label


def _distinct(cells: pd.Series) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Positions among the distinct texts (-1: missing) and these."""
    column = cells.astype("category") if not isinstance(cells.dtype, pd.CategoricalDtype) else cells
    return column.cat.codes.to_numpy().astype(np.int64), column.cat.categories.to_numpy(dtype=object)


def _grain(feed: Feed, block: Block) -> pd.Series | None:
    """Texts of the grain columns joined, by their distinct combinations."""
    if not feed.grain:
        return None
    key = np.zeros(len(block.rows), dtype=np.int64)
    joined = np.array([""], dtype=object)
    for place in feed.grain:
        codes, labels = _distinct(block.frame[place])
        labels = np.array([*(str(label).strip() for label in labels), ""], dtype=object)
        packed, key = np.unique(key * len(labels) + codes % len(labels), return_inverse=True)
        before, own = joined[packed // len(labels)], labels[packed % len(labels)]
        joined = np.array([f"{a}{_JOIN}{b}" if a else b for a, b in zip(before, own, strict=True)], dtype=object)
    names, place_of = np.unique(joined.astype(str), return_inverse=True)
    return pd.Series(pd.Categorical.from_codes(place_of[key], categories=pd.Index(names, dtype="str")))


def _damaged(feed: Feed, block: Block) -> tuple[NDArray[np.bool_], tuple[Odd, ...]]:
    """Rows with an id that a spreadsheet turned into a number, and why."""
    found = np.zeros(len(block.rows), dtype=bool)
    why: dict[int, str] = {}
    for name, place in feed.columns.items():
        if name not in IDS:
            continue
        codes, labels = _distinct(block.frame[place])
        bad = np.append(damaged_ids(labels), False)
        for row in np.flatnonzero(bad[codes]) if bad.any() else ():
            why.setdefault(int(row), DAMAGED.format(header=name, value=labels[codes[row]]))
            found[row] = True
    cells = block.frame.loc[found].astype("str").fillna("") if why else None
    odd = (
        ()
        if cells is None
        else tuple(
            Odd(int(block.rows[row]), why[row], tuple(map(str, cells.loc[block.frame.index[row]])))
            for row in sorted(why)
        )
    )
    return found, odd
