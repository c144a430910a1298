"""Facts that several checks need, each worked out once: the axis of days, sales by channel and day, who sells what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from engine.data.checks.tools import (
    Days,
    Floats,
    Ints,
    Mask,
    codes_in,
    codes_of,
    days_of,
    has,
    number,
    sum_by,
    text,
    usual,
)
from engine.data.dataset import Dataset
from engine.data.exclusions import excluded_rows

STRAY_DAYS = 60
"""Dates behind a gap of more than this that hold hardly any rows do not belong to the history."""
STRAY_SHARE = 0.01
DAY_CODES = 10**6
"""More than all days of a calendar, so that a number holds a series and its day."""
SCARCE = 0.9
"""Below this share of the day in stock, sales say little about demand."""
AFTERGLOW = 1
"""Days after an event or live stream that still belong to it."""


@dataclass(frozen=True)
class Facts:
    """A dataset and what can be read off it. Arrays over sales have one entry a row; ``-1`` is an unknown code."""

    data: Dataset

    @cached_property
    def sales(self) -> pd.DataFrame:
        return self.data["sales"]

    @cached_property
    def dates(self) -> Days:
        """Day of every sales row."""
        return days_of(self.sales["date"])

    @cached_property
    def span(self) -> tuple[np.datetime64, np.datetime64]:
        """First and last day of the history; stray dates far from all others are left out."""
        good = self.dates[~np.isnat(self.dates)]
        return bulk(good) if len(good) else (np.datetime64("2000-01-01", "D"), np.datetime64("2000-01-01", "D"))

    @property
    def first(self) -> np.datetime64:
        return self.span[0]

    @property
    def last(self) -> np.datetime64:
        return self.span[1]

    @cached_property
    def step(self) -> int:
        """Days in a period: 7 where all sales stand on one weekday, else 1."""
        numbers = np.unique(self.dates[self.inside].astype(np.int64))
        return 7 if len(numbers) > 1 and (numbers % 7 == numbers[0] % 7).all() else 1

    @cached_property
    def inside(self) -> Mask:
        """Sales rows within the span."""
        return ~np.isnat(self.dates) & (self.dates >= self.first) & (self.dates <= self.last)

    @cached_property
    def periods(self) -> int:
        return int((self.last - self.first).astype(np.int64)) // self.step + 1

    def period_of(self, days: Days) -> Ints:
        """Position of days on the axis of periods; outside of it below 0 or beyond."""
        return np.asarray((days - self.first).astype(np.int64) // self.step)

    def day(self, period: int) -> np.datetime64:
        """First day of a period."""
        day: np.datetime64 = self.first + np.timedelta64(period * self.step, "D")
        return day

    @cached_property
    def channels(self) -> pd.Index:
        """Channels with sales."""
        return codes_of(self.sales["channel"])[1]

    @cached_property
    def channel(self) -> Ints:
        return codes_of(self.sales["channel"])[0]

    @cached_property
    def skus(self) -> pd.Index:
        """SKUs of the sales table."""
        return codes_of(self.sales["sku"])[1]

    @cached_property
    def sku(self) -> Ints:
        return codes_of(self.sales["sku"])[0]

    @cached_property
    def series(self) -> Ints:
        """SKU and channel of every sales row as one code."""
        known = (self.sku >= 0) & (self.channel >= 0)
        return np.where(known, self.sku * len(self.channels) + self.channel, -1)

    @property
    def series_count(self) -> int:
        return len(self.skus) * len(self.channels)

    @cached_property
    def units(self) -> Floats:
        """Units paid of every row, 0 where blank or negative."""
        return np.maximum(np.nan_to_num(number(self.sales, "units_paid")), 0.0)  # type: ignore[arg-type]

    @cached_property
    def amount(self) -> Floats | None:
        """Amount paid of every row in fen (NaN where blank), None where the column is missing or all blank."""
        amount = number(self.sales, "amount_paid_fen")
        return None if amount is None or not (amount > 0).any() else amount

    @cached_property
    def unit_price(self) -> Floats | None:
        """Amount for a unit of every row in fen, NaN where there is none."""
        if self.amount is None:
            return None
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where((self.units > 0) & (self.amount > 0), self.amount / self.units, np.nan)

    @cached_property
    def cell(self) -> Ints:
        """Channel and period of every row as one code, -1 outside of the span."""
        period = self.period_of(np.where(self.inside, self.dates, self.first))
        return np.where(self.inside & (self.channel >= 0), self.channel * self.periods + period, -1)

    @cached_property
    def grid(self) -> Floats:
        """Units by channel and period."""
        size = len(self.channels) * self.periods
        return sum_by(self.cell, self.units, size).reshape(len(self.channels), self.periods)

    @cached_property
    def revenue(self) -> Floats | None:
        """Fen paid by channel and period."""
        if self.amount is None:
            return None
        size = len(self.channels) * self.periods
        return sum_by(self.cell, self.amount, size).reshape(len(self.channels), self.periods)

    @cached_property
    def sold(self) -> Floats:
        """Units of each SKU over the history."""
        return sum_by(self.sku, self.units, len(self.skus))

    @cached_property
    def first_sale(self) -> Ints:
        """Period of the first sale of each SKU, the number of periods where it has none."""
        first = np.full(len(self.skus), self.periods, dtype=np.int64)
        good = (self.cell >= 0) & (self.sku >= 0) & (self.units > 0)
        np.minimum.at(first, self.sku[good], self.cell[good] % self.periods)
        return first

    @cached_property
    def yearly(self) -> pd.Series:
        """Units a year of each selling SKU by its name, from its own first day to the end of the history."""
        days = np.maximum((self.periods - self.first_sale) * self.step, 28)
        return pd.Series(self.sold * 365.0 / days, index=self.skus)[self.sold > 0]

    @cached_property
    def price(self) -> pd.Series:
        """Usual fen paid for a unit of each selling SKU: from its sales, else from the price table."""
        if self.unit_price is not None:
            found = usual(self.unit_price, self.sku, len(self.skus))
            return pd.Series(found, index=self.skus).dropna()
        prices = self.data.get("prices")
        if not has(prices, "sku", "paid_price_fen"):
            return pd.Series(dtype=float)
        assert prices is not None
        code, names = codes_of(prices["sku"])
        return pd.Series(usual(number(prices, "paid_price_fen"), code, len(names)), index=names).dropna()  # type: ignore[arg-type]

    @cached_property
    def bundles(self) -> set[str]:
        """SKUs that are put together from others."""
        bundles = self.data.get("bundles")
        if not has(bundles, "bundle_sku"):
            return set()
        assert bundles is not None
        kind = text(bundles["kind"]) if "kind" in bundles else pd.Series("bundle", index=bundles.index)
        return set(text(bundles.loc[kind == "bundle", "bundle_sku"]))

    @cached_property
    def streamed(self) -> Mask:
        """Channel and period of a live stream."""
        mask = np.zeros((len(self.channels), self.periods), dtype=bool)
        streams = self.data.get("live_streams")
        if has(streams, "date", "channel"):
            assert streams is not None
            self._paint(mask, streams[["date", "channel"]].drop_duplicates(), "date", "date")
        return mask

    @cached_property
    def festive(self) -> Mask:
        """Channel and period in which an event (no mere holiday) or a live stream explains a high day."""
        mask = self.streamed.copy()
        events = self.data.get("events")
        if has(events, "start", "end"):
            assert events is not None
            phase = text(events["phase"]) if "phase" in events else pd.Series("main", index=events.index)
            self._paint(mask, events[(phase != "holiday").to_numpy()], "start", "end")
        return mask

    @cached_property
    def scarce(self) -> pd.DataFrame | None:
        """Rows of the availability table that tell of a shortage; the others say that all was there."""
        table = self.data.get("availability")
        share = None if table is None else number(table, "in_stock_share")
        return table if table is None or share is None else table[~(share >= SCARCE)]

    @cached_property
    def shortages(self) -> Mask:
        """Channel and period in which the availability table knows that something was out of stock."""
        mask = np.zeros((len(self.channels), self.periods), dtype=bool)
        table = self.scarce
        if has(table, "channel", "date"):
            assert table is not None
            channel, period = codes_in(table["channel"], self.channels), self.period_of(days_of(table["date"]))
            good = (channel >= 0) & (period >= 0) & (period < self.periods)
            mask[channel[good], period[good]] = True
        return mask

    def excluded(self, rows: Ints) -> Mask:
        """Which of these sales rows table ``exclusions`` covers: what people have answered is not asked again."""
        return excluded_rows(self.data, self.sales.iloc[rows])

    def promoted(self, sku: Ints, channel: Ints, days: Days) -> Mask:
        """Whether a promotion of its own runs for a SKU, channel and day (codes and days of the same length)."""
        table = self.data.get("promotions")
        if not len(sku) or not has(table, "sku", "start", "end"):
            return np.zeros(len(sku), dtype=bool)
        assert table is not None
        place = codes_in(table["channel"], self.channels) if "channel" in table else np.full(len(table), -1)
        every = text(table["channel"]).eq("").to_numpy() if "channel" in table else np.ones(len(table), dtype=bool)
        runs = pd.DataFrame({"sku": codes_in(table["sku"], self.skus), "place": place, "every": every}).assign(
            start=days_of(table["start"]), end=days_of(table["end"])
        )
        asked = pd.DataFrame({"row": np.arange(len(sku)), "sku": sku, "channel": channel, "day": days})
        both = asked.merge(runs[runs["sku"] >= 0], on="sku")
        inside = (both["day"] >= both["start"]) & (both["day"] <= both["end"] + pd.Timedelta(days=AFTERGLOW))
        return np.isin(asked["row"], both.loc[inside & (both["every"] | (both["place"] == both["channel"])), "row"])

    def short(self, sku: Ints, channel: Ints, days: Days) -> Mask:
        """Whether the availability table tells of a shortage of a SKU in a channel on a day."""
        table = self.scarce
        if not len(sku) or not has(table, "sku", "channel", "date"):
            return np.zeros(len(sku), dtype=bool)
        assert table is not None
        places = (codes_in(table["sku"], self.skus), codes_in(table["channel"], self.channels))
        known = (places[0] >= 0) & (places[1] >= 0)
        out = (places[0] * len(self.channels) + places[1]) * DAY_CODES + days_of(table["date"]).astype(np.int64)
        asked = (sku * len(self.channels) + channel) * DAY_CODES + days.astype(np.int64)
        return np.asarray(np.isin(asked, out[known]) & (sku >= 0) & (channel >= 0))

    def _paint(self, mask: Mask, rows: pd.DataFrame, start: str, end: str) -> None:
        channel = codes_in(rows["channel"], self.channels) if "channel" in rows else np.full(len(rows), -1)
        blank = text(rows["channel"]).eq("").to_numpy() if "channel" in rows else np.ones(len(rows), dtype=bool)
        first, last = days_of(rows[start]), days_of(rows[end])
        for row in np.flatnonzero(~np.isnat(first) & ~np.isnat(last) & ((channel >= 0) | blank)):
            low = max(int(self.period_of(first[row])), 0)
            high = min(int(self.period_of(last[row] + AFTERGLOW)) + 1, self.periods)
            mask[slice(None) if blank[row] else channel[row], low : max(high, low)] = True


def bulk(days: Days) -> tuple[np.datetime64, np.datetime64]:
    """First and last day without the far-off parts that hold hardly any rows."""
    found, count = np.unique(days, return_counts=True)
    part = np.append(0, np.cumsum(np.diff(found).astype(np.int64) > STRAY_DAYS))
    rows = np.bincount(part, weights=count)
    kept = np.flatnonzero(rows[part] >= STRAY_SHARE * rows.sum())
    return found[kept[0]], found[kept[-1]]
