"""Charts of the review of the year."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from engine.plans.review import Review
from engine.reports import theme
from engine.reports.facts import grid
from engine.reports.theme import WAN, dressed, plain
from engine.reports.words import Words

SHOWN_CHANNELS = 12


def bridge_chart(review: Review, words: Words) -> go.Figure | None:
    """Waterfall from ordered to settled."""
    bridge = review.bridge[(review.bridge["kind"] == "level") | (review.bridge["now"] != 0)]
    if bridge.empty:
        return None
    kinds = ["relative" if kind == "change" else "absolute" for kind in bridge["kind"]]
    values = bridge["now"].astype(float) / 100.0 / WAN
    figure = go.Figure(
        go.Waterfall(
            x=[words.label(step) for step in bridge["step"]],
            y=grid(values),
            measure=kinds,
            text=[f"{value:,.0f}" for value in values],
            textposition="outside",
            cliponaxis=False,
            totals={"marker": {"color": theme.ACTUAL}},
            decreasing={"marker": {"color": theme.TARGET}},
            increasing={"marker": {"color": theme.PLAN}},
            connector={"line": {"color": theme.LINE}},
            hovertemplate="%{x}: %{y:,.1f}<extra></extra>",
        )
    )
    return dressed(figure, showlegend=False, yaxis={"title": words("wan"), "tickformat": ",~f"})


def growth_chart(review: Review, words: Words) -> go.Figure | None:
    """The parts of the change on each basis."""
    bases = [basis for basis in ("traffic", "items") if review.parts(basis)]
    if not bases:
        return None
    figure = make_subplots(
        1, len(bases), subplot_titles=[words.label(f"by_{basis}") for basis in bases], horizontal_spacing=0.16
    )
    for place, basis in enumerate(bases, start=1):
        parts = {name: fen for name, fen in review.parts(basis).items() if fen}
        values = [fen / 100.0 / WAN for fen in parts.values()]
        figure.add_bar(
            y=[words.label(name) for name in parts],
            x=grid(values),
            orientation="h",
            text=[f"{value:+,.1f}" for value in values],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            marker_color=[theme.PLAN if value >= 0 else theme.TARGET for value in values],
            showlegend=False,
            hovertemplate="%{y}: %{x:,.1f}<extra></extra>",
            row=1,
            col=place,
        )
        room = 0.25 * (max([*values, 0.0]) - min([*values, 0.0]))
        figure.update_xaxes(range=[min([*values, 0.0]) - room, max([*values, 0.0]) + room], row=1, col=place)
    figure.update_yaxes(autorange="reversed")
    dressed(figure, height=340)
    return figure.update_xaxes(title=words("wan"), tickformat=",~f")


def months_chart(review: Review, words: Words) -> go.Figure | None:
    """Net sales by month, both years."""
    if review.months["net_fen"].sum() <= 0:
        return None
    names = [f"{month:%Y-%m}" for month in review.months["month"]]
    return _two_years(review.months, names, review, words)


def channels_chart(review: Review, words: Words) -> go.Figure | None:
    """Net sales by channel, both years, and what is left."""
    rows = review.slices[review.slices["dimension"] == "channel"].head(SHOWN_CHANNELS)
    if rows["net_fen"].sum() <= 0:
        return None
    figure = _two_years(rows, [plain(name) for name in rows["key"]], review, words)
    if rows["margin"].notna().any():
        figure.add_bar(
            x=[plain(name) for name in rows["key"]],
            y=grid(rows["contribution_fen"] / 100.0 / WAN),
            name=words("contribution"),
            marker_color=theme.PLAN,
            hovertemplate="%{x}: %{y:,.1f}",
        )
    return figure


def _two_years(rows: pd.DataFrame, names: list[str], review: Review, words: Words) -> go.Figure:
    figure = go.Figure()
    known = review.figure("net_fen", before=True) > 0
    for column, label, colour in (
        *([("before_fen", "last_year", theme.TODAY)] if known else []),
        ("net_fen", "this_year", theme.FORECAST),
    ):
        values = grid(rows[column].astype(float) / 100.0 / WAN)
        figure.add_bar(x=names, y=values, name=words(label), marker_color=colour, hovertemplate="%{x}: %{y:,.1f}")
    return dressed(
        figure,
        barmode="group",
        bargap=0.25,
        xaxis={"type": "category"},
        yaxis={"title": words("wan"), "tickformat": ",~f"},
    )


def events_chart(review: Review, words: Words) -> go.Figure | None:
    """Gain on the days of each event, its true uplift, and what it earned."""
    rows = review.events[review.events["channel"] == ""] if len(review.events) else review.events
    if rows.empty:
        return None
    names = [plain(name) for name in rows["event"]]
    figure = go.Figure()
    for column, colour in (("gain_fen", theme.FORECAST), ("uplift_fen", theme.TODAY), ("earned_fen", theme.PLAN)):
        values = rows[column].astype(float) / 100.0 / WAN
        if values.isna().all():
            continue
        ends = {}
        if column == "uplift_fen":
            low, high = (rows[f"uplift_{side}_fen"].astype(float) / 100.0 / WAN for side in ("low", "high"))
            ends = {
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": grid(high - values),
                    "arrayminus": grid(values - low),
                    "color": theme.MUTED,
                    "thickness": 1.5,
                    "width": 4,
                }
            }
        figure.add_bar(
            x=names,
            y=grid(values),
            name=words(f"event_{column.removesuffix('_fen')}"),
            marker_color=colour,
            hovertemplate="%{x}: %{y:,.1f}",
            **ends,
        )
    return dressed(figure, barmode="group", bargap=0.25, yaxis={"title": words("wan"), "tickformat": ",~f"})
