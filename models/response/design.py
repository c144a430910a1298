"""Controls of the response model: what moves revenue without ads."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.response.adstock import LAGS, adstock, lagged
from models.response.forms import lag_weights
from models.response.saturation import hill, logistic

Floats = NDArray[np.float64]
WEEKS_A_YEAR = 365.25 / 7.0
KNOT_WEEKS = 9
MOST_AUTOCORRELATION = 0.7
LOG_RIDGE = 3.0
ENOUGH_ADS = 5


def trend(weeks: int, ahead: int = 0) -> Floats:
    """A line and slow swings around it, float64 [weeks + ahead, 1 + knots]: hat functions, a knot every two months.

    The swings take up demand that rises and falls for months (launches, hits) and that spend follows; what is left
    to tell the effect of ads is how spend varies from week to week. Weeks ``ahead`` stay where the last one was.
    """
    time = np.minimum(np.arange(weeks + ahead, dtype=float), weeks - 1.0)
    knots = np.arange(0, weeks + KNOT_WEEKS / 2, KNOT_WEEKS)
    swings = np.maximum(1.0 - np.abs(time[:, None] - knots) / KNOT_WEEKS, 0.0)
    return np.concatenate([(time / max(weeks - 1.0, 1.0))[:, None], swings], axis=1)


def season(weeks: int, harmonics: int, ahead: int = 0) -> Floats:
    """Yearly season, float64 [weeks + ahead, 2 harmonics]; no columns for less than a year, which cannot show it."""
    if weeks < 52:
        return np.zeros((weeks + ahead, 0))
    angle = 2.0 * np.pi * np.arange(weeks + ahead)[:, None] * np.arange(1, harmonics + 1) / WEEKS_A_YEAR
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)


def busy_week(spend: Floats) -> Floats:
    """A busy week's spend by ad channel, float64 [ad_channels]: 95 % quantile of the weeks with spend; 0: never on."""
    return np.array([np.quantile(row[row > 0], 0.95) if (row > 0).any() else 0.0 for row in spend])


def shapes(spend: Floats, grid: Floats) -> tuple[Floats, Floats]:
    """Saturated stock of one ad channel for every grid point, and the geometric stock at the end.

    ``spend`` [weeks] yuan; ``grid`` [points, COLUMNS of a shape] with half saturation in yuan. Returns [points, weeks]
    in [0, 1) and [points]. Before the first week the channel is taken to have run at the level of its first month.
    """
    carryover, half, slope, carry, lag_shape, lag_weeks, bent = grid.T
    level = spend[:4].mean() if len(spend) else 0.0
    geometric = adstock(spend[None], carryover, np.full(len(grid), level))
    stock = geometric
    if carry.any():
        late = lagged(spend, lag_weights(carry, lag_shape, lag_weeks), np.full(LAGS - 1, level))
        stock = np.where(carry[:, None] > 0, late, geometric)
    saturated = hill(stock, half[:, None], slope[:, None])
    if bent.any():
        saturated = np.where(bent[:, None] > 0, logistic(stock, half[:, None]), saturated)
    return saturated, geometric[:, -1]


@dataclass(frozen=True)
class Noise:
    """Pilot estimate of the noise: ``sd`` yuan, ``weight`` [weeks] (1 / relative sd), ``autocorrelation``.

    ``rest`` [weeks]: what the pilot leaves unexplained, whitened.
    """

    sd: float
    weight: Floats
    autocorrelation: float
    rest: Floats

    def whiten(self, values: Floats) -> Floats:
        """Values [..., weeks] scaled so that the noise is white with variance 1 (Prais and Winsten 1954)."""
        scaled = values * (self.weight / self.sd)
        filtered = scaled.copy()
        filtered[..., 1:] -= self.autocorrelation * scaled[..., :-1]
        filtered[..., 0] *= np.sqrt(1.0 - self.autocorrelation**2)
        return filtered / np.sqrt(1.0 - self.autocorrelation**2)


