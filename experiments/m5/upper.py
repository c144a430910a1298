"""Direct forecasts of the 154 big series: one multiplicative calendar regression, then the level of the last weeks.

log units = calendar effects + smooth trend, by ridge regression with newer days weighing more. All series share one
design, so that all are one solve. Effects of a place's product group are shrunk towards those of the place and of the
group. The trend only keeps the effects clean; the level ahead is the exponentially weighted mean of what the calendar
leaves over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.hierarchy import SumTree

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
YEAR = 364
PLACES = ("state_id", "store_id")


@dataclass(frozen=True)
class Nodes:
    """What the big series are, in the order of ``tree.sum_up``.

    ``level``, ``place`` and ``product``: codes [nodes]; ``states``: share of each state's groups [nodes, states];
    ``parents``: [nodes, nodes], place plus product minus the total for the series of a place's product, else zeros.
    """

    level: Codes
    place: Codes
    product: Codes
    states: Floats
    state_names: tuple[str, ...]
    parents: Floats

    @classmethod
    def of(cls, tree: SumTree) -> Nodes:
        """From the tree over store-departments."""
        groups = (tree.leaves["store_id"] + "|" + tree.leaves["dept_id"]).tolist()
        names = [
            *zip(tree.labels["level"], tree.labels["key"], strict=True),
            *(("store_id|dept_id", g) for g in groups),
        ]
        position = {name: at for at, name in enumerate(names)}
        parents = np.zeros((len(names), len(names)))
        places, products = [], []
        for at, (level, key) in enumerate(names):
            parts = list(zip(level.split("|"), key.split("|"), strict=True))
            places.append(next((value for column, value in parts if column in PLACES), ""))
            products.append(next((value for column, value in parts if column not in (*PLACES, "total")), ""))
            if len(parts) == 2:
                for part in parts:
                    parents[at, position[part]] += 1.0
                parents[at, position["total", ""]] -= 1.0
        states = pd.get_dummies(tree.leaves["state_id"])
        share = tree.sum_up(states.to_numpy(dtype=float))
        level, place, product = (
            pd.factorize(np.array(values), sort=True)[0].astype(np.int64)
            for values in ([name[0] for name in names], places, products)
        )
        share /= share.sum(axis=1, keepdims=True)
        return cls(level, place, product, share, tuple(states.columns), parents)


@dataclass(frozen=True)
class UpperParameters:
    """``half_life``: days after which a day weighs half in the effects; ``level_half_life``: likewise in the level;
    ``knots``: days between bends of the trend; ``penalty``: ridge, ``shared`` times that towards the parents' effects;
    ``days``: history used."""

    half_life: float = 400.0
    level_half_life: float = 7.0
    knots: int = 182
    penalty: float = 0.5
    shared: float = 15.0
    trend_penalty: float = 0.1
    harmonics: int = 3
    days: int = 1800


@dataclass(frozen=True)
class UpperForecast:
    """``mean`` units [series, horizon]; ``variance`` of a day's error [series]; ``left``: log of units over the
    calendar's effects and the level [series, days of history used], zero on closed days."""

    mean: Floats
    variance: Floats
    left: Floats


