"""Refunds that are still to come: how late goods come back, and what the return rate will be once they have.

The returns of recent orders are immature: an order of last week has had a week to come back. The delay is estimated
by the product-limit estimator for right-censored data (Kaplan and Meier, 1958), where most units never come back:
the estimate levels off at the share that does. With its shape, the rates follow from units returned so far by the
units that have had time (the chain-ladder idea of Mack, 1993), category by channel, shrunk to what all sales say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LONGEST_DELAY = 90
"""Days after the order; what comes back later counts on this day."""
LEAST_AT_RISK = 30.0
"""Units that must still be watched for an age to count: beyond it the curve stays flat."""
UNITS_OF_DOUBT = 100.0
"""Weight of what all sales say, in units, against what a category in a channel says of its rate."""
RETURNS_OF_DOUBT = 50.0
"""The same for the shape of its delay, in returned units."""
RECENT_DAYS = 365
"""Sales that the rates are taken from."""
DEFAULT_DELAY = 10.0
"""Days, as in the contract; used where no order line tells a delay."""

_SHIPPED = ("shipped", "settled", "returned", "refund_only")


@dataclass(frozen=True)
class Delays:
    """``seen`` float64 [categories * channels + 1, days]: of the units that come back in the end the share that has
    come back by that many days after the order; the last row is for all. ``days``: mean delay of each row.
    """

    categories: tuple[str, ...]
    channels: tuple[str, ...]
    seen: Floats
    days: Floats

    def still_to_come(self, age: Ints, category: str | None = None, channel: str | None = None) -> Floats:
        """Share of an order's refunds that has not come yet, by its age in days."""
        known = category in self.categories and channel in self.channels
        row = (
            self.categories.index(str(category)) * len(self.channels) + self.channels.index(str(channel))
            if known
            else -1
        )
        return np.asarray(1.0 - self.seen[row, np.clip(age, 0, self.seen.shape[1] - 1)])


def product_limit(events: Floats, censored: Floats, least: float = 0.0) -> Floats:
    """Share of units with the event by each age, from events and units last watched at each age, [..., ages].

    Events come before the censored of the same age. Ages with fewer than ``least`` units at risk add nothing.

    >>> product_limit(np.array([0.0, 1, 0, 1]), np.array([0.0, 1, 1, 0])).round(3).tolist()
    [0.0, 0.25, 0.25, 1.0]
    """
    at_risk = np.cumsum((events + censored)[..., ::-1], axis=-1)[..., ::-1]
    hazard = np.where(at_risk >= max(least, 1e-12), events / np.maximum(at_risk, 1e-12), 0.0)
    return np.asarray(1.0 - np.cumprod(1.0 - hazard, axis=-1))


def return_delays(orders: pd.DataFrame | None, skus: pd.DataFrame, last_day: pd.Timestamp) -> Delays:
    """Delay of returns by category and channel from order lines; the mean of the contract where there are none.

    A category in a channel with few returns has the delay of all. What is watched for too short a time to show
    its late returns is taken to be complete at the longest delay seen.
    """
    frame = _lines(orders, last_day)
    categories, channels, group = _groups(frame, skus)
    size = len(categories) * len(channels)
    shape = (size, LONGEST_DELAY + 1)
    age = np.clip(frame["age"].to_numpy(dtype=np.int64), 0, LONGEST_DELAY)
    back, units = frame["back"].to_numpy(dtype=bool), frame["units"].to_numpy(dtype=float)
    cells = group * shape[1] + age
    events = _sums(cells[back], units[back], shape)
    censored = _sums(cells[~back], units[~back], shape)
    whole = _shape(product_limit(events.sum(axis=0), censored.sum(axis=0), LEAST_AT_RISK))
    trust = events.sum(axis=1, keepdims=True)
    trust = trust / (trust + RETURNS_OF_DOUBT)
    own = product_limit(events, censored, LEAST_AT_RISK)
    seen = np.vstack([trust * _shape(own, whole) + (1.0 - trust) * whole, whole])
    return Delays(categories, channels, seen, np.diff(seen, axis=1, prepend=0.0) @ np.arange(shape[1]))


