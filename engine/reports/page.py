"""report.html: one page for the owner, everything inside it, nothing loaded from anywhere."""

from __future__ import annotations

import html
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from string import Template

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from engine.reports import charts, theme
from engine.reports.ad_hours import hour_section
from engine.reports.ad_section import ad_section
from engine.reports.ad_trials import trial_section
from engine.reports.alert_section import alert_section
from engine.reports.material import Material
from engine.reports.notes import all_notes
from engine.reports.review_section import CHARTS, review_section
from engine.reports.sentences import for_owner

_CONFIG = {"displaylogo": False, "responsive": True, "displayModeBar": False}


def write_page(path: Path, material: Material) -> Path:
    """Writes the page; a chart whose plan is missing becomes a sentence that says what would enable it."""
    words, bundle = material.words, material.bundle
    sentences = "\n".join(f"<li>{html.escape(text)}</li>" for text in for_owner(material))
    notes = all_notes(material) or [words("no_notes")]
    parts = [alert_section(material), *(_section(name, missing, make, material) for name, missing, make in _CHARTS)]
    parts += [hour_section(material), trial_section(material), ad_section(material), *_review(material)]
    sections = "\n".join(part for part in parts if part)
    template = Template(files("engine.reports").joinpath("page.html").read_text("utf-8"))
    path.write_text(
        template.substitute(
            language="zh-CN" if bundle.language == "zh" else "en",
            title=html.escape(f"{words('title')} · {bundle.merchant}"),
            heading=html.escape(words("title")),
            subtitle=html.escape(material.subtitle),
            summary_head=html.escape(words("summary_head")),
            sentences=sentences,
            sections=sections,
            notes_head=html.escape(words("notes_head")),
            notes="\n".join(f"<li>{html.escape(note)}</li>" for note in notes),
            made_by=html.escape(words("made_by")),
            font=theme.FONT,
            plotly=get_plotlyjs(),
        ),
        encoding="utf-8",
    )
    return path


def _section(name: str, missing: str, make: Callable[[Material], go.Figure | None], material: Material) -> str:
    words = material.words
    figure = make(material)
    if figure is None:
        head = f'<h2 id="{name}">{html.escape(words(f"chart_{name}"))}</h2>'
        return f'<section aria-labelledby="{name}">{head}<p class="missing">{html.escape(words(missing))}</p></section>'
    return _drawn(name, figure, material)


def _review(material: Material) -> list[str]:
    """The past year at the end of the page; a chart that has nothing to show is left out."""
    review = material.bundle.review
    if review is None:
        return []
    figures = ((name, make(review, material.words)) for name, make in CHARTS)
    charts = [_drawn(name, figure, material) for name, figure in figures if figure is not None]
    return [review_section(review, material.words), *charts]


def _drawn(name: str, figure: go.Figure, material: Material) -> str:
    """A chart with its head and caption."""
    words = material.words
    head = f'<h2 id="{name}">{html.escape(words(f"chart_{name}"))}</h2>'
    drawing = figure.to_html(full_html=False, include_plotlyjs=False, div_id=f"figure-{name}", config=_CONFIG)
    what = words("revenue" if material.priced else "units").capitalize()
    caption = html.escape(words(f"caption_{name}", what=what))
    figure_html = f"<figure>{drawing}<figcaption>{caption}</figcaption></figure>"
    return f'<section aria-labelledby="{name}">{head}{figure_html}</section>'


def _forecast(material: Material) -> go.Figure | None:
    if material.outlook is None:
        return None
    return charts.forecast_chart(material.outlook, material.history, material.words)


def _targets(material: Material) -> go.Figure | None:
    targets = material.targets
    return None if targets is None else charts.targets_chart(targets, material.last_year, material.words)


def _response(material: Material) -> go.Figure | None:
    budget = material.budget
    return None if budget is None else charts.response_chart(budget, material.words)


def _spend(material: Material) -> go.Figure | None:
    budget = material.budget
    return None if budget is None else charts.spend_chart(budget, material.words)


def _frontier(material: Material) -> go.Figure | None:
    budget = material.budget
    return None if budget is None or budget.frontier.empty else charts.frontier_chart(budget, material.words)


def _cash(material: Material) -> go.Figure | None:
    orders = material.bundle.orders
    return None if orders is None or orders.lines.empty else charts.cash_chart(orders, material.words)


def _replay(material: Material) -> go.Figure | None:
    replay = material.bundle.replay
    return None if replay is None or replay.weeks.empty else charts.replay_chart(replay, material.words)


def _funnel(material: Material) -> go.Figure | None:
    history = material.history
    return None if history is None or not history.has_funnel else charts.funnel_chart(history, material.words)


_CHARTS: tuple[tuple[str, str, Callable[[Material], go.Figure | None]], ...] = (
    ("forecast", "missing_forecast", _forecast),
    ("targets", "missing_targets", _targets),
    ("cash", "missing_orders", _cash),
    ("replay", "missing_replay", _replay),
    ("spend", "missing_budget", _spend),
    ("response", "missing_budget", _response),
    ("frontier", "missing_budget", _frontier),
    ("funnel", "missing_funnel", _funnel),
)
"""Sections in the order of the five sentences."""
