"""Small worlds with known laws for the tests of demand models."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.drivers import PRICE, Block, Drivers
from models.panel import DAYS, Frequency, Panel

ELASTICITY, LIFT = -2.0, 0.8


def world(
    series: int = 40, periods: int = 420, horizon: int = 28, frequency: Frequency = "D", seed: int = 0
) -> tuple[Panel, Drivers]:
    """Poisson demand with weekdays, a price that is cut at times, a festival of 5 days and an event never seen."""
    rng = np.random.default_rng(seed)
    total = periods + horizon
    dates = np.datetime64("2024-01-01") + DAYS[frequency] * np.arange(total)
    price = np.full((series, total), 10.0, dtype=np.float32)
    for row in range(series):
        for start in rng.integers(0, total - 5, total // 40):
            price[row, start : start + 5] *= rng.choice([0.7, 0.8, 0.9])
    festival = np.zeros((1, total), dtype=np.float32)
    for start in range(60, total, 90):
        festival[0, start : start + 5] = 1.0
    unseen = np.zeros((1, total), dtype=np.float32)
    unseen[0, periods + 3 : periods + 6] = 1.0
    level = rng.gamma(3.0, 3.0, series)[:, None]
    weekday = np.array([0.8, 0.8, 0.9, 1.0, 1.1, 1.2, 1.2])[np.arange(total) % 7] if frequency == "D" else 1.0
    mean = level * weekday * (price / 10.0) ** ELASTICITY * np.exp(LIFT * festival)
    units = rng.poisson(mean).astype(np.float32)[:, :periods]
    one = np.zeros(series, dtype=np.int32)
    blocks = {
        PRICE: Block(price, np.arange(series, dtype=np.int32)),
        "event.festival.main": Block(festival, one),
        "event.unseen.main": Block(unseen, one),
    }
    names = pd.DataFrame(
        {"sku": [f"s{n}" for n in range(series)], "channel": "tm", "category": [f"c{n % 3}" for n in range(series)]}
    )
    known = np.ones(units.shape, dtype=bool)
    known[0, : periods // 2] = False
    units[~known] = 0.0
    censored = rng.random(units.shape) < 0.02
    return Panel(names, dates[:periods], frequency, units, known, censored), Drivers(dates, frequency, blocks)
