"""One look for all charts: what a colour means, fonts that hold Chinese, margins."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from engine.reports.facts import grid

FONT = (
    '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Hiragino Sans GB", '
    "system-ui, -apple-system, Segoe UI, Roboto, sans-serif"
)
INK, MUTED, LINE = "#1f2937", "#6b7280", "#e5e7eb"
ACTUAL, FORECAST, TARGET, PLAN, TODAY, ALARM = "#334155", "#2563eb", "#d97706", "#0f766e", "#9ca3af", "#dc2626"
PALE_TODAY = "#d7dbe0"
WAN = 1e4
"""Charts count money in 万元."""


def faded(colour: str, opacity: float = 0.15) -> str:
    """A hex colour with an opacity, for bands.

    >>> faded("#2563eb", 0.2)
    'rgba(37,99,235,0.2)'
    """
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def plain(text: object) -> str:
    """Names from files as plain text: Plotly reads tags in labels."""
    return html.escape(str(text), quote=False)


def dressed(figure: go.Figure, height: int = 420, **layout: Any) -> go.Figure:
    """The figure in the house's look."""
    figure.update_layout(
        template="none",
        font={"family": FONT, "size": 13, "color": INK},
        height=height,
        margin={"l": 64, "r": 24, "t": 48, "b": 48},
        paper_bgcolor="white",
        plot_bgcolor="white",
        hoverlabel={"font": {"family": FONT}},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        colorway=[FORECAST, PLAN, TARGET, "#7c3aed", "#db2777", TODAY, ACTUAL],
        separators=".,",
    )
    figure.update_xaxes(gridcolor=LINE, linecolor=LINE, zerolinecolor=LINE, automargin=True)
    figure.update_yaxes(gridcolor=LINE, linecolor=LINE, zerolinecolor=LINE, automargin=True)
    figure.update_layout(**layout)
    return figure


def days(dates: pd.Series) -> list[str]:
    """Dates as Plotly reads them."""
    return [f"{day:%Y-%m-%d}" for day in pd.to_datetime(dates)]


def band(
    figure: go.Figure, x: list[Any], low: Any, high: Any, colour: str, name: str, legend: bool = True, **place: Any
) -> None:
    """A shaded range as one closed outline."""
    outline = [*grid(np.asarray(high, dtype=float), 3), *grid(np.asarray(low, dtype=float), 3)[::-1]]
    figure.add_scatter(
        x=[*x, *x[::-1]],
        y=outline,
        fill="toself",
        fillcolor=faded(colour),
        line={"width": 0},
        mode="lines",
        name=name,
        showlegend=legend,
        hoverinfo="skip",
        **place,
    )
