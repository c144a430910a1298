"""Event days by the hour as a short table: days in a row that are spent alike are one line."""

from __future__ import annotations

import pandas as pd

from engine.reports.material import Material
from engine.reports.text_table import text_section, text_table
from engine.reports.words import Words


def hour_lines(hours: pd.DataFrame) -> pd.DataFrame:
    """``first``, ``last``, ``spend_fen`` and, by span such as ``0-1``, the part of the days' spend in it, all ad
    channels together. ``hours``: as in ``BudgetPlan.hours``. Days in a row are one line where the parts agree to whole
    per cent.

    >>> day = pd.DataFrame({"hour": [0, 6], "until": [6, 24], "ad_channel": "a", "spend_fen": [100, 300]})
    >>> both = pd.concat([day.assign(date=pd.Timestamp(when)) for when in ("2026-11-10", "2026-11-11")])
    >>> hour_lines(both).astype(str).values.tolist()
    [['2026-11-10', '2026-11-11', '800', '0.25', '0.75']]
    """
    span = hours["hour"].astype(int).astype(str) + "-" + hours["until"].astype(int).astype(str)
    spans = list(dict.fromkeys(span[hours.sort_values("hour", kind="stable").index])) if len(hours) else []
    table = hours.assign(span=span, date=pd.to_datetime(hours["date"])).pivot_table(
        index="date", columns="span", values="spend_fen", aggfunc="sum"
    )[spans]
    whole = table.sum(axis=1)
    alike = table.div(whole, axis=0).round(2)
    begins = (alike != alike.shift()).any(axis=1) | (table.index.to_series().diff() != pd.Timedelta(days=1))
    run = begins.cumsum().to_numpy()
    parts = table.groupby(run).sum()
    days = table.index.to_series().groupby(run)
    found = parts.div(parts.sum(axis=1), axis=0)
    found.insert(0, "spend_fen", parts.sum(axis=1).astype("int64"))
    found.insert(0, "last", days.max())
    found.insert(0, "first", days.min())
    return found.rename_axis(columns=None).reset_index(drop=True)


def texts_of_hours(hours: pd.DataFrame, words: Words) -> tuple[list[str], list[list[str]]]:
    """Heads and cells of :func:`hour_lines` as texts."""
    lines = hour_lines(hours)
    spans = list(lines.columns[3:])
    heads = [words("event_days"), words.header("spend_fen"), *(words("hours_of", span=span) for span in spans)]
    rows = []
    for row in lines.to_dict("records"):
        first, last = (f"{row[name]:%Y-%m-%d}" for name in ("first", "last"))
        days = first if first == last else f"{first} … {last[5:]}"
        rows.append([days, words.money(row["spend_fen"]), *(f"{row[span]:.0%}" for span in spans)])
    return heads, rows


def hour_section(material: Material) -> str:
    """Event days by the hour as a section of HTML; "" without any."""
    budget, words = material.budget, material.words
    if budget is None or budget.hours.empty:
        return ""
    heads, rows = texts_of_hours(budget.hours, words)
    return text_section("ad-hours", words("ad_hours_head"), [text_table(heads, rows)], words("ad_hours_caption"))
