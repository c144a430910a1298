"""A stream of CSV text cut into chunks that hold whole records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

LONGEST_CELL = 1_000
"""Lines within one pair of quotation marks; more means that a mark was never closed."""
LARGEST_RECORD = 64 * 2**20
FIELD_START, PLAIN, QUOTED, CLOSED = 0, 1, 2, 3
LINE_END = re.compile(rb"\r\n|\r|\n")
QUOTE, RETURN, NEWLINE = 34, 13, 10


@dataclass(frozen=True)
class Chunk:
    """Whole records. ``unclosed``: lines whose quotation mark is never closed, by the record's place in the chunk;
    they are not in ``data``."""

    data: bytes
    unclosed: tuple[tuple[int, bytes], ...] = ()


def cut(pieces: Iterable[bytes], separator: str) -> Iterator[Chunk]:
    """Chunks of whole records: line breaks within quotation marks end no record.

    A quotation mark counts at the start of a cell only, as in spreadsheets. One that is never closed would swallow
    the rows that follow: its line is set apart and reading goes on with the next one.
    """
    carry = b""
    for piece in pieces:
        data = carry + piece
        chunk, end = _whole(data, separator, final=False)
        carry = data[end:]
        if chunk.data or chunk.unclosed:
            yield chunk
    chunk, _ = _whole(carry, separator, final=True)
    if chunk.data or chunk.unclosed:
        yield chunk


def _whole(data: bytes, separator: str, final: bool) -> tuple[Chunk, int]:
    """The whole records at the start of some text and where they end."""
    final = final or len(data) > LARGEST_RECORD
    if b'"' not in data:
        end = len(data) if final else data.rfind(b"\n") + 1
        return Chunk(data[:end]), end
    array = np.frombuffer(data, dtype=np.uint8)
    good: list[bytes] = []
    unclosed: list[tuple[int, bytes]] = []
    start = records = 0
    while True:
        end, count, trouble = _scan(array, start, ord(separator), final)
        records += count
        if trouble < 0:
            good.append(data[start:end])
            return Chunk(b"".join(good), tuple(unclosed)), end
        line = LINE_END.search(data, trouble)
        line_end = line.end() if line else len(data)
        good.append(data[start:trouble])
        unclosed.append((records, data[trouble:line_end]))
        records += 1
        start = line_end


@njit(cache=True)
def _scan(data: Any, start: int, separator: int, final: bool) -> tuple[int, int, int]:
    """End of the last whole record, number of whole records, and where a record with an unclosed mark starts (-1)."""
    state, lines, records = FIELD_START, 0, 0
    begin, position, size = start, start, len(data)
    while position < size:
        byte = data[position]
        ends = byte == NEWLINE or (byte == RETURN and position + 1 < size and data[position + 1] != NEWLINE)
        if state == QUOTED:
            if byte == QUOTE:
                state = CLOSED
            elif byte == NEWLINE:
                lines += 1
                if lines > LONGEST_CELL:
                    return begin, records, begin
        elif ends:
            records += 1
            begin, state, lines = position + 1, FIELD_START, 0
        elif byte == separator:
            state = FIELD_START
        elif byte == QUOTE and state != PLAIN:
            state = QUOTED
        elif byte != RETURN:
            if state == CLOSED and lines:
                return begin, records, begin
            state = PLAIN
        position += 1
    if not final:
        return begin, records, -1
    if state == QUOTED:
        return begin, records, begin
    return size, records + (1 if begin < size else 0), -1
