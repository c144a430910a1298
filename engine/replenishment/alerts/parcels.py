"""Event days on which a warehouse gets more orders than it can ship."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.network import text_of
from engine.plans.alerts import alert_table, no_alerts
from engine.replenishment.alerts.event_order import Event, coming_events
from engine.replenishment.alerts.view import View
from models.panel import periods_a_week

Floats = NDArray[np.float64]
SHIP_MORE = "ship_more"
BULK = "platform_run"
"""Channels of this kind ship to consumers themselves."""
BLOCK = 1000
NAMED_DAYS = 3


def parcels(view: View) -> pd.DataFrame:
    """Events and warehouses whose expected parcels (a unit sold is one) exceed the daily capacity, with the days."""
    table = view.dataset.require("warehouses", "add warehouses (仓库)")
    if "parcels_day" not in table:
        raise view.lack("parcels_day (日发货能力) to warehouses")
    stated = pd.Series(table["parcels_day"].to_numpy(dtype=float, na_value=np.nan), text_of(table["warehouse"]))
    case = view.plan.orders.case
    capacity = stated.reindex(list(case.warehouses)).to_numpy(dtype=float)
    events = [Event(*row) for row in coming_events(view).itertuples(index=False)]
    if not events or np.isnan(capacity).all():
        return no_alerts()
    share = _shares(view)
    daily = share @ _daily(view)
    luck = _luck(view, share)
    parts = [
        _of_event(view, event, place, daily[place], luck[place], float(capacity[place]))
        for event in events
        for place in np.flatnonzero(np.isfinite(capacity)).tolist()
    ]
    parts = [part for part in parts if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else no_alerts()


def waiting(parcels: Floats, capacity: float) -> Floats:
    """Parcels that have not left at the end of each day [days]; none wait before the first.

    >>> waiting(np.array([5.0, 12.0, 9.0, 2.0]), 8.0).tolist()
    [0.0, 4.0, 5.0, 0.0]
    """
    out, left = np.empty(len(parcels)), 0.0
    for day, count in enumerate(parcels):
        left = max(left + float(count) - capacity, 0.0)
        out[day] = left
    return out


def _shares(view: View) -> Floats:
    """Share of the parcels of each series that each warehouse ships [warehouses, series], as its stock is drawn; series
    that the plan leaves out ship like all others."""
    case, series = view.plan.orders.case, view.plan.demand.series
    place = pd.Index(case.warehouses).get_indexer(pd.Index(case.items["warehouse"].astype(str)))
    drawn = np.zeros((len(case.warehouses), len(series)))
    links = case.fulfilment.tocoo()
    np.add.at(drawn, (place[links.coords[0]], links.coords[1]), links.data)
    total = drawn.sum(axis=0)
    usual = drawn.sum(axis=1) / max(total.sum(), 1e-12)
    share = np.where(total > 0, drawn / np.where(total > 0, total, 1.0), usual[:, None])
    channels = view.dataset["channels"]
    bulk = text_of(channels["channel"])[(text_of(channels["kind"]) == BULK).to_numpy()]
    return np.asarray(share * ~text_of(series["channel"]).isin(set(bulk)).to_numpy(), dtype=np.float64)


def _daily(view: View) -> Floats:
    """Units a day [series, days] over the planned weeks; a week's demand is even where days are not known."""
    demand, weeks = view.plan.demand, len(view.positions.weeks)
    if periods_a_week(demand.frequency) == 7:
        return np.asarray(demand.mean[:, : 7 * weeks], dtype=np.float64)
    return np.repeat(np.asarray(demand.weekly_mean[:, :weeks], dtype=np.float64) / 7.0, 7, axis=1)


def _luck(view: View, share: Floats) -> Floats:
    """Parcels of a week over the expected ones on each path [warehouses, paths, weeks]."""
    demand, weeks = view.plan.demand, len(view.positions.weeks)
    paths = demand.paths(view.run.seed_for("alert paths"))
    total = np.zeros((len(share), view.settings.paths, weeks))
    for first in range(0, share.shape[1], BLOCK):
        rows = np.arange(first, min(first + BLOCK, share.shape[1]))
        units = paths.block(rows, 0, view.settings.paths)[:, :, :weeks].reshape(len(rows), -1)
        total += (share[:, rows] @ units.astype(np.float64)).reshape(total.shape)
    mean = (share @ np.asarray(demand.weekly_mean[:, :weeks], dtype=np.float64))[:, None, :]
    return np.divide(total, mean, out=np.ones_like(total), where=mean > 0)


def _of_event(view: View, event: Event, place: int, daily: Floats, luck: Floats, capacity: float) -> pd.DataFrame:
    """The alert of one event and warehouse. ``daily`` [days] parcels; ``luck`` [paths, weeks] factors on them."""
    first = (event.start - view.first_day).days
    days = np.arange(first, min((event.end - view.first_day).days + 1, len(daily)))
    over = days[daily[days] > capacity]
    if not len(over):
        return no_alerts()
    left = waiting(daily[days], capacity)
    named = ", ".join(f"{view.first_day + pd.Timedelta(days=int(day)):%m-%d}" for day in over[:NAMED_DAYS])
    more = f" and {len(over) - NAMED_DAYS} more days" if len(over) > NAMED_DAYS else ""
    stake = view.settings.parcel_wait_yuan_day * left.sum()
    busiest = daily[over].max()
    return alert_table(
        kind="parcels",
        sku=[""],
        warehouse=view.plan.orders.case.warehouses[place],
        date=[view.first_day + pd.Timedelta(days=int(over[0]))],
        probability=[float((daily[over] * luck[:, over // 7] > capacity).any(axis=1).mean())],
        units=[left.max()],
        stake=[stake],
        action=SHIP_MORE,
        how=[f"{busiest - capacity:,.0f} parcels a day more"],
        value=[stake],
        reason=[
            f"{event.name}: up to {busiest:,.0f} parcels a day on {named}{more}, {capacity:,.0f} can leave: "
            f"{left.max():,.0f} wait at worst"
        ],
    )
