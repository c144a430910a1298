"""Seeded merchants whose ad channels win first-time buyers in shares that are known: ``python -m
experiments.response.first_time_worlds`` scores what their orders tell of it.

Orders are single lines with customers. Who was a customer before the orders begin looks new once, as everywhere; the
true shares stay here.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.first_time import first_time_buyers
from engine.budget.history import response_data
from engine.data.dataset import Dataset
from models.response.adstock import adstock
from models.response.priors import Priors
from models.response.saturation import hill

Floats = NDArray[np.float64]
SHOPS = ("天猫", "抖音")
LIFTS = {"品牌搜索": ("天猫",), "直通车": ("天猫",), "千川": ("抖音",), "达人": ("抖音",), "种草": SHOPS}
TYPICAL = {"品牌搜索": 0.1, "直通车": 0.35, "千川": 0.5, "达人": 0.8, "种草": 0.7}
"""Share of first-time buyers in the lift, around which worlds differ."""
ORIGIN = np.datetime64("2026-11-02")
BASKET, WEEKLY = 150.0, 60_000.0


@dataclass(frozen=True)
class FirstTimeWorld:
    """A merchant and the ``share`` of first-time buyers in what each ad channel truly brings."""

    dataset: Dataset
    share: dict[str, float]


def first_time_world(seed: int = 0, weeks: int = 120, alike: bool = False, strength: float = 1.0) -> FirstTimeWorld:
    """Two shops, five ad channels, spend that follows demand in part; ads bring a fifth to a quarter of the sales,
    times ``strength``. ``alike``: all ads win as many new customers as the shops do without them."""
    rng = np.random.default_rng(seed)
    season = 1.0 + 0.2 * np.sin(2 * np.pi * (np.arange(weeks) / 52.18 + rng.random()))
    base = {shop: WEEKLY * season * rng.lognormal(0.0, 0.06, weeks) for shop in SHOPS}
    organic = {shop: rng.uniform(0.25, 0.45) for shop in SHOPS}
    new = {shop: base[shop] * organic[shop] * rng.lognormal(0.0, 0.05, weeks) for shop in SHOPS}
    again = {shop: base[shop] * (1.0 - organic[shop]) for shop in SHOPS}
    spend, share = {}, {}
    for name, shops in LIFTS.items():
        odds = np.log(TYPICAL[name] / (1.0 - TYPICAL[name])) + 0.3 * rng.standard_normal()
        share[name] = float(np.mean([organic[shop] for shop in shops]) if alike else 1.0 / (1.0 + np.exp(-odds)))
        demand = sum(base[shop] for shop in shops) / (WEEKLY * len(shops))
        spend[name] = 4000.0 * rng.uniform(0.7, 1.5) * demand**0.5 * rng.lognormal(-0.1, 0.5, weeks)
        stock = adstock(spend[name], np.array(rng.uniform(0.0, 0.5)), np.array(spend[name][:4].mean()))
        full = strength * rng.uniform(5.0, 9.0) * spend[name].mean()
        lift = full * hill(stock, np.array(2.0 * spend[name].mean()), np.array(rng.uniform(0.8, 1.5)))
        for shop in shops:
            new[shop] = new[shop] + share[name] * lift / len(shops)
            again[shop] = again[shop] + (1.0 - share[name]) * lift / len(shops)
    orders = pd.concat([_orders(rng, shop, new[shop], again[shop]) for shop in SHOPS], ignore_index=True)
    return FirstTimeWorld(_dataset(orders, spend, weeks), share)


def _orders(rng: np.random.Generator, shop: str, new: Floats, again: Floats) -> pd.DataFrame:
    """Order lines of a shop; who comes again is more likely a customer of late than one of old."""
    weeks, before = len(new), 6000
    fresh, back = rng.poisson(new / BASKET), rng.poisson(again / BASKET)
    known = before + np.cumsum(fresh) - fresh
    ago = (np.repeat(known, back) * rng.random(back.sum()) ** 2.5).astype(int)
    number = np.concatenate([before + np.arange(fresh.sum()), np.repeat(known, back) - 1 - ago])
    week = np.concatenate([np.repeat(np.arange(weeks), count) for count in (fresh, back)])
    day = ORIGIN - 7 * (weeks - week) + rng.integers(0, 7, len(week))
    table = pd.DataFrame({"ordered_at": day.astype("datetime64[s]"), "channel": shop, "sku": f"sku-{shop}", "units": 1})
    table["customer_id"] = np.char.add(f"{shop}-", number.astype(str))
    table["amount_paid_fen"] = np.rint(100.0 * BASKET * rng.lognormal(-0.02, 0.2, len(week))).astype(np.int64)
    return table.assign(state="settled")


def _dataset(orders: pd.DataFrame, spend: dict[str, Floats], weeks: int) -> Dataset:
    sums = orders.groupby(["ordered_at", "channel", "sku"])[["units", "amount_paid_fen"]].sum().reset_index()
    sales = sums.rename(columns={"ordered_at": "date", "units": "units_paid"})
    days = (ORIGIN - np.arange(7 * weeks, 0, -1)).astype("datetime64[s]")
    media = pd.concat(
        [
            pd.DataFrame(
                {
                    "date": days,
                    "ad_channel": name,
                    "campaign_type": "all",
                    "spend_fen": np.repeat(np.rint(100.0 * yuan / 7.0), 7).astype(np.int64),
                    "lifts": "|".join(LIFTS[name]),
                }
            )
            for name, yuan in spend.items()
        ],
        ignore_index=True,
    )
    skus = pd.DataFrame({"sku": [f"sku-{shop}" for shop in SHOPS], "category": "A", "unit_cost_fen": 6000})
    channels = pd.DataFrame({"channel": SHOPS, "kind": "shop", "commission_rate": 0.05})
    tables = {"sales": sales, "media": media, "orders": orders, "skus": skus, "channels": channels}
    return Dataset(tables, "first time")


def score(seed: int, **world: Any) -> pd.DataFrame:
    """A row an ad channel of one world: true share, estimate with its interval, share of its sales channels."""
    made = first_time_world(seed, **world)
    data = response_data(made.dataset, ORIGIN)
    found = first_time_buyers(made.dataset, data, ORIGIN, Priors(), seed)
    rows = [found.of(row) for row in range(len(data.ad_channels))]
    table = pd.DataFrame(rows, index=list(data.ad_channels))
    return table.assign(truth=pd.Series(made.share))


def _told(name: str, table: pd.DataFrame) -> str:
    miss, usual = (table[column] - table["truth"] for column in ("new_share", "usual_new_share"))
    inside = table["truth"].between(table["new_share_low"], table["new_share_high"]).mean()
    width = (table["new_share_high"] - table["new_share_low"]).mean()
    return (
        f"{name}: error {miss.abs().mean():.3f}, mean {miss.mean():+.3f} (as their sales channels "
        f"{usual.abs().mean():.3f}), covered {inside:.2f}, width {width:.2f}"
    )


WORLDS: dict[str, dict[str, Any]] = {
    "120 weeks": {},
    "60 weeks": {"weeks": 60},
    "weak ads": {"strength": 0.5},
    "alike": {"alike": True},
}

if __name__ == "__main__":
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    for label, world in WORLDS.items():
        table = pd.concat([score(seed, **world) for seed in range(first, first + 12)])
        print(_told(label, table))
        for name, rows in table.groupby(level=0):
            print(_told(f"  {name}", rows))
