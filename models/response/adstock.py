"""Adstock: the stock of past spend. Geometric, delayed or Weibull, a constant spend x gives the stock x."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LAGS = 13
"""Weeks that count in delayed and Weibull adstock, the week of the spend among them (Jin et al. 2017, section 3)."""


def adstock(spend: Floats, carryover: Floats, start: Floats) -> Floats:
    """Geometric stock of past spend, [..., weeks]: S_t = (1 - a) x_t + a S_{t-1}.

    ``spend`` [..., weeks] yuan a week, ``carryover`` and ``start`` [...]. Normalised so that a constant spend x gives
    the stock x (Jin et al. 2017, equation 1 with L to infinity).

    >>> adstock(np.array([10.0, 0.0]), np.array(0.5), np.array(0.0))
    array([5. , 2.5])
    """
    stock = np.empty(np.broadcast_shapes(spend.shape, (*carryover.shape, spend.shape[-1])))
    state = np.broadcast_to(start, stock.shape[:-1]).astype(float)
    for week in range(spend.shape[-1]):
        state = (1.0 - carryover) * spend[..., week] + carryover * state
        stock[..., week] = state
    return stock


def delayed(retention: Floats, delay: Floats) -> Floats:
    """Weights of spend 0, 1, ... weeks ago, [..., LAGS], that add up to 1: a ** (lag - delay) ** 2.

    Strongest ``delay`` weeks after the spend (Jin et al. 2017, equation 2); ``retention`` a in (0, 1).

    >>> delayed(np.array(0.5), np.array(1.0))[:3].round(3)
    array([0.242, 0.484, 0.242])
    """
    away = np.arange(LAGS) - np.asarray(delay)[..., None]
    return _shares(np.log(retention)[..., None] * away**2)


def weibull(shape: Floats, scale: Floats) -> Floats:
    """Weights of spend 0, 1, ... weeks ago, [..., LAGS], that add up to 1: the Weibull density at lag + 1 weeks.

    (Robyn's "weibull_pdf", Zhou et al. 2024; ``scale`` in weeks instead of a quantile of the window.) A ``shape`` of 1
    fades as geometric adstock does, above it the effect peaks later, below it fades fast and then slowly.

    >>> weibull(np.array(2.0), np.array(3.0))[:3].round(3)
    array([0.203, 0.29 , 0.25 ])
    """
    age = (np.arange(LAGS) + 1.0) / np.asarray(scale)[..., None]
    power = np.asarray(shape)[..., None]
    return _shares((power - 1.0) * np.log(age) - age**power)


def _shares(logs: Floats) -> Floats:
    weights = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def lagged(spend: Floats, weights: Floats, past: Floats) -> Floats:
    """Stock of past spend under weights of its weeks [..., LAGS]: [..., weeks].

    ``spend`` [..., weeks] and ``past`` [..., LAGS - 1], the weeks before it, yuan a week.

    >>> lagged(np.array([10.0, 0.0]), delayed(np.array(0.5), np.array(1.0)), np.zeros(LAGS - 1)).round(2)
    array([2.42, 4.84])
    """
    line, weeks = np.concatenate([past, spend], axis=-1), spend.shape[-1]
    return np.asarray(
        sum(weights[..., lag, None] * line[..., LAGS - 1 - lag : LAGS - 1 - lag + weeks] for lag in range(LAGS))
    )


def same_mean_lag(weights: Floats) -> Floats:
    """Carry-over of the geometric adstock whose mean lag is that of weights [..., LAGS].

    >>> float(same_mean_lag(np.eye(LAGS)[1]))
    0.5
    """
    lag = weights @ np.arange(LAGS)
    return np.asarray(lag / (1.0 + lag))
