"""Adstock: the stock of past spend. Geometric, delayed or Weibull, a constant spend x gives the stock x."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.response.period import WEEK, periods

Floats = NDArray[np.float64]
LAGS = 13
"""Weeks that count in delayed and Weibull adstock, the week of the spend among them (Jin et al. 2017, section 3)."""


def adstock(spend: Floats, carryover: Floats, start: Floats) -> Floats:
    """Geometric stock of past spend, [..., periods]: S_t = (1 - a) x_t + a S_{t-1}.

    ``spend`` [..., periods] yuan a period, ``carryover`` and ``start`` [...]. Normalised so that a constant spend x
    gives the stock x (Jin et al. 2017, equation 1 with L to infinity).

    >>> adstock(np.array([10.0, 0.0]), np.array(0.5), np.array(0.0))
    array([5. , 2.5])
    """
    stock = np.empty(np.broadcast_shapes(spend.shape, (*carryover.shape, spend.shape[-1])))
    state = np.broadcast_to(start, stock.shape[:-1]).astype(float)
    for period in range(spend.shape[-1]):
        state = (1.0 - carryover) * spend[..., period] + carryover * state
        stock[..., period] = state
    return stock


def delayed(retention: Floats, delay: Floats, days: int = WEEK) -> Floats:
    """Weights of spend 0, 1, ... periods ago, [..., lags], that add up to 1: a ** (lag - delay) ** 2, in weeks.

    Strongest ``delay`` weeks after the spend (Jin et al. 2017, equation 2); ``retention`` a in (0, 1).

    >>> delayed(np.array(0.5), np.array(1.0))[:3].round(3)
    array([0.242, 0.484, 0.242])
    """
    away = _weeks_ago(days) - np.asarray(delay)[..., None]
    return _shares(np.log(retention)[..., None] * away**2)


def weibull(shape: Floats, scale: Floats, days: int = WEEK) -> Floats:
    """Weights of spend 0, 1, ... periods ago, [..., lags], that add up to 1: the Weibull density at lag + 1 periods.

    (Robyn's "weibull_pdf", Zhou et al. 2024; ``scale`` in weeks instead of a quantile of the window.) A ``shape`` of 1
    fades as geometric adstock does, above it the effect peaks later, below it fades fast and then slowly.

    >>> weibull(np.array(2.0), np.array(3.0))[:3].round(3)
    array([0.203, 0.29 , 0.25 ])
    """
    age = (_weeks_ago(days) + days / WEEK) / np.asarray(scale)[..., None]
    power = np.asarray(shape)[..., None]
    return _shares((power - 1.0) * np.log(age) - age**power)


def _weeks_ago(days: int) -> Floats:
    """Age of the lags that count, in weeks."""
    return np.arange(periods(LAGS, days)) * days / WEEK


def _shares(logs: Floats) -> Floats:
    weights = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def lagged(spend: Floats, weights: Floats, past: Floats) -> Floats:
    """Stock of past spend under weights of its periods [..., lags]: [..., periods].

    ``spend`` [..., periods] and ``past`` [..., lags - 1], those before it, yuan a period.

    >>> lagged(np.array([10.0, 0.0]), delayed(np.array(0.5), np.array(1.0)), np.zeros(LAGS - 1)).round(2)
    array([2.42, 4.84])
    """
    line, lags, count = np.concatenate([past, spend], axis=-1), weights.shape[-1], spend.shape[-1]
    return np.asarray(
        sum(weights[..., lag, None] * line[..., lags - 1 - lag : lags - 1 - lag + count] for lag in range(lags))
    )


def same_mean_lag(weights: Floats) -> Floats:
    """Carry-over of the geometric adstock whose mean lag is that of weights [..., lags].

    >>> float(same_mean_lag(np.eye(LAGS)[1]))
    0.5
    """
    lag = weights @ np.arange(weights.shape[-1])
    return np.asarray(lag / (1.0 + lag))


def finer(carryover: Floats, parts: float) -> Floats:
    """Carry-over from part to part of a period with the same mean lag as ``carryover`` from period to period.

    Spend that is even over the parts of a period works a / (1 - a) periods later on average where it works ``parts``
    times as many parts later: sum over j < n of floor((j + k) / n) = k (Hermite 1884). ``parts`` 1 / 7: from days to
    weeks.

    >>> day = finer(np.array(0.5), 7.0)
    >>> round(float(day / (1.0 - day)), 9), round(float(finer(day, 1.0 / 7.0)), 9)
    (7.0, 0.5)
    """
    return np.asarray(parts * carryover / (1.0 + (parts - 1.0) * carryover))


def summed(weights: Floats, parts: int) -> Floats:
    """Weights by period [..., lags] of weights by part [..., lags x parts], for spend that is even over a period.

    What works k parts later falls floor((j + k) / parts) periods later for spend of part j; what lies beyond the last
    lag counts there.

    >>> summed(np.array([0.0, 1.0, 0.0, 0.0]), 2)
    array([0.5, 0.5])
    """
    if parts == 1:
        return weights
    lags = weights.shape[-1] // parts
    place = np.minimum((np.arange(parts)[:, None] + np.arange(lags * parts)) // parts, lags - 1)
    return np.asarray(weights @ (place[..., None] == np.arange(lags)).mean(axis=0))
