"""Sales rows that contradict themselves, the price table, the life of the SKU, or the return rates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from engine.data.checks.facts import Facts
from engine.data.checks.finding import Finding, tell
from engine.data.checks.tools import (
    Mask,
    apart,
    codes_in,
    codes_of,
    days_of,
    has,
    names_of,
    number,
    numbers,
    spots,
    sum_by,
    usual,
)

ORDER = (
    ("units_paid", "units_ordered"),
    ("units_cancelled", "units_paid"),
    ("units_shipped", "units_paid"),
    ("units_returned", "units_shipped"),
    ("units_refund_only", "units_paid"),
    ("amount_paid_fen", "amount_ordered_fen"),
    ("amount_cancelled_fen", "amount_paid_fen"),
    ("amount_returned_fen", "amount_paid_fen"),
    ("amount_refund_only_fen", "amount_paid_fen"),
)
"""What cannot be more than what."""
PRICE_FACTOR = 5.0
"""An amount for a unit this far from what the SKU usually brings is a slip, no discount."""
TABLE_FACTOR = 3.0
GRACE_DAYS = 14
"""Sales so shortly before the launch (pre-sale) or after the end (the rest) are no contradiction."""
WHERE = ("date", "sku", "channel")


def order_states(facts: Facts) -> Iterator[Finding]:
    """Later states of an order that are more than the earlier ones."""
    for part, whole in ORDER:
        pair = numbers(facts.sales, part, whole)
        if pair is None or not pair[1].any():
            continue
        gifts = number(facts.sales, "units_gift") if part == "units_shipped" else None
        with np.errstate(invalid="ignore"):
            wrong = pair[0] > pair[1] + (0.0 if gifts is None else np.nan_to_num(gifts))
        yield from tell("sales.states", *spots(facts.sales, wrong, *WHERE), part=part, whole=whole)


def unpaid_units(facts: Facts) -> Iterator[Finding]:
    """Units without money and money without units."""
    if facts.amount is None:
        return
    paid, money = facts.units > 0, np.nan_to_num(facts.amount) > 0
    yield from tell("sales.units_without_money", *spots(facts.sales, paid & ~money, *WHERE))
    yield from tell("sales.money_without_units", *spots(facts.sales, ~paid & money, *WHERE))


def unit_prices(facts: Facts) -> Iterator[Finding]:
    """Amounts for a unit far from what the SKU usually brings: units or money slipped by a factor."""
    if facts.unit_price is None:
        return
    middle = usual(facts.unit_price, facts.series, facts.series_count)
    general = usual(facts.unit_price, facts.sku, len(facts.skus))
    reference = np.append(middle, np.nan)[facts.series]
    wrong = apart(facts.unit_price, reference, PRICE_FACTOR)
    wrong |= apart(facts.unit_price, np.append(general, np.nan)[facts.sku], 2 * PRICE_FACTOR)
    yield from tell("sales.unit_price", *spots(facts.sales, wrong, *WHERE))


def price_table(facts: Facts) -> Iterator[Finding]:
    """SKUs and channels whose sales bring another price than the price table says, all in all."""
    prices = facts.data.get("prices")
    if facts.unit_price is None or not has(prices, "sku", "channel", "paid_price_fen"):
        return
    assert prices is not None
    sku, channel = codes_in(prices["sku"], facts.skus), codes_in(prices["channel"], facts.channels)
    series = np.where((sku >= 0) & (channel >= 0), sku * len(facts.channels) + channel, -1)
    paid = number(prices, "paid_price_fen")
    assert paid is not None
    listed = usual(paid, series, facts.series_count)
    sold = usual(facts.unit_price, facts.series, facts.series_count)
    wrong = np.flatnonzero(apart(sold, listed, TABLE_FACTOR))
    examples = (_named(facts, int(code)) for code in wrong)
    yield from tell("prices.not_sales", len(wrong), examples)
    sells = np.unique(facts.series[(facts.series >= 0) & (facts.units > 0)])
    left = sells[~(np.bincount(series[series >= 0], minlength=facts.series_count) > 0)[sells]]
    examples = (_named(facts, int(code)) for code in left)
    yield from tell("prices.missing", len(left), examples, whole=len(sells))


def _named(facts: Facts, series: int) -> str:
    """SKU and channel of a series."""
    sku, channel = divmod(series, len(facts.channels))
    return f"{facts.skus[sku]} {facts.channels[channel]}"


def life(facts: Facts) -> Iterator[Finding]:
    """Sales long before the launch or long after the end of a SKU."""
    skus = facts.data.get("skus")
    if not has(skus, "sku"):
        return
    assert skus is not None
    place = codes_in(facts.sales["sku"], pd.Index(codes_of(skus["sku"])[1]))
    row = pd.Series(np.arange(len(skus)), index=codes_of(skus["sku"])[0]).groupby(level=0).first()
    place = row.reindex(place).fillna(-1).to_numpy().astype(np.int64)
    for column, kind, sign in (("launch_date", "sales.before_launch", -1), ("end_date", "sales.after_end", 1)):
        if column not in skus:
            continue
        limit = np.append(days_of(skus[column]), np.datetime64("NaT", "D"))[place]
        late = sign * (facts.dates - limit).astype("timedelta64[D]").astype(np.int64) > GRACE_DAYS
        wrong: Mask = late & ~np.isnat(limit) & ~np.isnat(facts.dates) & (facts.units > 0)
        yield from tell(kind, int(wrong.sum()), names_of(facts.sales.loc[wrong, "sku"])[1])


def returns(facts: Facts) -> Iterator[Finding]:
    """Return rates that cannot be, or that the returned units of sales contradict."""
    table = facts.data.get("returns")
    if has(table, "rate"):
        assert table is not None
        rate = number(table, "rate")
        assert rate is not None
        yield from tell("returns.high", *spots(table, rate > 0.6, "category", "channel"))
    pair = numbers(facts.sales, "units_returned", "units_shipped")
    if pair is None:
        return
    old = facts.dates < facts.last - 45
    group = np.where(old, facts.channel, -1)
    back, sent = (sum_by(group, values, len(facts.channels)) for values in pair)
    with np.errstate(invalid="ignore", divide="ignore"):
        seen = back / sent
    yield from tell("sales.returns_high", *names_of(facts.channels[(seen > 0.6) & (sent > 100)]))
    if not has(table, "rate") or back.sum() < 30:
        return
    assert table is not None
    means = _table_rates(facts, table, group, pair[1])
    with np.errstate(invalid="ignore"):
        wrong = (back > 30) & ((means < seen / 3) | (means > np.maximum(3 * seen, 0.03)))
    examples = (
        f"{name}: {mean:.1%} / {rate:.1%}"
        for name, mean, rate, bad in zip(facts.channels, means, seen, wrong, strict=True)
        if bad
    )
    yield from tell("returns.not_sales", int(wrong.sum()), examples)
    zero = (rate == 0) if (rate := number(table, "rate")) is not None else np.zeros(0, dtype=bool)
    yield from tell("returns.zero", *spots(table, zero, "category", "channel"))


def _table_rates(facts: Facts, table: pd.DataFrame, group: np.ndarray, sent: np.ndarray) -> np.ndarray:
    """Rate that the table means for each channel, weighted by what its categories shipped."""
    skus = facts.data["skus"]
    category = skus.drop_duplicates("sku").set_index(skus["sku"].drop_duplicates().astype(str))["category"].astype(str)
    of_sku = category.reindex(facts.skus).fillna("").to_numpy()
    units = np.zeros((len(facts.skus), len(facts.channels)))
    good = (group >= 0) & (facts.sku >= 0)
    np.add.at(units, (facts.sku[good], group[good]), np.nan_to_num(sent[good]))
    rows = {
        (str(c) if isinstance(c, str) else "", str(s) if isinstance(s, str) else ""): float(r)
        for c, s, r in zip(
            table.get("category", pd.Series("", index=table.index)).astype(object),
            table.get("channel", pd.Series("", index=table.index)).astype(object),
            table["rate"],
            strict=True,
        )
    }
    means = np.full(len(facts.channels), np.nan)
    for place, channel in enumerate(facts.channels):
        shipped = pd.Series(units[:, place]).groupby(of_sku).sum()
        rate = np.array(
            [
                next((rows[key] for key in ((c, channel), (c, ""), ("", channel), ("", "")) if key in rows), np.nan)
                for c in shipped.index
            ]
        )
        weight = np.where(np.isnan(rate), 0.0, shipped.to_numpy())
        means[place] = np.nansum(rate * weight) / weight.sum() if weight.sum() > 0 else np.nan
    return means
