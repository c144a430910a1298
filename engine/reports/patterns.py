"""Sentences of the rooms in Chinese."""

from __future__ import annotations

from engine.reports.ad_patterns import AD_PATTERNS
from engine.reports.forecast_patterns import FORECAST_PATTERNS
from engine.reports.import_patterns import IMPORT_PATTERNS
from engine.reports.order_patterns import ORDER_PATTERNS
from engine.reports.review_words import REVIEW_PATTERNS
from engine.reports.target_patterns import TARGET_PATTERNS
from engine.reports.watch_labels import WATCH_PATTERNS

PATTERNS: tuple[tuple[str, str], ...] = (
    *ORDER_PATTERNS,
    *FORECAST_PATTERNS,
    *AD_PATTERNS,
    *IMPORT_PATTERNS,
    *WATCH_PATTERNS,
    *TARGET_PATTERNS,
    *REVIEW_PATTERNS,
)
"""Expression -> Chinese, where ``{0}`` is what the first bracket held; the first that fits the whole sentence."""
