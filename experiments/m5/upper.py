"""Direct forecasts of the 154 big series: one multiplicative calendar regression, then the level of the last weeks.

log units = calendar effects + smooth trend, by ridge regression with newer days weighing more. All series share one
design, so that all are one solve. The trend only keeps the effects clean; the level ahead is the exponentially
weighted mean of what the calendar leaves over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
YEAR = 364


@dataclass(frozen=True)
class UpperParameters:
    """``half_life``: days after which a day weighs half in the effects; ``level_half_life``: likewise in the level;
    ``knots``: days between bends of the trend; ``penalty``: ridge; ``years``: history used."""

    half_life: float = 400.0
    level_half_life: float = 10.0
    knots: int = 182
    penalty: float = 0.5
    trend_penalty: float = 0.1
    harmonics: int = 3
    days: int = 1800


def upper_forecast(
    history: Floats, calendar: pd.DataFrame, parameters: UpperParameters | None = None
) -> tuple[Floats, Floats]:
    """Mean units [series, horizon] and variance of a day's error [series], from ``history`` [series, origin].

    The calendar goes on to the horizon.
    """
    wanted = parameters or UpperParameters()
    origin = history.shape[1]
    first = max(origin - wanted.days, 0)
    part = calendar.iloc[first:].reset_index(drop=True)
    values = history[:, first:].T
    usual = np.maximum(values.mean(axis=0), 1e-9)
    open_day = values.sum(axis=1) > 0.1 * values.sum(axis=1).mean()
    logs = np.log(np.maximum(values, 0.02 * usual))
    effects, penalty = calendar_design(part, wanted)
    trend = _trend(len(part), len(values), wanted.knots)
    design = np.concatenate([effects, trend], axis=1)[: len(values)]
    ridge = np.concatenate([penalty, np.r_[1e-6, np.full(trend.shape[1] - 1, wanted.trend_penalty)]])
    age = np.arange(len(values))[::-1]
    weight = 0.5 ** (age / wanted.half_life) * open_day
    weighted = design * weight[:, None]
    beta = np.linalg.solve(weighted.T @ design + np.diag(ridge), weighted.T @ logs)
    season = effects @ beta[: effects.shape[1]]
    share = 0.5 ** (age / wanted.level_half_life) * open_day
    left = values / np.exp(season[: len(values)])
    level = (share[:, None] * left).sum(axis=0) / share.sum()
    mean = np.exp(season[len(values) :]) * level * _opens(part, open_day)[:, None]
    error = (np.exp(design @ beta) - values)[-YEAR:] * open_day[-YEAR:, None]
    return np.asarray(mean.T), np.asarray(np.maximum((error**2).mean(axis=0), 1e-6))


def calendar_design(calendar: pd.DataFrame, wanted: UpperParameters) -> tuple[Floats, Floats]:
    """Effects [days, columns] and their ridge penalties: weekday, day of the month, season, SNAP, events and eves."""
    date = pd.to_datetime(calendar["date"])
    weekday = _dummies(date.dt.weekday)
    snap = calendar[["snap_CA", "snap_TX", "snap_WI"]].to_numpy(dtype=float)
    month_day = _dummies(date.dt.day)
    angle = 2 * np.pi * date.dt.dayofyear.to_numpy()[:, None] / 365.25 * np.arange(1, wanted.harmonics + 1)
    season = np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
    names = [calendar[column].fillna("") for column in ("event_name_1", "event_name_2")]
    kinds = sorted((set(names[0]) | set(names[1])) - {""})
    events = np.stack([((names[0] == kind) | (names[1] == kind)).to_numpy(dtype=float) for kind in kinds], axis=1)
    around = [np.roll(events, shift, axis=0) for shift in (-1, 1)]
    weekend = np.isin(date.dt.weekday, (5, 6)).astype(float)[:, None]
    month = _dummies(date.dt.month)
    blocks = [
        (weekday, 0.3),
        (snap, 0.3),
        (snap * weekend, 1.0),
        (month_day, 1.0),
        (season, 1.0),
        (month, 3.0),
        (events, 0.5),
        (around[0], 0.7),
        (around[1], 0.7),
    ]
    penalty = np.concatenate([np.full(block.shape[1], ratio * wanted.penalty) for block, ratio in blocks])
    return np.concatenate([block for block, _ in blocks], axis=1), penalty


def _dummies(codes: pd.Series) -> Floats:
    return pd.get_dummies(codes).to_numpy(dtype=float)


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
