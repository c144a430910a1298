"""The charts, each a Plotly figure of one plan; reused by the page, the workbench and tracking."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from engine.plans.budget import BudgetPlan
from engine.plans.orders import OrderPlan
from engine.plans.targets import TargetPlan
from engine.reports import theme
from engine.reports.facts import Outlook, grid, payments, spend_by_channel
from engine.reports.history import FUNNEL_STEPS, History
from engine.reports.panels import frontier_chart, replay_chart, response_chart
from engine.reports.theme import WAN, band, days, dressed, faded, plain
from engine.reports.words import Words

__all__ = [
    "cash_chart",
    "forecast_chart",
    "frontier_chart",
    "funnel_chart",
    "replay_chart",
    "response_chart",
    "spend_chart",
    "targets_chart",
]

SHOWN_WEEKS = 78
SHOWN_CHANNELS = 8


def forecast_chart(outlook: Outlook, history: History | None, words: Words) -> go.Figure:
    """Weekly history and forecast with its 80 % band; buttons choose the channel. Revenue where known, else units."""
    priced = outlook.revenue[0] > 0 and (history is None or history.priced)
    measure, unit, scale = ("revenue", words("wan"), WAN) if priced else ("units", words("pieces"), 1.0)
    figure = go.Figure()
    channels = ["", *outlook.channels[:SHOWN_CHANNELS]]
    for channel in channels:
        rows = outlook.weeks[outlook.weeks["channel"] == channel]
        visible = channel == ""
        if history is not None:
            past = history.total_weeks(channel or None).tail(SHOWN_WEEKS)
            sold = past["revenue_fen"] / 100 if priced else past["units"]
            figure.add_scatter(
                x=days(past["week"]),
                y=grid(sold / scale),
                name=words("actual"),
                mode="lines",
                visible=visible,
                line={"color": theme.ACTUAL, "width": 2},
                hovertemplate="%{x}: %{y:,.1f}",
            )
        week = days(rows["week"])
        band(
            figure,
            week,
            rows[f"{measure}_low"] / scale,
            rows[f"{measure}_high"] / scale,
            theme.FORECAST,
            words("band80"),
            visible=visible,
        )
        figure.add_scatter(
            x=week,
            y=grid(rows[measure] / scale),
            name=words("forecast"),
            mode="lines",
            visible=visible,
            line={"color": theme.FORECAST, "width": 2.5},
            hovertemplate="%{x}: %{y:,.1f}",
        )
    if history is not None:
        _festivals(figure, history.festivals, figure.data[0].x[0], week[-1])
    figure.update_xaxes(tickformat="%Y-%m")
    each = len(figure.data) // len(channels)
    dressed(figure, yaxis={"title": words.with_unit(words(measure), unit), "rangemode": "tozero", "tickformat": ",~f"})
    if len(channels) > 2:
        buttons = [
            {
                "label": plain(channel or words("all_channels")),
                "method": "restyle",
                "args": ["visible", [place // each == number for place in range(len(figure.data))]],
            }
            for number, channel in enumerate(channels)
        ]
        figure.update_layout(
            updatemenus=[
                {
                    "type": "buttons",
                    "direction": "right",
                    "buttons": buttons,
                    "x": 0,
                    "xanchor": "left",
                    "y": 1.28,
                    "yanchor": "top",
                    "bgcolor": "white",
                    "bordercolor": theme.LINE,
                    "pad": {"t": 0, "b": 0},
                }
            ],
            margin={"t": 96},
        )
    return figure


def _festivals(figure: go.Figure, festivals: pd.DataFrame, first: str, last: str) -> None:
    """Main phases of shopping festivals as grey ground with their names."""
    shown = festivals[(festivals["end"] >= pd.Timestamp(first)) & (festivals["start"] <= pd.Timestamp(last))]
    for row in shown.itertuples():
        start, end = max(f"{row.start:%Y-%m-%d}", first), min(f"{row.end:%Y-%m-%d}", last)
        figure.add_vrect(x0=start, x1=end, fillcolor=theme.MUTED, opacity=0.1, line_width=0, layer="below")
        figure.add_annotation(
            x=start,
            y=1,
            yref="paper",
            text=plain(row.kind),
            textangle=-90,
            showarrow=False,
            xanchor="left",
            yanchor="top",
            font={"size": 10, "color": theme.MUTED},
        )


def targets_chart(targets: TargetPlan, last_year: pd.DataFrame, words: Words) -> go.Figure:
    """Revenue by month: the year before, forecast and target."""
    months = targets.months.groupby("month", as_index=False)[["forecast_fen", "target_fen"]].sum()
    names = [f"{month:%Y-%m}" for month in months["month"]]
    figure = go.Figure()
    for actual, name, colour in (
        (True, words("last_year"), theme.TODAY),
        (False, words("last_year_forecast"), theme.PALE_TODAY),
    ):
        part = last_year[last_year["actual"].astype(bool) == actual].groupby("month")["revenue_fen"].sum()
        if len(part):
            values = part.reindex(months["month"]).to_numpy(dtype=float)
            figure.add_bar(x=names, y=grid(values / 100 / WAN), name=name, marker_color=colour, offsetgroup="before")
    for column, name, colour in (
        ("forecast_fen", words("forecast"), theme.FORECAST),
        ("target_fen", words("target_name"), theme.TARGET),
    ):
        values = months[column].to_numpy(dtype=float) / 100 / WAN
        figure.add_bar(x=names, y=grid(values), name=name, marker_color=colour, offsetgroup=column)
    figure.update_traces(hovertemplate="%{x}: %{y:,.1f}")
    return dressed(
        figure,
        barmode="group",
        bargap=0.25,
        xaxis={"type": "category"},
        yaxis={"title": words.with_unit(words("revenue"), words("wan")), "tickformat": ",~f"},
    )


def spend_chart(budget: BudgetPlan, words: Words) -> go.Figure:
    """Spend by ad channel today and in the plan; marginal return beside it."""
    table = spend_by_channel(budget).sort_values("spend_fen", kind="stable")
    names = [plain(name) for name in table["ad_channel"]]
    figure = make_subplots(1, 2, column_widths=[0.68, 0.32], shared_yaxes=True, horizontal_spacing=0.04)
    for column, label, colour in (("today_fen", "today", theme.TODAY), ("spend_fen", "plan", theme.PLAN)):
        values = table[column].to_numpy(dtype=float) / 100 / WAN
        figure.add_bar(
            y=names,
            x=grid(values),
            orientation="h",
            name=words(label),
            marker_color=colour,
            text=[f"{value:,.1f}" for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,.1f}",
            row=1,
            col=1,
        )
    marginal, low, high = (table[f"marginal_roi{end}"].to_numpy(dtype=float) for end in ("", "_low", "_high"))
    figure.add_scatter(
        y=names,
        x=grid(marginal),
        mode="markers+text",
        showlegend=False,
        text=[_number(v) for v in marginal],
        textposition="top center",
        marker={"color": theme.TARGET, "size": 10},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": grid(high - marginal, 4),
            "arrayminus": grid(marginal - low, 4),
            "color": faded(theme.TARGET, 0.45),
            "thickness": 3,
            "width": 0,
        },
        hovertemplate="%{y}: %{x:.2f}",
        cliponaxis=False,
        row=1,
        col=2,
    )
    dressed(figure, height=140 + 46 * len(names), barmode="group", bargap=0.3, legend_traceorder="reversed")
    figure.update_xaxes(title=words("wan"), tickformat=",~f", row=1, col=1)
    return figure.update_xaxes(title=words("marginal"), rangemode="tozero", row=1, col=2)


def cash_chart(orders: OrderPlan, words: Words) -> go.Figure:
    """Cumulative payments under the cash limit, and below them the payments of each week."""
    table = payments(orders)
    week = days(table["week"])
    figure = make_subplots(2, 1, shared_xaxes=True, row_heights=[0.6, 0.4], vertical_spacing=0.08)
    lines = [("cumulative_fen", words("paid_sum"), theme.PLAN, "solid")]
    if table["limit_fen"].notna().any():
        lines.append(("limit_fen", words("cash_limit"), theme.ALARM, "dash"))
    for column, name, colour, dash in lines:
        figure.add_scatter(
            x=week,
            y=grid(table[column] / 100 / WAN),
            name=name,
            mode="lines",
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate="%{x}: %{y:,.1f}",
            row=1,
            col=1,
        )
    figure.add_bar(
        x=week,
        y=grid(table["paid_fen"] / 100 / WAN),
        name=words("paid_week"),
        marker_color=faded(theme.PLAN, 0.5),
        hovertemplate="%{x}: %{y:,.1f}",
        row=2,
        col=1,
    )
    figure.update_xaxes(tickformat="%Y-%m")
    figure.update_yaxes(title=words("wan"), rangemode="tozero", tickformat=",~f")
    return dressed(figure, height=460)


def funnel_chart(history: History, words: Words) -> go.Figure:
    """Counts of each step and, where visitors are known, the conversion of each channel."""
    steps = [step for step in FUNNEL_STEPS if step in history.funnel and history.funnel[step].sum() > 0]
    totals = history.funnel[steps].sum()
    converts = "visitors" in steps and "buyers" in steps
    figure = make_subplots(
        1,
        2 if converts else 1,
        column_widths=[0.6, 0.4] if converts else None,
        horizontal_spacing=0.12,
        specs=[[{"type": "funnel"}, {"type": "bar"}]] if converts else [[{"type": "funnel"}]],
        subplot_titles=["", words("conversion")] if converts else None,
    )
    figure.add_trace(
        go.Funnel(
            y=[words.label(step) for step in steps],
            x=[int(totals[step]) for step in steps],
            showlegend=False,
            texttemplate="%{value:,}（%{percentPrevious:.1%}）",
            textposition="auto",
            marker={"color": [theme.FORECAST, "#3b82f6", "#60a5fa", "#5eead4", theme.PLAN][-len(steps) :]},
            connector={"fillcolor": theme.LINE},
        ),
        row=1,
        col=1,
    )
    if converts:
        table = history.funnel.assign(rate=history.funnel["buyers"] / history.funnel["visitors"].replace(0, np.nan))
        table = table.sort_values("rate", kind="stable")
        figure.add_bar(
            y=[plain(name) for name in table["channel"]],
            x=grid(table["rate"].to_numpy(dtype=float), 5),
            orientation="h",
            marker_color=theme.PLAN,
            showlegend=False,
            texttemplate="%{x:.1%}",
            textposition="outside",
            cliponaxis=False,
            row=1,
            col=2,
        )
        figure.update_xaxes(tickformat=".0%", rangemode="tozero", row=1, col=2)
    return dressed(figure, height=360)


def _number(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "-"
