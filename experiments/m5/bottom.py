"""One global LightGBM for all leaves: a Tweedie correction of a recent level times the weekday's share.

Direct over the horizon: a training row is a random (leaf, target day, days ahead), seen from its own origin.
"""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from experiments.m5.data import Grid, Market
from experiments.m5.features import BASE, CATEGORICAL, NAMES, Past, rows

CHUNK = 2000


@dataclass(frozen=True)
class BottomParameters:
    """``rows``: training rows, at most one a leaf and day; ``days``: how far back their targets lie; ``value_share``:
    how much of the sampling goes by the root of the dollars sold (the rest is even); the others are LightGBM's."""

    rows: int = 2_000_000
    days: int = 420
    value_share: float = 0.6
    rounds: int = 500
    learning_rate: float = 0.06
    leaves: int = 127
    tweedie_power: float = 1.1
    least_rows_leaf: int = 200
    threads: int = 2
    seed: int = 5


def train(market: Market, past: Past, parameters: BottomParameters) -> lgb.Booster:
    """Fit on sampled rows whose targets lie at or before the origin."""
    series, origins, aheads = _sample(market, past, parameters)
    features = rows(past, series, origins, aheads)
    data = lgb.Dataset(
        features,
        label=market.sales[series, origins + aheads - 1],
        init_score=features[:, BASE].astype(np.float64),
        feature_name=list(NAMES),
        categorical_feature=list(CATEGORICAL),
    )
    settings = {
        "objective": "tweedie",
        "tweedie_variance_power": parameters.tweedie_power,
        "learning_rate": parameters.learning_rate,
        "num_leaves": parameters.leaves,
        "min_data_in_leaf": parameters.least_rows_leaf,
        "lambda_l2": 1.0,
        "feature_fraction": 0.6,
        "cat_smooth": 50,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": parameters.threads,
        "seed": parameters.seed,
        "verbose": -1,
    }
    return lgb.train(settings, data, num_boost_round=parameters.rounds)


def predict(
    booster: lgb.Booster, past: Past, series: NDArray[np.int64], origin: int, horizon: int, threads: int
) -> Grid:
    """Mean units float32 [len(series), horizon] after ``origin`` days."""
    out = np.empty((len(series), horizon), dtype=np.float32)
    for first in range(0, len(series), CHUNK):
        part = series[first : first + CHUNK]
        count = len(part) * horizon
        ahead = np.tile(np.arange(1, horizon + 1), len(part))
        features = rows(past, np.repeat(part, horizon), np.full(count, origin), ahead)
        raw = np.asarray(booster.predict(features, raw_score=True, num_threads=threads))
        out[first : first + len(part)] = np.exp(raw + features[:, BASE]).reshape(len(part), horizon)
    return out


def _sample(
    market: Market, past: Past, parameters: BottomParameters
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    rng = np.random.default_rng(parameters.seed)
    recent = slice(max(market.origin - 364, 0), market.origin)
    dollars = (market.sales[:, recent] * past.price[:, recent]).sum(axis=1, dtype=float)
    root = np.sqrt(dollars)
    chance = parameters.value_share * root / max(root.sum(), 1e-9) + (1.0 - parameters.value_share) / len(root)
    count = min(parameters.rows, len(root) * parameters.days)
    series = rng.choice(len(root), size=count, p=chance / chance.sum())
    target = rng.integers(max(market.origin - parameters.days, 57), market.origin, size=count)
    ahead = rng.integers(1, market.horizon + 1, size=count)
    origin = target - ahead + 1
    usable = np.flatnonzero(origin >= past.listed[series] + 14)
    order = usable[np.argsort(series[usable], kind="stable")]
    return series[order], origin[order], ahead[order]
