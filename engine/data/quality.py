"""How good the merchant's data is: what stands, what is doubtful, what is missing, and what that does to the plans."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from engine.data.checks import CHECKS, Finding
from engine.data.dataset import Dataset
from engine.data.tables import TABLES

__all__ = ["ENABLES", "Finding", "health"]

LEVELS = ("error", "warning", "note")

ENABLES = {
    "prices": "Forecasts know no price effects; revenue comes from the amounts of past sales.",
    "events": "Shopping festivals and holidays are unknown to the forecast.",
    "promotions": "Promotions of single SKUs are unknown to the forecast.",
    "availability": "Demand that was lost to stock-outs cannot be restored.",
    "media": "The ad budget is skipped.",
    "lift_tests": "Response to ads rests on history alone.",
    "inventory": "Orders need supply_defaults.opening_cover_weeks, or are skipped.",
    "purchase_orders": "Goods on the way are unknown; orders may buy twice.",
    "supply_terms": "Orders need supply_defaults (lead time, minimum order), or are skipped.",
    "warehouses": "All stock counts as one warehouse.",
    "lanes": "All regions are served by one warehouse.",
    "region_shares": "Demand is not split to regions.",
    "returns": "Profit and orders count no returns.",
    "cash": "Orders keep no cash budget.",
    "payment_terms": "Purchases count as paid on ordering.",
}
"""What is not done, or done worse, without an optional table."""


def health(dataset: Dataset) -> list[Finding]:
    """Findings on the tables as of the dataset's cutoff, the worst first.

    An error makes a plan wrong, a warning makes it doubtful, a note says what stands or what would help.
    """
    findings = [*_coverage(dataset), *(finding for check in CHECKS for finding in check(dataset)), *_missing(dataset)]
    findings += [Finding("note", "data", f"Assumed: {line}") for line in dataset.assumptions]
    return sorted(findings, key=lambda finding: LEVELS.index(finding.level))


def _coverage(dataset: Dataset) -> Iterator[Finding]:
    """Rows and span of every table that was given."""
    for name, table in TABLES.items():
        if name not in dataset:
            continue
        frame = dataset[name]
        text = f"{len(frame):,} rows"
        if table.date is not None and table.date in frame and frame[table.date].notna().any():
            first, last = pd.Timestamp(frame[table.date].min()), pd.Timestamp(frame[table.date].max())
            text += f", {first.date()} to {last.date()}"
        yield Finding("note", name, text)


def _missing(dataset: Dataset) -> Iterator[Finding]:
    """Optional tables that would enable or improve something."""
    for name, effect in ENABLES.items():
        if name not in dataset:
            yield Finding("note", name, f"the table is missing ({TABLES[name].zh})", effect, f"Give {name}.csv.")
