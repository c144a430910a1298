"""Which character separates the cells of a text file."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice

from engine.data.importing.sheets.column import readable

SEPARATORS = (",", "\t", ";", "|")
LOOKED_AT = 100
HINT = re.compile(r'^"?sep=([,\t;|])"?\s*$')
"""Spreadsheets write and obey such a first line."""


def guess_separator(text: str, known: Callable[[str], bool]) -> str:
    """The separator that finds most known names in a row, then the one that cuts most rows into equally many cells.

    >>> guess_separator("id;price\\n1;2,5\\n2;3,5\\n", lambda name: False)
    ';'
    """
    lines = text[: 2**18].splitlines(keepends=True)[: 4 * LOOKED_AT]
    hint = HINT.match(lines[0]) if lines else None
    if hint:
        return hint[1]
    start = "".join(lines)
    return max(SEPARATORS, key=lambda separator: _score(start, separator, known))


def split(text: str, separator: str) -> Iterator[list[str]]:
    """Records of separated text; cells too long for a record end it."""
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error:
        return


def plain_cells(line: bytes, separator: str) -> tuple[str, ...]:
    """Cells of a line whose quotation marks cannot be relied on."""
    return tuple(readable(cell) for cell in line.decode().rstrip("\r\n").split(separator))


def _score(text: str, separator: str, known: Callable[[str], bool]) -> tuple[int, float]:
    rows = [row for row in islice(split(text, separator), LOOKED_AT) if any(row)]
    names = max((len({cell for cell in row if known(cell.strip())}) for row in rows if len(row) > 1), default=0)
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width, count = max(widths.items(), key=lambda entry: entry[1], default=(1, 0))
    return names, count / max(len(rows), 1) * (1 - 1 / width)
