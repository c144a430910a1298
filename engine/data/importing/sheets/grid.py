"""Rows of texts (of a workbook or web page) as a sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import numpy as np

from engine.data.importing.model import Block, Sheet
from engine.data.importing.sheets.column import from_texts, tidy
from engine.data.importing.sheets.layout import Cells, find_layout
from engine.data.importing.sheets.sift import Part, sift
from engine.data.importing.sheets.unreadable import check_width

SAMPLED = 300
ROWS_A_BLOCK = 50_000

Rows = Callable[[], Iterable[Cells]]


def grid_sheet(file: str, sheet: str, rows: Rows, known: Callable[[str], bool]) -> Sheet | None:
    """The sheet whose rows, of one width and from row 1 on, ``rows`` gives anew at every call; None: it is empty."""
    first = list(islice(rows(), SAMPLED))
    sample = [(number, tidy(cells)) for number, cells in enumerate(first, start=1)]
    if not any(any(cells) for _, cells in sample) and not any(map(any, rows())):
        return None
    width = max((len(cells) for cells in first), default=0)
    check_width(width)
    layout = find_layout(sample, known, width)

    def blocks() -> Iterator[Block]:
        return sift(_parts(rows()), layout)

    return Sheet(file, sheet, layout.names, layout.header_row, layout.preamble, blocks)


def _parts(rows: Iterable[Cells]) -> Iterator[Part]:
    first = 1
    stream = iter(rows)
    while batch := list(islice(stream, ROWS_A_BLOCK)):
        columns = [from_texts(texts) for texts in zip(*batch, strict=True)]
        yield Part(columns, np.arange(first, first + len(batch)), damaged=True)
        first += len(batch)
