"""Any file a merchant hands in, as a book of sheets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.data.importing.model import Book, Sheet
from engine.data.importing.sheets.detect import Kind, detect
from engine.data.importing.sheets.excel import open_excel
from engine.data.importing.sheets.html import open_html
from engine.data.importing.sheets.parquet import open_parquet
from engine.data.importing.sheets.text import open_text
from engine.data.importing.sheets.unreadable import Unreadable
from engine.data.importing.sheets.xml_workbook import open_xml_workbook
from engine.plans.errors import Problem

Known = Callable[[str], bool]
Opener = Callable[[Path, str, Known], Book]


def _single(opener: Callable[[Path, str, Known], Sheet]) -> Opener:
    return lambda path, name, known: Book(name, (opener(path, name, known),))


OPENERS: dict[Kind, Opener] = {
    "excel": open_excel,
    "xml": open_xml_workbook,
    "html": open_html,
    "parquet": _single(open_parquet),
    "text": _single(open_text),
}


def open_file(path: Path, name: str, known: Known) -> Book:
    """The sheets of a file, whatever its name says it is.

    ``name``: the file in messages; ``known``: whether a spelling is a known column name. Never raises for what a
    file holds: a file, or sheet, that cannot be read is a problem of the book. Only reading the blocks of a file
    that changed or is damaged further down raises :class:`engine.plans.errors.BadInput`.
    """
    try:
        kind = detect(path)
        return OPENERS[kind](path, name, known)
    except Unreadable as error:
        return Book(name, (), (error.problem(name),))
    except OSError as error:
        remedy = "Check that the file is there and may be read."
        return Book(name, (), (Problem(name, f"cannot be opened: {error.strerror or error}", remedy=remedy),))
