"""Excel workbooks: typed columns, units in the headers, totals as values, text that never becomes a formula."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
import xlsxwriter

from engine.reports import theme
from engine.reports.sheet_charts import SheetChart, draw, place_of
from engine.reports.words import Words

Kind = Literal["text", "money", "units", "count", "share", "fine_share", "ratio", "number", "day", "month"]

EXCEL_ROWS = 1_048_000
EXCEL_DAY_ZERO = pd.Timestamp("1899-12-30")
LONGEST_TEXT = 32_000
WIDTH_SAMPLE = 200
NARROWEST, WIDEST = 9.0, 46.0
_FORMATS: dict[Kind, str] = {
    "text": "@",
    "money": "#,##0.00",
    "units": "#,##0",
    "count": "#,##0",
    "share": "0.0%",
    "fine_share": "0.00%",
    "ratio": "0.00",
    "number": "#,##0.00",
    "day": "yyyy-mm-dd",
    "month": "yyyy-mm",
}
_SUMMED = ("money", "units", "count")


@dataclass(frozen=True)
class Field:
    """One column of a sheet: a frame column, its header, how its values are written. Money columns hold fen and are
    written in yuan; ``total``: summed at the foot."""

    name: str
    header: str
    kind: Kind = "text"
    total: bool = False


def field(words: Words, name: str, kind: Kind = "text", total: bool = False) -> Field:
    """The column of that name with its header in the words' language."""
    return Field(name, words.header(name, kind), kind, total)


@dataclass(frozen=True)
class Figure:
    """One line of a summary: what, how much, and what it means."""

    label: str
    value: Any
    kind: Kind = "text"
    meaning: str = ""