def upper_forecast(
    history: Floats, calendar: pd.DataFrame, nodes: Nodes, parameters: UpperParameters | None = None
) -> UpperForecast:
    """Forecast from ``history`` [series, origin]; the calendar goes on to the horizon."""
    wanted = parameters or UpperParameters()
    first = max(history.shape[1] - wanted.days, 0)
    part = calendar.iloc[first:].reset_index(drop=True)
    values = history[:, first:].T
    usual = np.maximum(values.mean(axis=0), 1e-9)
    open_day = values.sum(axis=1) > 0.1 * values.sum(axis=1).mean()
    logs = np.log(np.maximum(values, 0.02 * usual))
    effects, penalty = calendar_design(part, wanted)
    trend = _trend(len(part), len(values), wanted.knots)
    design = np.concatenate([effects, trend], axis=1)[: len(values)]
    age = np.arange(len(values))[::-1]
    weighted = design * (0.5 ** (age / wanted.half_life) * open_day)[:, None]
    gram, moments = weighted.T @ design, weighted.T @ logs
    bends = np.r_[1e-6, np.full(trend.shape[1] - 1, wanted.trend_penalty)]
    beta = np.linalg.solve(gram + np.diag(np.r_[penalty, bends]), moments)
    prior = beta @ nodes.parents.T
    prior[len(penalty) :] = 0.0
    ridge = np.r_[penalty * wanted.shared, bends]
    mixed = nodes.parents.any(axis=1)
    target = moments[:, mixed] + ridge[:, None] * prior[:, mixed]
    beta[:, mixed] = np.linalg.solve(gram + np.diag(ridge), target)
    season = np.exp(effects @ beta[: len(penalty)])
    share = 0.5 ** (age / wanted.level_half_life) * open_day
    level = (share[:, None] * values / season[: len(values)]).sum(axis=0) / share.sum()
    mean = season[len(values) :] * level * _opens(part, open_day)[:, None]
    error = (np.exp(design @ beta) - values)[-YEAR:] * open_day[-YEAR:, None]
    left = logs - np.log(np.maximum(season[: len(values)] * level, 1e-9))
    variance = np.maximum((error**2).mean(axis=0), 1e-6)
    return UpperForecast(mean.T, variance, (left * open_day[:, None]).T)


def calendar_design(calendar: pd.DataFrame, wanted: UpperParameters) -> tuple[Floats, Floats]:
    """Effects [days, columns] and their ridge penalties: weekday, its change over the year, day of the month, season,
    SNAP, events and the two days on either side."""
    date = pd.to_datetime(calendar["date"])
    weekday = _dummies(date.dt.day_of_week)
    snap = calendar[[name for name in calendar.columns if name.startswith("snap_")]].to_numpy(dtype=float)
    angle = 2 * np.pi * date.dt.day_of_year.to_numpy()[:, None] / 365.25 * np.arange(1, wanted.harmonics + 1)
    season = np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
    yearly = season[:, [0, wanted.harmonics]]
    names = [calendar[column].fillna("") for column in ("event_name_1", "event_name_2")]
    kinds = sorted((set(names[0]) | set(names[1])) - {""})
    events = np.stack([((names[0] == kind) | (names[1] == kind)).to_numpy(dtype=float) for kind in kinds], axis=1)
    weekend = np.isin(date.dt.day_of_week, (5, 6)).astype(float)[:, None]
    blocks = [
        (weekday, 0.3),
        ((weekday[:, :, None] * yearly[:, None, :]).reshape(len(date), -1), 5.0),
        (snap, 0.3),
        (snap * weekend, 1.0),
        (_dummies(date.dt.day), 1.0),
        (season, 1.0),
        (_dummies(date.dt.month), 3.0),
        (events, 0.5),
        *((_moved(events, days), 0.7 * abs(days)) for days in (-2, -1, 1, 2)),
    ]
    penalty = np.concatenate([np.full(block.shape[1], ratio * wanted.penalty) for block, ratio in blocks])
    return np.concatenate([block for block, _ in blocks], axis=1), penalty


def _dummies(codes: pd.Series) -> Floats:
    return pd.get_dummies(codes).to_numpy(dtype=float)


def _moved(values: Floats, days: int) -> Floats:
    out = np.zeros_like(values)
    if days < 0:
        out[:days] = values[-days:]
    else:
        out[days:] = values[:-days]
    return out


def _trend(days: int, known: int, step: int) -> Floats:
    """A constant and bends every ``step`` days, the last one at least ``step`` days before the end."""
    time = np.arange(days)
    bends = np.arange(known - step, 0, -step)[::-1]
    return np.stack([np.ones(days), time / 365.0, *(np.maximum(time - bend, 0) / 365.0 for bend in bends)], axis=1)


def _opens(calendar: pd.DataFrame, open_day: NDArray[np.bool_]) -> Floats:
    """Zero on the days ahead whose event always found the shops closed."""
    events = calendar["event_name_1"].fillna("")
    past, ahead = events.iloc[: len(open_day)], events.iloc[len(open_day) :]
    closed = set(past[~open_day]) - set(past[open_day])
    return np.asarray(~ahead.isin(sorted(closed)), dtype=np.float64)
