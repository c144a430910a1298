"""Sheets of the buyers' workbook: alerts, suppliers' grades, top items with a single supplier."""

from __future__ import annotations

import pandas as pd

from engine.plans.alerts import Alerts
from engine.plans.suppliers import SupplierReport
from engine.reports.material import Material
from engine.reports.sheet import Book, Field, Kind, field
from engine.reports.words import Words

_KINDS: dict[str, Kind] = {
    "date": "day",
    "chance": "share",
    "units": "units",
    "stock_fen": "money",
    "stake_fen": "money",
    "value_fen": "money",
    "score": "number",
    "lines": "count",
    "on_time": "share",
    "late_days": "number",
    "late_sd_days": "number",
    "short_share": "share",
    "defect_rate": "fine_share",
    "price_over_agreed": "share",
    "price_over_second": "share",
    "response_days": "number",
    "purchases_fen": "money",
    "planned_fen": "money",
    "payment_days_fen": "money",
    "next_tier_fen": "money",
}
_WORTH = {
    "purchases_fen": "planned_fen",
    "payment_days_fen": "payment_days_fen",
    "next_tier_fen": "next_tier_fen",
}


def alert_rows(alerts: Alerts, material: Material) -> pd.DataFrame:
    """Alerts with product names, codes and sentences in the words' language."""
    words, table = material.words, alerts.table
    rows = table.rename(columns={"probability": "chance"}).assign(name=[material.name(sku) for sku in table["sku"]])
    for column in ("kind", "action", "how", "pool"):
        rows[column] = [words.label(code) if code else "" for code in table[column]]
    rows["reason"] = [words.label(text) for text in table["reason"]]
    return rows


def alert_sheet(book: Book, alerts: Alerts, material: Material, limit: int) -> None:
    """All alerts, most money at stake first."""
    columns = ["kind", "sku", "name", "warehouse", "date", "chance", "units", "stock_fen", "stake_fen"]
    columns += ["action", "how", "value_fen", "reason"]
    words = material.words
    book.table(words("sheet_alerts"), alert_rows(alerts, material), _fields(words, columns, ("stake_fen",)), limit)


def supplier_sheets(book: Book, report: SupplierReport, material: Material) -> None:
    """A row a supplier, the best first; then the top items that have only one."""
    words = material.words
    card = report.scorecard.assign(
        weak=[words("yes") if weak else "" for weak in report.scorecard["weak"]],
        reasons=[words.joined(text, "; ") for text in report.scorecard["reasons"]],
    )
    columns = ["supplier", "name", "grade", "stated_grade", "score", "lines", "on_time", "late_days", "late_sd_days"]
    columns += ["short_share", "defect_rate", "price_over_agreed", "price_over_second", "response_days"]
    columns += ["purchases_fen", *_WORTH.values(), "weak", "reasons"]
    worth = report.worth.rename(columns=_WORTH).astype({"supplier": str})
    card = card.merge(worth, on="supplier", how="left").fillna(dict.fromkeys(_WORTH.values(), 0))
    fields = [
        Field("name", words.header("supplier_name")) if entry.name == "name" else entry
        for entry in _fields(words, columns, ("lines", "purchases_fen", *_WORTH.values()))
    ]
    book.table(words("sheet_scorecard"), card, fields)
    if len(report.single_sourced):
        single = report.single_sourced.rename(columns={"value_fen": "margin_fen"})
        fields = [field(words, name) for name in ("sku", "name")]
        fields += [field(words, "margin_fen", "money", True), field(words, "supplier"), field(words, "grade")]
        book.table(words("sheet_single"), single, fields)


def _fields(words: Words, names: list[str], totals: tuple[str, ...]) -> list[Field]:
    return [field(words, name, _KINDS.get(name, "text"), name in totals) for name in names]
