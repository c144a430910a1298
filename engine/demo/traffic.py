"""Funnel counts of the shops: exposure, clicks, visitors, carts, buyers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.frames import coded
from engine.demo.settings import DemoSettings
from engine.demo.world import Timeline, World


def traffic_table(
    settings: DemoSettings, world: World, time: Timeline, units: NDArray[np.float64], usual: NDArray[np.float64]
) -> pd.DataFrame:
    """Shop and day. ``units`` [channels, days] paid; ``usual`` the same, smoothed: conversion rises with the rush."""
    rng = settings.rng("traffic")
    rush = np.clip(units / np.maximum(usual, 1.0), 0.3, 6.0)
    buyers = np.maximum(np.round(units / world.of("channels", "aov_units")[:, None]), units > 0)
    conversion = world.of("channels", "cvr")[:, None] * rush**0.35 * rng.lognormal(0.0, 0.06, units.shape)
    visitors = np.maximum(np.round(buyers / conversion), buyers)
    clicks = np.round(visitors * rng.lognormal(0.28, 0.04, units.shape))
    exposure = np.round(clicks / (world.of("channels", "ctr")[:, None] * rng.lognormal(0.0, 0.06, units.shape)))
    carts = rng.poisson(visitors * 0.085 * rush**0.2)
    channel, day = np.nonzero(visitors > 0)
    order = np.lexsort((channel, day))
    channel, day = channel[order], day[order]
    counts = {"exposure": exposure, "clicks": clicks, "visitors": visitors, "carts": carts, "buyers": buyers}
    return pd.DataFrame(
        {
            "date": time.dates(day),
            "channel": coded(channel, list(world.channels)),
            "basis": pd.Categorical(["shop_day"] * len(day), ["shop_day", "item_day"]),
            **{name: values[channel, day].astype(np.int64) for name, values in counts.items()},
        }
    )
