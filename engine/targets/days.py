"""The year by day: what was sold, what is still expected, and which event a day belongs to.

A month of the long run is laid out over its days by weekday, by what each festival brought in the past and, where it
reaches, by the near forecast. Festivals stand where the year's calendar has them, so a moved Lunar New Year moves its
days, its dip and its peak with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.recurrence import FestivalDays, festival_days
from engine.data.revenue import NetSales, net_sales
from engine.plans.forecast import Forecast
from engine.targets.fill import largest_remainder
from models.panel import Dates

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
NO_EVENT = ""
AFTER = "return_wave"
PRIOR_DAYS = 7.0
"""Days of the level above that a group's own uplift is mixed with."""
HALF_WINDOW = 28
"""Everyday sales around a day are averaged over so many days on both sides."""
LEAST, MOST = 0.02, 50.0
"""Bounds of an uplift."""


@dataclass(frozen=True)
class YearDays:
    """``groups``: frame ``channel, category``, sorted. ``days`` of one calendar year. ``event`` int64 [groups, days]:
    position in ``events`` (kinds; the first one is no event); ``actual`` and ``expected`` int64 fen [groups, days]."""

    groups: pd.DataFrame
    days: Dates
    events: tuple[str, ...]
    event: Counts
    actual: Counts
    expected: Counts

    @property
    def month(self) -> Counts:
        """Month of each day, 1 to 12."""
        return np.asarray(self.days.astype("datetime64[M]").astype(np.int64) % 12 + 1)

    def cell_codes(self) -> tuple[Counts, pd.DataFrame]:
        """Cell of each (group, day), int64 [groups, days], and the cells: frame ``month, event, channel, category``
        sorted by channel, category, month, event, with ``actual_fen`` and ``forecast_fen`` (still expected)."""
        size = (len(self.groups), 12, len(self.events))
        row = np.arange(size[0])[:, None]
        flat = (row * 12 + (self.month - 1)[None]) * size[2] + self.event
        found, code = np.unique(flat.ravel(), return_inverse=True)
        group, rest = np.divmod(found, 12 * size[2])
        month, event = np.divmod(rest, size[2])
        code = code.reshape(flat.shape)
        year = self.days[:1].astype("datetime64[Y]").astype("datetime64[M]")
        frame = pd.DataFrame(
            {
                "month": (year + month).astype("datetime64[s]"),
                "event": np.array(self.events, dtype=object)[event],
                "channel": self.groups["channel"].to_numpy(dtype=object)[group],
                "category": self.groups["category"].to_numpy(dtype=object)[group],
                "actual_fen": _sums(code, self.actual, len(found)),
                "forecast_fen": _sums(code, self.expected, len(found)),
            }
        )
        return code, frame


def _sums(code: Counts, values: Counts, size: int) -> Counts:
    out = np.zeros(size, dtype=np.int64)
    np.add.at(out, code.ravel(), values.ravel())
    return out


@dataclass(frozen=True)
class DayLaw:
    """How a month lies on its days, learned once from the history: for :func:`year_days` of several years."""

    sales: NetSales
    festivals: FestivalDays
    channels: tuple[str, ...]
    weekday: Floats
    uplift: Floats
    by_day: bool


def learn_days(dataset: Dataset, forecast: Forecast, groups: pd.DataFrame, last: np.datetime64) -> DayLaw:
    """Weekday factors [channels, 7] and uplifts of festivals [groups, kinds] until ``last``. A merchant whose history
    is weekly has no days: his months lie evenly."""
    sales = net_sales(dataset, ("channel", "category"))
    channels = tuple(sorted(groups["channel"].unique()))
    first = sales.dates[0] if len(sales.dates) else forecast.origin.astype("datetime64[D]")
    start = min(first, first.astype("datetime64[Y]").astype("datetime64[D]"))
    festivals = festival_days(dataset, channels, start, last)
    by_day = forecast.frequency == "D" and sales.amount_fen is not None
    flat = np.ones((len(channels), 7)), np.ones((len(groups), len(festivals.names)))
    if not by_day or not len(sales.dates):
        return DayLaw(sales, festivals, channels, *flat, False)
    assert sales.amount_fen is not None
    values = np.zeros((len(groups), len(sales.dates)))
    rows = _rows(groups, sales.groups)
    values[rows[rows >= 0]] = sales.amount_fen[rows >= 0]
    member = pd.Index(channels).get_indexer(pd.Index(groups["channel"]))
    offset = int((sales.dates[0] - festivals.days[0]).astype(int))
    cover = festivals.values[:, offset : offset + len(sales.dates)] > 0
    everyday = np.asarray(~cover.any(axis=2))
    by_channel = np.zeros((len(channels), values.shape[1]))
    np.add.at(by_channel, member, values)
    weekday = _weekdays(by_channel, everyday, weekday_of(sales.dates))
    return DayLaw(
        sales, festivals, channels, weekday, _uplifts(values, cover, member, weekday, weekday_of(sales.dates)), True
    )


