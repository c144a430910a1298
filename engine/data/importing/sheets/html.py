"""Web pages saved as spreadsheets (platforms name such files .xls), as sheets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lxml import etree, html

from engine.data.importing.model import Book, Sheet
from engine.data.importing.sheets.column import MARK
from engine.data.importing.sheets.encoding import detect_encoding, pieces
from engine.data.importing.sheets.grid import grid_sheet
from engine.data.importing.sheets.layout import Cells
from engine.data.importing.sheets.unreadable import LARGEST_WIDTH, Unreadable
from engine.plans.errors import BadInput

LARGEST = 2**28
AGAIN = "Open it in a spreadsheet and save it as .xlsx or CSV."


def open_html(path: Path, name: str, known: Callable[[str], bool]) -> Book:
    """Every table that holds no other table; raises :class:`Unreadable` where there is none."""
    if path.stat().st_size > LARGEST:
        raise Unreadable("is a web page too large to be read as a whole", AGAIN)
    tables = _tables(path)
    titles = [f"table {index}" if len(tables) > 1 else "" for index in range(1, len(tables) + 1)]
    found = [_open_table(path, name, index, title, known) for index, title in enumerate(titles)]
    sheets = tuple(sheet for sheet in found if sheet is not None)
    if not sheets:
        raise Unreadable("is a web page without a table", AGAIN)
    return Book(name, sheets)


def _open_table(path: Path, name: str, index: int, title: str, known: Callable[[str], bool]) -> Sheet | None:
    def rows() -> list[Cells]:
        try:
            return _rows(_tables(path)[index])
        except (Unreadable, IndexError) as error:
            raise BadInput([Unreadable("changed while it was read", "Import it again.").problem(name)]) from error

    return grid_sheet(name, title, rows, known)


def _tables(path: Path) -> list[html.HtmlElement]:
    data = b"".join(pieces(path, detect_encoding(path))).replace(b"\0", MARK.encode())
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True)
    try:
        root = html.document_fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise Unreadable("is a damaged web page", AGAIN) from error
    return [table for table in root.iter("table") if table.find(".//table") is None and table.find(".//tr") is not None]


def _rows(table: html.HtmlElement) -> list[Cells]:
    """Rows of one width; a cell over several rows holds in each, one over several columns in the first."""
    grid: list[list[str]] = []
    below: dict[int, tuple[int, str]] = {}
    for line in table.iter("tr"):
        cells: list[str] = []
        for cell in line.iterchildren("td", "th"):
            _fill_from_above(cells, below)
            text = _text(cell)
            span, deep = _span(cell, "colspan"), _span(cell, "rowspan")
            for place in range(span):
                if deep > 1:
                    below[len(cells)] = (deep - 1, "" if place else text)
                cells.append("" if place else text)
        _fill_from_above(cells, below)
        grid.append(cells)
    width = max(map(len, grid), default=0)
    return [tuple(cells + [""] * (width - len(cells))) for cells in grid]


def _fill_from_above(cells: list[str], below: dict[int, tuple[int, str]]) -> None:
    while (place := len(cells)) in below:
        left, text = below.pop(place)
        if left > 1:
            below[place] = (left - 1, text)
        cells.append(text)


def _text(cell: html.HtmlElement) -> str:
    for line_break in cell.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    return "".join(cell.itertext()).strip()


def _span(cell: html.HtmlElement, name: str) -> int:
    said = cell.get(name, "1").strip()
    return min(int(said), LARGEST_WIDTH + 1) if said.isdecimal() and said != "0" else 1
