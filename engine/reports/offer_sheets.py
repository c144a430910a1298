"""Sheets of live streams on offer: sign or leave, and the stock to reserve first."""

from __future__ import annotations

from engine.plans.budget import BudgetPlan
from engine.reports.sheet import Book, field
from engine.reports.words import Words

_SPREADS = ("sales_fen", "sales_low_fen", "sales_high_fen", "refund_fen")
_LEFT = ("offer_left_fen", "offer_left_low_fen", "offer_left_high_fen")


def offer_sheets(book: Book, budget: BudgetPlan, words: Words) -> None:
    """A row a stream with its decision, then the SKUs whose stock it binds; nothing where none is on offer."""
    if budget.offers.empty:
        return
    renamed = {name.replace("offer_left", "contribution"): name for name in _LEFT}
    table = budget.offers.rename(columns=renamed)
    table["decision"] = table["decision"].map(words.label)
    book.table(
        words("sheet_offers"),
        table,
        [
            field(words, "decision"),
            field(words, "stream"),
            field(words, "date", "day"),
            field(words, "channel"),
            field(words, "host"),
            field(words, "slot_fee_fen", "money"),
            *[field(words, name, "money") for name in (*_SPREADS, *_LEFT)],
            field(words, "pays", "share"),
            field(words, "break_even_units", "units"),
            field(words, "break_even_fen", "money"),
            field(words, "reserve_units", "units"),
            field(words, "short_units", "units"),
            field(words, "surplus_fen", "money"),
        ],
    )
    names = [field(words, "stream"), field(words, "date", "day"), field(words, "sku")]
    held = [field(words, "reserve_units", "units"), field(words, "stock_now", "units")]
    reserve = budget.reserve.rename(columns={"units": "reserve_units", "on_hand": "stock_now"})
    book.table(words("sheet_reserve"), reserve, [*names, *held, field(words, "short_units", "units")])
