"""Coherent forecasts of channel x category totals: Prophet on every level that is worth a model, then reconciled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.recurrence import FestivalDays
from engine.execution.run import Run
from models.demand.growth import GrowthBelief
from models.demand.prophet import WEEKS_A_YEAR, ProphetLaw, TotalsForecast, forecast_totals
from models.hierarchy import SumTree, reconcile
from models.panel import Dates

Floats = NDArray[np.float64]
OWN_MODEL_WEEKS = 60
"""A group with a shorter history follows the shape of what it belongs to."""
OWN_MODEL_SOLD = 0.5
"""Share of weeks with sales below which a group follows the shape of what it belongs to."""
RECENT_WEEKS = 13


@dataclass(frozen=True)
class History:
    """Weekly values (yuan, or units where there is no money) by channel x category.

    ``groups``: frame ``channel, category``. ``values`` float64 [groups, weeks], 7-day blocks that end the day before
    the origin. ``near`` float64 [groups]: what the near forecast expects a week, for groups without a past.
    """

    groups: pd.DataFrame
    weeks: Dates
    values: Floats
    near: Floats

    @property
    def origin(self) -> np.datetime64:
        """First day after the last week."""
        return np.datetime64(self.weeks[-1] + np.timedelta64(7, "D"), "D")

    def until(self, weeks: int) -> History:
        """What was known that many weeks after the beginning."""
        return History(self.groups, self.weeks[:weeks], self.values[:, :weeks], np.zeros(len(self.groups)))


@dataclass(frozen=True)
class Projection:
    """``daily`` float64 [groups, days]; ``fitted`` float64 [groups, weeks], NaN where a group was not yet sold;
    ``methods`` of the modelled nodes, the total first."""

    daily: Floats
    fitted: Floats
    methods: tuple[str, ...]


def project(
    history: History, festivals: FestivalDays, days: Dates, most: int, belief: GrowthBelief, run: Run
) -> Projection:
    """Forecast all groups for ``days`` with at most ``most`` Prophet models.

    The total, channels and categories and the largest groups are modelled; the rest takes the shape of its category
    (or of the total) by its share of recent weeks. Growth is what the years seen tell of the total, and channels and
    categories by their difference to it. ``festivals`` begins on the first day of the history.
    """
    law = ProphetLaw()
    groups = history.groups
    tree = SumTree.of(groups, _levels(groups))
    node_values = tree.sum_up(history.values)
    upper = tree.aggregates.shape[0]
    recent = history.values[:, -WEEKS_A_YEAR:].sum(axis=1)
    modelled = _modelled(tree, node_values, most)
    cover = _festivals_of(tree, groups, recent, festivals)
    weeks, ahead = len(history.weeks), np.searchsorted(festivals.days, days)

    def one(node: int) -> TotalsForecast:
        daily = cover(node)
        by_week = daily[: 7 * weeks].reshape(weeks, 7, -1).mean(axis=1)
        return forecast_totals(node_values[node], history.weeks, by_week, days, daily[ahead], law)

    found = dict(zip(modelled, run.map(one, modelled), strict=True))
    parent = _parents(tree, found)
    growth = _growth(tree, found, belief)
    ahead_of = {node: told.mean(growth[node]) for node, told in found.items()}
    base = np.zeros((tree.nodes, len(days)))
    fitted = np.full((tree.nodes, weeks), np.nan)
    for node in range(tree.nodes):
        if node in found:
            base[node], fitted[node] = ahead_of[node], found[node].fitted
        elif node >= upper:
            share = _share(history, tree, node - upper, parent[node - upper])
            over = parent[node - upper]
            base[node], fitted[node] = share * ahead_of[over], share * found[over].fitted
    kept = np.flatnonzero([node in found or node >= upper for node in range(tree.nodes)])
    slim = SumTree(tree.aggregates[kept[kept < upper]], tree.labels.iloc[kept[kept < upper]], groups)
    variance = _variance(node_values[kept], fitted[kept])
    return Projection(
        reconcile(slim, base[kept], variance), fitted[upper:], tuple(found[node].method for node in modelled)
    )


def _levels(groups: pd.DataFrame) -> list[tuple[str, ...]]:
    """The total, and channels and categories where they differ from it and from the groups themselves."""
    levels: list[tuple[str, ...]] = [()] if len(groups) > 1 else []
    for name in ("channel", "category"):
        if 1 < groups[name].nunique() < len(groups):
            levels.append((name,))
    return levels


def _modelled(tree: SumTree, values: Floats, most: int) -> list[int]:
    """Nodes that get a model of their own: the top one always, then by sales, if their history carries one."""
    upper = tree.aggregates.shape[0]
    size = values[:, -WEEKS_A_YEAR:].sum(axis=1)
    sold = values > 0
    first = np.where(sold.any(axis=1), sold.argmax(axis=1), values.shape[1])
    span = values.shape[1] - first
    dense = sold.sum(axis=1) >= OWN_MODEL_SOLD * np.maximum(span, 1)
    able = (span >= OWN_MODEL_WEEKS) & dense & (size > 0)
    order = np.lexsort((np.arange(len(size)), -size, np.arange(len(size)) >= upper))
    chosen = [int(node) for node in order if able[node]][:most]
    return sorted({0, *chosen})


def _growth(tree: SumTree, found: dict[int, TotalsForecast], belief: GrowthBelief) -> dict[int, float]:
    """Growth a year (log) of each modelled node: of the top one, then of channels and categories against it, then of
    groups against their channel."""
    upper = tree.aggregates.shape[0]
    above = tree.aggregates.tocsc()
    growth = {0: belief.of_shop(found[0].changes)}
    for node in sorted(found):
        if node == 0:
            continue
        over = 0
        if node >= upper:
            rows = (int(row) for row in above.indices[above.indptr[node - upper] : above.indptr[node - upper + 1]])
            channels = [row for row in rows if row in found and tree.labels["level"].iloc[row] == "channel"]
            over = channels[0] if channels else 0
        growth[node] = belief.of_part(found[node].changes, found[over].changes, growth[over])
    return growth


def _parents(tree: SumTree, found: dict[int, TotalsForecast]) -> list[int]:
    """The modelled node that lends its shape to each leaf: its category, else its channel, else the total."""
    rank = tree.labels["level"].map({"category": 0, "channel": 1, "total": 2}).to_numpy()
    above = tree.aggregates.tocsc()
    parents = []
    for leaf in range(len(tree.leaves)):
        rows = [int(row) for row in above.indices[above.indptr[leaf] : above.indptr[leaf + 1]] if int(row) in found]
        parents.append(min(rows, key=lambda row: rank[row]) if rows else len(rank) + leaf)
    return parents


def _share(history: History, tree: SumTree, leaf: int, parent: int) -> float:
    """Share of the leaf in its parent over recent weeks; by the near forecast where it has not sold yet."""
    members = tree.aggregates[[parent]].indices
    for size in (history.values[:, -RECENT_WEEKS:].sum(axis=1), history.near):
        if size[leaf] > 0:
            return float(size[leaf] / size[members].sum())
    return 0.0


def _festivals_of(tree: SumTree, groups: pd.DataFrame, recent: Floats, festivals: FestivalDays):  # type: ignore[no-untyped-def]
    """Festival days of a node [days, kinds]: those of its channels, weighted by their sales."""
    channels = pd.Index(sorted(groups["channel"].unique()))
    member = channels.get_indexer(groups["channel"])
    upper = tree.aggregates.shape[0]

    def cover(node: int) -> Floats:
        leaves = tree.aggregates[[node]].indices if node < upper else np.array([node - upper])
        weight = np.bincount(member[leaves], recent[leaves] + 1e-9, len(channels))
        return np.asarray(np.tensordot(weight / weight.sum(), festivals.values, axes=1))

    return cover


def _variance(values: Floats, fitted: Floats) -> Floats:
    """Mean squared error of the fit over the last year, at least that of 1 % of the level."""
    error = (values - fitted)[:, -WEEKS_A_YEAR:]
    known = np.isfinite(error)
    squares = np.where(known, error, 0.0) ** 2
    level = values[:, -WEEKS_A_YEAR:].mean(axis=1)
    mean = squares.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    floor = (0.01 * level) ** 2
    top = float(max(mean.max(initial=0.0), floor.max(initial=0.0)))
    return np.asarray(np.maximum(np.maximum(mean, floor), 1e-8 * top if top > 0 else 1.0))
