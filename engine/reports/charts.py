"""The charts, each a Plotly figure of one plan; reused by the page, the workbench and tracking."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from engine.plans import BudgetPlan, OrderPlan, Replay, TargetPlan
from engine.reports import theme
from engine.reports.facts import Outlook, grid, payments
from engine.reports.history import FUNNEL_STEPS, History
from engine.reports.theme import dressed, faded, plain
from engine.reports.words import Words

SHOWN_WEEKS = 78
SHOWN_CHANNELS = 8
CURVE_POINTS = 41
PANELS_A_ROW = 4
WAN = 1e4
DATE_FORMAT = "%Y-%m-%d"


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
                x=_days(past["week"]),
                y=grid(sold / scale),
                name=words("actual"),
                mode="lines",
                visible=visible,
                line={"color": theme.ACTUAL, "width": 2},
                hovertemplate="%{x}: %{y:,.1f}",
            )
        week = _days(rows["week"])
        _band(
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
    each = len(figure.data) // len(channels)
    dressed(figure, yaxis={"title": f"{words(measure)}（{unit}）", "rangemode": "tozero", "tickformat": ",~f"})
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
        yaxis={"title": f"{words('revenue')}（{words('wan')}）", "tickformat": ",~f"},
    )


def response_chart(budget: BudgetPlan, words: Words) -> go.Figure:
    """Revenue by steady weekly spend of each ad channel, with today's and the planned spend."""
    curves = budget.curves
    weeks = max(budget.split["week"].nunique(), 1)
    weekly = (
        budget.split.groupby(budget.split["ad_channel"].astype(str))[["spend_fen", "today_fen"]].sum() / 100 / weeks
    )
    weekly = weekly.reindex(list(curves.ad_channels)).fillna(0.0)
    columns = min(PANELS_A_ROW, len(curves.ad_channels))
    rows = -(-len(curves.ad_channels) // columns)
    figure = make_subplots(
        rows,
        columns,
        subplot_titles=[plain(name) for name in curves.ad_channels],
        horizontal_spacing=0.06,
        vertical_spacing=0.28 / rows,
    )
    for place, name in enumerate(curves.ad_channels):
        today, planned = float(weekly.loc[name, "today_fen"]), float(weekly.loc[name, "spend_fen"])
        spend = np.linspace(0.0, max(today, planned, 1.0) * 1.8, CURVE_POINTS)
        lift = _steady_lift(budget, place, spend)
        low, high = np.quantile(lift, (0.05, 0.95), axis=0)
        cell: dict[str, Any] = {"row": place // columns + 1, "col": place % columns + 1}
        first = place == 0
        _band(figure, grid(spend / WAN, 3), low / WAN, high / WAN, theme.PLAN, words("band90"), legend=first, **cell)
        figure.add_scatter(
            x=grid(spend / WAN, 3),
            y=grid(lift.mean(axis=0) / WAN, 3),
            mode="lines",
            showlegend=False,
            line={"color": theme.PLAN, "width": 2},
            hovertemplate="%{x:.2f} → %{y:.2f}",
            **cell,
        )
        for value, label, colour in ((today, words("today"), theme.MUTED), (planned, words("plan"), theme.PLAN)):
            height = _steady_lift(budget, place, np.array([value])).mean()
            figure.add_scatter(
                x=[round(value / WAN, 3)],
                y=[round(height / WAN, 3)],
                mode="markers",
                name=label,
                legendgroup=label,
                showlegend=first,
                hovertemplate=f"{label}: %{{x:.2f}} → %{{y:.2f}}",
                marker={"color": colour, "size": 11, "line": {"color": "white", "width": 1.5}},
                **cell,
            )
    dressed(figure, height=120 + 230 * rows)
    figure.update_layout(legend={"y": 1 + 0.16 / rows}, margin={"t": 84})
    figure.update_yaxes(rangemode="tozero", nticks=5)
    figure.update_xaxes(nticks=5, rangemode="tozero")
    figure.update_xaxes(title=f"{words('spend_week')}（{words('wan')}）", title_font_size=11, row=rows)
    figure.update_yaxes(title=f"{words('incremental')}（{words('wan')}）", title_font_size=11, col=1)
    return figure


def _steady_lift(budget: BudgetPlan, place: int, spend: np.ndarray) -> np.ndarray:
    """Revenue a week when the same sum is spent every week, yuan [draws, points]."""
    from models.response.curves import hill

    curves = budget.curves
    stock = np.broadcast_to(spend, (curves.draws, len(spend)))
    saturation = hill(stock, curves.half_saturation[:, place, None], curves.slope[:, place, None])
    return curves.scale[:, place, None] * saturation


def spend_chart(budget: BudgetPlan, words: Words) -> go.Figure:
    """Spend by ad channel today and in the plan; marginal return beside it."""
    table = budget.channels.sort_values("spend_fen", kind="stable")
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
    marginal = table["marginal_roi"].to_numpy(dtype=float)
    figure.add_scatter(
        y=names,
        x=grid(marginal),
        mode="markers+text",
        name=words("marginal"),
        text=[_number(v) for v in marginal],
        textposition="middle right",
        marker={"color": theme.TARGET, "size": 11},
        hovertemplate="%{y}: %{x:.2f}",
        cliponaxis=False,
        row=1,
        col=2,
    )
    figure.add_vline(x=1.0, line={"color": theme.MUTED, "dash": "dot", "width": 1}, row=1, col=2)
    dressed(figure, height=140 + 46 * len(names), barmode="group", bargap=0.3, legend_traceorder="reversed")
    figure.update_xaxes(title=words("wan"), tickformat=",~f", row=1, col=1)
    top = float(np.nanmax(np.append(marginal[np.isfinite(marginal)], 1.0)))
    return figure.update_xaxes(title=words("marginal"), range=[0, top * 1.25], row=1, col=2)


def replay_chart(replay: Replay, words: Words) -> go.Figure:
    """Weekly curves of every measure, one panel each, for every policy."""
    frame = replay.weeks
    measures = list(dict.fromkeys(frame["measure"].astype(str)))
    policies = list(dict.fromkeys(frame["policy"].astype(str)))
    units = dict(zip(replay.measures["measure"].astype(str), replay.measures["unit"].astype(str), strict=True))
    columns = min(2, len(measures))
    rows = -(-len(measures) // columns)
    shown = [show_unit(measure, units.get(measure, ""), words) for measure in measures]
    titles = [
        f"{words.label(m)}（{unit}）" if unit else words.label(m) for m, (unit, _) in zip(measures, shown, strict=True)
    ]
    figure = make_subplots(rows, columns, subplot_titles=titles, horizontal_spacing=0.09, vertical_spacing=0.3 / rows)
    for place, measure in enumerate(measures):
        cell: dict[str, Any] = {"row": place // columns + 1, "col": place % columns + 1}
        factor = shown[place][1]
        for policy in policies:
            part = frame[(frame["measure"].astype(str) == measure) & (frame["policy"].astype(str) == policy)]
            colour = POLICY_COLOURS.get(policy, theme.FORECAST)
            week = _days(part["week"])
            if policy != "frozen":
                _band(figure, week, part["low"] * factor, part["high"] * factor, colour, "", legend=False, **cell)
            figure.add_scatter(
                x=week,
                y=grid(part["mean"] * factor, 3),
                mode="lines",
                name=words.label(policy),
                legendgroup=policy,
                showlegend=place == 0,
                hovertemplate="%{x}: %{y:,.2f}",
                **cell,
                line={"color": colour, "width": 2, "dash": "dot" if policy == "frozen" else "solid"},
            )
    dressed(figure, height=110 + 270 * rows, margin={"l": 64, "r": 24, "t": 84, "b": 48})
    return figure.update_layout(legend={"y": 1 + 0.18 / rows})


POLICY_COLOURS = {"plan": theme.PLAN, "rule": theme.TODAY, "frozen": theme.FORECAST}


def cash_chart(orders: OrderPlan, words: Words) -> go.Figure:
    """Payments by week, cumulative payments and the cash limit."""
    table = payments(orders)
    week = _days(table["week"])
    figure = make_subplots(specs=[[{"secondary_y": True}]])
    figure.add_bar(
        x=week,
        y=grid(table["paid_fen"] / 100 / WAN),
        name=words("paid_week"),
        marker_color=faded(theme.PLAN, 0.45),
        hovertemplate="%{x}: %{y:,.1f}",
    )
    lines = [("cumulative_fen", words("paid_sum"), theme.PLAN, "solid")]
    if table["limit_fen"].notna().any():
        lines.append(("limit_fen", words("cash_limit"), theme.ALARM, "dash"))
    for column, name, colour, dash in lines:
        figure.add_scatter(
            x=week,
            y=grid(table[column] / 100 / WAN),
            name=name,
            mode="lines",
            secondary_y=True,
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate="%{x}: %{y:,.1f}",
        )
    dressed(figure, margin={"l": 64, "r": 64, "t": 48, "b": 48})
    figure.update_yaxes(title=f"{words('paid_week')}（{words('wan')}）", rangemode="tozero", secondary_y=False)
    return figure.update_yaxes(
        title=f"{words('paid_sum')}（{words('wan')}）", rangemode="tozero", showgrid=False, secondary_y=True
    )


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


def show_unit(measure: str, unit: str, words: Words) -> tuple[str, float]:
    """Unit to write and the factor to it: money in 10,000 yuan, shares in per cent."""
    if unit == "fen" or measure.endswith("_fen"):
        return words("wan"), 1 / 100 / WAN
    if unit == "yuan":
        return words("wan"), 1 / WAN
    if unit == "share" or measure.endswith(("_rate", "_share")):
        return "%", 100.0
    return {"units": words("pieces"), "days": words("days")}.get(unit, unit), 1.0


def _days(dates: pd.Series) -> list[str]:
    return [f"{day:{DATE_FORMAT}}" for day in pd.to_datetime(dates)]


def _number(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "-"


def _band(
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
