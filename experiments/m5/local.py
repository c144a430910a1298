"""The product's local models on the leaves: each series by itself, errs otherwise than the pooled model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.m5.data import Grid, Market
from models.demand.local import LocalDemand
from models.drivers import Drivers
from models.panel import Panel

DAYS = 1100
"""History used, as in the product's own measurements."""


def local_leaves(market: Market) -> Grid:
    """Mean units float32 [leaves, horizon]; a store's department shares its seasonal indices."""
    first = max(market.origin - DAYS, 0)
    units = market.sales[:, first:]
    known = np.isfinite(market.prices[:, first : market.origin]) | (units > 0)
    group = market.keys["store_id"] + "|" + market.keys["dept_id"]
    series = pd.DataFrame({"sku": market.ids, "channel": "store", "category": group.to_numpy()})
    dates = pd.to_datetime(market.calendar["date"]).to_numpy().astype("datetime64[D]")
    panel = Panel(series, dates[first : market.origin], "D", units, known, np.zeros_like(known))
    return LocalDemand.fit(panel, Drivers(dates[first:], "D", {})).predict(market.horizon)
