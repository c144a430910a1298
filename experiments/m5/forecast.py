"""The whole forecast of one origin: leaves, big series, coherence, quantiles."""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.m5.align import align, upper_tree
from experiments.m5.bottom import BottomParameters, predict, train
from experiments.m5.correction import corrected, learn, windows
from experiments.m5.data import LEVELS, Grid, Market
from experiments.m5.features import Past, past_of, summed
from experiments.m5.local import local_leaves
from experiments.m5.quantiles import SizeTable, erraticness, upper_ratios
from experiments.m5.upper import Nodes

UPPER_SHARE = 0.9
"""Weight of the big series' own forecasts against the sums of the leaves', chosen on origins <= 1801."""
LOCAL_SHARE = 0.25
"""Weight of the local models in the leaves, chosen on origins <= 1801."""
TRIALS = 3
STEP = 28
CALM = 112
"""Days over which a series is called calm or erratic."""
ITEM_LEVELS = (10, 11, 12)


@dataclass(frozen=True)
class M5Forecast:
    """``mean`` [leaves, horizon]; ``quantiles`` [9, nodes, horizon], nodes as in :class:`Yardstick`."""

    mean: Grid
    quantiles: NDArray[np.float32]


def forecast(market: Market, threads: int, parameters: BottomParameters | None = None) -> M5Forecast:
    """Means and quantiles from what is known at the origin."""
    wanted = parameters or BottomParameters(threads=threads)
    past = past_of(market)
    booster = train(market, past, wanted)
    everything = np.arange(len(market.sales))
    pooled = predict(booster, past, everything, market.origin, market.horizon, wanted.threads)
    leaves = (1.0 - LOCAL_SHARE) * pooled + LOCAL_SHARE * local_leaves(market)
    tree, groups = upper_tree(market)
    history = tree.sum_up(groups @ market.sales.astype(float))
    now, *earlier = windows(history, market.calendar, Nodes.of(tree), market.horizon)
    upper = corrected(learn(history, earlier, wanted.threads), now)
    mean = align(leaves, groups, tree, upper, now.variance, UPPER_SHARE)

    coherent = market.tree().sum_up(mean.astype(float))
    level = np.concatenate([_levels(tree.labels["level"].tolist()), np.full(groups.shape[0], 9)])
    spread = upper_ratios(history, earlier, level, wanted.threads)
    parts: list[NDArray[np.floating]] = [spread[:, :, None] * coherent[: tree.nodes]]
    trials = _trials(market, booster, past, wanted.threads)
    first = tree.nodes
    for number in ITEM_LEVELS:
        node = _nodes(market, number)
        stop = first + int(node.max()) + 1
        parts.append(_item_level(market, node, trials, coherent[first:stop]))
        first = stop
    return M5Forecast(mean, np.concatenate(parts, axis=1).astype(np.float32))


@dataclass(frozen=True)
class Trial:
    """Forecasts [series, horizon] of some leaves from an earlier origin."""

    origin: int
    series: NDArray[np.int64]
    mean: Grid


def _trials(market: Market, booster: lgb.Booster, past: Past, threads: int) -> list[Trial]:
    """A third of the items, in all stores, at each of three earlier origins."""
    _, items = np.unique(market.keys["item_id"], return_inverse=True)
    out = []
    for back in range(TRIALS):
        chosen = np.flatnonzero(items % TRIALS == back)
        origin = market.origin - STEP * (back + 1)
        mean = predict(booster, past, chosen, origin, min(market.horizon, STEP), threads)
        out.append(Trial(origin, chosen, mean))
    return out


def _nodes(market: Market, number: int) -> NDArray[np.int64]:
    """Which node of the level each leaf is in; leaves keep their own order."""
    if number == len(LEVELS):
        return np.arange(len(market.keys))
    level = LEVELS[number - 1]
    text = market.keys[level[0]]
    for column in level[1:]:
        text = text + "|" + market.keys[column]
    return pd.factorize(text, sort=True)[0]


def _item_level(
    market: Market, node: NDArray[np.int64], trials: list[Trial], mean: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Quantiles [9, nodes, horizon] of one level whose node of each leaf is given."""
    means: list[NDArray[np.float64]] = []
    units: list[NDArray[np.float64]] = []
    wild: list[NDArray[np.float64]] = []
    for trial in trials:
        _, local = np.unique(node[trial.series], return_inverse=True)
        sales = market.sales[trial.series]
        means.append(summed(trial.mean, local))
        units.append(summed(sales[:, trial.origin : trial.origin + trial.mean.shape[1]], local))
        wild.append(erraticness(summed(sales[:, trial.origin - CALM : trial.origin], local)))
    table = SizeTable.fit(np.concatenate(means), np.concatenate(units), np.concatenate(wild))
    return table.quantiles(mean, erraticness(summed(market.sales[:, -CALM:], node)))


def _levels(names: list[str]) -> NDArray[np.int64]:
    numbers = {"|".join(level) or "total": place + 1 for place, level in enumerate(LEVELS)}
    return np.array([numbers[name] for name in names], dtype=np.int64)
