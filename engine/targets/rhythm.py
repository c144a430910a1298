"""The rhythm of the year: what each event asks of pre-sale, days, stock and parcels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.targets.days import NO_EVENT, YearDays
from engine.targets.event_luck import APART_DAYS
from engine.targets.limits import units_a_parcel

Counts = NDArray[np.int64]
COVER_DAYS = 7
"""Stock for an event is there before it and lasts for so many days after it."""
PHASES = ("presale", "balance", "opening")
COLUMNS = [
    "event",
    "channel",
    "first_day",
    "last_day",
    "days",
    "stock_units",
    "base_fen",
    "forecast_fen",
    "target_fen",
    "presale_share",
    "peak_day",
    "peak_fen",
    "peak_parcels",
    "parcels_day",
    "short_parcels",
]


def rhythm(
    dataset: Dataset,
    days: YearDays,
    target: Counts,
    units: NDArray[np.float64],
    base: Mapping[tuple[str, str], float],
) -> pd.DataFrame:
    """Frame of :data:`COLUMNS`, a row an event and channel ("" for all channels together), by first day.

    ``target`` fen [groups, days]; ``units`` [groups] a yuan of sales; ``base`` yuan of the event a year before by
    (event, channel), which stands beside the longest run of an event that runs twice. The daily curve itself stands
    in ``days``. ``stock_units``: what has to be there when it begins, for its days and a week after.
    """
    parcels = _capacity(dataset)
    each = 1.0 / units_a_parcel(dataset)
    presale = _presale(dataset)
    channel = days.groups["channel"].astype(str).to_numpy()
    pieces = days.actual + days.expected
    rows = []
    for place, event in enumerate(days.events):
        runs = _occurrences(days, place) if event != NO_EVENT else []
        longest = max((int(on.sum()) for on in runs), default=0)
        for on in runs:
            for name in ["", *sorted(set(channel))]:
                member = np.ones(len(channel), dtype=bool) if name == "" else channel == name
                inside = (days.event == place) & member[:, None] & on
                if inside.any():
                    rows.append(
                        [
                            event,
                            name,
                            *_row(days, target, units, inside, member),
                            round(100.0 * base.get((event, name), 0.0)) if on.sum() == longest else 0,
                            int(pieces[inside].sum()),
                            int(target[inside].sum()),
                            _presale_share(presale, days, inside, target, (event, name)),
                            *_peak(days, target, units * each, inside, member, parcels if name == "" else 0.0),
                        ]
                    )
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame.astype({"first_day": "datetime64[s]", "last_day": "datetime64[s]", "peak_day": "datetime64[s]"})
    return frame.sort_values(["first_day", "event", "channel"], ignore_index=True)


def _occurrences(days: YearDays, place: int) -> list[NDArray[np.bool_]]:
    """Days of an event in the year, apart where it runs again months later (a festival around New Year runs twice)."""
    on = np.flatnonzero((days.event == place).any(axis=0))
    if not len(on):
        return []
    found = []
    for part in np.split(on, np.flatnonzero(np.diff(on) > APART_DAYS) + 1):
        mask = np.zeros(len(days.days), dtype=bool)
        mask[part] = True
        found.append(mask)
    return found


def _row(
    days: YearDays, target: Counts, units: NDArray[np.float64], inside: NDArray[np.bool_], member: NDArray[np.bool_]
) -> list[object]:
    """First and last day, their number, and units that have to be there."""
    on = np.flatnonzero(inside.any(axis=0))
    until = min(int(on[-1]) + COVER_DAYS, len(days.days) - 1)
    span = target[member, on[0] : until + 1] / 100.0 * units[member, None]
    return [pd.Timestamp(days.days[on[0]]), pd.Timestamp(days.days[on[-1]]), len(on), round(float(span.sum()))]


def _peak(
    days: YearDays,
    target: Counts,
    parcels: NDArray[np.float64],
    inside: NDArray[np.bool_],
    member: NDArray[np.bool_],
    capacity: float,
) -> list[object]:
    """The largest day of the event: its date, fen, parcels of the channels meant, capacity, parcels beyond it."""
    daily = np.where(inside, target, 0).sum(axis=0)
    peak = int(np.argmax(daily))
    sent = float((target[member, peak] / 100.0 * parcels[member]).sum())
    beyond = max(round(sent - capacity), 0) if capacity > 0 else 0
    return [pd.Timestamp(days.days[peak]), int(daily[peak]), round(sent), round(capacity), beyond]


def _capacity(dataset: Dataset) -> float:
    table = dataset.get("warehouses")
    return float(table["parcels_day"].fillna(0).sum()) if table is not None and "parcels_day" in table else 0.0


def _presale(dataset: Dataset) -> pd.DataFrame:
    """Windows in which a pre-sale runs: ``event, kind, channel, start, end``."""
    table = dataset.get("events")
    if table is None or table.empty:
        return pd.DataFrame({"event": [], "kind": [], "channel": [], "start": [], "end": []})
    rows = table[table["phase"].astype(str).isin(PHASES)]
    return pd.DataFrame(
        {
            "event": text_of(rows["event"]) if "event" in rows else "",
            "kind": text_of(rows["kind"]),
            "channel": text_of(rows["channel"]) if "channel" in rows else "",
            "start": rows["start"].to_numpy().astype("datetime64[D]"),
            "end": rows["end"].to_numpy().astype("datetime64[D]"),
        }
    )


def _presale_share(
    windows: pd.DataFrame, days: YearDays, inside: NDArray[np.bool_], target: Counts, of: tuple[str, str]
) -> float:
    """Share of the event's target on days of its deposits, balances and openings; where the calendar of the year does
    not name them, on as many first days as they lasted before; 0 where it never did. ``of``: event, channel."""
    event, channel = of
    known = windows["channel"].isin({"", channel}) if channel else np.ones(len(windows), dtype=bool)
    rows = windows[(windows["kind"] == event) & known]
    whole = float(target[inside].sum())
    if rows.empty or whole <= 0:
        return 0.0
    start, end = (rows[name].to_numpy().astype("datetime64[D]")[:, None] for name in ("start", "end"))
    early = np.asarray(((start <= days.days) & (days.days <= end)).any(axis=0))
    on = np.flatnonzero(inside.any(axis=0))
    if not early[on].any():
        early[on[: round(_lasted(rows))]] = True
    return float(target[inside & early[None]].sum()) / whole


def _lasted(windows: pd.DataFrame) -> float:
    """Days of an event's windows, in the mean over the events: what runs at the same time counts once."""
    spans = zip(windows["event"], windows["start"], windows["end"], strict=True)
    days = {(event, day) for event, start, end in spans for day in pd.date_range(start, end)}
    return len(days) / max(windows["event"].nunique(), 1)
