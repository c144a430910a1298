"""Files as platforms write them: delimited text in Chinese encodings, web tables named .xls, workbooks."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter

from engine.demo.exports.cells import Texts, as_lists

_MADE = datetime(2026, 1, 1)
_BLOCK = 200_000


Form = Literal["text", "html", "xlsx"]


@dataclass(frozen=True)
class Layout:
    """How an export is laid out. ``preamble``: rows above the header; ``notes``: rows below the table;
    ``total``: texts of the total row by column, the first one is its label.
    """

    form: Form = "text"
    encoding: str = "gb18030"
    delimiter: str = ","
    preamble: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    total: Mapping[str, str] = field(default_factory=dict)


def write_table(path: Path, columns: Mapping[str, Texts], layout: Layout) -> Path:
    """One export; ``columns`` by header, all of the same length."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = {"text": _write_text, "html": _write_html, "xlsx": _write_xlsx}[layout.form]
    writer(path, columns, layout)
    return path


def _write_text(path: Path, columns: Mapping[str, Texts], layout: Layout) -> None:
    sign = layout.delimiter

    def line(cells: Sequence[str]) -> str:
        return sign.join(_quoted(cell, sign) for cell in cells)

    total = [layout.total.get(name, "") for name in columns]
    with path.open("w", encoding=layout.encoding, newline="") as file:
        file.writelines(f"{text}\r\n" for text in (*layout.preamble, line(list(columns))))
        for block in _joined([_recoded(column, lambda cell: _quoted(cell, sign)) for column in columns.values()], sign):
            file.write("\r\n".join(block) + "\r\n")
        file.writelines(f"{text}\r\n" for text in ((line(total),) if layout.total else ()))
        file.writelines(f"{text}\r\n" for text in layout.notes)


def _write_html(path: Path, columns: Mapping[str, Texts], layout: Layout) -> None:
    """What a browser makes of a report when it is saved under the name of a workbook."""
    width = len(columns)
    with path.open("w", encoding=layout.encoding, newline="") as file:
        file.write(
            f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={layout.encoding}"></head>'
        )
        file.write('<body><table border="1">\n')
        for text in layout.preamble:
            file.write(f'<tr><td colspan="{width}">{html.escape(text)}</td></tr>\n')
        file.write("<tr>" + "".join(f"<th>{html.escape(name)}</th>" for name in columns) + "</tr>\n")
        for block in _joined([_recoded(column, html.escape) for column in columns.values()], "</td><td>"):
            file.writelines(f"<tr><td>{row}</td></tr>\n" for row in block)
        if layout.total:
            cells = "".join(f"<td>{html.escape(layout.total.get(name, ''))}</td>" for name in columns)
            file.write(f"<tr>{cells}</tr>\n")
        for text in layout.notes:
            file.write(f'<tr><td colspan="{width}">{html.escape(text)}</td></tr>\n')
        file.write("</table></body></html>\n")


def _write_xlsx(path: Path, columns: Mapping[str, Texts], layout: Layout) -> None:
    """Every cell as text, the title over the whole width, as the platforms' own workbooks are."""
    with _workbook(path) as book:
        sheet = book.add_worksheet("Sheet1")
        row = 0
        for text in layout.preamble:
            sheet.merge_range(row, 0, row, len(columns) - 1, text)
            row += 1
        sheet.write_row(row, 0, list(columns))
        for cells in zip(*as_lists(list(columns.values())), strict=True):
            row += 1
            sheet.write_row(row, 0, cells)
        if layout.total:
            row += 1
            sheet.write_row(row, 0, [layout.total.get(name, "") for name in columns])
        for text in layout.notes:
            row += 1
            sheet.write_string(row, 0, text)


def write_workbook(path: Path, sheet_name: str, frame: pd.DataFrame, title: str = "") -> Path:
    """A workbook with real numbers and dates, as ERP systems write them; blanks stay blank."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _workbook(path) as book:
        sheet = book.add_worksheet(sheet_name)
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        row = 0
        if title:
            sheet.merge_range(0, 0, 0, len(frame.columns) - 1, title)
            row = 1
        sheet.write_row(row, 0, list(frame.columns))
        for position, name in enumerate(frame):
            values: list[Any] = frame[name].astype(object).where(frame[name].notna(), None).tolist()
            shape = date if pd.api.types.is_datetime64_any_dtype(frame[name]) else None
            sheet.write_column(row + 1, position, values, shape)
    return path


def _workbook(path: Path) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(path, {"strings_to_numbers": False, "strings_to_formulas": False})
    book.set_properties({"created": _MADE})
    return book


def _quoted(cell: str, delimiter: str) -> str:
    special = delimiter in cell or '"' in cell or "\n" in cell
    return '"' + cell.replace('"', '""') + '"' if special else cell


def _recoded(column: Texts, change: Any) -> Texts:
    labels = pd.Index([change(str(label)) for label in column.categories], dtype=object)
    return column.rename_categories(labels)


def _joined(columns: list[Texts], sign: str) -> Any:
    """Rows of text, block by block."""
    for start in range(0, len(columns[0]), _BLOCK):
        parts = [
            pa.array(np.asarray(column.categories, dtype=object), pa.string()).take(
                pa.array(column.codes[start : start + _BLOCK])
            )
            for column in columns
        ]
        yield pc.binary_join_element_wise(*parts, sign).to_pylist()
