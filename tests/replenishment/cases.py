"""A small merchant by hand, for the tests of this room."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.plans.forecast import Demand
from models.spread import poisson_spread

START = np.datetime64("2026-11-02", "D")
CHANNELS = ("jd", "tmall")


def demand(skus: int = 4, weeks: int = 12, seed: int = 0, frequency: str = "W", rate: float = 20.0) -> Demand:
    """Weekly or daily demand of ``skus`` x two channels."""
    rng = np.random.default_rng(seed)
    series = pd.DataFrame(
        [(f"S{sku}", channel, "shoes" if sku % 2 else "bags") for sku in range(skus) for channel in CHANNELS],
        columns=["sku", "channel", "category"],
    )
    step = 7 if frequency == "D" else 1
    dates = START + np.arange(weeks * step) * np.timedelta64(7 // step, "D")
    level = rng.gamma(2.0, rate / 2.0, len(series))[:, None] * (1.0 + 0.3 * np.sin(np.arange(weeks) / 3.0))[None, :]
    mean = np.repeat(level / step, step, axis=1).astype(np.float32)
    price = np.full(mean.shape, 100.0, dtype=np.float32)
    return Demand(series, dates, frequency, mean, price, poisson_spread())  # type: ignore[arg-type]


def tables(skus: int = 4, seed: int = 0) -> dict[str, pd.DataFrame]:
    """Supply tables that fit :func:`demand`: two regions, two warehouses, two suppliers."""
    rng = np.random.default_rng(seed)
    names = [f"S{sku}" for sku in range(skus)]
    last = pd.Timestamp(START) - pd.Timedelta(days=1)
    return {
        "sales": pd.DataFrame(
            {"date": [last], "sku": ["S0"], "channel": ["jd"], "units_paid": [1], "amount_paid_fen": [10000]}
        ),
        "skus": pd.DataFrame(
            {"sku": names, "category": ["shoes" if n % 2 else "bags" for n in range(skus)], "volume_m3": 0.01}
        ),
        "channels": pd.DataFrame(
            {
                "channel": list(CHANNELS),
                "kind": "shop",
                "commission_rate": 0.05,
                "freight_fen": 500,
                "settlement_days": 7,
            }
        ),
        "inventory": pd.DataFrame(
            {
                "date": last,
                "sku": np.repeat(names, 2),
                "warehouse": ["east", "north"] * skus,
                "pool": "shared",
                "on_hand": rng.integers(20, 80, 2 * skus),
            }
        ),
        "suppliers": pd.DataFrame({"supplier": ["a", "b"]}),
        "supply_terms": pd.DataFrame(
            {
                "supplier": ["a" if n % 2 else "b" for n in range(skus)],
                "sku": names,
                "rank": 1,
                "lead_time_days": rng.integers(7, 22, skus),
                "lead_time_sd_days": 3.0,
                "moq_units": rng.integers(1, 4, skus) * 20,
                "pack_units": rng.choice([1, 6, 12], skus),
                "unit_price_fen": rng.integers(30, 60, skus) * 100,
                "order_cost_fen": 2000,
            }
        ),
        "payment_terms": pd.DataFrame(
            {
                "supplier": ["a", "a", "b"],
                "instalment": [1, 2, 1],
                "milestone": ["order", "arrival", "arrival"],
                "days": [0, 14, 30],
                "share": [0.3, 0.7, 1.0],
            }
        ),
        "warehouses": pd.DataFrame({"warehouse": ["east", "north"], "storage_fen_m3_day": 100}),
        "lanes": pd.DataFrame(
            {"origin": ["east", "north"], "destination": ["East", "North"], "kind": "region", "rank": 1}
        ),
        "region_shares": pd.DataFrame(
            {
                "category": [""] * 4,
                "channel": ["jd", "jd", "tmall", "tmall"],
                "region": ["East", "North"] * 2,
                "share": [0.5, 0.5, 0.7, 0.3],
            }
        ),
    }


def dataset(content: dict[str, pd.DataFrame]) -> Dataset:
    """As a dataset."""
    return Dataset(content, "test")
