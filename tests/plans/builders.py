"""Small plan objects with numbers that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.plans.forecast import Forecast
from models.drivers import Block, Drivers
from models.price import DemandEffects
from models.spread import poisson_spread

WEEKS = 4


def small_forecast(frequency: str = "D") -> Forecast:
    """Two SKUs in two channels, 28 days (or 4 weeks): 2 units a day at 10 yuan, an event in the second week."""
    step = 1 if frequency == "D" else 7
    periods = 7 * WEEKS if frequency == "D" else WEEKS
    dates = np.datetime64("2026-11-01", "D") + step * np.arange(periods)
    series = pd.DataFrame(
        {"sku": ["裙1", "裙1", "鞋2", "鞋2"], "channel": ["天猫", "抖音"] * 2, "category": ["裙", "裙", "鞋", "鞋"]}
    )
    event = np.zeros((1, periods), dtype=np.float32)
    event[0, periods // 4 : periods // 2] = 1.0
    price = np.full((4, periods), 10.0, dtype=np.float32)
    blocks = {
        "price": Block(price, np.arange(4, dtype=np.int32)),
        "event.双11.main": Block(event, np.zeros(4, dtype=np.int32)),
    }
    effects = DemandEffects(
        ("裙", "鞋"),
        np.array([0, 0, 1, 1], dtype=np.int32),
        np.full(4, 10.0, dtype=np.float32),
        np.array([-2.0, -1.0]),
        {"event.双11.main": np.log(np.array([3.0, 1.5]))},
    )
    months = pd.DataFrame(
        {
            "month": pd.to_datetime(["2026-11-01"] * 2).astype("datetime64[s]"),
            "channel": ["天猫", "抖音"],
            "category": ["裙", "鞋"],
            "units": [60.0, 60.0],
            "amount_fen": np.array([60000, 60000]),
        }
    )
    return Forecast(
        series=series,
        dates=dates,
        frequency="D" if frequency == "D" else "W",
        mean=np.full((4, periods), 2.0 if frequency == "D" else 14.0, dtype=np.float32),
        announced=Drivers(dates, "D" if frequency == "D" else "W", blocks),
        effects=effects,
        spread=poisson_spread(),
        long_run=months,
        long_draws=np.full((5, 2), 600.0, dtype=np.float32),
        backtest=pd.DataFrame({"model": ["boosted"], "origin": ["2026-10-01"], "wape": [0.4]}),
        trust=np.array(["A", "B", "C", "A"]),
        warnings=("a warning",),
        metrics={"wape": 0.4},
    )
