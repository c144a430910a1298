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
CELL = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
FILLED_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*(?<!/)>')
LOCKED = "EncryptedPackage".encode("utf-16-le")


def check_locked(path: Path) -> None:
    """Raises :class:`Unreadable` for a workbook that is encrypted as a whole."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if not data[:2] == b"PK" and data.find(LOCKED) >= 0:
            raise Unreadable("is protected by a password", "Remove the password and save it again.")


def check_archive(path: Path) -> None:
    """Raises :class:`Unreadable` for a zipped workbook that is damaged, or far larger unpacked than a workbook is."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(archive.infolist())
            for entry in archive.infolist():
                if re.search(r"worksheets/[^/]+\.xml$", entry.filename):
                    _check_extent(archive, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Unreadable("is a truncated or damaged workbook", "Download or export it again.") from error


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


def _check_extent(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """A single cell far out makes the reader fill all between; cells that only carry a format do not."""
    rows, columns = _extent(archive, entry, CELL)
    if columns > LARGEST_WIDTH or rows * columns > MOST_CELLS:
        rows, columns = _extent(archive, entry, FILLED_CELL)
    if rows * columns > MOST_CELLS:
        raise Unreadable(
            f"has cells out to row {rows:,} and column {columns:,}",
            "Delete the cells far from the table, or save it as CSV.",
        )


def _extent(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, pattern: re.Pattern[bytes]) -> tuple[int, int]:
    """Last row and last column in which a cell stands."""
    last, letters = 0, set[bytes]()
    for text in _unpacked(archive, entry):
        found = pattern.findall(text)
        letters.update(column for column, _ in found)
        last = max(last, *(int(row) for _, row in found[-1:]), *(int(row) for _, row in found[:1]), 0)
    return last, max((_number(column) for column in letters), default=0)


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
