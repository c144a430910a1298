"""Uncertainty of the long run: yearly growth shocks shared by the shop, by channels and by groups, and own noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PRIOR_WEIGHT = 3.0
"""Degrees of freedom that a default counts for against what the held-out year showed."""


@dataclass(frozen=True)
class GrowthLaw:
    """Standard deviations of the log of a year's sales: ``total``; ``channel``: against the total, ``group``: against
    its channel, as a held-out year shows them; ``noise`` float64 [groups]: of a month."""

    total: float
    channel: float
    group: float
    noise: Floats


def calibrate(actual: Floats, expected: Floats, channel: NDArray[np.integer], prior: GrowthLaw) -> GrowthLaw:
    """The law after a held-out year: ``actual`` and ``expected`` [groups] of it.

    Each variance is a mean of the default's and of the observed squares, the default counting as
    :data:`PRIOR_WEIGHT` observations (scaled inverse chi-squared, Gelman et al. 2013, section 2.6).
    """
    usable = (actual > 0) & (expected > 0)
    if not usable.any():
        return prior
    channels = np.unique(channel[usable])
    total = float(np.log(actual[usable].sum() / expected[usable].sum()))
    by_channel = np.array(
        [np.log(_sum(actual, channel, c, usable) / _sum(expected, channel, c, usable)) for c in channels]
    )
    own = np.log(actual[usable] / expected[usable]) - by_channel[np.searchsorted(channels, channel[usable])]
    weight = actual[usable] / actual[usable].sum() * usable.sum()
    return GrowthLaw(
        _shrunk(prior.total, np.array([total])),
        _shrunk(
            prior.channel, (by_channel - total)[: max(len(channels) - 1, 0)] if len(channels) > 1 else np.array([])
        ),
        _shrunk(prior.group, own * np.sqrt(weight)) if len(own) > len(channels) else prior.group,
        prior.noise,
    )


def _sum(values: Floats, channel: NDArray[np.integer], wanted: int, usable: NDArray[np.bool_]) -> float:
    return float(values[usable & (channel == wanted)].sum())


def _shrunk(default: float, errors: Floats) -> float:
    return float(np.sqrt((PRIOR_WEIGHT * default**2 + np.sum(errors**2)) / (PRIOR_WEIGHT + len(errors))))


def draw_rows(
    table: pd.DataFrame, amount: Floats, months_ahead: Floats, law: GrowthLaw, draws: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Yuan, float32 [draws, rows of table], >= 0, whose mean over the draws is ``amount``.

    ``table``: frame ``channel, group`` (position of the group in the law), one row a month and group;
    ``months_ahead`` [rows]. A growth shock is the same in every month of a draw and widens with the square root of
    the horizon, so that a whole first year has the law's deviation. Shocks of channels cancel in the total and those
    of groups in their channel, so that each level has the deviation that was measured on it.
    """
    group = table["group"].to_numpy()
    channel, names = pd.factorize(table["channel"], sort=True)
    zero = np.zeros_like(channel)
    ramp = np.sqrt((months_ahead + 2.0) / 8.5)
    shock = (
        law.total * rng.standard_normal((draws, 1))
        + law.channel * _against(rng.standard_normal((draws, max(len(names), 1)))[:, channel], amount, zero)
        + law.group * _against(rng.standard_normal((draws, len(law.noise)))[:, group], amount, channel)
    )
    noise = law.noise[group] * rng.standard_normal((draws, len(table)))
    factor = np.exp(np.clip(shock * ramp + noise, -4.0, 4.0))
    factor /= factor.mean(axis=0, keepdims=True)
    return np.asarray(factor * amount, dtype=np.float32)


def _against(shock: Floats, amount: Floats, whole: NDArray[np.integer]) -> Floats:
    """Shocks [draws, rows] less their mean over the rows of the same ``whole``, weighted by ``amount``."""
    if not len(amount):
        return shock
    size = int(whole.max()) + 1
    weight = amount + 1e-9 * max(float(amount.max()), 1.0)
    member = weight[:, None] * (whole[:, None] == np.arange(size))
    return np.asarray(shock - (shock @ member / member.sum(axis=0))[:, whole])