class Book:
    """A workbook being written, row by row, so that memory does not grow with the plan."""

    def __init__(self, path: Path, words: Words, as_of: date | None) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.words = words
        self._book = xlsxwriter.Workbook(str(path), options)
        day = as_of or date(2000, 1, 1)
        self._book.set_properties({"created": datetime(day.year, day.month, day.day)})
        self._formats: dict[tuple[str, str], Any] = {}
        self._panel: Any = None
        self._drawn = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._book.close()

    def table(
        self,
        title: str,
        frame: pd.DataFrame,
        fields: Sequence[Field],
        limit: int = EXCEL_ROWS,
        chart: SheetChart | None = None,
    ) -> None:
        """A sheet with a frozen, filtered header and the totals at the foot; longer tables are cut with a note. The
        chart stands on the sheet of charts, its numbers in hidden columns behind the table."""
        sheet = self._sheet(title, landscape=True)
        seen = len(fields)
        if chart is not None:
            frame, fields = _charted(frame, fields, chart)
        shown = frame.head(limit)
        columns = [_cells(shown[field.name], field.kind) for field in fields]
        for place, field in enumerate(fields):
            sheet.set_column(place, place, _width(field.header, columns[place], field.kind))
        sheet.set_row(0, 22)
        for place, field in enumerate(fields):
            sheet.write_string(0, place, field.header, self._format("header", field.kind))
        self._body(sheet, 1, columns, fields)
        foot = len(shown) + 1
        if len(frame) and any(field.total for field in fields):
            self._totals(sheet, foot, frame, fields)
            foot += 1
        if len(shown) < len(frame):
            sheet.write_string(foot + 1, 0, self.words("cut", shown=f"{len(shown):,}", total=f"{len(frame):,}"))
        sheet.freeze_panes(1, _keys(fields))
        sheet.autofilter(0, 0, max(len(shown), 1), seen - 1)
        sheet.repeat_rows(0)
        if chart is not None and len(frame):
            labels = [field.name for field in fields].index(chart.labels)
            self._place(draw(self._book, sheet, chart, labels, seen))

    def charts(self, title: str) -> None:
        """A sheet on which the charts of the tables to come are placed."""
        self._panel, self._drawn = self._sheet(title, landscape=True), 0
        self._panel.hide_gridlines(2)

    def _place(self, drawing: Any) -> None:
        assert self._panel is not None
        self._panel.insert_chart(*place_of(self._drawn), drawing)
        self._drawn += 1

    def summary(
        self, title: str, subtitle: str, sentences: Iterable[str], figures: Iterable[Figure], extra: Extra | None = None
    ) -> None:
        """The first page: plain words, the key figures, and a short table."""
        sheet = self._sheet(self.words("sheet_summary"), landscape=False)
        sheet.hide_gridlines(2)
        widths = [26.0, 22.0, 22.0, 16.0, 14.0, 14.0]
        if extra is not None:
            cells = [_cells(extra.frame[field.name], field.kind) for field in extra.fields]
            fitted = [_width(field.header, cells[n], field.kind) for n, field in enumerate(extra.fields)]
            widths = [max(pair) for pair in zip([*fitted, *([0.0] * 6)], [*widths, *([0.0] * 6)], strict=False)]
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        across = max(len(extra.fields) if extra else 0, 5) - 1
        sheet.set_row(0, 30)
        sheet.write_string(0, 0, title, self._format("title", "text"))
        sheet.write_string(1, 0, subtitle, self._format("subtitle", "text"))
        row = 3
        room = sum(widths[: across + 1])
        for sentence in sentences:
            sheet.set_row(row, 19.0 * max(1, -(-_display(sentence) // int(room * 0.92))))
            sheet.merge_range(row, 0, row, across, "", self._format("sentence", "text"))
            sheet.write_string(row, 0, sentence, self._format("sentence", "text"))
            row += 1
        row = self._figures(sheet, row + 1, list(figures), across)
        if extra is not None and len(extra.frame):
            self._extra(sheet, row + 1, extra)
        sheet.fit_to_pages(1, 0)

    def notes(self, notes: Iterable[str]) -> None:
        """The last page: assumptions, warnings, what was skipped."""
        sheet = self._sheet(self.words("sheet_notes"), landscape=False)
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 110)
        for row, note in enumerate(list(notes) or [self.words("no_notes")]):
            sheet.set_row(row, 18.0 * max(1, -(-_display(note) // 104)))
            sheet.write_string(row, 0, note[:LONGEST_TEXT], self._format("sentence", "text"))

    def _figures(self, sheet: Any, row: int, figures: list[Figure], across: int) -> int:
        for figure in figures:
            sheet.write_string(row, 0, figure.label, self._format("label", "text"))
            value = _cells(pd.Series([figure.value]), figure.kind)[0]
            _write(sheet, row, 1, value, self._format("figure", figure.kind))
            sheet.merge_range(row, 2, row, max(across, 3), "", self._format("meaning", "text"))
            sheet.write_string(row, 2, figure.meaning, self._format("meaning", "text"))
            row += 1
        return row

    def _extra(self, sheet: Any, row: int, extra: Extra) -> None:
        sheet.write_string(row, 0, extra.title, self._format("section", "text"))
        for place, field in enumerate(extra.fields):
            sheet.write_string(row + 1, place, field.header, self._format("header", field.kind))
        columns = [_cells(extra.frame[field.name], field.kind) for field in extra.fields]
        self._body(sheet, row + 2, columns, extra.fields)
        if any(field.total for field in extra.fields):
            self._totals(sheet, row + 2 + len(extra.frame), extra.frame, extra.fields)

    def _body(self, sheet: Any, start: int, columns: Sequence[Sequence[Any]], fields: Sequence[Field]) -> None:
        """Rows of values; the writer of each column is chosen once, since there may be a million cells."""
        writers = [
            (
                place,
                sheet.write_string if field.kind == "text" else sheet.write_number,
                self._format("body", field.kind),
            )
            for place, field in enumerate(fields)
        ]
        for row, values in enumerate(zip(*columns, strict=True), start=start):
            for (place, write, style), value in zip(writers, values, strict=True):
                if value is not None:
                    write(row, place, value, style)

    def _totals(self, sheet: Any, row: int, frame: pd.DataFrame, fields: Sequence[Field]) -> None:
        for place, field in enumerate(fields):
            style = self._format("total", field.kind)
            if field.total and field.kind in _SUMMED:
                _write(sheet, row, place, _cells(pd.Series([_sum(frame[field.name])]), field.kind)[0], style)
            elif place == 0:
                sheet.write_string(row, 0, self.words("total"), self._format("total", "text"))
            else:
                sheet.write_blank(row, place, None, style)

    def _sheet(self, title: str, landscape: bool) -> Any:
        sheet = self._book.add_worksheet(_sheet_name(title))
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        sheet.set_footer("&L&8&A&R&8&P / &N")
        return sheet

    def _format(self, style: str, kind: Kind) -> Any:
        if (style, kind) not in self._formats:
            side = {"text": "left", "day": "center", "month": "center"}.get(kind, "right")
            base: dict[str, Any] = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
            base |= {"num_format": _FORMATS[kind], "align": side}
            if kind == "text" and style in ("body", "header", "total"):
                base["indent"] = 1
            self._formats[style, kind] = self._book.add_format(base | _STYLES[style])
        return self._formats[style, kind]


@dataclass(frozen=True)
class Extra:
    """A short table at the foot of the summary."""

    title: str
    frame: pd.DataFrame
    fields: Sequence[Field]


def _charted(frame: pd.DataFrame, fields: Sequence[Field], chart: SheetChart) -> tuple[pd.DataFrame, Sequence[Field]]:
    """The table with the chart's series as further columns; rows beyond them are blank."""
    series = {
        f"chart_{place}": pd.Series(list(values), index=frame.index[: len(values)]).reindex(frame.index)
        for place, values in enumerate(chart.series.values())
    }
    hidden = [Field(name, title, "number") for name, title in zip(series, chart.series, strict=True)]
    return frame.assign(**series), [*fields, *hidden]


_STYLES: dict[str, dict[str, Any]] = {
    "body": {},
    "header": {"bold": True, "bg_color": "#EEF2F6", "bottom": 1, "bottom_color": "#94A3B8"},
    "total": {"bold": True, "top": 1, "top_color": "#94A3B8", "bg_color": "#F8FAFC"},
    "title": {"bold": True, "font_size": 18, "font_color": theme.INK},
    "subtitle": {"font_color": theme.MUTED},
    "section": {"bold": True, "font_size": 12},
    "sentence": {"text_wrap": True, "valign": "top", "font_size": 11},
    "label": {"font_color": theme.MUTED, "bottom": 1, "bottom_color": theme.LINE},
    "figure": {"bold": True, "font_size": 12, "align": "right", "bottom": 1, "bottom_color": theme.LINE},
    "meaning": {"text_wrap": True, "font_color": theme.MUTED, "bottom": 1, "bottom_color": theme.LINE, "indent": 1},
}


def _cells(values: pd.Series, kind: Kind) -> list[Any]:
    """Plain Python values, dates as Excel's day numbers; None where there is nothing to write."""
    if kind == "text":
        return [
            None if blank else str(value)[:LONGEST_TEXT] for value, blank in zip(values, values.isna(), strict=True)
        ]
    if kind in ("day", "month"):
        numbers = ((pd.to_datetime(values) - EXCEL_DAY_ZERO) / pd.Timedelta(days=1)).to_numpy(dtype=float)
    else:
        numbers = pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan)
    if kind == "money":
        numbers = np.round(numbers) / 100.0
    return [value if math.isfinite(value) else None for value in numbers.tolist()]


def _sum(values: pd.Series) -> int | float:
    """Exact for whole fen and units."""
    if pd.api.types.is_integer_dtype(values.dtype):
        return int(values.sum())
    return float(values.sum())


def _write(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, style)
    else:
        sheet.write_number(row, column, value, style)


def _display(text: str) -> int:
    """Width in half-width characters: Chinese counts double.

    >>> _display("SKU 补货")
    8
    """
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _width(header: str, cells: Sequence[Any], kind: Kind) -> float:
    """Fits the header (with its filter button) and the first rows."""
    if kind in ("day", "month"):
        widest = 10
    elif kind == "text":
        widest = max((_display(cell) for cell in cells[:WIDTH_SAMPLE] if cell), default=0)
    else:
        shape = {"money": "{:,.2f}", "units": "{:,.0f}", "count": "{:,.0f}"}.get(kind, "{:,.3f}")
        largest = max((abs(cell) for cell in cells if cell is not None), default=0.0)
        widest = len(shape.format(largest * (3 if kind in _SUMMED else 1)))
    return float(np.clip(max(_display(header) + 4, widest + 3) * 1.08, NARROWEST, WIDEST))


def _keys(fields: Sequence[Field]) -> int:
    """Columns that stay while scrolling: the text at the left, two at most."""
    leading = 0
    while leading < min(2, len(fields) - 1) and fields[leading].kind in ("text", "month"):
        leading += 1
    return leading


def _sheet_name(title: str) -> str:
    """Excel's rules: 31 characters, none of []:*?/\\ ."""
    return "".join("-" if sign in "[]:*?/\\" else sign for sign in title)[:31]
