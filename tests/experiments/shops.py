"""A small weekly shop whose promotions double demand, for the tests of the studies."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.forecasting.settings import ForecastSettings
from experiments.cases import Case

FAST = ForecastSettings(max_rows=3_000, rounds=15)
FIRST = pd.Timestamp("2024-01-01")


def case(weeks: int = 80, skus: int = 24, seed: int = 0) -> Case:
    """Poisson sales of one channel; every sixth week or so an announced display doubles an item's demand."""
    rng = np.random.default_rng(seed)
    shown = rng.random((skus, weeks)) < 1 / 6
    units = rng.poisson(rng.gamma(4.0, 5.0, (skus, 1)) * np.where(shown, 2.0, 1.0))
    names = np.array([f"s{number:02d}" for number in range(skus)])
    dates = (FIRST + pd.to_timedelta(7 * np.arange(weeks), unit="D")).to_numpy().astype("datetime64[s]")
    row, week = np.nonzero(units)
    sales = pd.DataFrame({"date": dates[week], "sku": names[row], "channel": "shop", "units_paid": units[row, week]})
    row, week = np.nonzero(shown)
    end = dates[week] + np.timedelta64(6, "D")
    promotions = pd.DataFrame(
        {"start": dates[week], "end": end, "sku": names[row], "channel": "shop", "kind": "display", "strength": 1.0}
    )
    tables = {
        "sales": sales,
        "skus": pd.DataFrame({"sku": names, "category": "tea"}),
        "channels": pd.DataFrame({"channel": ["shop"], "kind": "shop"}),
        "promotions": promotions,
    }
    text = {"sku": "category", "channel": "category"}
    kinds = {name: {key: kind for key, kind in text.items() if key in frame} for name, frame in tables.items()}
    typed = {name: frame.astype(kinds[name]) for name, frame in tables.items()}
    return Case("tea", Dataset(typed, "test"), "W", 2)
