"""What was given, table by table, and what an absent table would enable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from engine.data.checks.facts import Facts
from engine.data.checks.finding import Finding, tell
from engine.data.tables import TABLES

ENABLES: Mapping[str, str] = {
    name: f"missing.{name}"
    for name in (
        "prices",
        "events",
        "promotions",
        "availability",
        "media",
        "lift_tests",
        "inventory",
        "purchase_orders",
        "supply_terms",
        "warehouses",
        "lanes",
        "region_shares",
        "returns",
        "cash",
        "payment_terms",
    )
}
"""Optional tables and the kind of finding that says what is not done, or done worse, without them."""


def coverage(facts: Facts) -> Iterator[Finding]:
    """Rows and span of every table that was given."""
    for name, first, last, rows in spans(facts):
        span = "" if first is None or last is None else f", {first.date()} - {last.date()}"
        yield from tell("coverage", max(rows, 1), table=name, rows=f"{rows:,}", span=span)


def spans(facts: Facts) -> Iterator[tuple[str, pd.Timestamp | None, pd.Timestamp | None, int]]:
    """Name, first and last date and rows of every table that was given."""
    for name, table in TABLES.items():
        frame = facts.data.get(name)
        if frame is None:
            continue
        if table.date is not None and table.date in frame and frame[table.date].notna().any():
            yield name, pd.Timestamp(frame[table.date].min()), pd.Timestamp(frame[table.date].max()), len(frame)
        else:
            yield name, None, None, len(frame)


def missing(facts: Facts) -> Iterator[Finding]:
    """Optional tables that would enable or improve something."""
    for name, kind in ENABLES.items():
        if name not in facts.data:
            yield from tell(kind, 1, table=name)
