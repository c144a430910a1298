"""Funnel counts that narrow the wrong way, vanish, or move in a way that sales do not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.data.checks.facts import Facts
from engine.data.checks.finding import Finding, tell
from engine.data.checks.levels import around, shifts
from engine.data.checks.tools import (
    codes_in,
    codes_of,
    day_text,
    days_of,
    has,
    number,
    numbers,
    runs,
    spots,
    sum_by,
    text,
)

NARROWS = (("clicks", "exposure"), ("buyers", "visitors"))
STEPS = ("exposure", "clicks", "visitors", "carts", "buyers")
WHERE = ("channel", "sku", "date")
LEVELLED = ("exposure", "clicks", "visitors")
"""Steps with a level of their own; carts and buyers follow sales."""
HIGH_CONVERSION = 0.5


def funnel(facts: Facts) -> Iterator[Finding]:
    """More at a later step than at an earlier one; conversions that no shop has."""
    table = facts.data.get("traffic")
    if not has(table, "date", "channel"):
        return
    assert table is not None
    for later, earlier in NARROWS:
        pair = numbers(table, later, earlier)
        if pair is None:
            continue
        wrong = pair[0] > pair[1]
        yield from tell("traffic.widens", *spots(table, wrong, *WHERE), later=later, earlier=earlier)
        if later == "buyers":
            with np.errstate(invalid="ignore"):
                high = (pair[0] > HIGH_CONVERSION * pair[1]) & ~wrong & (pair[1] > 50)
            yield from tell("traffic.conversion", *spots(table, high, *WHERE))
    pair = numbers(table, "buyers", "carts")
    shop = (text(table["sku"]) == "").to_numpy() if "sku" in table else np.ones(len(table), dtype=bool)
    for step in STEPS:
        yield from _vanished(facts, table[shop], step)
    yield from _against_units(facts, table[shop])


def _vanished(facts: Facts, table: object, step: str) -> Iterator[Finding]:
    """Days of zeros at a step that usually counts many, and weeks at another level than the other channels'."""
    import pandas as pd

    assert isinstance(table, pd.DataFrame)
    values = number(table, step)
    if values is None or not len(table):
        return
    channel, channels = codes_of(table["channel"])
    period = facts.period_of(days_of(table["date"]))
    good = (channel >= 0) & (period >= 0) & (period < facts.periods)
    cell = np.where(good, channel * facts.periods + period, -1)
    grid = sum_by(cell, values, len(channels) * facts.periods).reshape(len(channels), -1)
    given = sum_by(cell, np.ones(len(table)), grid.size).reshape(grid.shape) > 0
    zero = []
    place = codes_in(pd.Series(channels.astype(object)), facts.channels)
    for row, name in enumerate(channels):
        line = grid[row]
        selling = facts.grid[place[row]] > 0 if place[row] >= 0 else np.ones(facts.periods, dtype=bool)
        empty = given[row] & (line == 0) & selling & (around(line, 14) >= 20)
        zero += [f"{name} {day_text(facts.day(start))}" for start, _ in runs(empty)]
    yield from tell("traffic.zero", len(zero), zero, step=step)
    if step not in LEVELLED:
        return
    festive = facts.festive[place] if (place >= 0).all() else np.zeros(grid.shape, dtype=bool)
    whole = given.mean(axis=1) > 0.9
    sold = np.where((place >= 0)[:, None], facts.grid[place], 0.0)
    sales = shifts(sold[whole], festive[whole], facts.step).own
    moves = shifts(grid[whole], festive[whole], facts.step)
    with np.errstate(invalid="ignore"):
        flags = (moves.low & (sales > 0.5)) | (moves.high & (sales < 2.0))
    found = [
        f"{name} {day_text(facts.day(start))}"
        for name, line in zip(channels[whole], flags, strict=True)
        for start, _ in runs(line)
    ]
    yield from tell("traffic.level", len(found), found, step=step)


def _against_units(facts: Facts, table: object) -> Iterator[Finding]:
    """Buyers of a shop and day beyond the units that it sold."""
    import pandas as pd

    assert isinstance(table, pd.DataFrame)
    buyers = number(table, "buyers")
    if buyers is None or facts.step != 1:
        return
    period = facts.period_of(days_of(table["date"]))
    channel = codes_in(table["channel"], facts.channels)
    good = (channel >= 0) & (period >= 0) & (period < facts.periods)
    units = np.full(len(table), np.nan)
    units[good] = facts.grid[channel[good], period[good]]
    wrong = (buyers > 2 * units + 20) & (units > 0)
    yield from tell("traffic.buyers_above_units", *spots(table, wrong, "channel", "date"))
