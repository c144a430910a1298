"""Workbooks that would not fit into memory, and locked ones, told before they are opened."""

from __future__ import annotations

import mmap
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from engine.data.importing.sheets.unreadable import LARGEST_WIDTH, Unreadable

LARGEST = 2 * 2**30
"""Bytes of a workbook unpacked."""
BOMB_SIZE, BOMB_RATIO = 2**27, 300
"""A file of the archive is a bomb where it unpacks to more than this size by more than this ratio."""
MOST_CELLS = 60_000_000
"""Cells of the rectangle around a sheet: what the reader holds in memory."""
PIECE, OVERLAP = 2**20, 2**10
ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="([0-9]+)"')
CELL = re.compile(rb'\br="([A-Z]+)[0-9]')
IMPOSSIBLE = re.compile(rb'\br="(?:[A-Z]{4,}[0-9]|[A-Z]+(?:[2-9][0-9]{6}|[0-9]{8}))')
"""Places that no spreadsheet has, whatever the row around them says."""
FILLED_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+)([0-9]+)"[^>]*(?<!/)>')
UNSAVED = re.compile(rb"f(?: ?/)?>\s*(?:<(?:\w+:)?v(?: ?/>|></(?:\w+:)?v>))?\s*</(?:\w+:)?c>")
LOCKED = "EncryptedPackage".encode("utf-16-le")


def check_locked(path: Path) -> None:
    """Raises :class:`Unreadable` for a workbook that is encrypted as a whole."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if not data[:2] == b"PK" and data.find(LOCKED) >= 0:
            raise Unreadable("is protected by a password", "Remove the password and save it again.")


def check_archive(path: Path) -> bool:
    """Raises :class:`Unreadable` for a zipped workbook that is damaged, or far larger unpacked than a workbook is.

    Says whether it holds formulas without a stored result, which would read as blank.
    """
    if not zipfile.is_zipfile(path):
        return False
    unsaved = False
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(archive.infolist())
            for entry in archive.infolist():
                if re.search(r"worksheets/[^/]+\.xml$", entry.filename):
                    unsaved |= _check_extent(archive, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Unreadable("is a truncated or damaged workbook", "Download or export it again.") from error
    return unsaved


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    bomb = any(
        entry.file_size > BOMB_SIZE and entry.file_size > BOMB_RATIO * max(entry.compress_size, 1) for entry in entries
    )
    total = sum(entry.file_size for entry in entries)
    if bomb or total > LARGEST:
        raise Unreadable(
            f"unpacks to {total / 2**30:,.1f} GB, no workbook of a table does",
            "Export the table as CSV; files of any size are read.",
        )


def _check_extent(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """A single cell far out makes the reader fill all between; cells that only carry a format do not."""
    rows, letters, unsaved, doubtful = 0, set[bytes](), False, False
    for text in _unpacked(archive, entry):
        rows = max(rows, *map(int, ROW.findall(text)), 0)
        letters.update(CELL.findall(text))
        doubtful |= IMPOSSIBLE.search(text) is not None
        unsaved |= b"f>" in text and UNSAVED.search(text) is not None
    columns = max(map(_number, letters), default=0)
    if doubtful or not rows or columns > LARGEST_WIDTH or rows * columns > MOST_CELLS:
        rows, columns = _filled_extent(archive, entry)
    if rows * columns > MOST_CELLS:
        raise Unreadable(
            f"has cells out to row {rows:,} and column {columns:,}",
            "Delete the cells far from the table, or save it as CSV.",
        )
    return unsaved


def _filled_extent(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> tuple[int, int]:
    """Last row and last column in which a cell holds anything."""
    rows = columns = 0
    for text in _unpacked(archive, entry):
        for letters, row in FILLED_CELL.findall(text):
            rows, columns = max(rows, int(row)), max(columns, _number(letters))
    return rows, columns


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as file:
        tail = b""
        while piece := file.read(PIECE):
            yield tail + piece
            tail = piece[-OVERLAP:]


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number
