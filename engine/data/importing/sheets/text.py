"""Separated text as a sheet, read as a stream: memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from engine.data.importing.model import Block, Odd, Sheet
from engine.data.importing.sheets.column import (
    MARK,
    Mask,
    TextColumn,
    empty,
    from_dictionary,
    from_texts,
    joined,
    readable,
    tidy,
)
from engine.data.importing.sheets.encoding import pieces
from engine.data.importing.sheets.layout import Cells, trimmed
from engine.data.importing.sheets.records import Chunk, cut
from engine.data.importing.sheets.separators import plain_cells, split
from engine.data.importing.sheets.sift import Part, odd_reason, sift
from engine.data.importing.sheets.text_format import TextFormat, text_format

UNCLOSED = "a quotation mark is opened and never closed"


def open_text(path: Path, name: str, known: Callable[[str], bool]) -> Sheet:
    """The sheet of a text file; raises :class:`Unreadable` where it is no table of text."""
    form = text_format(path, known)
    layout = form.layout

    def blocks() -> Iterator[Block]:
        return sift(_parts(form), layout)

    return Sheet(name, "", layout.names, layout.header_row, layout.preamble, blocks)


def _parts(form: TextFormat) -> Iterator[Part]:
    first = 1
    for chunk in cut(pieces(form.path, form.encoding), form.separator):
        part, records = _part(chunk, form, first)
        first += records
        yield part


def _part(chunk: Chunk, form: TextFormat, first: int) -> tuple[Part, int]:
    """A chunk whose first record is row ``first``, and how many records it holds."""
    columns, uneven = _parse(chunk.data, form)
    records = len(columns[0]) + len(uneven) + len(chunk.unclosed)
    numbers = np.delete(np.arange(first, first + records), [place for place, _ in chunk.unclosed])
    at = [number - 1 for number, _ in uneven]
    odd = [Odd(first + place, UNCLOSED, plain_cells(line, form.separator)) for place, line in chunk.unclosed]
    columns, rows = _without_surplus(columns, np.delete(numbers, at), form, odd)
    fitting: dict[int, Cells] = {}
    for row, cells in zip(numbers[at].tolist(), _cells([text for _, text in uneven], form), strict=True):
        fitted = _fitted(cells, form)
        if fitted is None:
            shown = tuple(map(readable, cells))
            odd.append(Odd(row, odd_reason(cells) or _misfit(len(cells), form), shown))
        else:
            fitting[row] = fitted
    damaged = b"\0" in chunk.data or MARK.encode() in chunk.data
    return Part(*_with_rows(columns, rows, fitting), odd, damaged), records


def _parse(data: bytes, form: TextFormat) -> tuple[list[TextColumn], list[tuple[int, str]]]:
    """Columns of text, and number (from 1) and text of every record with another number of cells."""
    if not data:
        return [empty(0)] * form.cells, []
    uneven: list[tuple[int, str]] = []

    def skip(row: pacsv.InvalidRow) -> str:
        uneven.append((row.number, row.text))
        return "skip"

    names = [str(position) for position in range(form.cells)]
    text = pa.dictionary(pa.int32(), pa.string())
    table = pacsv.read_csv(
        pa.BufferReader(data),
        pacsv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
        pacsv.ParseOptions(
            delimiter=form.separator,
            newlines_in_values=b'"' in data,
            ignore_empty_lines=False,
            invalid_row_handler=skip,
        ),
        pacsv.ConvertOptions(column_types=dict.fromkeys(names, text), null_values=[], strings_can_be_null=False),
    )
    if not table.num_rows:
        return [empty(0)] * form.cells, uneven
    return [from_dictionary(entry.chunk(0)) for entry in table.columns], uneven


def _cells(lines: list[str], form: TextFormat) -> Iterator[Cells]:
    """Cells of single records, tidied all at once."""
    rows = [next(split(line, form.separator), [line]) for line in lines]
    tidied = iter(tidy([cell for row in rows for cell in row]))
    return (tuple(islice(tidied, len(row))) for row in rows)


def _without_surplus(
    columns: list[TextColumn], rows: NDArray[np.int64], form: TextFormat, odd: list[Odd]
) -> tuple[list[TextColumn], NDArray[np.int64]]:
    """Columns as many as the sheet has; rows that fill cells beyond are broken, short ones end in blanks."""
    width = form.layout.width
    columns = columns + [empty(len(rows))] * (width - len(columns))
    beyond: Mask = np.zeros(len(rows), dtype=bool)
    for surplus in columns[width:]:
        beyond |= ~surplus.equal("")
    for position in np.flatnonzero(beyond):
        cells = tuple(readable(entry.cell(position)) for entry in columns)
        odd.append(Odd(int(rows[position]), _misfit(len(trimmed(cells)), form), cells))
    columns = columns[:width]
    if beyond.any():
        columns = [TextColumn(entry.codes[~beyond], entry.labels) for entry in columns]
    return columns, rows[~beyond]


def _fitted(cells: Cells, form: TextFormat) -> Cells | None:
    """The cells of an uneven row if it only has empty cells too many, or may leave them out."""
    width = form.layout.width
    filled = trimmed(cells)
    if len(filled) > width or (filled and len(cells) < width and not form.ragged):
        return None
    return filled + ("",) * (width - len(filled))


def _with_rows(
    columns: list[TextColumn], rows: NDArray[np.int64], fitting: dict[int, Cells]
) -> tuple[list[TextColumn], NDArray[np.int64]]:
    """Further rows put where they stand in the file."""
    if not fitting:
        return columns, rows
    rows = np.concatenate([rows, np.array(list(fitting), dtype=np.int64)])
    order = np.argsort(rows, kind="stable")
    further = [from_texts(texts) for texts in zip(*fitting.values(), strict=True)]
    pairs = [joined(entry, more) for entry, more in zip(columns, further, strict=True)]
    return [TextColumn(entry.codes[order], entry.labels) for entry in pairs], rows[order]


def _misfit(cells: int, form: TextFormat) -> str:
    return f"has {cells} cells, the header has {form.layout.width}"
