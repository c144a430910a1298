"""Ad spend: idle, spiked, too steady, old, and figures of the platforms that cannot be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from engine.data.checks.facts import Facts
from engine.data.checks.finding import Finding, tell
from engine.data.checks.levels import around
from engine.data.checks.tools import (
    Floats,
    apart,
    codes_of,
    day_text,
    days_of,
    has,
    names_of,
    number,
    runs,
    spots,
    sum_by,
    text,
)

STEADY = 0.05
"""Spend with a coefficient of variation below this teaches nothing about its effect."""
SPIKE = 15.0
CLICK_FACTOR = 8.0
SILENT_DAYS = 28
AROUND, NEAR, DAILY_UNITS, ALWAYS = 14, 7, 15.0, 0.98
"""A day without a sale tells where the days around sell this much, or nearly every day sells."""
CLAIM, LONG_CLAIM = 1.05, 2.0
"""Claims above all sales: over the history, and in four weeks."""
SHARE = 0.8
"""Spend above this share of all sales over the history is a slip of units of money."""


def spend_and_sales(facts: Facts) -> Iterator[Finding]:
    """Spend on days without any sale, spend beyond all sales, spend too steady, channels that stopped."""
    table = facts.data.get("media")
    if not has(table, "date", "ad_channel", "spend_fen"):
        return
    assert table is not None
    spend, days = number(table, "spend_fen"), days_of(table["date"])
    assert spend is not None
    grid = _by_day(facts, table, np.nan_to_num(spend))
    yield from _idle(facts, table, days, spend)
    ads = codes_of(table["ad_channel"])[1]
    weeks = grid[:, : grid.shape[1] // 7 * 7].reshape(len(grid), -1, 7).sum(axis=2)
    steady = [name for name, line in zip(ads, weeks, strict=True) if _steady(line)]
    yield from tell("media.steady", *names_of(steady))
    if facts.revenue is not None:
        total, sold = grid.sum(), facts.revenue.sum()
        yield from tell("media.above_sales", int(total > SHARE * sold > 0), share=f"{total / max(sold, 1.0):.0%}")
    stopped = []
    for name, line in zip(ads, grid, strict=True):
        on = np.flatnonzero(line > 0)
        if len(on) > 28 and len(line) - on[-1] > SILENT_DAYS and len(on) > 0.5 * (on[-1] - on[0]):
            stopped.append(f"{name} ({day_text(facts.first + int(on[-1]))})")
    yield from tell("media.stopped", len(stopped), stopped)


def _by_day(facts: Facts, table: pd.DataFrame, values: Floats) -> Floats:
    """Sums by ad channel and day of the history."""
    ad, ads = codes_of(table["ad_channel"])
    length = int((facts.last - facts.first).astype(np.int64)) + 1
    place = (days_of(table["date"]) - facts.first).astype(np.int64)
    good = (ad >= 0) & (place >= 0) & (place < length)
    return sum_by(np.where(good, ad * length + place, -1), values, len(ads) * length).reshape(len(ads), length)


def _steady(weeks: Floats) -> bool:
    line = weeks[weeks > 0]
    return len(line) >= 6 and len(line) >= 0.8 * len(weeks) and float(line.std()) < STEADY * float(line.mean())


def _idle(facts: Facts, table: pd.DataFrame, days: np.ndarray, spend: Floats) -> Iterator[Finding]:
    """Days with spend on which nothing was sold in the channels that it lifts."""
    lifts = text(table["lifts"]) if "lifts" in table else pd.Series("", index=table.index)
    inside = (days >= facts.first) & (days <= facts.last) & (spend > 0)
    idle = np.zeros(len(table), dtype=bool)
    for name in sorted(set(lifts)):
        lifted = [part.strip() for part in name.split("|") if part.strip()]
        rows = facts.channels.isin(lifted) if lifted else np.ones(len(facts.channels), dtype=bool)
        if not rows.any():
            continue
        line = facts.grid[rows].sum(axis=0)
        mine = inside & (lifts == name).to_numpy()
        period = facts.period_of(days[mine])
        steady = (around(line, AROUND, 0.25)[period] >= DAILY_UNITS) | _even(line)
        short = around(facts.shortages[rows].any(axis=0).astype(float), NEAR, 1.0)[period] > 0
        idle[mine] = (line[period] == 0) & steady & ~short
    found = np.unique(days[idle])
    yield from tell("media.idle", len(found), (day_text(day) for day in found))


def _even(line: Floats) -> bool:
    """Whether nearly every day sells about the same, so that a day without a sale tells at any level."""
    sold = line[line > 0]
    return bool(len(sold) > ALWAYS * len(line) and np.quantile(sold, 0.05) >= 0.5 * np.median(sold))


def spikes(facts: Facts) -> Iterator[Finding]:
    """Days on which an ad channel spent many times what it spends around that day."""
    table = facts.data.get("media")
    if not has(table, "date", "ad_channel", "spend_fen"):
        return
    assert table is not None
    spend = number(table, "spend_fen")
    assert spend is not None
    ads, found = codes_of(table["ad_channel"])[1], []
    for name, line in zip(ads, _by_day(facts, table, np.nan_to_num(spend)), strict=True):
        padded = np.pad(line, 21, mode="reflect") if len(line) > 21 else np.pad(line, 21, mode="edge")
        near = np.sort(np.lib.stride_tricks.sliding_window_view(padded, 43), axis=1)[:, 34]
        base = np.maximum(near, np.median(line[line > 0]) / 3 if (line > 0).any() else np.inf)
        found += [f"{name} {day_text(facts.first + int(place))}" for place, _ in runs(line > SPIKE / 2 * base)]
    yield from tell("media.spike", len(found), found)


def figures(facts: Facts) -> Iterator[Finding]:
    """Clicks and claims that spend and sales contradict."""
    table = facts.data.get("media")
    if not has(table, "ad_channel", "spend_fen"):
        return
    assert table is not None
    where = ("ad_channel", "date")
    spend = number(table, "spend_fen")
    clicks, views = number(table, "clicks"), number(table, "impressions")
    assert spend is not None
    if clicks is not None and views is not None:
        yield from tell("media.clicks_above_views", *spots(table, (clicks > views) & (clicks > 5), *where))
    ad, ads = codes_of(table["ad_channel"])
    for values, kind, least in ((clicks, "media.no_clicks", 30), (views, "media.no_views", 1000)):
        if values is None or not (values > 0).any():
            continue
        good = (values > 0) & (spend > 0)
        price = sum_by(np.where(good, ad, -1), spend, len(ads)) / np.maximum(
            sum_by(np.where(good, ad, -1), values, len(ads)), 1.0
        )
        expected = spend / np.where(price > 0, price, np.inf)[np.maximum(ad, 0)]
        yield from tell(kind, *spots(table, (values == 0) & (expected > least), *where))
        with np.errstate(invalid="ignore"):
            odd = apart(values, expected, CLICK_FACTOR) & (np.maximum(values, expected) > 5 * least)
        yield from tell("media.click_price", *spots(table, odd, *where))
    yield from _claims(facts, table)


def _claims(facts: Facts, table: pd.DataFrame) -> Iterator[Finding]:
    """Sales that a platform claims for its ads beyond all that the lifted channels sold, in four weeks or in all."""
    claimed = number(table, "attributed_fen")
    if claimed is None or facts.revenue is None or facts.step != 1:
        return
    grid = _by_day(facts, table, np.nan_to_num(claimed))
    lifts = text(table["lifts"]) if "lifts" in table else pd.Series("", index=table.index)
    ad, ads = codes_of(table["ad_channel"])
    first = pd.Series(lifts.to_numpy()).groupby(ad).first()
    found = []
    for row, name in enumerate(ads):
        lifted = [part for part in str(first.get(row, "")).split("|") if part]
        rows = facts.channels.isin(lifted) if lifted else np.ones(len(facts.channels), dtype=bool)
        sold = facts.revenue[rows].sum(axis=0)
        weeks = [np.convolve(line, np.ones(28), mode="valid") for line in (grid[row], sold) if len(line) >= 28]
        over = (
            (weeks[0] > LONG_CLAIM * weeks[1]) & (weeks[0] > 3 * np.median(weeks[0]))
            if weeks
            else np.zeros(0, dtype=bool)
        )
        if over.any() or grid[row].sum() > CLAIM * sold.sum() > 0:
            found.append(f"{name} ({grid[row].sum() / max(sold.sum(), 1.0):.0%})")
    yield from tell("media.claims", len(found), found)


def lift_tests(facts: Facts) -> Iterator[Finding]:
    """Experiments without an error, with an effect beyond belief, or of an ad channel that spends nothing."""
    table = facts.data.get("lift_tests")
    if not has(table, "test", "spend_fen", "incremental_fen", "standard_error_fen"):
        return
    assert table is not None
    spend, gain, error = (number(table, f"{name}_fen") for name in ("spend", "incremental", "standard_error"))
    assert spend is not None and gain is not None and error is not None
    yield from tell("lift_tests.error", *spots(table, ~(error > 0), "test"))
    with np.errstate(invalid="ignore"):
        yield from tell("lift_tests.effect", *spots(table, np.abs(gain) > 30 * np.maximum(spend, 1.0), "test"))
    media = facts.data.get("media")
    if has(media, "ad_channel") and "ad_channel" in table:
        assert media is not None
        known = set(text(media["ad_channel"]))
        yield from tell("lift_tests.channel", *spots(table, ~text(table["ad_channel"]).isin(known).to_numpy(), "test"))
