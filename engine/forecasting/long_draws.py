"""Uncertainty of the long run: yearly growth shocks shared by the shop, by channels and by groups, and own noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PRIOR_WEIGHT = 3.0
"""Degrees of freedom that a default counts for against what the held-out year showed."""


SHARED = 0.5
"""Part of the variance of a channel's luck that all channels of a shop have in common, before anything is seen."""


@dataclass(frozen=True)
class GrowthLaw:
    """Standard deviations of the log of a year's sales: ``total``; ``channel``: against the total, ``group``: against
    its channel, as a held-out year shows them; ``noise`` float64 [groups]: of a month."""

    total: float
    channel: float
    group: float
    noise: Floats


def diversified(size: Floats) -> float:
    """A shop's deviation as a part of a single channel's: channels of ``size`` share half of the variance of their
    luck, the other half averages out between them (Markowitz 1952).

    >>> round(diversified(np.array([1.0])), 3), round(diversified(np.array([1.0, 1.0])), 3)
    (1.0, 0.866)
    """
    if size.sum() <= 0:
        return 1.0
    share = size / size.sum()
    return float(np.sqrt(SHARED + (1.0 - SHARED) * (share**2).sum()))


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
        _shrunk(prior.channel, by_channel - total) if len(channels) > 1 else prior.channel,
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
    in_channel = _sums(channel, amount, max(len(names), 1))
    in_group = _sums(group, amount, len(law.noise))
    channel_of = np.zeros(len(law.noise), dtype=np.int64)
    channel_of[group] = channel
    shop = np.zeros(len(in_channel), dtype=np.int64)
    ramp = np.sqrt((months_ahead + 2.0) / 8.5)
    total = rng.standard_normal((draws, 1))
    channels, groups = (rng.standard_normal((draws, len(sizes))) for sizes in (in_channel, in_group))
    shock = (
        law.total * total
        + law.channel * _against(channels, in_channel, shop, (in_channel > 0).astype(float))[:, channel]
        + law.group * _against(groups, in_group, channel_of, in_group)[:, group]
    )
    noise = law.noise[group] * rng.standard_normal((draws, len(table)))
    factor = np.exp(np.clip(shock * ramp + noise, -4.0, 4.0))
    factor /= factor.mean(axis=0, keepdims=True)
    return np.asarray(factor * amount, dtype=np.float32)


def _sums(code: NDArray[np.integer], amount: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(code, amount, size), dtype=np.float64)


def _against(shock: Floats, size: Floats, whole: NDArray[np.int64], counted: Floats) -> Floats:
    """Shocks [draws, parts] less their mean over the parts of the same ``whole``, weighted by ``size`` and scaled to
    unit variance in the mean over the parts, each as often as it is ``counted`` when the law is measured."""
    if not counted.any():
        return np.zeros_like(shock)
    weight = size + 1e-9 * float(size.max())
    member = weight[:, None] * (whole[:, None] == np.arange(int(whole.max()) + 1))
    share = member / np.maximum(member.sum(axis=0), 1e-300)
    apart = shock - (shock @ share)[:, whole]
    variance = 1.0 - 2.0 * share.sum(axis=1) + (share**2).sum(axis=0)[whole]
    left = float(np.average(variance, weights=counted))
    return np.asarray(apart / np.sqrt(left) if left > 1e-9 else np.zeros_like(shock))
