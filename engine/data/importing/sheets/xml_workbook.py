"""Workbooks in the XML of Excel 2003 (older ERPs name such files .xls), as sheets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lxml import etree

from engine.data.importing.model import Book, Sheet
from engine.data.importing.sheets.grid import grid_sheet
from engine.data.importing.sheets.html import LARGEST
from engine.data.importing.sheets.layout import Cells
from engine.data.importing.sheets.unreadable import LARGEST_WIDTH, Unreadable
from engine.plans.errors import BadInput

SPACE = "urn:schemas-microsoft-com:office:spreadsheet"
LAST_ROW = 2**20
AGAIN = "Open it in a spreadsheet and save it as .xlsx."


def open_xml_workbook(path: Path, name: str, known: Callable[[str], bool]) -> Book:
    """Every worksheet that holds anything; raises :class:`Unreadable` where the file is damaged or too large."""
    if path.stat().st_size > LARGEST:
        raise Unreadable("is an XML workbook too large to be read as a whole", AGAIN)
    titles = [title for title, _ in _tables(path)]
    found = [_open_table(path, name, index, title, known) for index, title in enumerate(titles)]
    sheets = tuple(sheet for sheet in found if sheet is not None)
    if not sheets:
        raise Unreadable("holds no rows", "Fill it, or remove the file.")
    return Book(name, sheets)


def _open_table(path: Path, name: str, index: int, title: str, known: Callable[[str], bool]) -> Sheet | None:
    _rows(_tables(path)[index][1])

    def rows() -> list[Cells]:
        try:
            return _rows(_tables(path)[index][1])
        except (Unreadable, IndexError) as error:
            raise BadInput([Unreadable("changed while it was read", "Import it again.").problem(name)]) from error

    return grid_sheet(name, title, rows, known)


def _tables(path: Path) -> list[tuple[str, etree._Element]]:
    """Title and table of every worksheet."""
    try:
        root = etree.fromstring(path.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.LxmlError, ValueError) as error:
        raise Unreadable("is a truncated or damaged XML workbook", AGAIN) from error
    sheets = root.iter(f"{{{SPACE}}}Worksheet")
    tables = [(sheet.get(f"{{{SPACE}}}Name", ""), sheet.find(f"{{{SPACE}}}Table")) for sheet in sheets]
    return [(title, table) for title, table in tables if table is not None]


def _rows(table: etree._Element) -> list[Cells]:
    """Rows of one width; rows and cells may say their place, else they follow one another."""
    grid: list[list[str]] = []
    for line in table.iterchildren(f"{{{SPACE}}}Row"):
        grid += [[] for _ in range(_place(line, len(grid), LAST_ROW) - len(grid))]
        cells: list[str] = []
        for cell in line.iterchildren(f"{{{SPACE}}}Cell"):
            cells += [""] * (_place(cell, len(cells), LARGEST_WIDTH) - len(cells))
            cells.append(_text(cell))
            cells += [""] * min(_number(cell, "MergeAcross"), LARGEST_WIDTH)
        grid.append(cells)
    width = max(map(len, grid), default=0)
    return [tuple(cells + [""] * (width - len(cells))) for cells in grid]


def _text(cell: etree._Element) -> str:
    data = cell.find(f"{{{SPACE}}}Data")
    if data is None:
        return ""
    text = "".join(data.itertext())
    if data.get(f"{{{SPACE}}}Type") == "DateTime":
        return text.replace("T", " ").split(".")[0].removesuffix(" 00:00:00")
    return text


def _place(element: etree._Element, following: int, last: int) -> int:
    """Place from 0; never before those already there."""
    place = max(_number(element, "Index") - 1, following)
    if place >= last:
        raise Unreadable(f"has cells at place {place + 1:,}", AGAIN)
    return place


def _number(element: etree._Element, name: str) -> int:
    said = element.get(f"{{{SPACE}}}{name}", "0")
    return int(said) if said.isdecimal() and len(said) < 10 else 0
