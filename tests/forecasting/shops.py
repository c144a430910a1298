"""Small shops with a known shape for the tests of the long run."""

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.plans.forecast import Demand
from models.spread import poisson_spread

ORIGIN = np.datetime64("2026-11-01")
PRICE = {"x": 100.0, "y": 50.0}


def shape(dates, sku: int):
    """Units a day: level, 10 % growth a year, a year wave, and a festival on 1-11 November."""
    age = (dates - ORIGIN).astype(float)
    month = dates.astype("datetime64[M]")
    festival = (month.astype(int) % 12 == 10) & ((dates - month).astype(int) < 11)
    wave = 1 + 0.3 * np.cos(2 * np.pi * age / 365.25)
    return (10.0 + 5 * sku) * (1 + 0.1 * age / 365) * wave * np.where(festival, 2.5, 1.0)


def shop(days: int = 1096, channels=("A", "B"), money: bool = True, seed: int = 0) -> Dataset:
    """Two SKUs in two categories on each channel; prices and events to the end of 2026."""
    rng = np.random.default_rng(seed)
    dates = np.arange(ORIGIN - np.timedelta64(days, "D"), ORIGIN)
    parts = []
    for channel in channels:
        for number, sku in enumerate(("x1", "y1")):
            units = rng.poisson(shape(dates, number))
            parts.append(pd.DataFrame({"date": dates, "sku": sku, "channel": channel, "units_paid": units}))
    sales = pd.concat(parts, ignore_index=True)
    sales = sales[sales["units_paid"] > 0].reset_index(drop=True)
    sales["date"] = sales["date"].astype("datetime64[s]")
    if money:
        sales["amount_paid_fen"] = (sales["units_paid"] * sales["sku"].str[0].map(PRICE) * 100).astype("int64")
    years = range(2022, 2027)
    events = pd.DataFrame(
        {
            "event": [f"festival-{year}" for year in years],
            "kind": "festival",
            "channel": None,
            "phase": "main",
            "start": pd.to_datetime([f"{year}-11-01" for year in years]),
            "end": pd.to_datetime([f"{year}-11-11" for year in years]),
        }
    )
    for name in ("sku", "channel"):
        sales[name] = sales[name].astype("category")
    skus = pd.DataFrame({"sku": ["x1", "y1"], "category": ["x", "y"]})
    return Dataset(
        {"sales": sales, "skus": skus, "events": events, "channels": pd.DataFrame({"channel": channels})}, "0"
    )


def near(dataset: Dataset, days: int = 182, factor: float = 1.0, priced: bool = True) -> Demand:
    """The truth times a factor, as if it were the near forecast."""
    pairs = dataset["sales"][["sku", "channel"]].drop_duplicates().astype(str)
    pairs = pairs.sort_values(["sku", "channel"], ignore_index=True)
    pairs["category"] = pairs["sku"].str[0]
    dates = ORIGIN + np.arange(days)
    number = (pairs["category"] == "y").to_numpy().astype(int)
    mean = np.stack([shape(dates, n) for n in number]) * factor
    price = np.repeat(pairs["category"].map(PRICE).to_numpy()[:, None], days, axis=1).astype(np.float32)
    return Demand(pairs, dates, "D", mean.astype(np.float32), price if priced else None, poisson_spread())
