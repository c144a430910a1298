"""health.html: what is wrong with the data, what that does to the plans and what to do, on one page."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from string import Template

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from engine.data.checks import LEVELS, Finding, texts_of
from engine.data.dataset import Dataset
from engine.data.tables import TABLES
from engine.reports import theme
from engine.reports.settings import Language
from engine.reports.words import Words

_CONFIG = {"displaylogo": False, "responsive": True, "displayModeBar": False}
_COVERAGE = "coverage"
_JOINED = 3
"""Days without a row count as covered up to this many times the usual distance of two days with rows."""


def write_health(
    folder: Path, findings: Sequence[Finding], dataset: Dataset, merchant: str = "", language: Language = "zh"
) -> Path:
    """Writes ``health.html`` into ``folder`` and returns its path; the file is replaced as a whole.

    Errors and warnings stand first, each with effect and remedy, then what was given as a timeline and a table, then
    the notes. Everything is inside the page, nothing is loaded.
    """
    words = Words(language)
    spans = coverage(dataset)
    template = Template(files("engine.reports").joinpath("health.html").read_text("utf-8"))
    text = template.substitute(
        language="zh-CN" if language == "zh" else "en",
        title=html.escape(" · ".join(part for part in (words("health_title"), merchant) if part)),
        heading=html.escape(words("health_title")),
        subtitle=html.escape(_subtitle(spans, merchant, words)),
        verdict=html.escape(_verdict(findings, words)),
        counts="".join(_count(level, findings, words) for level in LEVELS),
        todo=_todo(findings, words),
        coverage_head=html.escape(words("health_coverage")),
        timeline=_timeline(spans, words),
        coverage=_coverage_table(spans, words),
        notes=_notes(findings, words),
        made_by=html.escape(words("made_by")),
        font=theme.FONT,
        plotly=get_plotlyjs(),
    )
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / ".health.html"
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, folder / "health.html")
    return folder / "health.html"


def coverage(dataset: Dataset) -> pd.DataFrame:
    """Frame ``table, rows, first, last, parts``: days as text, "" without dates; spans of days without larger holes."""
    rows = []
    for name, table in TABLES.items():
        frame = dataset.get(name)
        if frame is None:
            continue
        dated = table.date is not None and table.date in frame
        parts = _parts(frame[table.date].to_numpy().astype("datetime64[D]")) if dated else []
        first, last = (str(parts[0][0]), str(parts[-1][1])) if parts else ("", "")
        rows.append([name, len(frame), first, last, parts])
    return pd.DataFrame(rows, columns=["table", "rows", "first", "last", "parts"])


def _parts(days: np.ndarray) -> list[tuple[np.datetime64, np.datetime64]]:
    """Spans of days between which nothing is missing for long."""
    found = np.unique(days[~np.isnat(days)])
    if not len(found):
        return []
    steps = np.diff(found).astype(np.int64)
    usual = float(np.quantile(steps, 0.9)) if len(steps) else 1.0
    cuts = np.flatnonzero(steps > max(_JOINED * usual, 1.0)) + 1
    return [(part[0], part[-1]) for part in np.split(found, cuts)]


def _subtitle(spans: pd.DataFrame, merchant: str, words: Words) -> str:
    sales = spans[spans["table"] == "sales"]
    if sales.empty or not sales["last"].iloc[0]:
        return merchant
    until = words("health_until", first=sales["first"].iloc[0], last=sales["last"].iloc[0])
    return " · ".join(part for part in (merchant, until) if part)


def _verdict(findings: Sequence[Finding], words: Words) -> str:
    levels = {finding.level for finding in findings}
    return words(f"health_verdict_{next((level for level in LEVELS[:2] if level in levels), 'good')}")


def _count(level: str, findings: Sequence[Finding], words: Words) -> str:
    shown = [finding for finding in findings if finding.level == level and finding.kind != _COVERAGE]
    colour = level if shown or level == "note" else "good"
    return f'<div><dd class="{colour}">{len(shown)}</dd><dt>{html.escape(words(f"level_{level}"))}</dt></div>'


def _todo(findings: Sequence[Finding], words: Words) -> str:
    """Errors and warnings, each with where, what, effect and remedy."""
    shown = [finding for finding in findings if finding.level != "note"]
    if not shown:
        return ""
    items = "\n".join(_item(finding, words) for finding in shown)
    head = html.escape(words("health_todo"))
    return f'<section aria-labelledby="todo"><h2 id="todo">{head}</h2><ol class="findings">{items}</ol></section>'


def _item(finding: Finding, words: Words) -> str:
    message, effect, remedy = (html.escape(text) for text in texts_of(finding, words.language))
    level = f'<b class="{finding.level}">{html.escape(words(f"level_{finding.level}"))}</b>'
    then = "".join(
        f'<p class="then"><i>{html.escape(words(key))}</i>{text}</p>'
        for key, text in (("health_effect", effect), ("health_remedy", remedy))
        if text
    )
    where = f'<div class="where">{level}<span>{html.escape(_table_name(finding.table, words))}</span></div>'
    return f'<li>{where}<div><p class="what">{message}</p>{then}</div></li>'


def _table_name(name: str, words: Words) -> str:
    if words.language == "en":
        return name
    return f"{TABLES[name].zh} {name}" if name in TABLES else words("health_data")


def _timeline(spans: pd.DataFrame, words: Words) -> str:
    """Bars of the days that each table covers."""
    dated = spans[spans["parts"].str.len() > 0]
    if dated.empty:
        return ""
    names = [_table_name(name, words) for name in dated["table"]]
    bars = [(theme.plain(name), part) for name, parts in zip(names, dated["parts"], strict=True) for part in parts]
    begin = [str(first) for _, (first, _) in bars]
    length = [int((last - first).astype(np.int64) + 1) * 86_400_000 for _, (first, last) in bars]
    figure = go.Figure(
        go.Bar(
            y=[name for name, _ in bars],
            base=begin,
            x=length,
            orientation="h",
            marker={"color": theme.PLAN},
            customdata=[[str(first), str(last)] for _, (first, last) in bars],
            hovertemplate="%{y}<br>%{customdata[0]} - %{customdata[1]}<extra></extra>",
            showlegend=False,
        )
    )
    theme.dressed(figure, height=90 + 26 * len(dated), barmode="overlay", bargap=0.45)
    figure.update_layout(margin={"t": 8, "b": 32})
    figure.update_yaxes(autorange="reversed", categoryorder="array", categoryarray=[theme.plain(n) for n in names])
    figure.update_xaxes(type="date", tickformat="%Y-%m")
    last = dated.loc[dated["table"] == "sales", "last"]
    if len(last):
        figure.add_vline(x=last.iloc[0], line={"color": theme.ALARM, "width": 1, "dash": "dot"})
    drawing = figure.to_html(full_html=False, include_plotlyjs=False, div_id="figure-coverage", config=_CONFIG)
    return f"<figure>{drawing}<figcaption>{html.escape(words('health_timeline'))}</figcaption></figure>"


def _coverage_table(spans: pd.DataFrame, words: Words) -> str:
    heads = [words(f"health_head_{name}") for name in ("table", "rows", "first", "last")]
    cells = "".join(
        f"<th{' class=number' if place == 1 else ''}>{html.escape(head)}</th>" for place, head in enumerate(heads)
    )
    lines = [
        f"<tr><td>{html.escape(_table_name(str(row.table), words))}</td>"
        f'<td class="number">{row.rows:,}</td><td>{row.first}</td><td>{row.last}</td></tr>'
        for row in spans.itertuples()
    ]
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _notes(findings: Sequence[Finding], words: Words) -> str:
    shown = [finding for finding in findings if finding.level == "note" and finding.kind != _COVERAGE]
    if not shown:
        return ""
    items = []
    for finding in shown:
        message, effect, remedy = texts_of(finding, words.language)
        more = html.escape(" ".join(text for text in (effect, remedy) if text))
        name = html.escape(_table_name(finding.table, words))
        items.append(f"<li>{name}: {html.escape(message)} <span>{more}</span></li>")
    head = html.escape(words("health_notes"))
    return (
        f'<section class="notes" aria-labelledby="notes"><h2 id="notes">{head}</h2><ul>{"".join(items)}</ul></section>'
    )
