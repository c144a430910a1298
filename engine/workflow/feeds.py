"""How targets reach replenishment: demand that supply is planned for, and open-to-buy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from engine.plans.forecast import Demand
from engine.plans.targets import TargetPlan
from engine.replenishment.settings import OpenToBuy, ReplenishSettings

KEYS = ["month", "channel", "category"]
WEIGHT = {"forecast": 0.0, "between": 0.5, "target": 1.0}
BOUNDS = (0.2, 5.0)
"""A period's demand is never scaled beyond these."""


def takes_targets(settings: ReplenishSettings) -> bool:
    """Whether orders depend on the targets."""
    return settings.supply_for != "forecast" or settings.open_to_buy == "targets"


def without_targets(settings: ReplenishSettings) -> tuple[str, ...]:
    """What is said of settings that ask for targets where there are none.

    >>> without_targets(ReplenishSettings(open_to_buy="targets"))
    ('open_to_buy: targets, but there are no targets: nothing is limited by them; list the stage targets first',)
    """
    asked = []
    if settings.open_to_buy == "targets":
        asked.append(("open_to_buy: targets", "nothing is limited by them"))
    if settings.supply_for != "forecast":
        asked.append((f"supply_for: {settings.supply_for}", "supply is planned for the forecast"))
    return tuple(f"{what}, but there are no targets: {so}; list the stage targets first" for what, so in asked)


def supplied_demand(demand: Demand, targets: TargetPlan, settings: ReplenishSettings) -> Demand:
    """Demand by month, channel and category moved towards the target: all the way, half of it, or not at all."""
    weight = WEIGHT[settings.supply_for]
    if weight == 0.0:
        return demand
    months = targets.months
    expected, wanted = (months[name].to_numpy(float) for name in ("forecast_fen", "target_fen"))
    ratio = np.where(expected > 0, 1.0 + weight * (wanted / np.where(expected > 0, expected, 1.0) - 1.0), 1.0)
    index = pd.MultiIndex.from_arrays(
        [
            months["month"].to_numpy().astype("datetime64[M]").astype(np.int64),
            months["channel"].astype(str),
            months["category"].astype(str),
        ]
    )
    rows = demand.series[["channel", "category"]].astype(str)
    factor = np.ones(demand.mean.shape)
    month = demand.dates.astype("datetime64[M]").astype(np.int64)
    for value in np.unique(month):
        keys = pd.MultiIndex.from_arrays([np.full(len(rows), value), rows["channel"], rows["category"]])
        place = index.get_indexer(keys)
        own = np.where(place >= 0, ratio[np.maximum(place, 0)], 1.0)
        factor[:, month == value] = np.clip(own, *BOUNDS)[:, None]
    scaled = factor.astype(np.float32)
    live = None if demand.live is None else demand.live.scaled(scaled)
    return replace(demand, mean=(demand.mean * scaled).astype(np.float32), live=live)


def fed_settings(settings: ReplenishSettings, targets: TargetPlan | None) -> ReplenishSettings:
    """The settings with the targets' open-to-buy in the place of the word ``targets``: goods that have to come in a
    month, placed orders included, as replenishment counts them. Nothing is limited where there are no targets."""
    if settings.open_to_buy != "targets":
        return settings
    if targets is None or targets.details is None:
        return settings.model_copy(update={"open_to_buy": ()})
    rows = targets.details.open_to_buy
    columns = (rows["category"].astype(str), pd.DatetimeIndex(rows["month"]).date, rows["receipts_fen"].to_numpy(float))
    stated = tuple(
        OpenToBuy(category=category, month=month, yuan=fen / 100.0)
        for category, month, fen in zip(*columns, strict=True)
    )
    return settings.model_copy(update={"open_to_buy": stated})
