"""Stock: old, frozen, partial, out of line with receipts and sales, and where it ran out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.data.checks.facts import Facts
from engine.data.checks.finding import Finding, tell
from engine.data.checks.tools import (
    Days,
    Floats,
    Ints,
    Mask,
    codes_in,
    codes_of,
    day_text,
    days_of,
    has,
    names_of,
    number,
    numbers,
    runs,
    spots,
    sum_by,
    text,
    usual,
)

OLD_DAYS = 7
STILL_DAYS, STILL_COUNTS = 21, 3
"""Stock that did not move: longer than a pre-sale waits for its goods, over more counts than chance makes equal."""
FROZEN_SOLD, EMPTY_SOLD = 15.0, 20.0
RETURNED = 0.3
"""Share of what was sold in the ``RETURN_DAYS`` before that may have come back on the shelf, at least."""
RETURN_DAYS = 30
SPIKE, SPIKE_UNITS = 10.0, 200.0
PARTIAL = 0.5
RECENT_DAYS = 28
COVER_YEARS = 5.0
SILENT_SHARE = 30.0
"""Units that a steady seller would have sold while it had stock and sold none."""


@dataclass(frozen=True)
class Counts:
    """Stock by SKU: ``units`` [skus, dates] over all warehouses and pools, NaN where a SKU has no row that day."""

    skus: pd.Index
    days: Days
    units: Floats
    rows: Ints


def counts(facts: Facts) -> Counts | None:
    """Stock on every day of the inventory table."""
    table = facts.data.get("inventory")
    if not has(table, "date", "sku", "on_hand"):
        return None
    assert table is not None
    sku, skus = codes_of(table["sku"])
    dates = days_of(table["date"])
    days, day = np.unique(dates, return_inverse=True)
    held = number(table, "on_hand")
    assert held is not None
    known = (sku >= 0) & ~np.isnat(dates)
    cell = np.where(known, sku * len(days) + day, -1)
    size = len(skus) * len(days)
    units = sum_by(cell, held, size)
    units[np.bincount(cell[known], minlength=size) == 0] = np.nan
    return Counts(skus, days, units.reshape(len(skus), -1), np.bincount(day, minlength=len(days)))


def opening(facts: Facts) -> Iterator[Finding]:
    """The stock that plans start from: its age, what is locked, which selling SKUs it lacks, how long it lasts."""
    table, stock = facts.data.get("inventory"), counts(facts)
    if table is None or stock is None:
        return
    last = stock.days[~np.isnat(stock.days)].max()
    age = int((facts.last - last).astype(np.int64))
    yield from tell("inventory.old", age if age > OLD_DAYS else 0, last=day_text(last), age=age)
    pair = numbers(table, "locked", "on_hand")
    if pair is not None:
        now = days_of(table["date"]) == last
        yield from tell("inventory.locked", *spots(table, (pair[0] > pair[1]) & now, "sku", "warehouse"))
    recent = facts.inside & (facts.dates > facts.last - RECENT_DAYS) & (facts.units > 0)
    selling = set(facts.skus[np.unique(facts.sku[recent & (facts.sku >= 0)])]) - facts.bundles
    here = set(stock.skus[~np.isnan(stock.units[:, -1])])
    yield from tell("inventory.missing_sku", *names_of(selling - here))
    yearly = facts.yearly.reindex(stock.skus).to_numpy(dtype=float)
    with np.errstate(invalid="ignore"):
        much = (stock.units[:, -1] > COVER_YEARS * np.maximum(yearly, 20.0)) & (stock.units[:, -1] > 1000)
    yield from tell("inventory.too_much", *names_of(stock.skus[much]))


def snapshots(facts: Facts) -> Iterator[Finding]:
    """Days on which a good part of the stock table, or of the stock, is missing or multiplied."""
    stock = counts(facts)
    if stock is None or len(stock.days) < 6:
        return
    total = np.nansum(stock.units, axis=0)
    before = np.array([np.median(total[max(place - 4, 0) : max(place, 1)]) for place in range(len(total))])
    after = np.append(total[1:], np.inf)
    rows = np.array([np.median(stock.rows[max(place - 4, 0) : max(place, 1)]) for place in range(len(total))])
    partial = (stock.rows < PARTIAL * rows) | ((total < 0.25 * np.minimum(before, after)) & (before > 500))
    yield from tell("inventory.partial", int(partial.sum()), (day_text(day) for day in stock.days[partial]))
    many = (total > 4 * np.maximum(before, np.where(np.isinf(after), 0.0, after))) & (before > 100)
    yield from tell("inventory.multiplied", int(many.sum()), (day_text(day) for day in stock.days[many]))


def movements(facts: Facts) -> Iterator[Finding]:
    """Stock that stands still while the SKU sells, sells on without stock, or leaps without a receipt."""
    stock = counts(facts)
    if stock is None or len(stock.days) < 3:
        return
    frozen, empty = [], []
    place = facts.skus.get_indexer(stock.skus.astype(facts.skus.dtype))
    order = np.argsort(facts.sku, kind="stable")
    bounds = np.searchsorted(facts.sku[order], np.arange(len(facts.skus) + 1))
    span = (stock.days - stock.days[0]).astype(np.int64)
    same = np.diff(stock.units, axis=1) == 0
    held, zero = stock.units[:, :-1] > 0, stock.units[:, :-1] == 0
    gone, returned = _gone(facts)
    for row in np.flatnonzero((place >= 0) & same.any(axis=1)):
        sku = str(stock.skus[int(row)])
        if sku in facts.bundles:
            continue
        rows = order[bounds[place[row]] : bounds[place[row] + 1]]
        sold = np.interp(stock.days.astype(np.int64), *_cumulative(facts.dates[rows], gone[rows]), left=0.0)
        for start, end in _stretches(same[row] & held[row], span):
            if sold[end] - sold[start] >= FROZEN_SOLD and (np.diff(sold[start : end + 1]) >= 1).sum() >= STILL_COUNTS:
                frozen.append(sku)
        for start, end in _stretches(same[row] & zero[row], span):
            came = _received(facts, sku, stock.days[start], stock.days[end])
            share = max(RETURNED, returned[rows].sum() / max(gone[rows].sum(), 1.0))
            back = share * (sold[end] - np.interp(span[start] - RETURN_DAYS, span, sold))
            if sold[end] - sold[start] - came - back >= EMPTY_SOLD:
                empty.append(sku)
    yield from tell("inventory.frozen", *names_of(frozen))
    yield from tell("inventory.sells_empty", *names_of(empty))
    yield from _leaps(facts, stock)


def _cumulative(days: Days, units: Floats) -> tuple[Ints, Floats]:
    good = ~np.isnat(days)
    order = np.argsort(days[good], kind="stable")
    if not len(order):
        return np.zeros(1, dtype=np.int64), np.zeros(1)
    return days[good][order].astype(np.int64), np.cumsum(units[good][order])


def _gone(facts: Facts) -> tuple[Floats, Floats]:
    """Units of every sales row that left the shelf, and those of them that came back."""
    cancelled, returned = (number(facts.sales, f"units_{state}") for state in ("cancelled", "returned"))
    gone = facts.units if cancelled is None else np.maximum(facts.units - np.nan_to_num(cancelled), 0.0)
    return gone, np.zeros(len(gone)) if returned is None else np.nan_to_num(returned)


def _stretches(flags: Mask, span: Ints) -> list[tuple[int, int]]:
    """First and last count of every run of flagged intervals that lasts long enough."""
    found = ((start, start + length) for start, length in runs(flags) if length >= STILL_COUNTS)
    return [(start, end) for start, end in found if span[end] - span[start] >= STILL_DAYS]


def _leaps(facts: Facts, stock: Counts) -> Iterator[Finding]:
    """Stock that rises from one count to the next to many times its usual level, beyond what was received."""
    groups = np.repeat(np.arange(len(stock.skus)), len(stock.days))
    middle = usual(np.nan_to_num(stock.units).ravel(), groups, len(stock.skus))[:, None]
    gain = np.diff(np.nan_to_num(stock.units), axis=1)
    gain[np.isnan(stock.units[:, :-1])] = 0.0
    with np.errstate(invalid="ignore"):
        high = (gain > SPIKE * middle) & (gain > SPIKE_UNITS)
    for row, column in zip(*np.nonzero(high), strict=True):
        came = _received(facts, str(stock.skus[int(row)]), stock.days[column], stock.days[column + 1])
        high[row, column] = gain[row, column] > 1.5 * came + SPIKE_UNITS
    yield from tell("inventory.leap", *names_of(stock.skus[np.flatnonzero(high.any(axis=1))]))


def _received(facts: Facts, sku: str, after: np.datetime64, until: np.datetime64) -> float:
    """Units of a SKU received between two counts, a few days about them included."""
    receipts = facts.data.get("receipts")
    if not has(receipts, "sku", "date", "units"):
        return 0.0
    assert receipts is not None
    days, units = days_of(receipts["date"]), number(receipts, "units")
    assert units is not None
    mine = (codes_in(receipts["sku"], pd.Index([sku])) == 0) & (days > after - 3) & (days <= until + 3)
    return float(np.nansum(units[mine]))


def stock_outs(facts: Facts) -> Iterator[Finding]:
    """SKUs that ran out, by the stock table; and steady sellers that stopped for weeks while there was stock."""
    stock = counts(facts)
    if stock is not None:
        yearly = facts.yearly.reindex(stock.skus).to_numpy(dtype=float)
        out = (stock.units[:, -1] == 0) & (yearly > 0)
        yield from tell("inventory.out_now", *names_of(stock.skus[out]))
        share = float(np.nanmean((stock.units == 0)[yearly > 0])) if (yearly > 0).any() else 0.0
        yield from tell("inventory.out_often", int(share > 0.05), share=f"{share:.1%}")
    available = facts.data.get("availability")
    if has(available, "in_stock_share"):
        assert available is not None
        share_out = number(available, "in_stock_share")
        assert share_out is not None
        yield from tell("availability.out", *spots(available, share_out < 0.5, "sku", "channel", "date"))
        yield from tell("availability.never_out", int(len(share_out) > 100 and bool((share_out >= 1).all())))


def silent_skus(facts: Facts) -> Iterator[Finding]:
    """Runs of weeks without a sale of SKUs that sold steadily before and after: stock-out, or rows that are missing."""
    width = max(7 // facts.step, 1)
    weeks = facts.periods // width
    if weeks < 12:
        return
    week = np.where((facts.cell >= 0) & (facts.sku >= 0), (facts.cell % facts.periods) // width, -1)
    code = np.where((week >= 0) & (week < weeks), facts.sku * weeks + week, -1)
    sold = sum_by(code, facts.units, len(facts.skus) * weeks).reshape(-1, weeks)
    silent = []
    for row in np.flatnonzero((sold > 0).sum(axis=1) >= 8):
        line = sold[row]
        on = np.flatnonzero(line > 0)
        zero = line[on[0] : on[-1] + 1] == 0
        if zero.any() and zero.mean() < 0.25:
            edges = np.flatnonzero(np.diff(np.concatenate([[0], zero.astype(np.int8), [0]])))
            length = int((edges[1::2] - edges[::2]).max())
            if length >= 2 and length * float(np.quantile(line[on], 0.25)) >= SILENT_SHARE:
                silent.append(str(facts.skus[int(row)]))
    yield from tell("sales.silent_sku", *names_of(silent))


def out_and_sold(facts: Facts) -> Iterator[Finding]:
    """Sales on days on which the availability table says that nothing could be bought."""
    table = facts.data.get("availability")
    if not has(table, "date", "sku", "channel", "in_stock_share"):
        return
    assert table is not None
    out = table[(table["in_stock_share"] <= 0).to_numpy()]
    rows = pd.DataFrame({"day": facts.dates, "sku": facts.sku, "channel": facts.channel, "units": facts.units})
    keys = pd.DataFrame(
        {
            "day": days_of(out["date"]),
            "sku": codes_in(out["sku"], facts.skus),
            "channel": codes_in(out["channel"], facts.channels),
        }
    )
    rows = rows[rows["day"].isin(keys["day"].unique()) & (rows["units"] > 0)]
    both = keys.merge(rows, on=["day", "sku", "channel"])
    share = len(both) / max(len(keys), 1)
    named = names_of(text(out["sku"]))[1]
    yield from tell(
        "availability.sold", len(both) if len(both) >= 5 and share > 0.05 else 0, named, share=f"{share:.0%}"
    )
