"""Planning again: what the last plan ordered, what of it was placed, and what of it stands.

A line of the last plan is matched with the purchase orders that were placed since, of the same item and supplier, the
earliest week first; a purchase order that names no supplier is matched with any line of the item. What is left of a
line in a frozen week stands: it counts as placed, and is handed out with the new lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.network import ITEM
from engine.plans.orders import LAST_COLUMNS, OrderPlan
from engine.replenishment.settings import ReplenishSettings
from models.panel import Dates

Ints = NDArray[np.int64]
KEYS = [*ITEM, "supplier"]
WEEK = np.timedelta64(7, "D")


@dataclass(frozen=True)
class Rolling:
    """``orders``: placed ones (:func:`engine.data.stock.open_orders`) and the lines that stand. ``last``: the last
    plan's lines as ``last_plan`` of a :class:`SupplyCase`. ``frozen``: first weeks in which nothing new may
    be ordered."""

    orders: pd.DataFrame
    last: pd.DataFrame
    frozen: int
    warnings: tuple[str, ...] = ()


def roll(
    before: OrderPlan | None, orders: pd.DataFrame, sources: pd.DataFrame, weeks: Dates, settings: ReplenishSettings
) -> Rolling:
    """What the last plan means for a new one. ``sources``: frame ``item, sku, warehouse, pool, supplier, moq_units`` of
    all suppliers of all items."""
    if before is None or not len(before.case.weeks):
        return Rolling(orders, last_lines(None), 0)
    lines = _matched(before, orders)
    lines["week"] = week_of(lines["order_week"], weeks)
    frozen = int(np.clip(before_weeks(before, weeks), 0, min(settings.rolling.frozen_weeks, len(weeks))))
    lines = lines.merge(sources[[*KEYS, "item", "moq_units"]], on=KEYS, how="left")
    # an order that was placed with less was meant to be less
    rest = (lines["units"] - lines["placed"]).where(lines["units"] - lines["placed"] >= lines["moq_units"].fillna(1), 0)
    due = (lines["week"] >= 0) & (lines["week"] < frozen)
    if settings.rolling.count_unplaced:
        due |= lines["week"] < 0
    known = lines["item"].notna()
    lines["stands"] = due & known & (rest > 0)
    lost = int((due & ~known & (rest > 0)).sum())
    note = f"{lost} frozen lines of the last plan fall away: their item or supplier is no longer planned"
    lines["left"] = rest
    lines["value"] = lines["cost_fen"] * rest / lines["units"].clip(lower=1)
    standing = lines[lines["stands"]]
    joined = pd.concat([orders, _as_orders(standing, weeks)], ignore_index=True) if len(standing) else orders
    return Rolling(joined, last_lines(lines[known]), frozen, (note,) if lost else ())


def last_lines(lines: pd.DataFrame | None) -> pd.DataFrame:
    """Lines as ``last_plan`` of a case; none where there is no last plan."""
    if lines is None or lines.empty:
        return pd.DataFrame(dict.fromkeys(LAST_COLUMNS, np.zeros(0, np.int64)))
    out = lines.assign(planned=lines["units"], units=lines["left"], cost_fen=lines["value"].round())
    whole = dict.fromkeys(("item", "units", "planned", "cost_fen"), np.int64)
    order = ["item", "order_week", "supplier"]
    return out[list(LAST_COLUMNS)].astype(whole).sort_values(order, ignore_index=True)


def week_of(days: pd.Series, weeks: Dates) -> Ints:
    """Planning week nearest to each day; negative before the first."""
    away = days.to_numpy(dtype="datetime64[D]") - weeks[0].astype("datetime64[D]")
    return np.asarray((away.astype(np.int64) + 3) // 7, dtype=np.int64)


def before_weeks(before: OrderPlan, weeks: Dates) -> int:
    """Planning weeks that the last plan reaches into."""
    return int(week_of(pd.Series(before.case.weeks[-1:]), weeks)[0]) + 1


def _matched(before: OrderPlan, orders: pd.DataFrame) -> pd.DataFrame:
    """Lines of the last plan, earliest first, with the units ``placed`` of them since it was made."""
    names = [*KEYS, "order_week", "arrival_week", "units", "cost_fen"]
    lines = before.lines[names].astype(dict.fromkeys(KEYS, str))
    lines = lines.sort_values(["order_week", *KEYS], ignore_index=True)
    lines["placed"] = 0.0
    if orders.empty or lines.empty:
        return lines
    since = orders[orders["ordered_at"].to_numpy("datetime64[D]") >= before.case.weeks[0].astype("datetime64[D]")]
    named = since["supplier"] != ""
    for rows, keys in ((since[named], KEYS), (since[~named], ITEM)):
        total = rows.groupby(keys, as_index=False)["units"].sum().rename(columns={"units": "came"})
        came = lines[keys].merge(total, on=keys, how="left")["came"].fillna(0.0).to_numpy()
        room = lines["units"] - lines["placed"]
        earlier = room.groupby([lines[key] for key in keys]).cumsum() - room
        lines["placed"] += np.clip(came - earlier, 0.0, room)
    return lines


def _as_orders(standing: pd.DataFrame, weeks: Dates) -> pd.DataFrame:
    """Lines that stand, as placed orders; those of past weeks are placed now."""
    ordered = np.maximum(standing["order_week"].to_numpy("datetime64[s]"), weeks[0].astype("datetime64[s]"))
    return pd.DataFrame(
        {
            "po": "",
            **{key: standing[key] for key in KEYS},
            "ordered_at": ordered,
            "expected_at": standing["arrival_week"],
            "units": standing["left"],
            "value_fen": standing["value"],
            "received_at": pd.NaT,
            "open_units": standing["left"],
        }
    )
