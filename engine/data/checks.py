"""Checks of the health report: each looks at one thing and yields what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset

NAMED = 3
SILENT_DAYS = 28
"""A channel without sales for so long at the end of the history is asked about."""
OLD_STOCK_DAYS = 7
PRICE_FACTOR = 3.0
"""A step of a price by this factor or its inverse looks like a slip."""
STEADY = 0.05
"""Spend with a coefficient of variation below this teaches nothing about its effect."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about the data: what it is, what it does to the plans, what to do about it."""

    level: Literal["error", "warning", "note"]
    table: str
    message: str
    effect: str = ""
    remedy: str = ""


def named(values: Sequence[object]) -> str:
    """The first few values and how many more.

    >>> named(["a", "b", "c", "d"])
    'a, b, c and 1 more'
    """
    text = ", ".join(str(value) for value in values[:NAMED])
    return text if len(values) <= NAMED else f"{text} and {len(values) - NAMED:,} more"


def _names(values: pd.Series) -> set[str]:
    """The distinct values as text."""
    return {str(value) for value in values.unique()}


def sales_gaps(dataset: Dataset) -> Iterator[Finding]:
    """Periods without any sale between the first and the last one."""
    days = np.unique(dataset["sales"]["date"].to_numpy().astype("datetime64[D]"))
    if len(days) < 2:
        return
    step = 7 if (days.astype(np.int64) % 7 == days[0].astype(np.int64) % 7).all() else 1
    empty = np.setdiff1d(np.arange(days[0], days[-1], np.timedelta64(step, "D")), days)
    if len(empty):
        word = "weeks" if step == 7 else "days"
        message = f"{len(empty):,} {word} without any sale: {named(empty.tolist())}"
        effect = "They count as a gap in the data, not as zero demand."
        yield Finding("warning", "sales", message, effect, "Load these periods where there were sales.")


def silent_channels(dataset: Dataset) -> Iterator[Finding]:
    """Channels that stopped selling before the end of the history, or never sold."""
    last = dataset["sales"].groupby("channel", observed=True)["date"].max()
    names = dataset["channels"]["channel"].astype(str)
    quiet = [str(name) for name, day in last.items() if (dataset.last_day - day).days >= SILENT_DAYS]
    if quiet:
        message = f"no sales in the last {SILENT_DAYS} days: {named(quiet)}"
        yield Finding("warning", "channels", message, "Their forecast goes to zero.", "Load their latest sales.")
    never = sorted(set(names) - set(last.index.astype(str)))
    if never:
        yield Finding("note", "channels", f"no sales at all: {named(never)}", "They are not planned.")


def order_states(dataset: Dataset) -> Iterator[Finding]:
    """Later states of an order that are more than the earlier ones."""
    sales = dataset["sales"]
    for part, whole in (("units_cancelled", "units_paid"), ("units_paid", "units_ordered")):
        if part in sales and whole in sales:
            count = int((sales[part] > sales[whole]).sum())
            if count:
                message = f"{part} is above {whole} in {count:,} rows"
                remedy = "Book every state on the day of its order."
                yield Finding("warning", "sales", message, "Demand of these days is counted wrong.", remedy)


def unpaid_units(dataset: Dataset) -> Iterator[Finding]:
    """Units without money and money without units."""
    sales = dataset["sales"]
    if "amount_paid_fen" not in sales:
        return
    paid, money = sales["units_paid"] > 0, sales["amount_paid_fen"].fillna(0) > 0
    for wrong, message in (
        (paid & ~money, "units paid without an amount"),
        (~paid & money, "an amount paid without units"),
    ):
        if wrong.any():
            yield Finding(
                "warning",
                "sales",
                f"{message} in {int(wrong.sum()):,} rows",
                "Revenue and prices of these rows are doubtful.",
                "Check the export; gifts belong into units_gift.",
            )


def price_jumps(dataset: Dataset) -> Iterator[Finding]:
    """Steps of a price that look like a slip of the decimal point."""
    prices = dataset.get("prices")
    if prices is None or not len(prices):
        return
    rows = prices.sort_values(["sku", "channel", "date"])
    same = ~rows[["sku", "channel"]].duplicated().to_numpy()
    price = rows["paid_price_fen"].to_numpy(dtype=float)
    if (price <= 0).any():
        yield Finding("warning", "prices", f"{int((price <= 0).sum()):,} prices are 0", "They count as unknown.")
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.abs(np.log(price[1:] / price[:-1]))
    jump = np.append(False, (step > np.log(PRICE_FACTOR)) & np.isfinite(step)) & ~same
    if jump.any():
        first = rows[jump].iloc[0]
        example = f"{first['sku']} in {first['channel']} on {pd.Timestamp(first['date']).date()}"
        message = f"{int(jump.sum()):,} steps by more than a factor of {PRICE_FACTOR:g}, such as {example}"
        yield Finding("warning", "prices", message, "Price effects may be learned from a slip.", "Check these prices.")


def sku_master(dataset: Dataset) -> Iterator[Finding]:
    """SKUs without a cost or category, and SKUs that never sold."""
    skus, sold = dataset["skus"], _names(dataset["sales"]["sku"])
    selling = skus[skus["sku"].astype(str).isin(sold)]
    cost = selling["unit_cost_fen"] if "unit_cost_fen" in selling else pd.Series(np.nan, index=selling.index)
    free = selling.loc[~(cost > 0), "sku"].astype(str).tolist()
    if free:
        message = f"{len(free):,} of {len(selling):,} selling SKUs have no unit cost: {named(free)}"
        remedy = "Give unit_cost_yuan, or supply_defaults with a margin."
        yield Finding("warning", "skus", message, "Their profit and orders rest on assumptions.", remedy)
    never = len(skus) - len(selling)
    if never:
        message = f"{never:,} SKUs have no sales"
        yield Finding("note", "skus", message, "They are new items or dead stock, and get no statistical forecast.")