def expected_level(revenue: Floats, columns: Floats, stiffness: Floats) -> tuple[Floats, float]:
    """Revenue expected from the controls alone where they multiply, yuan: festivals x season x trend.

    Spend follows such expectations, so a model that only adds its controls would credit ads with demand that the
    merchant foresaw. A function of ``columns`` [weeks, K] only: it has not seen the ads. Ridge regression of logs.
    ``columns`` may reach beyond ``revenue``; ``stiffness`` [K]: how much more than usual each is held back. Returns a
    value for each week of the columns, and the effective number of parameters.
    """
    mean, known = float(revenue.mean()), len(revenue)
    if mean <= 0.0:
        return np.zeros(len(columns)), 0.0
    logs = np.log(np.maximum(revenue, 0.02 * mean) / mean)
    usual = columns - columns[:known].mean(axis=0)
    usual = usual / np.maximum(usual[:known].std(axis=0), 1e-12)
    seen = usual[:known]
    gram = seen.T @ seen
    ridge = gram + LOG_RIDGE * np.diag(stiffness)
    fitted = logs.mean() + usual @ np.linalg.solve(ridge, seen.T @ (logs - logs.mean()))
    freedom = float(np.trace(np.linalg.solve(ridge, gram)))
    return np.asarray(mean * np.exp(np.clip(fitted, -4.0, 3.0))), freedom


def common_spend(spend: Floats) -> Floats:
    """What all ad channels did at once, float64 [weeks, 1]: median of their spends relative to their own means.

    Budgets that rise together show demand that the merchant foresaw and no table holds. No columns below
    ``ENOUGH_ADS`` ad channels, where the median would be the effect that is asked for.
    """
    if len(spend) < ENOUGH_ADS:
        return np.zeros((spend.shape[1], 0))
    relative = spend / np.maximum(spend.mean(axis=1, keepdims=True), 1e-12)
    return np.median(relative, axis=0)[:, None]


def pilot_noise(revenue: Floats, columns: Floats) -> Noise:
    """Noise of a ridge regression of revenue [weeks] on columns [weeks, K]: level, growth with revenue, memory.

    Weeks that fit badly (festivals that no control explains) count less (Huber 1964).
    """
    weeks, mean = len(revenue), float(revenue.mean())
    scale = np.sqrt((columns**2).mean(axis=0)) + 1e-12
    scaled = columns / scale
    ridge = scaled.T @ scaled + 1e-2 * weeks * np.eye(scaled.shape[1])
    fitted = scaled @ np.linalg.solve(ridge, scaled.T @ revenue)
    rest = revenue - fitted
    floor = 1e-3 * max(float(np.abs(revenue).mean()), 1e-9)
    relative = np.maximum(fitted, 0.2 * max(mean, floor)) / max(mean, floor)
    weight = relative ** -_growth(rest, relative)
    typical = max(1.4826 * float(np.median(np.abs(rest * weight))), floor)
    weight = weight * np.minimum(1.0, 2.5 * typical / np.maximum(np.abs(rest * weight), 1e-12))
    settled = rest * weight
    energy = float((settled**2).sum())
    freedom = max(weeks - min(scaled.shape[1], weeks - 1), weeks / 3)
    memory = float((settled[1:] * settled[:-1]).sum()) / energy if energy > 0 else 0.0
    sd = max(np.sqrt(energy / freedom), floor)
    noise = Noise(sd, weight, float(np.clip(memory, 0.0, MOST_AUTOCORRELATION)), rest)
    return replace(noise, rest=noise.whiten(rest))


def _growth(rest: Floats, relative: Floats) -> float:
    """Power with which the noise grows with revenue, between 0 (constant) and 1 (a share of revenue)."""
    level = np.log(relative)
    if level.std() < 0.05:
        return 0.5
    size = np.log(np.abs(rest) + 1e-3 * np.abs(rest).mean() + 1e-12)
    return float(np.clip(np.cov(level, size)[0, 1] / level.var(ddof=1), 0.0, 1.0))