def year_days(law: DayLaw, forecast: Forecast, groups: pd.DataFrame, months: pd.DataFrame, year: int) -> YearDays:
    """The year by day. ``months``: frame ``month, channel, category, actual_fen, forecast_fen`` of the year, whose sums
    are kept to the fen."""
    days = np.arange(f"{year}-01-01", f"{year + 1}-01-01", dtype="datetime64[D]")
    member = pd.Index(law.channels).get_indexer(pd.Index(groups["channel"]))
    start = int((days[0] - law.festivals.days[0]).astype(int))
    place = np.clip(start + np.arange(len(days)), 0, len(law.festivals.days) - 1)
    cover = law.festivals.values[:, place] > 0
    strongest = _strongest(cover, law.uplift, member)
    weight = law.weekday[:, weekday_of(days)][member]
    weight = weight * np.where(
        strongest >= 0,
        np.take_along_axis(law.uplift, np.maximum(strongest, 0), axis=1) if law.uplift.size else 1.0,
        1.0,
    )
    weight = _with_near(forecast, groups, days, weight) if law.by_day else weight
    kinds = kinds_of(law.festivals)
    events = (NO_EVENT, *sorted(set(kinds) - {NO_EVENT}))
    code_of = np.array([0, *(events.index(kind) for kind in kinds)])
    event = _events(law, cover, member, code_of) if law.by_day else np.zeros(weight.shape, dtype=np.int64)
    actual = _actual(law, groups, days)
    expected = _spread(
        months, groups, days, np.where(days >= forecast.origin.astype("datetime64[D]"), np.maximum(weight, 1e-9), 0.0)
    )
    return YearDays(groups, days, events, event, actual, expected)


def kinds_of(festivals: FestivalDays) -> list[str]:
    """Event that each kind of festival days belongs to; the weeks of returns after it are no days of it."""
    parts = (name.rsplit(".", 1) for name in festivals.names)
    return [NO_EVENT if phase == AFTER else kind for kind, phase in parts]


def _rows(groups: pd.DataFrame, asked: pd.DataFrame) -> NDArray[np.intp]:
    keys = ["channel", "category"]
    return np.asarray(pd.MultiIndex.from_frame(groups[keys]).get_indexer(pd.MultiIndex.from_frame(asked[keys])))


def weekday_of(days: Dates) -> Counts:
    """Monday is 0."""
    return np.asarray((days.astype("datetime64[D]").astype(np.int64) + 3) % 7)


def _weekdays(values: Floats, everyday: NDArray[np.bool_], weekday: Counts) -> Floats:
    """Sales on a weekday against the mean of the week, on everyday days, [channels, 7]."""
    out = np.ones((len(values), 7))
    for day in range(7):
        there = everyday & (weekday == day)
        out[:, day] = (values * there).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    mean = out.mean(axis=1, keepdims=True)
    return np.where((mean > 0) & (out > 0), out / np.where(mean > 0, mean, 1.0), 1.0)


def _uplifts(
    values: Floats, cover: NDArray[np.bool_], member: NDArray[np.intp], weekday: Floats, day: Counts
) -> Floats:
    """Sales on a kind's days against everyday sales around them, [groups, kinds]; a group leans on its channel, a
    channel on the shop, by :data:`PRIOR_DAYS` days."""
    everyday = np.asarray(~cover.any(axis=2))[member]
    usual = around(values, everyday, weekday[:, day][member])
    size = (len(values), cover.shape[2])
    sold, base, days = np.zeros(size), np.zeros(size), np.zeros(size)
    for kind in range(size[1]):
        there = cover[:, :, kind][member] & (usual > 0)
        sold[:, kind] = (values * there).sum(axis=1)
        base[:, kind] = (usual * there).sum(axis=1)
        days[:, kind] = there.sum(axis=1)
    above = np.where(base.sum(axis=0) > 0, sold.sum(axis=0) / np.maximum(base.sum(axis=0), 1e-9), 1.0)[None]
    found = np.broadcast_to(above, size)
    for code in (member, np.arange(size[0])):
        parts = [np.zeros((int(code.max(initial=-1)) + 1, size[1])) for _ in range(3)]
        for part, whole in zip(parts, (sold, base, days), strict=True):
            np.add.at(part, code, whole)
        own, under, count = (part[code] for part in parts)
        prior = PRIOR_DAYS * under / np.maximum(count, 1.0)
        found = np.where(under > 0, (own + prior * found) / np.where(under > 0, under + prior, 1.0), found)
    return np.asarray(np.clip(found, LEAST, MOST))


