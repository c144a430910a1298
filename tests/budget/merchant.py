"""A small merchant with ads of known effect, and a forecast for the weeks after its history."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.plans.forecast import Forecast
from models.drivers import PRICE, Block, Drivers
from models.price import DemandEffects
from models.response.adstock import adstock
from models.response.saturation import hill
from models.spread import poisson_spread

SHOPS = ("天猫", "京东", "抖音")
ADS = {"千川": ("抖音",), "直通车": ("天猫",), "京东快车": ("京东",), "种草": ()}
TRUTH = {
    "千川": (0.3, 20000.0, 1.6, 60000.0),
    "直通车": (0.1, 15000.0, 1.0, 50000.0),
    "京东快车": (0.2, 9000.0, 1.0, 12000.0),
    "种草": (0.7, 12000.0, 2.0, 30000.0),
}
ORIGIN = np.datetime64("2026-11-01")


def merchant(weeks: int = 110, seed: int = 0, spilled: float = 0.0) -> Dataset:
    """Sales by day of one SKU a shop, media by day; ``lifts`` blank for 种草. ``spilled``: lift of 天猫 by 千川, which
    does not name it, over that of 抖音."""
    rng = np.random.default_rng(seed)
    days = ORIGIN - np.arange(weeks * 7, 0, -1)
    season = 1.0 + 0.25 * np.sin(2 * np.pi * np.arange(weeks) / 52.18)
    spend = {name: season * values[1] * rng.lognormal(-0.2, 0.5, weeks) for name, values in TRUTH.items()}
    revenue = {shop: 60000.0 * season * (1 + 0.05 * rng.standard_normal(weeks)) for shop in SHOPS}
    for name, (carryover, half, slope, scale) in TRUTH.items():
        stock = adstock(spend[name], np.array(carryover), np.array(spend[name][:4].mean()))
        lift = scale * hill(stock, np.array(half), np.array(slope))
        for shop in ADS[name] or SHOPS:
            revenue[shop] = revenue[shop] + lift / len(ADS[name] or SHOPS)
        if name == "千川":
            revenue["天猫"] = revenue["天猫"] + spilled * lift
    sales = pd.concat(
        [
            pd.DataFrame(
                {
                    "date": days.astype("datetime64[s]"),
                    "sku": f"sku-{shop}",
                    "channel": shop,
                    "units_paid": np.repeat(np.rint(revenue[shop] / 700.0), 7).astype(np.int64),
                    "amount_paid_fen": np.repeat(np.rint(revenue[shop] * 100.0 / 7.0), 7).astype(np.int64),
                }
            )
            for shop in SHOPS
        ],
        ignore_index=True,
    )
    media = pd.concat(
        [
            pd.DataFrame(
                {
                    "date": days.astype("datetime64[s]"),
                    "ad_channel": name,
                    "campaign_type": "all",
                    "spend_fen": np.repeat(np.rint(spend[name] * 100.0 / 7.0), 7).astype(np.int64),
                    "lifts": "|".join(ADS[name]) or None,
                    "whole_site": False,
                }
            )
            for name in ADS
        ],
        ignore_index=True,
    )
    skus = pd.DataFrame({"sku": [f"sku-{shop}" for shop in SHOPS], "category": "A", "unit_cost_fen": 4000})
    channels = pd.DataFrame({"channel": SHOPS, "kind": "shop", "commission_rate": 0.05})
    for frame, columns in ((sales, ("sku", "channel")), (media, ("ad_channel", "campaign_type", "lifts"))):
        for column in columns:
            frame[column] = frame[column].astype("category")
    return Dataset({"sales": sales, "media": media, "skus": skus, "channels": channels}, "test")


def varied(dataset: Dataset, seed: int = 0) -> Dataset:
    """The same merchant whose days differ within their weeks, in sales and spend."""
    rng = np.random.default_rng(seed)
    tables = dict(dataset.tables)
    for name, column, spread in (("sales", "amount_paid_fen", 0.1), ("media", "spend_fen", 0.3)):
        table = tables[name]
        luck = rng.lognormal(0.0, spread, len(table))
        tables[name] = table.assign(**{column: np.rint(table[column].to_numpy() * luck).astype(np.int64)})
    return Dataset(tables, "varied")


def forecast(dataset: Dataset, weeks: int = 20) -> Forecast:
    """Last quarter's level carried on, daily, at a price of 100 yuan."""
    sales = dataset["sales"]
    recent = sales[sales["date"] >= pd.Timestamp(ORIGIN) - pd.Timedelta(days=91)]
    level = (
        recent.groupby("channel", observed=True)["amount_paid_fen"].sum().reindex(list(SHOPS)) / 91.0 / 100.0 / 100.0
    )
    series = pd.DataFrame({"sku": [f"sku-{shop}" for shop in SHOPS], "channel": list(SHOPS), "category": "A"})
    dates = ORIGIN + np.arange(weeks * 7)
    one = np.zeros(3, dtype=np.int32)
    price = np.full((1, len(dates)), 100.0, dtype=np.float32)
    wave = 1.0 + 0.3 * np.sin(np.arange(len(dates)) / 30.0)
    return Forecast(
        series=series,
        dates=dates,
        frequency="D",
        mean=(level.to_numpy()[:, None] * wave).astype(np.float32),
        announced=Drivers(dates, "D", {PRICE: Block(price, one)}),
        effects=DemandEffects(("A",), one, np.full(3, 100.0, dtype=np.float32), np.array([-1.5]), {}),
        spread=poisson_spread(),
        long_run=pd.DataFrame(),
        long_draws=np.zeros((0, 0), dtype=np.float32),
        backtest=pd.DataFrame(),
        trust=np.array(["A"] * 3),
    )
