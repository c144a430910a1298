"""How targets reach replenishment: demand that supply is planned for, and open-to-buy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.forecast import Demand
from engine.plans.targets import TargetDetails, TargetPlan
from engine.replenishment.settings import OpenToBuy, ReplenishSettings
from models.panel import DAYS

if TYPE_CHECKING:
    from engine.workflow.settings import PlanSettings

Floats = NDArray[np.float64]
KEYS = ["month", "channel", "category"]
PAIR = ["channel", "category"]
BOUNDS = (0.2, 5.0)
"""A month's demand is never scaled beyond these."""
NOTICED_FEN = 100.0
NAMED = 5
"""Cells that a warning names."""


def takes_targets(settings: PlanSettings) -> bool:
    """Whether orders depend on the targets."""
    return settings.targets.supply_for != "forecast" or settings.replenish.open_to_buy == "targets"


def without_targets(settings: PlanSettings) -> tuple[str, ...]:
    """What is said of settings that ask for targets where there are none.

    >>> from engine.workflow.settings import PlanSettings
    >>> without_targets(PlanSettings(replenish=ReplenishSettings(open_to_buy="targets")))
    ('open_to_buy: targets, but there are no targets: nothing is limited by them; list the stage targets first',)
    """
    asked = []
    if settings.replenish.open_to_buy == "targets":
        asked.append(("open_to_buy: targets", "nothing is limited by them"))
    if settings.targets.supply_for != "forecast":
        asked.append((f"supply_for: {settings.targets.supply_for}", "supply is planned for the forecast"))
    return tuple(f"{what}, but there are no targets: {so}; list the stage targets first" for what, so in asked)


def supplied_demand(
    demand: Demand, plain: Demand, details: TargetDetails, share: float
) -> tuple[Demand, tuple[str, ...]]:
    """Demand by month, channel and category moved towards what is still to be sold of the target, and what of the
    target cannot be supplied so.

    ``share``: 1 all the way, 0.5 half of it, 0 not at all. ``plain``: demand as the targets' forecast saw it, so that
    what the ad plan adds to ``demand`` counts towards the target. Months outside of the targets' year stay.
    """
    if share == 0.0:
        return demand, ()
    grid = _Grid.of(demand)
    found = _Goals.of(details, grid)
    usual, own = grid.money(plain), grid.money(demand)
    expected = found.ahead * np.divide(own, usual, out=np.ones_like(own), where=usual > 0)[found.pair, found.month]
    there = (found.pair >= 0) & (expected > 0) & (usual > 0)[found.pair, found.month]
    wanted = 1.0 + share * (np.divide(found.wanted, expected, out=np.ones_like(expected), where=there) - 1.0)
    ratio = np.clip(wanted, *BOUNDS)
    factors = np.ones_like(own)
    factors[found.pair[there], found.month[there]] = ratio[there]
    scaled = grid.by_series(factors).astype(np.float32)
    live = None if demand.live is None else demand.live.scaled(scaled)
    moved = replace(demand, mean=(demand.mean * scaled).astype(np.float32), live=live)
    lost = np.where(there, 0.0, share * found.wanted)
    cut = np.where(there, (wanted - ratio) * expected, 0.0)
    return moved, (*_told("have no forecast to scale", found, lost), *_told(BEYOND, found, np.abs(cut)))


BEYOND = f"lie beyond {BOUNDS[0]} to {BOUNDS[1]} x the forecast"


@dataclass(frozen=True)
class _Grid:
    """Pairs of channel and category by row of a demand, and the part of each period that falls into each month."""

    pairs: pd.MultiIndex
    row: NDArray[np.intp]
    months: NDArray[np.datetime64]
    part: Floats

    @classmethod
    def of(cls, demand: Demand) -> _Grid:
        row, pairs = pd.MultiIndex.from_frame(demand.series[PAIR].astype(str)).factorize()
        days = demand.dates.astype("datetime64[D]")[:, None] + np.arange(DAYS[demand.frequency])
        months, place = np.unique(days.astype("datetime64[M]"), return_inverse=True)
        part = (place.reshape(days.shape)[:, :, None] == np.arange(len(months))).mean(axis=1)
        return cls(pd.MultiIndex.from_tuples(pairs, names=PAIR), row, months, part)

    def money(self, demand: Demand) -> Floats:
        """Yuan [pairs, months] where prices are known, else units."""
        price = demand.price_yuan
        worth = demand.mean if price is None else demand.mean * np.nan_to_num(price)
        total = np.zeros((len(self.pairs), worth.shape[1]))
        np.add.at(total, self.row, worth)
        return np.asarray(total @ self.part)

    def by_series(self, factors: Floats) -> Floats:
        """Factors [pairs, months] as [series, periods]."""
        return np.asarray((factors @ self.part.T)[self.row])


@dataclass(frozen=True)
class _Goals:
    """Cells of the targets in the months of a grid: row of its pair (-1: none), its month, fen ``ahead`` that the
    targets' forecast still expects and fen ``wanted``; what was sold already is in neither."""

    names: pd.DataFrame
    pair: NDArray[np.intp]
    month: NDArray[np.intp]
    ahead: Floats
    wanted: Floats

    @classmethod
    def of(cls, details: TargetDetails, grid: _Grid) -> _Goals:
        text = details.cells.astype({"channel": str, "category": str})
        money = ["actual_fen", "forecast_fen", "target_fen"]
        cells = text.groupby(KEYS, as_index=False, observed=True)[money].sum()
        month = pd.Index(grid.months.astype("datetime64[s]")).get_indexer(cells["month"].astype("datetime64[s]"))
        cells, month = cells[month >= 0], month[month >= 0]
        actual, forecast, target = (cells[name].to_numpy(float) for name in money)
        pair = grid.pairs.get_indexer(pd.MultiIndex.from_frame(cells[PAIR]))
        return cls(cells[KEYS], pair, month, forecast - actual, np.maximum(target - actual, 0.0))


def _told(why: str, goals: _Goals, fen: Floats) -> tuple[str, ...]:
    """A warning that names the largest of these amounts."""
    rows = np.flatnonzero(fen >= NOTICED_FEN)
    rows = rows[np.argsort(-fen[rows], kind="stable")]
    names = [
        f"{entry.month:%Y-%m} {entry.channel} {entry.category}"
        for entry in goals.names.iloc[rows[:NAMED]].itertuples(index=False)
    ]
    more = "" if len(rows) <= NAMED else f" and {len(rows) - NAMED} more"
    amount = f"supply_for: {fen[rows].sum() / 100.0:,.0f} yuan of the targets {why} and are not supplied"
    return (f"{amount}: {', '.join(names)}{more}",) if len(rows) else ()


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
