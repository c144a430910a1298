"""Order lines: what should stay out of demand (proposed, never dropped), and lines that contradict themselves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from engine.data.checks.facts import Facts
from engine.data.checks.finding import Finding, Level, tell
from engine.data.checks.levels import times_above, unexplained
from engine.data.checks.tools import (
    Days,
    Floats,
    Ints,
    Mask,
    apart,
    codes_in,
    codes_of,
    day_text,
    days_of,
    has,
    number,
    spots,
    sum_by,
    text,
    usual,
)

BULK_UNITS, BULK_FACTOR = 12.0, 4.0
"""Units that one customer takes on one day: from this many, and so many times what hardly anybody takes."""
BURST_LINES, BURST_FACTOR = 20, 20.0
BEYOND = 8.0
"""Standard deviations of a binomial share."""
PRICE_FACTOR = 4.0
FLAGGED = 0.05
DISAGREE = 0.15
UNPAID = ("ordered",)
SPANS = (
    ("shipped_at", "ordered_at"),
    ("returned_at", "shipped_at"),
    ("returned_at", "ordered_at"),
    ("balance_at", "deposit_at"),
    ("promised_ship_at", "ordered_at"),
)
LATE_DAYS = 60


def flagged(facts: Facts) -> Iterator[Finding]:
    """How much is marked suspicious already."""
    orders = facts.data.get("orders")
    if not has(orders, "suspicious"):
        return
    assert orders is not None
    marked = orders["suspicious"].fillna(False).to_numpy().astype(bool)
    share = marked.mean()
    level: Level = "warning" if share > FLAGGED else "note"
    yield from tell("orders.flagged", *spots(orders, marked, "order_id"), level, share=f"{share:.2%}")


def suspicious(facts: Facts) -> Iterator[Finding]:
    """Bulk buyers, bursts of equal orders and price errors among the lines that are not marked yet."""
    orders = facts.data.get("orders")
    if not has(orders, "sku", "channel", "ordered_at", "units"):
        return
    assert orders is not None
    orders = orders[~_marked(orders)]
    units = number(orders, "units")
    assert units is not None
    day = days_of(orders["ordered_at"]).astype(np.int64)
    if "customer_id" in orders:
        yield from _bulk(orders, np.nan_to_num(units), day)
    yield from _bursts(facts, orders, np.nan_to_num(units), day)
    yield from _price_errors(orders, units)


def _marked(orders: pd.DataFrame) -> Mask:
    if "suspicious" not in orders:
        return np.zeros(len(orders), dtype=bool)
    return np.asarray(orders["suspicious"].fillna(False).to_numpy().astype(bool))


def _bulk(orders: pd.DataFrame, units: Floats, day: Ints) -> Iterator[Finding]:
    """Customers who took far more of a SKU on one day, or in one order, than hardly anybody does."""
    customer, names = codes_of(orders["customer_id"])
    sku = codes_of(orders["sku"])[0]
    good = customer >= 0
    groups = pd.DataFrame({"customer": customer[good], "sku": sku[good], "day": day[good], "units": units[good]})
    taken = groups.groupby(["customer", "sku", "day"], sort=True)["units"].sum()
    if not len(taken):
        return
    limit = max(BULK_UNITS, BULK_FACTOR * float(np.quantile(taken.to_numpy(), 0.99)))
    found = taken[taken >= limit].sort_values(ascending=False, kind="stable")
    examples = (f"{names[key[0]]} ({value:,.0f})" for key, value in found.head(3).items())  # type: ignore[index]
    yield from tell("orders.bulk", len(found), examples, limit=f"{limit:,.0f}", units=f"{found.sum():,.0f}")


def _bursts(facts: Facts, orders: pd.DataFrame, units: Floats, day: Ints) -> Iterator[Finding]:
    """Days of a SKU and channel with many times its usual lines, or with lines that are alike beyond chance."""
    sku, skus = codes_of(orders["sku"])
    channel, channels = codes_of(orders["channel"])
    rows = pd.DataFrame({"sku": sku, "channel": channel, "day": day, "units": units})
    if "region" in orders:
        rows["region"] = codes_of(orders["region"])[0]
    days = rows.groupby(["sku", "channel", "day"], sort=True).size().reset_index(name="lines")
    series = (days["sku"] * max(len(channels), 1) + days["channel"]).to_numpy()
    when = days["day"].to_numpy().astype("datetime64[D]")
    place = _places(facts, days, skus, channels)

    def short(rows: Ints) -> Mask:
        return facts.short(place[0][rows], place[1][rows], when[rows])

    times = times_above(series, when, days["lines"].to_numpy(dtype=float), (BURST_LINES, BURST_FACTOR), short)
    found = days[(times > 1.0) & _unexplained(facts, times, place, when)]
    alike = [_alike(rows, days, name) for name in ("units", "region") if name in rows]
    found = pd.concat([found, *alike]).drop_duplicates(["sku", "channel", "day"]).sort_values(["day", "sku", "channel"])
    first = found.head(3)[["sku", "channel", "day", "lines"]].to_numpy(dtype=np.int64)
    examples = [
        f"{skus[int(row[0])]} {channels[int(row[1])]} {day_text(np.datetime64(int(row[2]), 'D'))} ({row[3]:,})"
        for row in first
    ]
    yield from tell("orders.burst", len(found), examples, lines=f"{found['lines'].sum():,}")


def _places(facts: Facts, days: pd.DataFrame, skus: pd.Index, channels: pd.Index) -> tuple[Ints, Ints]:
    """SKU and channel as the sales table counts them."""
    sku = codes_in(pd.Series(skus.astype(object)), facts.skus)[days["sku"].to_numpy()]
    return sku, codes_in(pd.Series(channels.astype(object)), facts.channels)[days["channel"].to_numpy()]


def _unexplained(facts: Facts, times: Floats, place: tuple[Ints, Ints], when: Days) -> Mask:
    """Days outside of events, live streams and promotions of the SKU."""
    sku, channel = place
    period = facts.period_of(when)
    known = (channel >= 0) & (period >= 0) & (period < facts.periods)
    mask = unexplained(facts, times, sku, channel, when)
    mask[known] &= ~facts.festive[channel[known], period[known]]
    return mask


def _alike(rows: pd.DataFrame, days: pd.DataFrame, name: str) -> pd.DataFrame:
    """Days on which one quantity (or region) holds far more of a SKU's lines than its share on all other days."""
    keys = ["sku", "channel", "day"]
    part = rows.groupby([*keys, name], sort=True).size().reset_index(name="alike")
    part = part[part["alike"] >= BURST_LINES].merge(days, on=keys)
    whole = rows.groupby(["sku", "channel", name]).size().rename("total").reset_index()
    all_lines = rows.groupby(["sku", "channel"]).size().rename("all").reset_index()
    part = part.merge(whole, on=["sku", "channel", name]).merge(all_lines, on=["sku", "channel"])
    general = (rows.groupby(name).size() / max(len(rows), 1)).reindex(part[name]).to_numpy()
    rest = (part["all"] - part["lines"]).to_numpy()
    share = ((part["total"] - part["alike"]).to_numpy() + 20 * general) / (rest + 20)
    expected = part["lines"].to_numpy() * share
    sigma = np.sqrt(np.maximum(expected * (1 - share), 1.0))
    beyond = (part["alike"].to_numpy() - expected > BEYOND * sigma) & (part["alike"].to_numpy() > 2 * expected)
    return part.loc[beyond, [*keys, "lines"]]


