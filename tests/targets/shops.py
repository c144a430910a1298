"""A small forecast in arrays: two channels, two categories, six SKUs, two years of monthly actuals."""

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.plans.forecast import Forecast
from models.drivers import Block, Drivers
from models.price import DemandEffects
from models.spread import poisson_spread

ORIGIN = np.datetime64("2026-11-01")
SERIES = pd.DataFrame(
    [(f"{k}{i}", c, k) for c in "AB" for k in "xy" for i in (1, 2, 3)], columns=["sku", "channel", "category"]
)
SEASON = np.array([8, 6, 9, 9, 10, 12, 9, 9, 10, 11, 18, 12]) / 10


def cell_yuan(month, channel: str, category: str) -> float:
    """Yuan of a month before growth."""
    return 1000.0 * SEASON[month - 1] * {"A": 3, "B": 1}[channel] * {"x": 2, "y": 1}[category]


def dataset(first: str = "2024-11", prices: bool = True, extra_sku: bool = False) -> Dataset:
    """One sale a month and series on the 15th, at 10 yuan; the third SKU of a category sells half as much."""
    rows = []
    for month in pd.period_range(first, "2026-10", freq="M"):
        for sku, channel, category in SERIES.itertuples(index=False):
            yuan = cell_yuan(month.month, channel, category) * {"1": 0.4, "2": 0.4, "3": 0.2}[sku[1]]
            rows.append((month.to_timestamp(), sku, channel, round(yuan / 10), round(yuan * 100)))
    sales = pd.DataFrame(rows, columns=["date", "sku", "channel", "units_paid", "amount_paid_fen"])
    if not prices:
        sales = sales.drop(columns="amount_paid_fen")
    skus = SERIES[["sku", "category"]].drop_duplicates().assign(unit_cost_fen=400)
    if extra_sku:
        skus = pd.concat([skus, pd.DataFrame({"sku": ["new"], "category": ["x"]})])
    return Dataset({"sales": sales, "skus": skus.reset_index(drop=True)}, "0")


def forecast(growth: float = 0.05, draws: int = 200, sd: float = 0.1, priced: bool = True) -> Forecast:
    """Near: 26 weeks of days; long run: Nov 2026 to Dec 2027 at the season's level times (1 + growth)."""
    count, days = len(SERIES), 182
    dates = ORIGIN + np.arange(days)
    share = SERIES["sku"].str[1].map({"1": 0.4, "2": 0.4, "3": 0.2}).to_numpy()
    month = dates.astype("datetime64[M]").astype(int) % 12 + 1
    yuan = np.array(
        [[cell_yuan(m, c, k) / 30 for m in month] for c, k in zip(SERIES["channel"], SERIES["category"], strict=True)]
    )
    mean = (yuan * share[:, None] * (1 + growth) / 10).astype(np.float32)
    price = np.full((count, days), 10.0, dtype=np.float32)
    blocks = {"price": Block(price, np.arange(count, dtype=np.int32))} if priced else {}
    effects = DemandEffects(("x", "y"), np.zeros(count, np.int32), np.full(count, 10, np.float32), np.zeros(2), {})
    rows = [
        (m.to_timestamp(), c, k, cell_yuan(m.month, c, k) * (1 + growth))
        for m in pd.period_range("2026-11", "2027-12", freq="M")
        for c in "AB"
        for k in "xy"
    ]
    table = pd.DataFrame(rows, columns=["month", "channel", "category", "yuan"])
    table["amount_fen"] = (table["yuan"] * 100).round().astype("int64")
    table["units"] = table["yuan"] / 10
    shock = np.exp(sd * np.random.default_rng(0).standard_normal((draws, 1)))
    long_draws = (table["yuan"].to_numpy() * shock / shock.mean()).astype(np.float32)
    return Forecast(
        series=SERIES,
        dates=dates,
        frequency="D",
        mean=mean,
        announced=Drivers(dates, "D", blocks),
        effects=effects,
        spread=poisson_spread(),
        long_run=table[["month", "channel", "category", "units", "amount_fen"]],
        long_draws=long_draws,
        backtest=pd.DataFrame(),
        trust=np.full(count, "A"),
    )
