"""Controls of the response model: what moves revenue without ads."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.response.adstock import adstock, lagged
from models.response.forms import lag_weights
from models.response.memory import news, partial_autocorrelations
from models.response.period import WEEK, in_weeks, opening_level, periods
from models.response.saturation import hill, logistic

Floats = NDArray[np.float64]
YEAR_DAYS = 365.25
KNOT_WEEKS = 9
LOG_RIDGE = 3.0
ENOUGH_ADS = 5


def trend(known: int, ahead: int = 0, days: int = WEEK) -> Floats:
    """A line and slow swings around it, float64 [known + ahead, 1 + knots]: hat functions, a knot every two months.

    The swings take up demand that rises and falls for months (launches, hits) and that spend follows; what is left
    to tell the effect of ads is how spend varies within them. Periods ``ahead`` stay where the last one was.
    """
    time, apart = np.minimum(np.arange(known + ahead, dtype=float), known - 1.0), periods(KNOT_WEEKS, days)
    knots = np.arange(0, known + apart / 2, apart)
    swings = np.maximum(1.0 - np.abs(time[:, None] - knots) / apart, 0.0)
    return np.concatenate([(time / max(known - 1.0, 1.0))[:, None], swings], axis=1)


def season(known: int, harmonics: int, ahead: int = 0, days: int = WEEK) -> Floats:
    """Yearly season, float64 [known + ahead, 2 harmonics]; no columns for less than a year, which cannot show it."""
    if known < periods(52, days):
        return np.zeros((known + ahead, 0))
    angle = 2.0 * np.pi * np.arange(known + ahead)[:, None] * np.arange(1, harmonics + 1) / (YEAR_DAYS / days)
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)


def weekdays(count: int, days: int) -> Floats:
    """A column for each weekday but the first one's, float64 [count, 6]; none by week."""
    week = periods(1, days)
    return np.asarray(np.arange(count)[:, None] % week == np.arange(1, week), dtype=float)


def busy_week(spend: Floats) -> Floats:
    """A busy week's spend by ad channel, float64 [ad_channels]: 95 % quantile of the weeks with spend; 0: never on."""
    return np.array([np.quantile(row[row > 0], 0.95) if (row > 0).any() else 0.0 for row in spend])


def shapes(spend: Floats, grid: Floats, days: int = WEEK) -> tuple[Floats, Floats]:
    """Saturated stock of one ad channel for every grid point, and the geometric stock at the end.

    ``spend`` [periods] yuan; ``grid`` [points, COLUMNS of a shape] with half saturation in yuan. Returns [points,
    periods] in [0, 1) and [points]. Before the first one the channel is taken to have run at the level of its first
    month.
    """
    carryover, half, slope, carry, lag_shape, lag_weeks, bent = grid.T
    level = opening_level(spend, days)
    geometric = adstock(spend[None], carryover, np.full(len(grid), level))
    stock = geometric
    if carry.any():
        weights = lag_weights(carry, lag_shape, lag_weeks, days)
        late = lagged(spend, weights, np.full(weights.shape[1] - 1, level))
        stock = np.where(carry[:, None] > 0, late, geometric)
    saturated = hill(stock, half[:, None], slope[:, None])
    if bent.any():
        saturated = np.where(bent[:, None] > 0, logistic(stock, half[:, None]), saturated)
    return saturated, geometric[:, -1]


@dataclass(frozen=True)
class Noise:
    """Pilot estimate of the noise: ``sd`` yuan, ``weight`` [periods] (1 / relative sd), ``memory``: partial
    autocorrelations at the lags of a week.

    ``rest`` [periods]: what the pilot leaves unexplained, whitened. ``week_sd``: of the mean of a week, yuan.
    """

    sd: float
    weight: Floats
    memory: Floats
    rest: Floats
    week_sd: float

    def whiten(self, values: Floats) -> Floats:
        """Values [..., periods] scaled so that the noise is white with variance 1."""
        return news(values * (self.weight / self.sd), self.memory)


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


def common_spend(spend: Floats, fewest: int = ENOUGH_ADS) -> Floats:
    """What all ad channels did at once, float64 [weeks, 1]: median of their spends relative to their own means.

    Budgets that rise together show demand that the merchant foresaw and no table holds. No columns below
    ``fewest`` ad channels, where the median would be the effect that is asked for.
    """
    if len(spend) < fewest:
        return np.zeros((spend.shape[1], 0))
    relative = spend / np.maximum(spend.mean(axis=1, keepdims=True), 1e-12)
    return np.median(relative, axis=0)[:, None]


def pilot_noise(revenue: Floats, columns: Floats, days: int = WEEK) -> Noise:
    """Noise of a ridge regression of revenue [periods] on columns [periods, K]: level, growth with revenue, memory.

    Periods that fit badly (festivals that no control explains) count less (Huber 1964).
    """
    count, mean = len(revenue), float(revenue.mean())
    scale = np.sqrt((columns**2).mean(axis=0)) + 1e-12
    scaled = columns / scale
    ridge = scaled.T @ scaled + 1e-2 * count * np.eye(scaled.shape[1])
    fitted = scaled @ np.linalg.solve(ridge, scaled.T @ revenue)
    rest = revenue - fitted
    floor = 1e-3 * max(float(np.abs(revenue).mean()), 1e-9)
    relative = np.maximum(fitted, 0.2 * max(mean, floor)) / max(mean, floor)
    weight = relative ** -_growth(rest, relative)
    typical = max(1.4826 * float(np.median(np.abs(rest * weight))), floor)
    weight = weight * np.minimum(1.0, 2.5 * typical / np.maximum(np.abs(rest * weight), 1e-12))
    settled = rest * weight
    memory = partial_autocorrelations(settled, periods(1, days))
    sd, week_sd = (
        max(_deviation(part, scaled.shape[1]), floor) for part in (settled, in_weeks(settled, days).mean(axis=1))
    )
    noise = Noise(sd, weight, memory, rest, week_sd)
    return replace(noise, rest=noise.whiten(rest))


def _deviation(rest: Floats, fitted: int) -> float:
    """Standard deviation of what is left after so many columns."""
    freedom = max(len(rest) - min(fitted, len(rest) - 1), len(rest) / 3)
    return float(np.sqrt(float((rest**2).sum()) / freedom))


def _growth(rest: Floats, relative: Floats) -> float:
    """Power with which the noise grows with revenue, between 0 (constant) and 1 (a share of revenue)."""
    level = np.log(relative)
    if level.std() < 0.05:
        return 0.5
    size = np.log(np.abs(rest) + 1e-3 * np.abs(rest).mean() + 1e-12)
    return float(np.clip(np.cov(level, size)[0, 1] / level.var(ddof=1), 0.0, 1.0))