def _price_errors(orders: pd.DataFrame, units: Floats) -> Iterator[Finding]:
    amount = number(orders, "amount_paid_fen")
    if amount is None:
        return
    sku, skus = codes_of(orders["sku"])
    channel, channels = codes_of(orders["channel"])
    with np.errstate(invalid="ignore", divide="ignore"):
        price = np.where((amount > 0) & (units > 0), amount / units, np.nan)
    middle = usual(price, sku * len(channels) + channel, max(len(skus) * len(channels), 1))
    wrong = apart(price, middle[np.maximum(sku * len(channels) + channel, 0)], PRICE_FACTOR)
    yield from tell("orders.price_error", *spots(orders, wrong, "order_id", "sku"))


def dates(facts: Facts) -> Iterator[Finding]:
    """Steps of an order in the wrong order; promises that passed long ago without a shipment."""
    orders = facts.data.get("orders")
    if not has(orders, "ordered_at"):
        return
    assert orders is not None
    for late, early in SPANS:
        if late in orders and early in orders:
            wrong = (orders[late] < orders[early]).to_numpy()
            yield from tell("orders.dates", *spots(orders, wrong, "order_id"), late=late, early=early)
    if has(orders, "shipped_at", "state", "promised_ship_at"):
        waits = text(orders["state"]).isin(["paid"]).to_numpy() & orders["shipped_at"].isna().to_numpy()
        old = days_of(orders["promised_ship_at"]) < facts.last - LATE_DAYS
        yield from tell("orders.never_shipped", *spots(orders, waits & old, "order_id"))


def against_sales(facts: Facts) -> Iterator[Finding]:
    """Units of order lines and of the sales table that disagree by channel over the days of the order lines."""
    orders = facts.data.get("orders")
    if not has(orders, "ordered_at", "units", "channel"):
        return
    assert orders is not None
    days = days_of(orders["ordered_at"])
    units = number(orders, "units")
    good = ~np.isnat(days)
    if units is None or not good.any():
        return
    first, last = max(days[good].min(), facts.first), min(days[good].max(), facts.last)
    paid = good & (days >= first) & (days <= last)
    if "state" in orders:
        paid &= ~text(orders["state"]).isin(UNPAID).to_numpy()
    lines = sum_by(np.where(paid, codes_in(orders["channel"], facts.channels), -1), units, len(facts.channels))
    within = facts.inside & (facts.dates >= first) & (facts.dates <= last)
    sold = sum_by(np.where(within, facts.channel, -1), facts.units, len(facts.channels))
    wrong = (np.abs(lines - sold) > DISAGREE * np.maximum(lines, sold)) & (np.maximum(lines, sold) > 30) & (lines > 0)
    examples = (
        f"{name} {left:,.0f} / {right:,.0f}"
        for name, left, right, bad in zip(facts.channels, lines, sold, wrong, strict=True)
        if bad
    )
    yield from tell("orders.not_sales", int(wrong.sum()), examples)