def mature_returns(
    orders: pd.DataFrame | None, sales: pd.DataFrame, skus: pd.DataFrame, last_day: pd.Timestamp
) -> pd.DataFrame:
    """The table ``returns`` as it will be once recent orders have matured: a row a category and channel with sales.

    ``rate``: share of shipped units that come back; ``delay_days``: from the order; ``refund_only_rate``. Empty
    where the sales say nothing of returns. Grades are left to their defaults.
    """
    if "units_returned" not in sales:
        return pd.DataFrame(columns=["category", "channel", "rate", "delay_days", "refund_only_rate"])
    delays = return_delays(orders, skus, last_day)
    recent = sales[(sales["date"] > last_day - pd.Timedelta(days=RECENT_DAYS)) & (sales["date"] <= last_day)]
    categories, channels, group = _groups(recent, skus)
    shape = (len(categories), len(channels))
    age = _days(last_day, recent["date"])
    rows = np.array(
        [_row(delays, category, channel) for category in categories for channel in channels], dtype=np.int64
    )
    matured = delays.seen[rows[group], np.clip(age, 0, LONGEST_DELAY)] if len(recent) else np.zeros(0)
    shipped = _shipped(recent)
    exposed = _sums(group, shipped * matured, shape)
    sold = _sums(group, shipped, shape).ravel()
    rates = {}
    for name, column in (("rate", "units_returned"), ("refund_only_rate", "units_refund_only")):
        units = recent[column].fillna(0).to_numpy(dtype=float) if column in recent else np.zeros(len(recent))
        rates[name] = _shrunk(_sums(group, units, shape), exposed).ravel()
    table = pd.DataFrame(
        {
            "category": np.repeat(np.array(categories, dtype=object), shape[1]),
            "channel": np.tile(np.array(channels, dtype=object), shape[0]),
            "rate": rates["rate"],
            "delay_days": delays.days[rows],
            "refund_only_rate": np.minimum(rates["refund_only_rate"], 1.0 - rates["rate"]),
        }
    )
    return table[sold > 0].reset_index(drop=True)


def _lines(orders: pd.DataFrame | None, last_day: pd.Timestamp) -> pd.DataFrame:
    """Shipped lines: age at which they came back or were last watched."""
    if orders is None or "returned_at" not in orders:
        return pd.DataFrame({"sku": [], "channel": [], "age": [], "back": [], "units": []})
    lines = orders[orders["state"].isin(_SHIPPED).to_numpy() & (orders["ordered_at"] <= last_day).to_numpy()]
    returned = (lines["state"] == "returned").to_numpy()
    lines = lines[~returned | lines["returned_at"].notna().to_numpy()]
    back = (lines["state"] == "returned").to_numpy() & (lines["returned_at"] <= last_day).to_numpy()
    until = lines["returned_at"].where(back, last_day)
    age = (until - lines["ordered_at"]).dt.days
    return pd.DataFrame(
        {"sku": lines["sku"], "channel": lines["channel"], "age": age, "back": back, "units": lines["units"]}
    )


def _groups(frame: pd.DataFrame, skus: pd.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...], Ints]:
    """Categories, channels, and for each row its place among category by channel."""
    of_sku = pd.Series(skus["category"].astype(str).to_numpy(), index=skus["sku"].astype(str).to_numpy())
    code, names = pd.factorize(frame["sku"].astype(str))
    category, categories = pd.factorize(of_sku.reindex(names).fillna("").to_numpy(dtype=object), sort=True)
    channel, channels = pd.factorize(frame["channel"].astype(str), sort=True)
    group = (category[code] if len(code) else code).astype(np.int64) * max(len(channels), 1) + channel
    return tuple(map(str, categories)), tuple(map(str, channels)), group.astype(np.int64)


def _row(delays: Delays, category: str, channel: str) -> int:
    if category not in delays.categories or channel not in delays.channels:
        return -1
    return delays.categories.index(category) * len(delays.channels) + delays.channels.index(channel)


def _shape(back: Floats, otherwise: Floats | None = None) -> Floats:
    """Share of the final returns seen by each age; ``otherwise`` (or the default delay) where nothing came back."""
    if otherwise is None:
        otherwise = 1.0 - np.exp(-np.arange(1, back.shape[-1] + 1) / DEFAULT_DELAY)
        otherwise /= otherwise[-1]
    final = back[..., -1:]
    return np.where(final > 0, back / np.where(final > 0, final, 1.0), otherwise)


def _shrunk(units: Floats, exposed: Floats) -> Floats:
    """Rates [categories, channels]: each cell towards category times channel, these towards the rate of all."""
    whole = units.sum() / max(exposed.sum(), 1e-12) if exposed.sum() > 0 else 0.0
    sides = [
        (units.sum(axis=axis, keepdims=True) + UNITS_OF_DOUBT * whole)
        / (exposed.sum(axis=axis, keepdims=True) + UNITS_OF_DOUBT)
        for axis in (0, 1)
    ]
    usual = sides[0] * sides[1] / whole if whole > 0 else np.zeros_like(units)
    return np.asarray(np.clip((units + UNITS_OF_DOUBT * usual) / (exposed + UNITS_OF_DOUBT), 0.0, 1.0))


def _sums(cells: Ints, weights: Floats, shape: tuple[int, int]) -> Floats:
    """Weights added up by cell."""
    return np.bincount(cells, weights, shape[0] * shape[1]).astype(np.float64).reshape(shape)


def _shipped(sales: pd.DataFrame) -> Floats:
    """Units that left: as stated, else paid and not cancelled."""
    if "units_shipped" in sales:
        return sales["units_shipped"].fillna(0).to_numpy(dtype=float)
    paid = sales["units_paid"].to_numpy(dtype=float)
    return paid - sales["units_cancelled"].fillna(0).to_numpy(dtype=float) if "units_cancelled" in sales else paid


def _days(last_day: pd.Timestamp, dates: pd.Series) -> Ints:
    return np.asarray((last_day - dates).dt.days, dtype=np.int64)
