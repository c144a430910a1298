"""One CSV file as text: encoding, header and records, fast and with true row numbers."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from engine.data.findings import LISTED
from engine.plans.errors import Problem

BLOCK = 16 * 2**20
ENCODINGS = ("utf-8-sig", "gb18030")
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class TextFile:
    """A file whose header could be read. ``names``: its columns as they are spelled; ``header_lines``: lines up to
    and with the header."""

    path: Path
    encoding: str
    names: tuple[str, ...]
    header_lines: int


def open_text(path: Path) -> tuple[TextFile | None, list[Problem]]:
    """Encoding and header of a file; a problem where it is empty or no comma-separated text."""
    encoding = _encoding(path)
    if encoding is None:
        remedy = "Save it as CSV UTF-8."
        return None, [Problem(path.name, "is neither UTF-8 nor GB18030 text", expected="a CSV file", remedy=remedy)]
    with path.open(encoding=encoding, newline="") as handle:
        reader = csv.reader(handle)
        names = tuple(name.strip() for name in next(filter(any, reader), []))
        lines = reader.line_num
    if not names:
        return None, [
            Problem(path.name, "is empty", expected="a header and rows", remedy="Fill it, or remove the file.")
        ]
    for mark, word in SEPARATORS.items():
        if len(names) == 1 and mark in names[0]:
            return None, [Problem(path.name, f"is separated by {word}", row=1, value=names[0], expected="commas")]
    return TextFile(path, encoding, names, lines), []


def read_text(file: TextFile, wanted: Sequence[int]) -> tuple[pd.DataFrame, NDArray[np.int64], list[Problem]]:
    """The wanted columns (positions) as categories of text, rows that are blank throughout left out.

    Also the record number of each row, from 0, and a problem for every record with too few or too many cells.
    """
    wrong: list[int] = []

    def skip(row: pacsv.InvalidRow) -> str:
        wrong.append(row.actual_columns)
        return "skip"

    try:
        table = _parse(file, skip)
    except pa.ArrowInvalid as error:
        return pd.DataFrame(), np.zeros(0, dtype=np.int64), [Problem(file.path.name, f"cannot be read as CSV: {error}")]
    columns, blank = {}, np.ones(table.num_rows, dtype=bool)
    for position in range(len(file.names)):
        values = _categorical(table.column(position))
        empty = np.append(values.categories.str.strip() == "", True)
        blank &= empty[values.codes]
        if position in wanted:
            columns[position] = values
    records = np.flatnonzero(~blank)
    frame = pd.DataFrame(columns).iloc[records].reset_index(drop=True) if blank.any() else pd.DataFrame(columns)
    frame.columns = pd.Index([file.names[position] for position in columns])
    return frame, records, _uneven(file, len(wrong)) if wrong else []


def line_numbers(file: TextFile, records: Iterable[int]) -> dict[int, int]:
    """Row in the file (as a spreadsheet counts: blank lines too) of some of the records that were read."""
    left = set(records)
    found: dict[int, int] = {}
    even = (row for row, cells in _rows(file) if len(cells) == len(file.names))
    for record, row in enumerate(even):
        if record in left:
            found[record] = row
        if len(found) == len(left):
            break
    return found


def _rows(file: TextFile) -> Iterator[tuple[int, list[str]]]:
    """Row number and cells of every record below the header."""
    with file.path.open(encoding=file.encoding, newline="") as handle:
        reader = enumerate(csv.reader(handle), start=1)
        next(entry for entry in reader if any(entry[1]))
        yield from (entry for entry in reader if entry[1])


def _uneven(file: TextFile, count: int) -> list[Problem]:
    """Records with another number of cells than the header, the first few by row."""
    expected = f"{len(file.names)} cells"
    remedy = "Put texts that hold a comma into double quotes."
    uneven = ((row, cells) for row, cells in _rows(file) if len(cells) != len(file.names))
    problems = [
        Problem(
            file.path.name,
            "has another number of cells than the header",
            row,
            None,
            f"{len(cells)} cells",
            expected,
            remedy,
        )
        for row, cells in islice(uneven, LISTED)
    ]
    if count > LISTED:
        problems.append(Problem(file.path.name, f"and {count - LISTED:,} more rows like the ones above"))
    return problems


def _encoding(path: Path) -> str | None:
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as handle:
                while block := handle.read(BLOCK):
                    if b"\0" in block:
                        return None
                    decoder.decode(block)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    return None


def _parse(file: TextFile, skip: Callable[[pacsv.InvalidRow], str]) -> pa.Table:
    """Every column as text, dictionary-encoded; nothing is taken for missing and nothing for a number."""
    names = [str(position) for position in range(len(file.names))]
    text = pa.dictionary(pa.int32(), pa.string())
    encoding = "utf8" if file.encoding == "utf-8-sig" else file.encoding
    return pacsv.read_csv(
        file.path,
        pacsv.ReadOptions(block_size=BLOCK, column_names=names, skip_rows=file.header_lines, encoding=encoding),
        pacsv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
        pacsv.ConvertOptions(column_types=dict.fromkeys(names, text), null_values=[], strings_can_be_null=False),
    )


def _categorical(column: pa.ChunkedArray) -> pd.Categorical:
    """Chunks with dictionaries of their own to one categorical."""
    merged = column.unify_dictionaries().combine_chunks()
    if isinstance(merged, pa.ChunkedArray):
        merged = merged.chunk(0) if merged.num_chunks else pa.array([], type=column.type)
    names = pd.Index(merged.dictionary.to_pandas().astype("str"))
    return pd.Categorical.from_codes(merged.indices.to_numpy(), categories=names)