def suppliers(dataset: Dataset) -> Iterator[Finding]:
    """Selling SKUs that nobody supplies, where terms were given for others."""
    terms = dataset.get("supply_terms")
    if terms is None:
        return
    left = sorted(_names(dataset["sales"]["sku"]) - _names(terms["sku"]) - _bundles(dataset))
    if left:
        message = f"{len(left):,} selling SKUs have no supplier: {named(left)}"
        remedy = "Add them to supply_terms, or give supply_defaults."
        yield Finding("warning", "supply_terms", message, "They cannot be ordered.", remedy)


def _bundles(dataset: Dataset) -> set[str]:
    bundles = dataset.get("bundles")
    return set() if bundles is None else _names(bundles["bundle_sku"])


def stock(dataset: Dataset) -> Iterator[Finding]:
    """Stock that is old, locked beyond what is there, or not known for SKUs that sell."""
    inventory = dataset.get("inventory")
    if inventory is None or not len(inventory):
        return
    last = pd.Timestamp(inventory["date"].max())
    age = (dataset.last_day - last).days
    if age > OLD_STOCK_DAYS:
        message = f"the last stock is of {last.date()}, {age} days before the last sales"
        yield Finding("warning", "inventory", message, "Orders start from old stock.", "Load a newer stock report.")
    opening = inventory[inventory["date"] == last]
    negative = int((opening["on_hand"] < 0).sum())
    if negative:
        yield Finding(
            "error", "inventory", f"{negative:,} rows are below 0", "Orders buy too much.", "Correct the stock."
        )
    if "locked" in opening and (opening["locked"] > opening["on_hand"]).any():
        count = int((opening["locked"] > opening["on_hand"]).sum())
        yield Finding(
            "warning", "inventory", f"more is locked than on hand in {count:,} rows", "No stock is free there."
        )
    left = sorted(_names(dataset["sales"]["sku"]) - _names(opening["sku"]) - _bundles(dataset))
    if left:
        message = f"{len(left):,} selling SKUs have no row on the last day: {named(left)}"
        yield Finding("note", "inventory", message, "They count as out of stock.", "Give rows of 0 to be sure.")


def late_orders(dataset: Dataset) -> Iterator[Finding]:
    """Purchase orders whose day has passed without a receipt."""
    orders, receipts = dataset.get("purchase_orders"), dataset.get("receipts")
    if orders is None:
        return
    got = set() if receipts is None else _names(receipts["po"])
    late = orders[(orders["expected_at"] <= dataset.last_day) & ~orders["po"].astype(str).isin(got)]
    if len(late):
        message = (
            f"{len(late):,} lines were expected and have no receipt: {named(late['po'].astype(str).unique().tolist())}"
        )
        remedy = "Give the receipts, or a new expected_at."
        yield Finding("warning", "purchase_orders", message, "They count as still to come.", remedy)


def calendar(dataset: Dataset) -> Iterator[Finding]:
    """Events whose windows are assumed, and a future without any."""
    events = dataset.get("events")
    if events is None or not len(events):
        return
    source = events["source"].astype(str) if "source" in events else pd.Series("", index=events.index)
    assumed = int((source == "").sum())
    if assumed:
        message = f"{assumed:,} of {len(events):,} windows have no source, they are assumed"
        yield Finding("note", "events", message, "Plans around them are as good as these dates.")
    if events["end"].max() <= dataset.last_day:
        message = "no event after the last day of sales"
        yield Finding("warning", "events", message, "The forecast sees no festival ahead.", "Add the coming ones.")


def media_spend(dataset: Dataset) -> Iterator[Finding]:
    """Spend while nothing was sold, old spend, and spend too steady to learn from."""
    media = dataset.get("media")
    if media is None or not len(media):
        return
    sold = np.unique(dataset["sales"]["date"].to_numpy())
    idle = media[(media["spend_fen"] > 0) & (media["date"] >= sold[0]) & (media["date"] <= sold[-1])]
    idle = idle[~idle["date"].isin(sold)]
    if len(idle):
        message = f"spend on {idle['date'].nunique():,} days without any sale"
        yield Finding("warning", "media", message, "Response is learned too low.", "Check sales of these days.")
    age = (dataset.last_day - media["date"].max()).days
    if age > SILENT_DAYS:
        message = f"ends {age} days before the last sales"
        yield Finding("warning", "media", message, "Ads of the last weeks are unknown.", "Load the latest spend.")
    weeks = (media["date"] - media["date"].min()).dt.days // 7
    spend = media.groupby(["ad_channel", weeks], observed=True)["spend_fen"].sum().groupby(level=0, observed=True)
    steady = spend.std() < STEADY * spend.mean()
    if steady.any():
        message = f"spend hardly varies: {named([str(name) for name in steady.index[steady]])}"
        yield Finding(
            "warning", "media", message, "Its effect cannot be told from the level.", "Test other spend levels."
        )


CHECKS: tuple[Callable[[Dataset], Iterator[Finding]], ...] = (
    sales_gaps,
    silent_channels,
    order_states,
    unpaid_units,
    price_jumps,
    sku_master,
    suppliers,
    stock,
    late_orders,
    calendar,
    media_spend,
)
