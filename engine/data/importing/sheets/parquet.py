"""Parquet files as sheets, read row group by row group."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.data.importing.model import Block, Sheet
from engine.data.importing.sheets.column import TextColumn, from_dictionary, tidy
from engine.data.importing.sheets.layout import Layout
from engine.data.importing.sheets.sift import Part, sift
from engine.data.importing.sheets.unreadable import Unreadable, check_width
from engine.plans.errors import BadInput

ROWS_A_BLOCK = 2**18
ZONE = "Asia/Shanghai"
DAMAGES = (pa.ArrowException, OSError, ValueError)
"""What the library raises at a damaged file; names that are no text are a ``ValueError``."""
DAMAGED = Unreadable("is a truncated or damaged Parquet file", "Download or export it again.")


def open_parquet(path: Path, name: str, known: Callable[[str], bool]) -> Sheet:
    """The table of a Parquet file: its names count as row 1; raises :class:`Unreadable` where it is damaged."""
    try:
        with pq.ParquetFile(path) as file:
            names = tuple(file.schema_arrow.names)
    except DAMAGES as error:
        raise DAMAGED from error
    check_width(len(names))
    header = tidy(names)
    layout = Layout(1, header, header, ())

    def blocks() -> Iterator[Block]:
        return sift(_parts(path, name), layout)

    return Sheet(name, "", layout.names, layout.header_row, layout.preamble, blocks)


def _parts(path: Path, name: str) -> Iterator[Part]:
    first = 2
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=ROWS_A_BLOCK, use_threads=False):
                rows = np.arange(first, first + batch.num_rows)
                yield Part([texts(column) for column in batch.columns], rows, damaged=True)
                first += batch.num_rows
    except DAMAGES as error:
        raise BadInput([DAMAGED.problem(name)]) from error


def texts(array: pa.Array) -> TextColumn:
    """Any column as text by its distinct values; missing values are blanks."""
    if pa.types.is_nested(array.type):
        array = pa.array([None if value is None else _json(value) for value in array.to_pylist()], type=pa.string())
    coded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    coded.validate(full=True)
    labels = pc.fill_null(_labels(coded.dictionary), "")
    blank = pa.scalar(len(labels), type=pa.int32())
    codes = pc.fill_null(coded.indices.cast(pa.int32()), blank)
    distinct = pa.concat_arrays([labels, pa.array([""])]).dictionary_encode()
    merged = distinct.indices.take(codes)
    return from_dictionary(pa.DictionaryArray.from_arrays(merged, distinct.dictionary))


def _labels(values: pa.Array) -> pa.Array:
    kind = values.type
    if pa.types.is_floating(kind):
        shortest = values.cast(pa.string()).to_pylist()
        return pa.array([None if text is None else _number(float(text)) for text in shortest], type=pa.string())
    if pa.types.is_timestamp(kind):
        local = pc.local_timestamp(values.cast(pa.timestamp(kind.unit, ZONE))) if kind.tz else values
        return pc.replace_substring_regex(local.cast(pa.string()), r"( 00:00:00)?(\.0+)?$", "")
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([None if value is None else value.decode("utf-8", "replace") for value in values.to_pylist()])
    return values.cast(pa.string())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _number(value: float) -> str:
    if value != value:
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value).upper()
