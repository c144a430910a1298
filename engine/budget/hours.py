"""The spend of event days by the hour: as earlier event days of the sales channels that an ad channel lifts sold.

What a day had sold by an hour is learned from past days that ``event_progress`` tells, in part from the same kind of
day and the same sales channel, in part from all of them (see ``models.demand.progress``). Days of a kind that was never
told get no hours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.score import whole_fen
from engine.budget.today import SHOPPING
from engine.data.dataset import Dataset
from engine.data.event_days import event_kinds
from engine.data.network import text_of
from models.demand.progress import PastDays, learn_signal
from models.response.curves import ResponseCurves

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
COLUMNS = ["date", "ad_channel", "hour", "until", "spend_fen"]
DAY = 24
UNKNOWN = -1


@dataclass(frozen=True)
class DayCourse:
    """How the days of a kind sell: ``hours`` [hours + 1], the first 0 and the last 24, and what part of the day was
    sold by then, ``sold`` float64 [kinds, channels, hours + 1], from 0 to 1."""

    kinds: pd.Index
    hours: Ints
    sold: Floats

    @property
    def shares(self) -> Floats:
        """Part of the day in each span between two hours, [kinds, channels, hours]."""
        return np.asarray(np.diff(self.sold, axis=2))


def by_hour(
    dataset: Dataset, days: pd.DataFrame, curves: ResponseCurves, origin: np.datetime64
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """``date, ad_channel, hour, until, spend_fen`` of event days: what of the day's spend falls between two hours,
    adding up to the day of ``days`` to the fen; and what the user should know.

    An ad channel follows the sales channels that it lifts, each by its share of the lift.
    """
    empty = pd.DataFrame(columns=COLUMNS)
    kinds = _shopping(event_kinds(dataset.get("events"), curves.channels))
    dates = np.unique(days["date"].to_numpy())
    keys = pd.MultiIndex.from_product([dates.astype("datetime64[s]"), list(curves.channels)])
    ahead = kinds.reindex(keys).to_numpy(dtype=object).reshape(len(dates), -1)
    events = (~pd.isna(ahead)).any(axis=1)
    if not events.any():
        return empty, ()
    course = day_course(dataset, curves.channels, origin, kinds)
    code = np.full(ahead.shape, UNKNOWN) if course is None else course.kinds.get_indexer(pd.Index(ahead.ravel()))
    known = np.reshape(code, ahead.shape)
    told = (known >= 0).any(axis=1)
    untold = int((events & ~told).sum())
    notes = (f"{untold} event days are not split by hours: {WHY}",) if untold else ()
    if course is None:
        return empty, notes
    fen = days.pivot(index="date", columns="ad_channel", values="spend_fen").reindex(columns=list(curves.ad_channels))
    parts = [
        _day(pd.Timestamp(date), fen.loc[date].to_numpy(), _mixed(course, codes, curves.split), course.hours, curves)
        for date, codes in zip(dates[told], known[told], strict=True)
    ]
    return pd.concat(parts, ignore_index=True) if parts else empty, notes


WHY = "no earlier day of their kind is told by the hour (event_progress, units_paid)"


def day_course(
    dataset: Dataset, channels: tuple[str, ...], origin: np.datetime64, kinds: pd.Series
) -> DayCourse | None:
    """How days of each kind sell in each sales channel, from days before ``origin``; None where nothing is told.

    ``kinds``: kind by date and channel (see ``event_kinds``).
    """
    told = _told(dataset, channels, origin)
    place = pd.MultiIndex.from_arrays([told["date"], told["channel"]])
    told = told.assign(kind=kinds.reindex(place).to_numpy(dtype=object)).dropna(subset=["kind"])
    if told.empty:
        return None
    names = pd.Index(sorted(told["kind"].unique()))
    hours = np.array(sorted(told["hour"].unique()), dtype=np.int64)
    sold = np.ones((len(names), len(channels), len(hours) + 2))
    sold[:, :, 0] = 0.0
    for column, hour in enumerate(hours, 1):
        rows = told[told["hour"] == hour]
        past = PastDays(
            rows["count"].to_numpy(float),
            rows["units"].to_numpy(float),
            np.arange(len(rows)),
            pd.Index(channels).get_indexer(pd.Index(rows["channel"])).astype(np.int64),
            names.get_indexer(pd.Index(rows["kind"])).astype(np.int64),
        )
        for code in range(len(names)):
            sold[code, :, column] = learn_signal(past, np.full(len(channels), code)).rate
    sold = np.minimum(np.maximum.accumulate(sold[:, :, :-1], axis=2), 1.0)
    return DayCourse(names, np.array([0, *hours, DAY]), np.concatenate([sold, np.ones((*sold.shape[:2], 1))], axis=2))


def _shopping(kinds: pd.Series) -> pd.Series:
    """Kinds of days of shopping events alone; holidays and waves of returns are days like any other."""
    return kinds[kinds.astype(str).str.split(" ").str[0].isin(SHOPPING).to_numpy()]


def _told(dataset: Dataset, channels: tuple[str, ...], origin: np.datetime64) -> pd.DataFrame:
    """Frame ``date, channel, hour, count, units``: what past days had sold by an hour, and in all."""
    table, sales = dataset.get("event_progress"), dataset["sales"]
    if table is None or "units_paid" not in table:
        return pd.DataFrame(columns=["date", "channel", "hour", "count", "units"])
    inside = (table["date"] < pd.Timestamp(origin)) & table["hour"].between(1, DAY - 1) & table["units_paid"].notna()
    rows = _texts(table[inside.to_numpy()]).astype({"units_paid": float})
    whole = _texts(sales[sales["date"].isin(rows["date"].unique())]).groupby(["date", "channel", "sku"])
    pairs = rows[["date", "channel", "sku"]].drop_duplicates()
    sold = pairs.merge(whole["units_paid"].sum().reset_index(), on=["date", "channel", "sku"])
    units = sold.groupby(["date", "channel"])["units_paid"].sum()
    found = rows.groupby(["date", "channel", "hour"])["units_paid"].sum().rename("count").reset_index()
    places = pd.MultiIndex.from_arrays([found["date"], found["channel"]])
    found["units"] = units.reindex(places).fillna(0).to_numpy(dtype=np.float64)
    return found.loc[((found["units"] > 0) & found["channel"].isin(channels)).to_numpy()].reset_index(drop=True)


def _texts(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**{name: text_of(table[name]) for name in ("sku", "channel")})


def _mixed(course: DayCourse, codes: Ints, split: Floats) -> Floats:
    """Shares of a day by ad channel, [ad_channels, spans]; 0 where it lifts no sales channel whose hours are known."""
    known = codes >= 0
    weight = split * known
    shares = course.shares[np.maximum(codes, 0), np.arange(len(codes))]
    total = weight.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(weight @ shares, total, out=np.zeros((len(split), shares.shape[1])), where=total > 0))


def _day(date: pd.Timestamp, fen: Floats, shares: Floats, hours: Ints, curves: ResponseCurves) -> pd.DataFrame:
    """Rows of one day."""
    rows = np.flatnonzero((fen > 0) & (shares.sum(axis=1) > 0))
    spans = len(hours) - 1
    split = [whole_fen(fen[row] * shares[row] / 100.0) for row in rows]
    return pd.DataFrame(
        {
            "date": date,
            "ad_channel": np.repeat(np.array(curves.ad_channels, dtype=object)[rows], spans),
            "hour": np.tile(hours[:-1], len(rows)),
            "until": np.tile(hours[1:], len(rows)),
            "spend_fen": np.array(split, dtype=np.int64).ravel(),
        }
    )
