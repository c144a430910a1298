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


def review_sheet(book: Book, budget: BudgetPlan, words: Words) -> None:
    """What the ads of the last year cost, brought and left."""
    if budget.review.empty:
        return
    table = budget.review.rename(columns=_AD_NAMES)
    table["ad_basis"] = [words.label(f"ads {basis}") for basis in table["ad_basis"]]
    fields = [field(words, "ad_channel"), field(words, "campaign_type"), field(words, "ad_spent_fen", "money", True)]
    fields += [field(words, "ad_visits", "count", True), field(words, "visit_fen", "money")]
    fields += [field(words, "attributed_fen", "money", True), field(words, "attributed_roi", "ratio")]
    fields += [field(words, "incremental_fen", "money", True)]
    fields += [field(words, f"incremental_{end}_fen", "money") for end in ("low", "high")]
    returns = [f"{name}{end}" for name in ("roi", "marginal_roi") for end in ("", "_low", "_high")]
    fields += [field(words, name, "ratio") for name in returns]
    fields += [field(words, "ad_new_buyers", "count", True), field(words, "buyer_fen", "money")]
    fields += [field(words, f"ad_new_share{end}", "share") for end in ("", "_low", "_high")]
    fields += [field(words, name, "money", True) for name in (*_AD_COSTS, "ad_left_fen")]
    fields += [field(words, f"ad_left_{end}_fen", "money") for end in ("low", "high")]
    book.table(words("sheet_ad_review"), table, [*fields, field(words, "ad_basis")])


def group_sheet(book: Book, budget: BudgetPlan, words: Words) -> None:
    """The budget of each ad channel by SKU group."""
    if budget.groups.empty:
        return
    table = budget.groups.rename(
        columns={"group": "ad_group", "skus": "ad_skus", "why": "ad_why", "room_fen": "ad_room_fen"}
    )
    table["ad_group"] = [words.label(f"group {name}") for name in table["ad_group"]]
    table["ad_why"] = [words.label(f"group by {why}") for why in table["ad_why"]]
    fields = [field(words, "ad_channel"), field(words, "ad_group"), field(words, "spend_fen", "money", True)]
    fields += [field(words, "ad_skus", "count"), field(words, "sales_fen", "money"), field(words, "left_rate", "share")]
    fields += [field(words, "ad_room_fen", "money"), field(words, "ad_why"), field(words, "top")]
    book.table(words("sheet_groups"), table, fields)


def trial_sheet(book: Book, budget: BudgetPlan, words: Words) -> None:
    """Which ad channel to test next."""
    if budget.trials.empty:
        return
    renamed = {"start": "trial_start", "end": "trial_end", "change": "trial_change", "cost_fen": "trial_cost_fen"}
    fields = [field(words, "ad_channel"), field(words, "know_fen", "money")]
    fields += [field(words, name, "day") for name in ("trial_start", "trial_end")]
    fields += [field(words, "trial_change", "share")]
    fields += [field(words, name, "money") for name in ("moved_fen", "effect_fen", "error_fen", *_TRIAL_NET)]
    book.table(words("sheet_trials"), budget.trials.rename(columns=renamed), fields)


def hour_sheet(book: Book, budget: BudgetPlan, words: Words) -> None:
    """Event days by the hour."""
    if budget.hours.empty:
        return
    fields = [field(words, "date", "day"), field(words, "ad_channel")]
    table = budget.hours.rename(columns={"hour": "from_hour", "until": "to_hour"})
    fields += [field(words, name, "count") for name in ("from_hour", "to_hour")]
    book.table(words("sheet_hours"), table, [*fields, field(words, "spend_fen", "money", True)])


_TRIAL_NET = ("learn_fen", "trial_cost_fen", "net_fen")
_AD_COSTS = (
    "coupons_fen",
    "ad_refunds_fen",
    "commission_fen",
    "freight_fen",
    "ad_vat_fen",
    "ad_goods_fen",
    "ad_protection_fen",
)
_AD_NAMES = {
    "spend_fen": "ad_spent_fen",
    "visitors": "ad_visits",
    "buyers": "ad_new_buyers",
    **{f"new_share{end}": f"ad_new_share{end}" for end in ("", "_low", "_high")},
    "basis": "ad_basis",
    **{f"{name}_fen": f"ad_{name}_fen" for name in ("refunds", "vat", "goods", "protection")},
    **{f"contribution{end}_fen": f"ad_left{end}_fen" for end in ("", "_low", "_high")},
}
