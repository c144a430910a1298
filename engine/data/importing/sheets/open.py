"""Any file a merchant hands in, as a book of sheets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.data.importing.model import Book
from engine.data.importing.sheets.detect import detect
from engine.data.importing.sheets.excel import open_excel
from engine.data.importing.sheets.html import open_html
from engine.data.importing.sheets.parquet import open_parquet
from engine.data.importing.sheets.text import open_text
from engine.data.importing.sheets.unreadable import Unreadable
from engine.plans.errors import Problem


def open_file(path: Path, name: str, known: Callable[[str], bool]) -> Book:
    """The sheets of a file, whatever its name says it is.

    ``name``: the file in messages; ``known``: whether a spelling is a known column name. Never raises for what a
    file holds: a file, or sheet, that cannot be read is a problem of the book. Only reading the blocks of a file
    that changed or is damaged further down raises :class:`engine.plans.errors.BadInput`.
    """
    try:
        kind = detect(path)
        if kind == "excel":
            return open_excel(path, name, known)
        if kind == "html":
            return open_html(path, name, known)
        opener = open_parquet if kind == "parquet" else open_text
        return Book(name, (opener(path, name, known),))
    except Unreadable as error:
        return Book(name, (), (error.problem(name),))
    except OSError as error:
        remedy = "Check that the file is there and may be read."
        return Book(name, (), (Problem(name, f"cannot be opened: {error.strerror or error}", remedy=remedy),))
