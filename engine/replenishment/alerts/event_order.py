"""The last safe order date before each event to come, and what a week of delay costs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from engine.data.network import ITEM, text_of
from engine.plans.alerts import alert_table, no_alerts
from engine.replenishment.alerts.chance import planned_arrivals
from engine.replenishment.alerts.view import View, iso

Floats = NDArray[np.float64]
SELLING = ("presale", "opening", "main")
ORDER_BY, ORDER_NOW = "order_by_date", "order_now"


def event_order(view: View) -> pd.DataFrame:
    """Items whose stock and placed orders do not last through an event, with the day by which to order for it."""
    events = coming_events(view)
    planned = planned_arrivals(view.plan.orders)
    parts = [_of_event(view, planned, Event(*row)) for row in events.itertuples(index=False)]
    parts = [part for part in parts if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else no_alerts()


class Event(NamedTuple):
    """An event to come: first and last selling day."""

    name: str
    start: pd.Timestamp
    end: pd.Timestamp


def coming_events(view: View) -> pd.DataFrame:
    """Events that begin within the planned weeks: frame ``event, start, end`` of their selling days."""
    events = view.dataset.require("events", "add events (活动日历)")
    table = pd.DataFrame({name: text_of(events[name]) for name in ("event", "phase")})
    for name in ("start", "end"):
        table[name] = events[name].to_numpy(dtype="datetime64[s]")
    table = table[table["phase"].isin(SELLING)]
    found = table.groupby("event").agg(start=("start", "min"), end=("end", "max")).reset_index()
    last = view.first_day + pd.Timedelta(weeks=len(view.positions.weeks) - 1)
    found = found[(found["start"] >= view.first_day) & (found["start"] < last)]
    return found.sort_values(["start", "event"], ignore_index=True)


def _of_event(view: View, planned: Floats, event: Event) -> pd.DataFrame:
    settings, positions, chance = view.settings, view.positions, view.chance
    count = positions.planned
    start, end = ((day - view.first_day).days for day in (event.start, event.end))
    spare = norm.ppf(settings.event_service) * positions.column("lead_sd_weeks")[:count]
    lead = 7.0 * (positions.column("lead_weeks")[:count] + np.maximum(spare, 0.0))
    latest = _open_day(view.plan.orders.case.can_order, np.floor(start - lead))
    # an order of today that comes when the event runs already: a week more costs that week
    comes = np.where(latest >= 0, start, np.maximum(lead, start))
    lost = lost_in_week(chance.lost_without, comes)
    cost = lost * positions.column("lost")[:count]
    rows = np.flatnonzero((latest <= settings.event_notice_days) & (comes <= end) & (cost > 0))
    date, late = view.day(np.maximum(latest[rows], 0.0)), latest[rows] < 0
    day, table = f"{event.start:%Y-%m-%d}", positions.table.iloc[rows].reset_index(drop=True)
    reason = [
        f"too late to order safely for {event.name} from {day}: each week more costs {yuan:,.0f} yuan"
        if gone
        else f"order by {by} for {event.name} from {day}: a week later costs {yuan:,.0f} yuan"
        for gone, by, yuan in zip(late, iso(date), cost[rows], strict=True)
    ]
    ordered = planned[rows, : end // 7 + 1].sum(axis=1)
    return alert_table(
        kind="event_order",
        **{key: table[key].to_numpy() for key in ITEM},
        date=date,
        # chance that stock fails by the end of the week that counts
        probability=(chance.first_short[rows] <= (comes[rows] + 7.0)[:, None]).mean(axis=1),
        units=lost[rows],
        stake=cost[rows],
        action=np.where(late, ORDER_NOW, ORDER_BY),
        how=[f"{units:,.0f} units planned in time" if units else "nothing planned in time" for units in ordered],
        value=cost[rows],
        reason=reason,
    )


def lost_in_week(lost: Floats, days: Floats) -> Floats:
    """Units lost in the seven days from ``days`` after the start [items]; even within each week of ``lost``.

    >>> lost_in_week(np.array([[7.0, 14.0]]), np.array([3.5])).tolist()
    [10.5]
    """
    total = np.concatenate([np.zeros((len(lost), 1)), np.cumsum(lost, axis=1)], axis=1)

    def until(day: Floats) -> Floats:
        week = np.clip(day / 7.0, 0.0, lost.shape[1])
        whole = np.minimum(week.astype(np.int64), lost.shape[1] - 1)
        row = np.arange(len(lost))
        return np.asarray(total[row, whole] + (week - whole) * lost[row, whole], dtype=np.float64)

    return until(days + 7.0) - until(days)


def _open_day(can_order: NDArray[np.bool_], day: Floats) -> Floats:
    """The day itself where orders are taken in its week, else the last day of the last week before in which they are;
    -1 where there is none."""
    weeks = can_order.shape[1]
    week = np.clip((day // 7).astype(np.int64), -1, weeks - 1)
    index = np.where(can_order, np.arange(weeks)[None, :], -1)
    last = np.maximum.accumulate(index, axis=1)
    row = np.arange(len(day))
    found = np.where(week >= 0, last[row, np.maximum(week, 0)], -1)
    return np.where(found < 0, -1.0, np.where(found == week, day, 7.0 * found + 6.0))
