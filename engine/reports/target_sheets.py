"""The targets in the planner's workbook: one page for the owner, the bridge, events, open-to-buy, limits, tracking."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from engine.plans.orders import OrderPlan
from engine.plans.targets import SCENARIOS, TargetDetails
from engine.reports.bundle import ReportBundle
from engine.reports.sheet import Book, Field, Kind
from engine.reports.target_words import in_words
from engine.reports.words import Words

_KINDS: dict[str, Kind] = {
    "probability": "share",
    "probability_low": "share",
    "probability_high": "share",
    "achieved": "share",
    "required_pace": "share",
    "presale_share": "share",
    "share": "share",
    "size": "share",
    "variance_share": "share",
    "target_share": "share",
    "cost_per_yuan": "ratio",
    "month": "month",
    "first_day": "day",
    "last_day": "day",
    "peak_day": "day",
    "days": "count",
    "stock_units": "units",
    "peak_parcels": "units",
    "parcels_day": "units",
    "short_parcels": "units",
    "target_units": "units",
    "items": "count",
    "skus": "count",
    "target_skus": "count",
    "new_skus": "count",
    "change": "number",
    "available": "number",
    "needed": "number",
    "short": "number",
    "price_low_yuan": "number",
    "price_high_yuan": "number",
}
_OF_TOTAL = {"share": "variance_share", "low_fen": "bad_total_fen", "high_fen": "good_total_fen"}
_WORDS = ("limit", "assumption", "level", "lever", "owner", "reason", "role", "kind", "side", "kept")
LEVERS = 3


def owner_page(book: Book, bundle: ReportBundle, words: Words) -> None:
    """What an owner reads: base, target and stretch with their chances, three levers, cash, what may be left over."""
    details = None if bundle.targets is None else bundle.targets.details
    if details is None:
        return
    rows = [*_ends(details, words), *_levers(bundle, words), *_cash(bundle.orders, words), *_leftover(details, words)]
    frame = pd.DataFrame(rows, columns=["what", "value", "meaning"])
    fields = [Field(name, in_words(name, words.language)) for name in frame.columns]
    book.table(in_words("sheet_owner", words.language), frame, fields)


def target_sheets(book: Book, bundle: ReportBundle, words: Words) -> None:
    """Every table of the targets that holds something."""
    details = None if bundle.targets is None else bundle.targets.details
    if details is None:
        return
    if bundle.bridge is not None:
        _sheet(book, "sheet_bridge", pd.concat([bundle.bridge.steps, bundle.bridge.unused]), words)
    _sheet(book, "sheet_events", _events(details, words), words)
    _sheet(book, "sheet_otb", details.open_to_buy, words)
    _sheet(book, "sheet_owners", _by_owner(details), words)
    _sheet(book, "sheet_new", details.items, words)
    if sum(map(float, dict(details.goals.get("roles", {})).values())) > 0:
        _sheet(book, "sheet_roles", details.roles, words)
    _sheet(book, "sheet_limits", details.limits, words)
    _sheet(book, "sheet_sensitivity", details.sensitivity.rename(columns=_OF_TOTAL), words)
    if bundle.progress is not None:
        _sheet(book, "sheet_progress", bundle.progress.standing, words)
        _sheet(book, "sheet_year_end", bundle.progress.year_end, words)
        _sheet(book, "sheet_replan", bundle.progress.replan, words)


def _sheet(book: Book, title: str, frame: pd.DataFrame, words: Words) -> None:
    if frame.empty:
        return
    shown = frame.reset_index(drop=True)
    for name in _WORDS:
        if name in shown:
            shown[name] = [in_words(str(value), words.language) for value in shown[name]]
    fields = [_field(str(name), words) for name in shown.columns]
    book.table(in_words(title, words.language), shown, fields)


def _field(name: str, words: Words) -> Field:
    money = name.endswith(("_fen", "_fen_day"))
    return Field(name, in_words(name, words.language), "money" if money else _KINDS.get(name, "text"))


def _events(details: TargetDetails, words: Words) -> pd.DataFrame:
    """All channels by their name; what all warehouses ship stands beside the sum of the channels alone."""
    whole = details.events["channel"].astype(str) == ""
    frame = details.events.rename(columns={"target_fen": "event_target_fen"})
    frame["channel"] = frame["channel"].astype(str).where(~whole, words.label("total"))
    for name in ("parcels_day", "short_parcels"):
        frame[name] = frame[name].astype(float).where(whole & (details.events["parcels_day"] > 0))
    return frame


def _by_owner(details: TargetDetails) -> pd.DataFrame:
    if details.owners.empty:
        return details.owners
    sums = details.owners.groupby(["side", "owner", "month"], sort=True)["target_fen"].sum()
    return pd.DataFrame(sums).reset_index()


def _ends(details: TargetDetails, words: Words) -> Iterator[list[str]]:
    """Scenarios and the target, each with the chance that the year reaches it."""
    total = details.draws.to_numpy(float).sum(axis=1)
    goals = {name: int(details.scenarios[name].sum()) for name in SCENARIOS}
    goals["target_fen"] = int(details.cells["target_fen"].sum())
    for name in ("base_fen", "target_fen", "optimistic_fen", "pessimistic_fen"):
        chance = float((100.0 * total >= goals[name] * (1.0 - 1e-6)).mean())
        meaning = in_words("owner_chance", words.language).format(chance=words.share(chance, 0))
        yield [in_words(f"owner_{name}", words.language), words.money(goals[name]), meaning]


def _levers(bundle: ReportBundle, words: Words) -> Iterator[list[str]]:
    if bundle.bridge is None or bundle.bridge.steps.empty:
        return
    steps = bundle.bridge.steps
    sums = steps.groupby("lever", sort=True)[["used_fen", "cost_fen"]].sum()
    for place, name in enumerate(sums.sort_values("used_fen", ascending=False, kind="stable").index[:LEVERS], start=1):
        own = steps[steps["lever"] == name]
        owners = ", ".join(dict.fromkeys(in_words(str(owner), words.language) for owner in own["owner"]))
        label = f"{in_words('owner_lever', words.language)} {place}: {in_words(str(name), words.language)}"
        meaning = in_words("owner_cost", words.language).format(
            cost=words.money(int(sums.loc[name, "cost_fen"])), owners=owners
        )
        yield [label, words.money(int(sums.loc[name, "used_fen"])), meaning]
    if bundle.bridge.open_fen > 0:
        yield [in_words("owner_open", words.language), words.money(bundle.bridge.open_fen), ""]


def _cash(orders: OrderPlan | None, words: Words) -> Iterator[list[str]]:
    """The week with the least money left after the plan's orders; nothing where cash is no limit."""
    if orders is None or orders.rows.empty:
        return
    rows = orders.rows[orders.rows["family"] == "cash"]
    if rows.empty:
        return
    left = (rows["limit"] - rows["used"]).to_numpy(float)
    lowest = int(np.argmin(left))
    week = pd.Timestamp(rows["week"].iloc[lowest])
    meaning = in_words("owner_cash_week", words.language).format(week=f"{week:%Y-%m-%d}")
    yield [in_words("owner_cash", words.language), words.yuan(float(left[lowest])), meaning]


def _leftover(details: TargetDetails, words: Words) -> Iterator[list[str]]:
    """Goods at cost that a category is left with at the year's end where it is bought for the target and the
    pessimistic year comes."""
    bought = details.open_to_buy.assign(year=pd.DatetimeIndex(details.open_to_buy["month"]).year)
    bought = bought[bought["year"] == details.year]
    if bought.empty:
        return
    target = details.cells.groupby("category")["target_fen"].sum()
    poor = details.scenarios.groupby("category")["pessimistic_fen"].sum().reindex(target.index).fillna(0)
    missing = (1.0 - poor / target.where(target > 0)).clip(lower=0.0).fillna(0.0)
    cost = bought.groupby("category")["cost_of_sales_fen"].sum()
    end = bought.sort_values("month").groupby("category")["end_stock_fen"].last()
    left = (end + cost * missing.reindex(cost.index).fillna(0.0)).sort_values(ascending=False, kind="stable")
    meaning = in_words("owner_left_why", words.language).format(
        category=left.index[0], end=words.money(float(end[left.index[0]])), all=words.money(float(left.sum()))
    )
    yield [in_words("owner_left", words.language), words.money(float(left.iloc[0])), meaning]
