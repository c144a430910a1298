"""What every test of a reader asks: is each row below the header counted once?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.data.importing.model import Book, Odd, Sheet
from engine.data.importing.sheets import open_file


def nothing_known(name: str) -> bool:
    """No vocabulary: the header is found by shape."""
    return False


@dataclass(frozen=True)
class Content:
    """All blocks of a sheet in one."""

    cells: dict[int, tuple[str, ...]]
    dropped: tuple[Odd, ...]
    broken: tuple[Odd, ...]

    def reasons(self) -> dict[int, str]:
        """Why each row is no data."""
        return {entry.row: entry.reason for entry in (*self.dropped, *self.broken)}


def content(sheet: Sheet) -> Content:
    """Read a sheet and check that its rows are counted once each, in order, from the header on without a gap."""
    cells: dict[int, tuple[str, ...]] = {}
    dropped: list[Odd] = []
    broken: list[Odd] = []
    rows: list[int] = []
    for block in sheet.blocks():
        assert list(block.frame.columns) == list(range(len(sheet.names)))
        assert len(block.frame) == len(block.rows)
        assert not block.frame.isna().any(axis=None)
        assert (np.diff(block.rows) > 0).all()
        texts = [block.frame[column].astype(str).tolist() for column in block.frame.columns]
        cells |= dict(zip(block.rows.tolist(), zip(*texts, strict=True), strict=True))
        dropped += block.dropped
        broken += block.broken
        rows += [*block.rows.tolist(), *(entry.row for entry in (*block.dropped, *block.broken))]
    assert sorted(rows) == list(range(sheet.header_row + 1, sheet.header_row + 1 + len(rows)))
    if rows:
        assert {entry.row: entry.reason for entry in dropped}.get(max(rows)) != "blank"
    return Content(cells, tuple(dropped), tuple(broken))


def opened(path: Path) -> Book:
    """A book that is read without problems."""
    book = open_file(path, path.name, nothing_known)
    assert not book.problems, book.problems
    return book


def only_sheet(path: Path) -> Sheet:
    """The one sheet of a file."""
    (sheet,) = opened(path).sheets
    return sheet
