"""Workbooks (.xlsx, .xls, .xlsb, .ods) as sheets."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from engine.data.importing.model import Book, Sheet
from engine.data.importing.sheets.grid import grid_sheet
from engine.data.importing.sheets.layout import Cells
from engine.data.importing.sheets.limits import check_archive, check_locked
from engine.data.importing.sheets.unreadable import Unreadable, check_width
from engine.plans.errors import BadInput, Problem

STDERR = 2
EXACT = 2**53
"""Whole numbers beyond have lost digits; they are written in powers of ten so that nobody takes them for ids."""
UNSAVED = "holds formulas without a stored result, they are read as blank"
Merged = dict[tuple[int, int], int]
"""First row of a merge down a column, by each cell that it covers."""
Result = TypeVar("Result")


def open_excel(path: Path, name: str, known: Callable[[str], bool]) -> Book:
    """Every worksheet that holds anything; raises :class:`Unreadable` where the workbook cannot be opened."""
    check_locked(path)
    unsaved = check_archive(path)
    sheets: list[Sheet] = []
    problems = [Problem(name, UNSAVED, remedy="Open it in a spreadsheet and save it.")] if unsaved else []
    for index, title in _worksheets(path):
        label = f"{name} [{title}]"
        try:
            _sheet(path, path.stat().st_mtime_ns, index)
            sheet = grid_sheet(name, title, _row_source(path, index, label), known)
        except Unreadable as error:
            problems.append(error.problem(label))
            continue
        if sheet is not None:
            sheets.append(sheet)
    if not sheets and not problems:
        raise Unreadable("holds no rows", "Fill it, or remove the file.")
    return Book(name, tuple(sheets), tuple(problems))


def cell_text(value: Any) -> str:
    """A cell as text: dates in ISO form, whole numbers without a fraction, 15 digits as spreadsheets hold.

    >>> from datetime import date
    >>> [cell_text(value) for value in (12.0, 0.1 + 0.2, 6.9e18, date(2026, 11, 1), True)]
    ['12', '0.3', '6.9E+18', '2026-11-01', 'TRUE']
    """
    kind = type(value)
    if kind is float:
        whole = int(value) if -EXACT < value < EXACT else None
        return str(whole) if whole == value else f"{value:.15g}".upper()
    if kind is str:
        return str(value)
    if kind is datetime:
        return str(value.isoformat(" ", "seconds")).removesuffix(" 00:00:00")
    return str(value).upper() if kind is bool else str(value)


def _worksheets(path: Path) -> list[tuple[int, str]]:
    def titles() -> list[tuple[int, str]]:
        with CalamineWorkbook.from_path(path) as book:
            entries = enumerate(book.sheets_metadata)
            return [(index, entry.name) for index, entry in entries if entry.typ == SheetTypeEnum.WorkSheet]

    return _guarded(titles)


@lru_cache(maxsize=1)
def _sheet(path: Path, stamp: int, index: int) -> CalamineSheet:
    """A worksheet in memory; the last one stays, since it is looked at first and read right after."""

    def load() -> CalamineSheet:
        with CalamineWorkbook.from_path(path) as book:
            return book.get_sheet_by_index(index)

    sheet = _guarded(load)
    check_width(sheet.width)
    return sheet


def _row_source(path: Path, index: int, label: str) -> Callable[[], Iterator[Cells]]:
    def rows() -> Iterator[Cells]:
        try:
            sheet = _sheet(path, path.stat().st_mtime_ns, index)
        except Unreadable as error:
            raise BadInput([error.problem(label)]) from error
        return _rows(sheet)

    return rows


def _rows(sheet: CalamineSheet) -> Iterator[Cells]:
    """Rows from row 1 on, from the first column that holds anything; merges down a column are filled."""
    left = sheet.start[1] if sheet.start else 0
    merged: Merged = {
        (row, column - left): top
        for (top, column), (bottom, right) in sheet.merged_cell_ranges or ()
        if column == right
        for row in range(top + 1, min(bottom + 1, sheet.total_height))
    }
    shown: dict[tuple[int, int], str] = {}
    tops = {(top, column) for (_, column), top in merged.items()}
    for number, values in enumerate(sheet.iter_rows()):
        cells = [value if type(value) is str else cell_text(value) for value in values]
        if merged:
            for column in range(len(cells)):
                if (number, column) in tops:
                    shown[number, column] = cells[column]
                elif (number, column) in merged:
                    cells[column] = shown.get((merged[number, column], column), "")
        yield tuple(cells)


def _guarded(call: Callable[[], Result]) -> Result:
    """The library's errors, and its panics (which are no exceptions to Python), as what the user can act on."""
    try:
        with _unheard():
            return call()
    except PasswordError as error:
        raise Unreadable("is protected by a password", "Remove the password and save it again.") from error
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        remedy = "Open it in a spreadsheet and save it as .xlsx, or export it again."
        raise Unreadable("is a truncated or damaged workbook", remedy) from error


@contextmanager
def _unheard() -> Iterator[None]:
    """The library writes a trace past Python when it panics; the user reads a problem instead."""
    kept, nothing = os.dup(STDERR), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, STDERR)
    try:
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
        os.close(nothing)
