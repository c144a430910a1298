"""Charts in a workbook, drawn by Excel from hidden columns beside the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from engine.reports.theme import WAN

SIZE = {"width": 740, "height": 380}
ROWS, COLUMNS = 20, 12
"""Cells that a chart covers, with its margin."""
BASE = "base"
"""The series that carries floating columns and is not drawn."""


@dataclass(frozen=True)
class SheetChart:
    """``labels``: a column of the sheet; ``series``: numbers by row in the unit of ``axis`` (blank where NaN), by name;
    ``colours`` of them (``BASE``: none). ``stacked``: on top of one another."""

    labels: str
    series: Mapping[str, Sequence[float]]
    colours: Mapping[str, str]
    axis: str
    stacked: bool = False
    title: str = ""
    """Above the chart; blank: the sheet's name."""


def waterfall(labels: str, levels: pd.Series, changes: pd.Series, names: tuple[str, str], axis: str) -> SheetChart:
    """Levels from the ground, changes floating between them; fen by row, NaN where the row is of the other kind.

    >>> one = pd.Series([100e4, float("nan"), 80e4]), pd.Series([float("nan"), -20e4, float("nan")])
    >>> waterfall("step", *one, ("level", "loss"), "").series["base"]
    [0.0, 0.8, 0.0]
    """
    height, base = 0.0, []
    for level, change in zip(levels, changes, strict=True):
        lower = height + min(change, 0.0) if level != level else 0.0
        base.append(max(lower, 0.0) / 100.0 / WAN)
        height = height + change if level != level else level
    series = {BASE: base, names[0]: in_wan(levels), names[1]: in_wan(changes.abs())}
    return SheetChart(labels, series, {names[0]: "#334155", names[1]: "#d97706"}, axis, stacked=True)


def in_wan(fen: pd.Series) -> list[float]:
    """Fen as numbers of 10,000 yuan."""
    return [float(value) for value in fen.astype(float) / 100.0 / WAN]


def draw(book: Any, sheet: Any, chart: SheetChart, label_column: int, first: int) -> Any:
    """The chart of a sheet's hidden columns that begin at ``first`` and hold its series in order."""
    drawing = book.add_chart({"type": "column"} | ({"subtype": "stacked"} if chart.stacked else {}))
    name = sheet.get_name()
    for place, (title, values) in enumerate(chart.series.items(), start=first):
        sheet.set_column(place, place, None, None, {"hidden": True})
        drawing.add_series(
            {
                "name": title,
                "categories": [name, 1, label_column, len(values), label_column],
                "values": [name, 1, place, len(values), place],
                "fill": {"none": True} if title == BASE else {"color": chart.colours[title]},
                "border": {"none": True},
                "gap": 60,
            }
        )
    drawing.show_hidden_data()
    drawing.set_size(SIZE)
    drawing.set_title({"name": chart.title or name, "name_font": {"size": 13}, "overlay": False})
    unseen = [place for place, title in enumerate(chart.series) if title == BASE]
    drawing.set_legend({"none": True} if len(chart.series) == 1 else {"position": "top", "delete_series": unseen})
    drawing.set_x_axis({"label_position": "low", "num_format": "yyyy-mm", "text_axis": True})
    drawing.set_y_axis({"name": chart.axis, "num_format": "#,##0", "major_gridlines": {"visible": True}})
    return drawing


def place_of(number: int) -> tuple[int, int]:
    """Row and column of a chart on a sheet of charts, two a row."""
    return 1 + number // 2 * ROWS, number % 2 * COLUMNS
