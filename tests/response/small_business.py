"""Seeded generator of a small business with known truth, after the laws of pymc-labs/mmm-param-recovery (2025)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.response.data import ResponseData

Floats = NDArray[np.float64]
CARRYOVER = (0.0, 0.2, 0.4, 0.3)
SLOPE = (1.0, 1.5, 1.0, 2.0)
KAPPA = (1.0, 0.8, 1.5, 0.5)
BETA = (7500.0, 6000.0, 4500.0, 6000.0)
NAMES = ("Search-Ads", "Social-Media", "Local-Ads", "Email")


@dataclass(frozen=True)
class SmallBusiness:
    """``data`` for the fit and the true ROAS over the history, float64 [4]."""

    data: ResponseData
    roas: Floats


def _campaigns(rng: np.random.Generator, weeks: int, base: float, spread: float, growth: float) -> Floats:
    """Campaign-like spend: second-order autoregression cut at zero."""
    sd = base * spread
    spend = rng.normal(0.0, sd, weeks)
    for week in range(2, weeks):
        shock = rng.normal(-0.1 * spend[week - 1], sd)
        spend[week] = max(0.0, 0.7 * spend[week - 1] + 0.3 * spend[week - 2] + shock)
    return np.clip(spend * (1.0 + np.linspace(0.0, growth * weeks, weeks)), 0.0, None)


def _on_off(
    rng: np.random.Generator, weeks: int, base: float, spread: float, chance: float, runs: tuple[int, int]
) -> Floats:
    spend, week = np.zeros(weeks), 0
    while week < weeks:
        if rng.random() < chance:
            stop = min(week + int(rng.integers(runs[0], runs[1] + 1)), weeks)
            spend[week:stop] = base
            week = stop + 1
        else:
            week += 1
    noise = rng.normal(0.0, base * spread, weeks)
    return np.clip(np.where(spend > 0, spend + noise, spend), 0.0, None)


def small_business(seed: int = 20250715, weeks: int = 104, volatility: float = 0.1) -> SmallBusiness:
    """Four ad channels, two controls, one shop; spend independent of demand."""
    level = np.random.RandomState(seed)
    variation = 1.0 + level.uniform(-0.1, 0.1)
    time = np.arange(weeks)
    wobble = level.normal(0.0, volatility, weeks)
    base = np.clip(5000.0 * variation * (1.0 + 0.2 * np.sin(2 * np.pi * time / 52) + wobble), 0.0, None)
    # one row a channel: base spend, growth, volatility, amplitude, phase, chance of a run, (not used)
    vary = 1.0 + np.random.RandomState(seed).uniform(-0.1, 0.1, (4, 7))

    def stream(number: int) -> np.random.Generator:
        return np.random.default_rng(seed + 100 * number)

    days = np.datetime64("2020-01-05") + 7 * time
    day_of_year = (days - days.astype("datetime64[Y]")).astype(int) + 1
    wave = 0.4 * vary[1, 3] * np.cos(0.5 * vary[1, 4] + 4 * np.pi * day_of_year / 365.25)
    spend = np.stack(
        [
            _campaigns(stream(0), weeks, 100.0 * vary[0, 0], 0.8 * vary[0, 2], 0.004 * vary[0, 1]),
            np.clip(_campaigns(stream(1), weeks, 500.0 * vary[1, 0], 0.3 * vary[1, 2], 0.0) * wave, 0.0, None),
            _on_off(stream(2), weeks, 500.0 * vary[2, 0], 0.6 * vary[2, 2], 0.3 * vary[2, 5], (2, 4)),
            _on_off(stream(3), weeks, 100.0 * vary[3, 0], 0.5 * vary[3, 2], 0.2 * vary[3, 5], (1, 1)),
        ]
    )
    controls = np.stack(
        [_on_off(stream(0), weeks, 100.0, 0.5, 0.04, (3, 5)), _on_off(stream(1), weeks, 50.0, 0.5, 0.1, (1, 4))]
    )
    lift = np.zeros_like(spend)
    for row in range(4):
        weights = CARRYOVER[row] ** np.arange(8)
        stock = np.convolve(spend[row] / spend[row].max(), weights)[:weeks]
        lift[row] = BETA[row] * stock ** SLOPE[row] / (stock ** SLOPE[row] + KAPPA[row] ** SLOPE[row])
    revenue = base + 0.5 * controls.sum(axis=0) + lift.sum(axis=0)
    data = ResponseData(NAMES, ("shop",), spend, revenue[None], controls.T[None], np.ones((4, 1)))
    return SmallBusiness(data, lift.sum(axis=1) / spend.sum(axis=1))
