"""Controls of the response model: what moves revenue without ads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.response.curves import adstock, hill

Floats = NDArray[np.float64]
WEEKS_A_YEAR = 365.25 / 7.0
KNOT_WEEKS = 26
MOST_AUTOCORRELATION = 0.7


def trend(weeks: int) -> Floats:
    """Piecewise linear trend with a bend every half year, float64 [weeks, bends + 1], each column within [0, 1]."""
    time = np.arange(weeks, dtype=float)
    knots = np.arange(0, max(weeks - KNOT_WEEKS // 2, 1), KNOT_WEEKS)
    return np.maximum(time[:, None] - knots, 0.0) / max(weeks - 1.0, 1.0)


def season(weeks: int, harmonics: int) -> Floats:
    """Yearly season, float64 [weeks, 2 harmonics]; no columns for less than a year, which cannot show a season."""
    if weeks < 52:
        return np.zeros((weeks, 0))
    angle = 2.0 * np.pi * np.arange(weeks)[:, None] * np.arange(1, harmonics + 1) / WEEKS_A_YEAR
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)


def busy_week(spend: Floats) -> Floats:
    """A busy week's spend by ad channel, float64 [ad_channels]: 95 % quantile of the weeks with spend; 0: never on."""
    return np.array([np.quantile(row[row > 0], 0.95) if (row > 0).any() else 0.0 for row in spend])


def shapes(spend: Floats, grid: Floats) -> tuple[Floats, Floats]:
    """Saturated stock of one ad channel for every grid point, and the stock at the end.

    ``spend`` [weeks] yuan; ``grid`` [points, 3] with half saturation in yuan. Returns [points, weeks] in [0, 1) and
    [points]. Before the first week the channel is taken to have run at the level of its first month.
    """
    carryover, half, slope = grid.T
    start = np.full(len(grid), spend[:4].mean() if len(spend) else 0.0)
    stock = adstock(spend[None], carryover, start)
    return hill(stock, half[:, None], slope[:, None]), stock[:, -1]


@dataclass(frozen=True)
class Noise:
    """Pilot estimate of the noise: ``sd`` yuan, ``weight`` [weeks] (1 / relative sd), ``autocorrelation``."""

    sd: float
    weight: Floats
    autocorrelation: float

    def whiten(self, values: Floats) -> Floats:
        """Values [..., weeks] scaled so that the noise is white with variance 1 (Prais and Winsten 1954)."""
        scaled = values * (self.weight / self.sd)
        filtered = scaled.copy()
        filtered[..., 1:] -= self.autocorrelation * scaled[..., :-1]
        filtered[..., 0] *= np.sqrt(1.0 - self.autocorrelation**2)
        return filtered / np.sqrt(1.0 - self.autocorrelation**2)


def pilot_noise(revenue: Floats, columns: Floats) -> Noise:
    """Noise of a ridge regression of revenue [weeks] on columns [weeks, K]: level, growth with revenue, memory.

    Weeks that fit badly (festivals that no control explains) count less (Huber 1964).
    """
    weeks = len(revenue)
    scale = np.sqrt((columns**2).mean(axis=0)) + 1e-12
    scaled = columns / scale
    ridge = scaled.T @ scaled + 1e-2 * weeks * np.eye(scaled.shape[1])
    fitted = scaled @ np.linalg.solve(ridge, scaled.T @ revenue)
    rest = revenue - fitted
    floor = 1e-3 * max(float(np.abs(revenue).mean()), 1e-9)
    level = np.maximum(fitted, 0.2 * max(float(revenue.mean()), floor))
    weight = np.sqrt(revenue.mean() / level) if revenue.mean() > 0 else np.ones(weeks)
    scaled_rest = rest * weight
    typical = max(1.4826 * float(np.median(np.abs(scaled_rest))), floor)
    weight = weight * np.minimum(1.0, 2.5 * typical / np.maximum(np.abs(scaled_rest), 1e-12))
    scaled_rest = rest * weight
    freedom = max(weeks - min(scaled.shape[1], weeks - 1), weeks / 3)
    sd = max(float(np.sqrt((scaled_rest**2).sum() / freedom)), floor)
    energy = float((scaled_rest**2).sum())
    memory = float((scaled_rest[1:] * scaled_rest[:-1]).sum()) / energy if energy > 0 else 0.0
    return Noise(sd, weight, float(np.clip(memory, 0.0, MOST_AUTOCORRELATION)))
