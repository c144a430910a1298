"""What the calendar regression misses, learned from its own forecasts at many earlier origins.

Each window is an honest forecast from what was known at its origin; a small LightGBM learns units / forecast from the
calendar, the days ahead, the series, what the regression left over lately and a year before, and the series' course.
The ratio, not its log: the mean of logs lies below the log of the mean, and squared errors are minimal at the mean.
A second one learns units / (level x weekday), a base that errs otherwise; the forecast is the mean of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.m5.course import course
from experiments.m5.upper import YEAR, Floats, Nodes, upper_forecast

SPANS = (7, 14, 28, 56, 182)
STEP = 14
WINDOWS = 57
LEAST_DAYS = 420
RATIOS = (0.4, 2.5)
"""Ratios learned from: one beyond is a closed day or a broken series."""
SETTINGS = {
    "objective": "l2",
    "learning_rate": 0.06,
    "num_leaves": 31,
    "min_data_in_leaf": 250,
    "max_bin": 63,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 7,
    "verbose": -1,
}
ROUNDS = 150


@dataclass(frozen=True)
class Window:
    """Seen from ``origin``: ``bases`` [2, series, horizon], the regression's forecast and the level by weekdays,
    ``variance`` [series] of the regression, ``features`` [series x horizon, columns]."""

    origin: int
    bases: Floats
    variance: Floats
    features: NDArray[np.float32]


def windows(history: Floats, calendar: pd.DataFrame, nodes: Nodes, horizon: int) -> list[Window]:
    """Forecasts of ``horizon`` days from the origin (the first one) and from earlier ones, newest first."""
    origin = history.shape[1]
    count = max(WINDOWS * 28 // max(horizon, 28), 4)
    earlier = list(range(origin - horizon, LEAST_DAYS, -STEP))[:count]
    days = _days(calendar)
    return [_window(history[:, :cut], calendar.iloc[: cut + horizon], days, nodes) for cut in (origin, *earlier)]


def learn(history: Floats, earlier: Sequence[Window], threads: int) -> list[lgb.Booster]:
    """Fit one for each base on windows that lie before the origin."""
    features = np.concatenate([window.features for window in earlier])
    boosters = []
    for base in range(len(earlier[0].bases)):
        labels, weights = zip(*(_lesson(history, window, base) for window in earlier), strict=True)
        weight = np.concatenate(weights)
        use = weight > 0
        data = lgb.Dataset(features[use], np.concatenate(labels)[use], weight=weight[use])
        boosters.append(lgb.train(SETTINGS | {"num_threads": threads}, data, num_boost_round=ROUNDS))
    return boosters


def _lesson(history: Floats, window: Window, base: int) -> tuple[Floats, Floats]:
    """Ratio to learn and its weight [series x horizon]; zero on closed days."""
    guess = window.bases[base]
    actual = history[:, window.origin : window.origin + guess.shape[1]]
    total = actual.sum(axis=0)
    noise = window.variance / np.maximum(guess.mean(axis=1), 1e-9) ** 2
    weight = np.where((total > 0.1 * total.mean()) & (guess > 0), 1.0 / (noise + 1e-3)[:, None], 0.0)
    return (actual / np.maximum(guess, 1e-9)).clip(*RATIOS).ravel(), weight.ravel()


def corrected(boosters: Sequence[lgb.Booster], window: Window) -> Floats:
    """Mean units [series, horizon]."""
    ratios = np.stack([np.asarray(booster.predict(window.features)).clip(*RATIOS) for booster in boosters])
    return np.asarray((window.bases * ratios.reshape(window.bases.shape)).mean(axis=0))


def _days(calendar: pd.DataFrame) -> list[NDArray[np.int64]]:
    """Weekday, month, day of the month, event, event of the day before and of the day after."""
    date = pd.to_datetime(calendar["date"])
    event = pd.factorize(calendar["event_name_1"].fillna(""), sort=True)[0]
    sides = np.r_[0, event[:-1]], np.r_[event[1:], 0]
    return [np.asarray(values) for values in (date.dt.day_of_week, date.dt.month, date.dt.day, event, *sides)]


def _window(history: Floats, calendar: pd.DataFrame, days: list[NDArray[np.int64]], nodes: Nodes) -> Window:
    origin, horizon = history.shape[1], len(calendar) - history.shape[1]
    made = upper_forecast(history, calendar, nodes)
    left, known = made.left, made.left.shape[1]
    ahead = np.arange(horizon)
    columns = [np.repeat(left[:, -span:].mean(axis=1)[:, None], horizon, axis=1) for span in SPANS]
    weekday = left[:, -42:].reshape(len(left), 6, 7).mean(axis=1)
    columns.append(weekday[:, ahead % 7] - left[:, -42:].mean(axis=1, keepdims=True))
    columns.extend(_last_year(left, known + ahead))
    of_day = [ahead + 1, *(values[origin : origin + horizon] for values in days)]
    columns.extend(np.broadcast_to(values, made.mean.shape) for values in of_day)
    snap = calendar[[f"snap_{state}" for state in nodes.state_names]].to_numpy(dtype=float)[origin:]
    columns.append(nodes.states @ snap.T)
    columns.extend(np.repeat(code[:, None], horizon, axis=1) for code in (nodes.place, nodes.product, nodes.level))
    level, usual, ratios = course(history, horizon)
    columns.extend([*ratios, made.mean / level])
    features = np.stack(columns, axis=-1).reshape(made.mean.size, -1).astype(np.float32)
    bases = np.stack([made.mean, np.where(made.mean > 0, usual, 0.0)])
    return Window(origin, bases, made.variance, features)


def _last_year(left: Floats, target: NDArray[np.int64]) -> list[Floats]:
    """What was left over a year before: the week around the target against the four weeks before the origin, and the
    day itself; NaN where there is no such day."""
    known = left.shape[1]
    same = target - YEAR
    inside = (same >= 0) & (same + 3 < known)
    total = np.concatenate([np.zeros((len(left), 1)), np.cumsum(left, axis=1)], axis=1)
    stop, start = np.clip(same + 4, 0, known), np.clip(same - 3, 0, known)
    week = (total[:, stop] - total[:, start]) / 7.0
    usual = left[:, max(known - YEAR - 28, 0) : max(known - YEAR, 1)].mean(axis=1, keepdims=True)
    day = left[:, np.clip(same, 0, known - 1)]
    return [np.where(inside, week - usual, np.nan), np.where(inside, day, np.nan)]
