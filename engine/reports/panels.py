"""Charts of many small panels on one scale of colours: ad channels side by side, measures of a replay side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from engine.plans.budget import BudgetPlan
from engine.plans.replay import Replay
from engine.reports import theme
from engine.reports.facts import grid, weekly_measures
from engine.reports.theme import WAN, band, days, dressed, plain
from engine.reports.words import Words

CURVE_POINTS = 41
PANELS_A_ROW = 4
FROZEN = "plan_frozen"
POLICY_COLOURS = {"plan": theme.PLAN, "tuned_rule": theme.TODAY, FROZEN: theme.FORECAST}
SHOWN = {
    "stock_yuan": ("wan", 1 / WAN),
    "stock_units": ("pieces", 1.0),
    "fill_rate": ("percent", 100.0),
    "turnover_days": ("days", 1.0),
    "cash_left_yuan": ("wan", 1 / WAN),
}
"""Weekly measures on the page: unit and the factor to it."""


def response_chart(budget: BudgetPlan, words: Words) -> go.Figure:
    """Revenue by steady weekly spend of each ad channel, with today's and the planned spend."""
    curves = budget.curves
    weeks = max(budget.split["week"].nunique(), 1)
    weekly = (
        budget.split.groupby(budget.split["ad_channel"].astype(str))[["spend_fen", "today_fen"]].sum() / 100 / weeks
    )
    spends = weekly.reindex(list(curves.ad_channels)).fillna(0.0).to_numpy(dtype=float)
    columns = min(PANELS_A_ROW, len(curves.ad_channels))
    rows = -(-len(curves.ad_channels) // columns)
    figure = make_subplots(
        rows,
        columns,
        subplot_titles=[plain(name) for name in curves.ad_channels],
        horizontal_spacing=0.06,
        vertical_spacing=0.28 / rows,
    )
    for place in range(len(curves.ad_channels)):
        planned, today = (float(value) for value in spends[place])
        spend = np.linspace(0.0, max(today, planned, 1.0) * 1.8, CURVE_POINTS)
        lift = budget.curves.steady(place, spend)
        low, high = np.quantile(lift, (0.05, 0.95), axis=0)
        cell: dict[str, Any] = {"row": place // columns + 1, "col": place % columns + 1}
        first = place == 0
        band(figure, grid(spend / WAN, 3), low / WAN, high / WAN, theme.PLAN, words("band90"), legend=first, **cell)
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
            height = budget.curves.steady(place, np.array([value])).mean()
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
    figure.update_xaxes(title=words.with_unit(words("spend_week"), words("wan")), title_font_size=11, row=rows)
    figure.update_yaxes(title=words.with_unit(words("incremental"), words("wan")), title_font_size=11, col=1)
    return figure


def frontier_chart(budget: BudgetPlan, words: Words) -> go.Figure:
    """Incremental revenue with its band and contribution by budget."""
    table, figure = budget.frontier, go.Figure()
    money = {name: grid(table[name].to_numpy(dtype=float) / 100 / WAN, 3) for name in table if name != "marginal"}
    low, high = (np.asarray(money[f"incremental_{side}_fen"], dtype=float) for side in ("low", "high"))
    band(figure, money["budget_fen"], low, high, theme.PLAN, words("band90"), legend=True)
    for name, label, colour in (
        ("incremental_fen", "incremental", theme.PLAN),
        ("contribution_fen", "contribution", theme.MUTED),
    ):
        figure.add_scatter(
            x=money["budget_fen"],
            y=money[name],
            mode="lines+markers",
            name=words(label),
            line={"color": colour, "width": 2},
            hovertemplate="%{x:.1f} → %{y:.1f}",
        )
    dressed(figure, height=340)
    figure.update_xaxes(title=words.with_unit(words("budget"), words("wan")))
    figure.update_yaxes(title=words("wan"))
    return figure


def replay_chart(replay: Replay, words: Words) -> go.Figure:
    """Weekly stock, fill rate, turnover and cash, one panel each, for every policy."""
    frame = weekly_measures(replay)
    there = set(frame["measure"])
    measures = [name for name in SHOWN if name in there and not (name == "stock_units" and "stock_yuan" in there)]
    policies = list(dict.fromkeys(frame["policy"]))
    columns = min(2, len(measures))
    rows = -(-len(measures) // columns)
    titles = [words.with_unit(words.label(name), words(SHOWN[name][0])) for name in measures]
    figure = make_subplots(rows, columns, subplot_titles=titles, horizontal_spacing=0.09, vertical_spacing=0.3 / rows)
    for place, measure in enumerate(measures):
        cell: dict[str, Any] = {"row": place // columns + 1, "col": place % columns + 1}
        factor = SHOWN[measure][1]
        for policy in policies:
            part = frame[(frame["measure"] == measure) & (frame["policy"] == policy)]
            colour = POLICY_COLOURS.get(policy, theme.FORECAST)
            week = days(part["week"])
            if policy != FROZEN and part["low"].notna().all():
                band(figure, week, part["low"] * factor, part["high"] * factor, colour, "", legend=False, **cell)
            figure.add_scatter(
                x=week,
                y=grid(part["mean"] * factor, 3),
                mode="lines",
                name=words.label(policy),
                legendgroup=policy,
                showlegend=place == 0,
                hovertemplate="%{x}: %{y:,.2f}",
                **cell,
                line={"color": colour, "width": 2, "dash": "dot" if policy == FROZEN else "solid"},
            )
    figure.update_xaxes(tickformat="%y-%m", nticks=7)
    figure.update_yaxes(tickformat=",~f")
    dressed(figure, height=110 + 270 * rows, margin={"l": 64, "r": 24, "t": 84, "b": 48})
    return figure.update_layout(legend={"y": 1 + 0.18 / rows})
