"""What a price cut does: what a yuan off costs a unit of stock, how demand answers, how deep the cut may go."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.plans.forecast import Demand
from engine.plans.orders import SupplyCase
from engine.replenishment.value import series_terms
from models.drivers import PRICE
from models.economics import UnitTerms, waterfall
from models.price import DemandEffects

Floats = NDArray[np.float64]
NEAR_WEEKS = 4
"""Weeks whose mean price counts as the price of now."""
LONG_AGO = 10_000.0


@dataclass(frozen=True)
class Pricing:
    """By item: ``cut_cost`` (net yuan a unit that a cut by the whole price would cost; 0 no price known),
    ``elasticity``, ``deepest`` (share of the price that may be cut before the floor price), ``unchanged_days`` (since
    the price last changed)."""

    cut_cost: Floats
    elasticity: Floats
    deepest: Floats
    unchanged_days: Floats

    def extended(self, rows: int) -> Pricing:
        """With rows of stock that has no known price."""
        more = no_pricing(rows)
        return Pricing(
            *(np.concatenate([getattr(self, name.name), getattr(more, name.name)]) for name in fields(Pricing))
        )

    def of(self, rows: NDArray[np.integer]) -> Pricing:
        """Some rows."""
        return Pricing(*(getattr(self, name.name)[rows] for name in fields(Pricing)))


def no_pricing(rows: int) -> Pricing:
    """Nothing is known of prices, so nothing can be cut."""
    return Pricing(np.zeros(rows), np.zeros(rows), np.zeros(rows), np.full(rows, LONG_AGO))


def item_pricing(dataset: Dataset, demand: Demand, effects: DemandEffects, case: SupplyCase) -> Pricing:
    """Means over the series that draw on each item, by demand; the floor of the strictest of them."""
    terms = series_terms(dataset, demand)
    near = terms.price[:, :NEAR_WEEKS]
    known = np.isfinite(near)
    price = np.where(known, near, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    # net revenue is linear in the price: the difference of two prices is what a yuan off costs
    kept = [_net(terms.unit(np.zeros(len(price))), paid) for paid in (1.0, 2.0)]
    cut = price * (kept[1] - kept[0])
    floor, changed = _floors(dataset, demand)
    deepest = np.where(price > 0, 1.0 - np.divide(floor, price, out=np.zeros_like(price), where=price > 0), 0.0)
    links = case.fulfilment
    mean = np.asarray(demand.weekly_mean, dtype=np.float64).sum(axis=1) * (price > 0)
    weight = links @ mean

    def averaged(values: Floats) -> Floats:
        total = np.asarray(links @ (mean * values), dtype=np.float64)
        return np.asarray(np.divide(total, weight, out=np.zeros_like(total), where=weight > 0), dtype=np.float64)

    entries = links.tocoo()
    strict, since = np.ones(links.shape[0]), np.full(links.shape[0], LONG_AGO)
    sold = mean[entries.coords[1]] > 0
    np.minimum.at(strict, entries.coords[0][sold], deepest[entries.coords[1]][sold])
    np.minimum.at(since, entries.coords[0][sold], changed[entries.coords[1]][sold])
    # what a sale brings is split over the stock it draws (components, gifts, less returned goods) by cost
    cost = case.items["unit_cost_fen"].to_numpy(dtype=float) / 100.0
    used = np.asarray(links.T @ cost, dtype=np.float64)
    share = np.divide(cut, used, out=np.zeros_like(cut), where=used > 0)
    return Pricing(
        cost * averaged(share),
        averaged(_cautious(effects)[effects.category]),
        np.where(weight > 0, np.clip(strict, 0.0, 1.0), 0.0),
        since,
    )


def _cautious(effects: DemandEffects) -> Floats:
    """Price elasticity by category, one standard error towards no effect where that is known."""
    centre = np.asarray(effects.elasticity, dtype=np.float64)
    error = np.asarray(effects.error.get(PRICE, np.zeros(len(centre))), dtype=np.float64)
    return np.minimum(centre + np.where(np.isfinite(error), error, 0.0), 0.0)


def _net(terms: UnitTerms, paid: float) -> Floats:
    """Net revenue of a unit at a price, first week [series]."""
    prices = np.full(np.shape(terms.paid_price), paid)
    return np.asarray(waterfall(replace(terms, paid_price=prices)).net_revenue[:, 0], dtype=np.float64)


def _floors(dataset: Dataset, demand: Demand) -> tuple[Floats, Floats]:
    """Floor price, yuan (0 none), and days since the price changed, by series."""
    keys = pd.DataFrame({name: text_of(demand.series[name]) for name in ("sku", "channel")})
    prices = dataset.get("prices")
    if prices is None or prices.empty:
        return np.zeros(len(keys)), np.full(len(keys), LONG_AGO)
    today = pd.Timestamp(demand.dates[0]) - pd.Timedelta(days=1)
    rows = prices[prices["date"] <= today].sort_values("date", kind="stable")
    table = pd.DataFrame({name: text_of(rows[name]) for name in ("sku", "channel")})
    table["floor"] = rows["floor_price_fen"].to_numpy(dtype=float) / 100.0 if "floor_price_fen" in rows else 0.0
    table["paid"], table["date"] = rows["paid_price_fen"].to_numpy(dtype=float), rows["date"].to_numpy()
    before = table.groupby(["sku", "channel"])["paid"].shift()
    changes = (
        table[before.notna() & (before != table["paid"])].groupby(["sku", "channel"], as_index=False)["date"].max()
    )
    last = table.drop_duplicates(["sku", "channel"], keep="last")[["sku", "channel", "floor"]]
    found = keys.merge(last, how="left").merge(changes, how="left")
    days = (today - found["date"]).dt.days.fillna(LONG_AGO).to_numpy(dtype=float)
    return found["floor"].fillna(0.0).to_numpy(dtype=float), days
