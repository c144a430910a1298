"""The review of the year on the page: five sentences, then the charts behind them."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import plotly.graph_objects as go

from engine.plans.review import Review
from engine.reports import review_charts
from engine.reports.review_sentences import review_sentences, review_span
from engine.reports.words import Words

CHARTS: tuple[tuple[str, Callable[[Review, Words], go.Figure | None]], ...] = (
    ("review_months", review_charts.months_chart),
    ("growth", review_charts.growth_chart),
    ("review_channels", review_charts.channels_chart),
    ("bridge", review_charts.bridge_chart),
    ("events", review_charts.events_chart),
)


def review_section(review: Review | None, words: Words) -> str:
    """The sentences as a section of HTML; "" without a review."""
    if review is None:
        return ""
    sentences = "".join(f"<li>{escape(text)}</li>" for text in review_sentences(review, words))
    head = f'<h2 id="review">{escape(words("review_head"))}</h2>'
    span = f'<p class="missing">{escape(review_span(review, words))}</p>'
    return f'<section class="summary" aria-labelledby="review">{head}{span}<ol>{sentences}</ol></section>'
