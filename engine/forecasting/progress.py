"""The forecast of an event day again, from its first hours, the deposits paid towards it and the carts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.event_days import event_kinds
from engine.data.panels import build_panel, rows_of
from engine.execution.run import Run
from engine.forecasting.settings import EventSettings
from engine.plans.errors import BadInput, Problem
from engine.plans.forecast import Forecast
from models.demand.progress import Doubt, PastDays, Signal, Update, learn_signal, update_day
from models.panel import Panel

Ints = NDArray[np.int64]
AHEAD, SOLD = ("deposits", "carts"), "units_paid"
COLUMNS = ["date", "hour", "channel", "sku", "category", "forecast", "so_far", "updated", "p10", "p90"]
TOTALS = ["date", "hour", "channel", "forecast", "so_far", "updated", "p10", "p90"]


@dataclass(frozen=True)
class Reforecast:
    """``items``: frame of :data:`COLUMNS`, units of the whole day; ``totals``: of :data:`TOTALS` by day and channel,
    and by day (channel blank). ``hour``: that of the newest figures."""

    at: str
    items: pd.DataFrame
    totals: pd.DataFrame
    notes: tuple[str, ...]


def reforecast(forecast: Forecast, dataset: Dataset, at: datetime, settings: EventSettings, run: Run) -> Reforecast:
    """Update the days of ``event_progress`` that are running or to come at that moment, from what was known then.

    :class:`MissingInput` without the table; :class:`BadInput` for weekly forecasts, and where nothing is told of a day
    that is forecast.
    """
    table = dataset.require("event_progress", "add event_progress (活动进度): what event days had sold by the hour")
    if forecast.frequency != "D":
        raise BadInput([Problem("forecast", "is weekly", remedy="Hours need a forecast by day (frequency: D).")])
    known = table[_moment(table) <= np.datetime64(at, "h")]
    today = np.datetime64(at.date(), "D")
    ahead, panel = forecast.dates.astype("datetime64[D]"), build_panel(dataset, "D")
    days = known["date"].to_numpy().astype("datetime64[D]")
    asked = np.unique(days[(days >= today) & np.isin(days, ahead)])
    if not len(asked):
        span = f"days from {ahead[0]} to {ahead[-1]} with rows of event_progress until then"
        raise BadInput([Problem("--at", "no day that is forecast has figures by then", value=str(at), expected=span)])
    history = _History(known[days < min(today, asked[0])], panel, _kinds(dataset))
    parts, notes = [], list[str]()
    for day in asked:
        of_day = known[days == day]
        hour = history.latest_hour(of_day)
        if hour is None:
            notes.append(f"{day}: no past event day has figures of the same hours, so its forecast stays")
            continue
        parts.append(_one_day(forecast, of_day[of_day["hour"] == hour], history, settings, run))
    items = pd.concat([part[0] for part in parts]) if parts else pd.DataFrame(columns=COLUMNS)
    totals = pd.concat([part[1] for part in parts]) if parts else pd.DataFrame(columns=TOTALS)
    return Reforecast(
        at.isoformat(" ", "minutes"), items.reset_index(drop=True), totals.reset_index(drop=True), tuple(notes)
    )


def _moment(table: pd.DataFrame) -> NDArray[np.datetime64]:
    hour = table["hour"].to_numpy().astype("timedelta64[h]")
    return np.asarray(table["date"].to_numpy().astype("datetime64[h]") + hour)


@dataclass(frozen=True)
class _History:
    """Rows of past days, what was sold in them, and the kind of each channel's days."""

    rows: pd.DataFrame
    panel: Panel
    kinds: pd.Series

    def latest_hour(self, of_day: pd.DataFrame) -> int | None:
        """Newest hour of a day that past days know too."""
        both = np.intersect1d(of_day["hour"], self.rows["hour"])
        return int(both[-1]) if len(both) else None

    def kind(self, dates: NDArray[np.datetime64], channels: NDArray[np.object_]) -> NDArray[np.object_]:
        """Phase of the event, and whether it begins that day; blank without one."""
        asked = pd.MultiIndex.from_arrays([dates.astype("datetime64[s]"), channels])
        return self.kinds.reindex(asked).fillna("").to_numpy(dtype=object)

    def signal(self, column: str, hour: int, day: np.datetime64, channels: NDArray[np.object_]) -> Signal | None:
        """The rate of a column at that hour for a day of these channels; None where no past day tells it."""
        panel, rows = self.panel, self.rows[self.rows["hour"] == hour]
        rows = rows[rows[column].notna()] if column in rows else rows.iloc[:0]
        place = (rows["date"].to_numpy().astype("datetime64[D]") - panel.dates[0]).astype(np.int64)
        rows = rows.assign(place=place, channel=rows["channel"].astype(str))
        rows = rows[(place >= 0) & (place < len(panel.dates))]
        pairs = rows[["place", "channel"]].drop_duplicates().sort_values(["place", "channel"], ignore_index=True)
        pairs = pairs[pairs["channel"].isin(channels)].reset_index(drop=True)
        if pairs.empty:
            return None
        counts = np.zeros(panel.units.shape)
        series = rows_of(panel.series, rows["sku"], rows["channel"])
        inside = series >= 0
        np.add.at(counts, (series[inside], rows["place"].to_numpy()[inside]), rows[column].to_numpy(float)[inside])
        found = [self._day(counts, int(place), str(channel)) for place, channel in pairs.itertuples(index=False)]
        code = np.repeat(np.arange(len(found)), [len(counts) for counts, _ in found])
        names = self.kind(panel.dates[pairs["place"].to_numpy()], pairs["channel"].to_numpy(dtype=object))
        kinds = pd.Index(np.unique(names.astype(str)))
        now = kinds.get_indexer(pd.Index(self.kind(np.repeat(day, len(channels)), channels).astype(str)))
        shop = pd.Index(channels).get_indexer(pd.Index(pairs["channel"]))
        count, units = (np.concatenate(values) for values in zip(*found, strict=True))
        past = PastDays(count, units, code, shop.astype(np.int64), kinds.get_indexer(pd.Index(names.astype(str))))
        return learn_signal(past, now)

    def _day(
        self, counts: NDArray[np.float64], place: int, channel: str
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Counts and units of the items of a channel that were in stock all day."""
        panel = self.panel
        good = (panel.series["channel"] == channel).to_numpy() & panel.known[:, place] & ~panel.censored[:, place]
        return counts[good, place], panel.units[good, place].astype(np.float64)


def _kinds(dataset: Dataset) -> pd.Series:
    return event_kinds(dataset.get("events"), dataset["channels"]["channel"].astype(str))


def _one_day(
    forecast: Forecast, rows: pd.DataFrame, history: _History, settings: EventSettings, run: Run
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Items and totals of a day from its rows of one hour; channels that say nothing are left out."""
    day, hour = rows["date"].to_numpy()[0].astype("datetime64[D]"), int(rows["hour"].iloc[0])
    channels = np.array(sorted(rows["channel"].astype(str).unique()), dtype=object)
    series = forecast.series
    mine = np.flatnonzero(series["channel"].astype(str).isin(channels).to_numpy())
    shop = pd.Index(channels).get_indexer(pd.Index(series["channel"].astype(str).to_numpy()[mine]))
    mean = forecast.mean[mine, int(np.searchsorted(forecast.dates.astype("datetime64[D]"), day))].astype(np.float64)
    place = rows_of(series, rows["sku"], rows["channel"])

    def counts(column: str) -> NDArray[np.float64]:
        out = np.zeros(len(series))
        np.add.at(out, place[place >= 0], np.nan_to_num(rows[column].to_numpy(dtype=np.float64)[place >= 0]))
        return out[mine]

    told: dict[str, tuple[NDArray[np.float64], Signal]] = {}
    for column in (*AHEAD, *((SOLD,) if hour > 0 else ())):
        if column in rows and rows[column].notna().any():
            signal = history.signal(column, hour, day, channels)
            if signal is not None:
                told[column] = counts(column), signal
    doubt = Doubt(settings.channel_sd, settings.item_sd)
    ahead = [told[name] for name in AHEAD if name in told]
    seed = run.seed_for("progress", str(day), str(hour))
    if not told:
        return pd.DataFrame(columns=COLUMNS), pd.DataFrame(columns=TOTALS)
    update = update_day(mean, shop.astype(np.int64), ahead, told.get(SOLD), doubt, seed)
    so_far = told[SOLD][0] if SOLD in told else np.zeros(len(mine))
    items = pd.DataFrame(
        {"date": day, "hour": hour, **{n: series[n].astype(str).to_numpy()[mine] for n in COLUMNS[2:5]}}
    )
    items = items.assign(forecast=mean, so_far=so_far, updated=update.units, p10=update.low, p90=update.high)
    return items[COLUMNS], pd.DataFrame(list(_totals(items, update, channels)), columns=TOTALS)


def _totals(items: pd.DataFrame, update: Update, channels: NDArray[np.object_]) -> Iterator[tuple[object, ...]]:
    """The day by channel, and all of it."""
    groups = [(name, (items["channel"] == name).to_numpy()) for name in channels]
    for name, rows in [*groups, ("", np.ones(len(items), dtype=bool))]:
        low, high = np.quantile(update.draws[:, rows].sum(axis=1), (0.1, 0.9))
        sums = items.loc[rows, ["forecast", "so_far", "updated"]].sum()
        yield items["date"].iloc[0], items["hour"].iloc[0], name, *sums, low, high
