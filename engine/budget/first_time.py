"""How much of what each ad channel brings comes from first-time buyers: content wins them, brand search serves others.

The revenue of a week is parted by what the orders of the week tell of their customers: first order ever seen, or not.
Both parts are fitted like the whole (see ``models.response.part_share``). Customers of before the orders begin look new
at their first order within them, so the first third of the orders, at most a year, only tells who is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.grid import Grid, position
from engine.data.dataset import Dataset
from engine.data.purchases import purchases
from models.response.data import ResponseData
from models.response.fit import fit_response
from models.response.part_share import PartShare, part_share
from models.response.period import WEEK
from models.response.priors import Priors

Floats = NDArray[np.float64]
MOST_BURNED = 52
"""Weeks, at most a third of the orders, that only tell who is known."""
LEAST_WEEKS = 39
"""Weeks of orders and ads; what the first third leaves of fewer cannot be fitted."""
STRAY = 0.01
"""Share of the orders that may lie before the others begin."""
LEAST_TOLD = 0.8
"""Share of its weeks with sales in which orders must tell the customers of a sales channel."""


@dataclass(frozen=True)
class FirstTime:
    """``share``: of first-time buyers in the lift of each ad channel; ``usual`` float64 [ad_channels]: in all sales
    that it lifts. NaN where the orders do not tell. ``notes``: what the user should know."""

    share: PartShare
    usual: Floats
    notes: tuple[str, ...]

    @property
    def factor(self) -> Floats:
        """First-time buyers of a yuan of lift against those of a yuan of the sales it lifts, float64 [ad_channels]; 1
        where the orders do not tell."""
        known = np.isfinite(self.share.mean) & (self.usual > 0)
        return np.divide(self.share.mean, self.usual, out=np.ones(len(self.usual)), where=known)

    def of(self, row: int) -> dict[str, float | None]:
        """Share of an ad channel with its 90 % interval, and that of all sales that it lifts; None where not told."""
        values = (self.share.mean, self.share.low, self.share.high, self.usual)
        return {name: _told(column[row]) for name, column in zip(NAMES, values, strict=True)}


NAMES = ("new_share", "new_share_low", "new_share_high", "usual_new_share")


def _told(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def first_time_buyers(
    dataset: Dataset, data: ResponseData, origin: np.datetime64, priors: Priors, seed: int
) -> FirstTime:
    """Fit the revenue of first-time buyers and that of all others; ``data`` up to the day before ``origin``.

    What is believed of returns, and experiments, are of both together and left out here; curves and carry-over are
    believed alike.
    """
    orders = purchases(dataset, origin)
    if orders.empty:
        return untold(len(data.ad_channels), "no paid orders with customer_id and amounts")
    weekly = data.by_week()
    told, first = _weekly(orders, weekly, origin)
    begun = orders["date"].sort_values().iloc[int(STRAY * len(orders))]
    weeks = int((pd.Timestamp(origin) - begun).days // WEEK)
    if min(weeks, weekly.weeks) < LEAST_WEEKS:
        return untold(len(data.ad_channels), f"orders and ads tell customers of {min(weeks, weekly.weeks)} weeks")
    burned = min(weeks // 3, MOST_BURNED)
    since = max(weekly.weeks - weeks + burned, 0)
    share, known = _shares(told[:, since:], first[:, since:], weekly.revenue[:, since:])
    history = replace(weekly.since(since), tests=())
    parts = [replace(history, revenue=history.revenue * part) for part in (share, 1.0 - share)]
    beliefs = _without_returns(priors)
    new, again = (fit_response(part, beliefs, seed + number) for number, part in enumerate(parts))
    usual = data.split @ _usual(parts[0].revenue, history.revenue)
    whole = (data.split[:, ~known].sum(axis=1) <= 0) & history.spend.any(axis=1)
    found = part_share(new.roi, again.roi, usual)
    blank = np.where(whole, 0.0, np.nan)
    day = pd.Timestamp(origin) - pd.Timedelta(days=WEEK * history.weeks)
    note = (
        f"new customers by ad channel: first orders ever seen, from {day:%Y-%m-%d} on; in the first {burned} weeks of "
        "orders old customers would look new"
    )
    return FirstTime(PartShare(found.mean + blank, found.low + blank, found.high + blank), usual + blank, (note,))


def untold(ads: int, why: str) -> FirstTime:
    """So many ad channels, none told from another."""
    none = np.full(ads, np.nan)
    note = f"new customers count alike for all ads of a sales channel: {why}; it takes {LEAST_WEEKS} weeks of them"
    return FirstTime(PartShare(none, none, none), none, (note,))


def _weekly(orders: pd.DataFrame, data: ResponseData, origin: np.datetime64) -> tuple[Floats, Floats]:
    """Yuan of known customers and of their first orders, float64 [channels, weeks] each."""
    grid, size = Grid(origin, data.weeks, WEEK), len(data.channels)
    where, yuan = position(orders["channel"], data.channels), orders["yuan"].to_numpy(float)
    new = yuan * orders["first"].to_numpy(float)
    told, first = (grid.sums(where, orders["date"], values, size) for values in (yuan, new))
    return told, first


def _shares(told: Floats, first: Floats, revenue: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Share of first-time buyers, float64 [channels, weeks], where a week tells nothing that of its sales channel, else
    of all; and which sales channels are told."""
    overall = first.sum() / max(told.sum(), 1.0)
    sums = told.sum(axis=1)
    own = np.divide(first.sum(axis=1), sums, out=np.full(len(sums), overall), where=sums > 0)
    share = np.divide(first, told, out=np.repeat(own[:, None], told.shape[1], axis=1), where=told > 0)
    sold = np.maximum((revenue > 0).sum(axis=1), 1)
    return share, ((told > 0) & (revenue > 0)).sum(axis=1) >= LEAST_TOLD * sold


def _usual(part: Floats, whole: Floats) -> Floats:
    """Share of a part by sales channel, float64 [channels]; 0 where nothing was sold."""
    sums = whole.sum(axis=1)
    return np.asarray(np.divide(part.sum(axis=1), sums, out=np.zeros(len(sums)), where=sums > 0))


def _without_returns(priors: Priors) -> Priors:
    """What is believed of curves, without what is believed of the returns of all customers together."""
    beliefs = {name: replace(told, roi=None) for name, told in priors.beliefs.items()}
    return replace(priors, roi=None, beliefs=beliefs)
