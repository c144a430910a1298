"""The whole forecast of one origin: leaves, big series, coherence, quantiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.m5.align import align, upper_tree
from experiments.m5.bottom import BottomParameters, predict, train
from experiments.m5.data import LEVELS, Grid, Market
from experiments.m5.features import past_of, summed
from experiments.m5.quantiles import SizeTable, erraticness, upper_ratios
from experiments.m5.score import QUANTILES
from experiments.m5.upper import upper_forecast

UPPER_SHARE = 0.9
"""Weight of the big series' own forecasts against the sums of the leaves', chosen on origins <= 1801."""
CALIBRATION_ORIGINS = 3
STEP = 28


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
    leaves = predict(booster, past, np.arange(len(market.sales)), market.origin, market.horizon, threads)
    tree, groups = upper_tree(market)
    history = tree.sum_up(groups @ market.sales.astype(float))
    upper, variance = upper_forecast(history, market.calendar)
    mean = align(leaves, groups, tree, upper, variance, UPPER_SHARE)

    whole = market.tree()
    big = tree.nodes
    coherent = whole.sum_up(mean.astype(float))
    quantiles = np.empty((len(QUANTILES), *coherent.shape), dtype=np.float32)
    level = np.concatenate([_levels(tree.labels["level"].tolist()), np.full(groups.shape[0], 9)])
    quantiles[:, :big] = upper_ratios(history, market.calendar, level, market.horizon)[:, :, None] * coherent[:big]
    codes, items = np.unique(market.keys["item_id"], return_inverse=True)
    series, guesses = [], []
    for back in range(CALIBRATION_ORIGINS):
        chosen = np.flatnonzero(items % CALIBRATION_ORIGINS == back)
        origin = market.origin - STEP * (back + 1)
        series.append(chosen)
        guesses.append((origin, predict(booster, past, chosen, origin, min(market.horizon, STEP), threads)))
    first = big
    for name in LEVELS[9:]:
        key, node = np.unique(market.keys[list(name)].agg("|".join, axis=1), return_inverse=True)
        if name == LEVELS[11]:
            key, node = np.arange(len(node)), np.arange(len(node))
        quantiles[:, first : first + len(key)] = _item_level(
            market, node, series, guesses, coherent[first : first + len(key)]
        )
        first += len(key)
    return M5Forecast(mean, quantiles)


def _item_level(
    market: Market,
    node: NDArray[np.int64],
    series: list[NDArray[np.int64]],
    guesses: list[tuple[int, Grid]],
    mean: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Quantiles [9, nodes, horizon] of one level whose node of each leaf is given."""
    means, units, wild = [], [], []
    for chosen, (origin, guess) in zip(series, guesses, strict=True):
        _, local = np.unique(node[chosen], return_inverse=True)
        means.append(summed(guess, local))
        units.append(summed(market.sales[chosen, origin : origin + guess.shape[1]], local))
        wild.append(erraticness(summed(market.sales[chosen, origin - 112 : origin], local)))
    table = SizeTable.fit(np.concatenate(means), np.concatenate(units), np.concatenate(wild))
    return table.quantiles(mean, erraticness(summed(market.sales[:, -112:], node)))


def _levels(names: list[str]) -> NDArray[np.int64]:
    numbers = {"|".join(level) or "total": place + 1 for place, level in enumerate(LEVELS)}
    return np.array([numbers[name] for name in names], dtype=np.int64)
