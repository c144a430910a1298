"""Sheets made of texts, as ``sheets.open_file`` would give them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from engine.data.importing.model import Block, Sheet


def make_block(rows: Sequence[Sequence[str]], width: int, first_row: int = 2) -> Block:
    """A block of text rows."""
    frame = pd.DataFrame([list(row) for row in rows], columns=range(width), dtype="str").astype("category")
    return Block(frame, np.arange(first_row, first_row + len(rows), dtype=np.int64))


def make_sheet(
    names: Sequence[str] | str,
    rows: Sequence[Sequence[str]] = (),
    *,
    file: str = "export.csv",
    sheet: str = "",
    preamble: Sequence[Sequence[str]] = (),
) -> Sheet:
    """A sheet whose header stands below the preamble; ``names`` may be one text separated by spaces."""
    spelled = tuple(names.split() if isinstance(names, str) else names)
    header_row = len(preamble) + 1

    def blocks() -> Iterator[Block]:
        yield make_block(rows, len(spelled), header_row + 1)

    return Sheet(file, sheet, spelled, header_row, tuple(map(tuple, preamble)), blocks)