def around(values: Floats, everyday: NDArray[np.bool_], weekday: Floats) -> Floats:
    """What a day would bring by the everyday days around it, [groups, days]."""

    def windowed(part: Floats) -> Floats:
        total = np.cumsum(np.pad(part, ((0, 0), (HALF_WINDOW + 1, HALF_WINDOW))), axis=1)
        return np.asarray(total[:, 2 * HALF_WINDOW + 1 :] - total[:, : -2 * HALF_WINDOW - 1])

    level, count = windowed(values * everyday), windowed(weekday * everyday)
    return np.where(count > 0, level / np.where(count > 0, count, 1.0), 0.0) * weekday


def _strongest(cover: NDArray[np.bool_], uplift: Floats, member: NDArray[np.intp]) -> Counts:
    """Of the kinds on a day the one that moves it most, [groups, days]; -1 on everyday days."""
    best = np.full((len(member), cover.shape[1]), -1, dtype=np.int64)
    strength = np.zeros(best.shape)
    for kind in range(uplift.shape[1]):
        own = np.where(cover[:, :, kind][member], 1e-9 + np.abs(np.log(uplift[:, kind]))[:, None], 0.0)
        stronger = own > strength
        best[stronger], strength = kind, np.maximum(strength, own)
    return best


def _events(law: DayLaw, cover: NDArray[np.bool_], member: NDArray[np.intp], code_of: Counts) -> Counts:
    """Event of each day [groups, days], the same for all categories of a channel."""
    channel = np.zeros((len(law.channels), law.uplift.shape[1]))
    count = np.bincount(member, minlength=len(law.channels))
    np.add.at(channel, member, law.uplift)
    mean = np.clip(channel / np.maximum(count, 1)[:, None], LEAST, MOST)
    return np.asarray(code_of[_strongest(cover, mean, np.arange(len(law.channels))) + 1][member])


def _with_near(forecast: Forecast, groups: pd.DataFrame, days: Dates, weight: Floats) -> Floats:
    """In months that the near forecast covers to the end its own days count."""
    if forecast.frequency != "D":
        return weight
    demand = forecast.under()
    price = np.ones_like(demand.mean) if demand.price_yuan is None else np.nan_to_num(demand.price_yuan)
    rows = _rows(groups, demand.series.astype(str))
    near = np.zeros((len(groups), len(demand.dates)))
    np.add.at(near, rows[rows >= 0], (demand.mean * price)[rows >= 0].astype(float))
    dates = demand.dates.astype("datetime64[D]")
    last = (dates[-1] + 1).astype("datetime64[M]")
    inside = (days >= dates[0]) & (days.astype("datetime64[M]") < last)
    out = weight.copy()
    out[:, inside] = near[:, (days[inside] - dates[0]).astype(int)]
    return out


def _actual(law: DayLaw, groups: pd.DataFrame, days: Dates) -> Counts:
    out = np.zeros((len(groups), len(days)), dtype=np.int64)
    if law.sales.amount_fen is None or not len(law.sales.dates):
        return out
    place = (days - law.sales.dates[0].astype("datetime64[D]")).astype(int)
    inside = (place >= 0) & (place < len(law.sales.dates))
    rows = _rows(groups, law.sales.groups)
    kept = np.flatnonzero(rows >= 0)
    out[np.ix_(rows[kept], np.flatnonzero(inside))] = law.sales.amount_fen[np.ix_(kept, place[inside])]
    return out


def _spread(months: pd.DataFrame, groups: pd.DataFrame, days: Dates, weight: Floats) -> Counts:
    """Expected fen of each month over its days ahead, [groups, days]."""
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    totals = np.zeros((len(groups), 12), dtype=np.int64)
    rows = _rows(groups, months)
    totals[rows, months["month"].dt.month.to_numpy() - 1] = months["forecast_fen"].to_numpy()
    code = np.arange(len(groups))[:, None] * 12 + month[None]
    found = largest_remainder(weight.ravel(), code.ravel(), totals.ravel())
    return found.reshape(weight.shape)
