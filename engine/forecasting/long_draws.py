"""Uncertainty of the long run: a year's luck, shared by the shop or a channel's own, luck of groups, months' noise."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PRIOR_FREEDOM = 6.0
"""Degrees of freedom of the default deviations: one of 10 % says "between 7 and 19 % in nine shops of ten"."""
SHARED = np.linspace(0.05, 0.95, 10)
"""Parts of the variance of a channel's luck that all channels of a shop may have in common."""


@dataclass(frozen=True)
class GrowthLaw:
    """How far years fall from their forecast, as standard deviations of the log of a year's sales.

    ``scale`` float64 [len(SHARED)]: of a channel, if that part of its variance is the shop's, and ``chance`` of each
    part, both on ``freedom`` degrees of freedom. ``group``: against its channel; ``noise`` float64 [groups]: of a
    month.
    """

    scale: Floats
    group: float
    noise: Floats
    chance: Floats = field(default_factory=lambda: np.full(len(SHARED), 1.0 / len(SHARED)))
    freedom: float = PRIOR_FREEDOM

    @classmethod
    def default(cls, channel: float, group: float, noise: Floats) -> GrowthLaw:
        """Before any year is held out."""
        return cls(np.full(len(SHARED), channel), group, noise)


def calibrate(actual: Floats, expected: Floats, channel: NDArray[np.integer], prior: GrowthLaw) -> GrowthLaw:
    """The law after a held-out year: ``actual`` and ``expected`` [groups] of it.

    A channel's log error is the shop's luck and its own, both normal, their variance scaled inverse chi-squared and
    the shop's part of it one of :data:`SHARED`, each as likely (Gelman et al. 2013, sections 2.6 and 3.2). Channels
    count by their sales: the total's error has one degree of freedom, channels apart from it as many as the inverse of
    their concentration less one; of equal channels this is the exact posterior.
    """
    usable = (actual > 0) & (expected > 0)
    if not usable.any():
        return prior
    sold, told = actual[usable], expected[usable]
    code, size = np.unique(channel[usable], return_inverse=True)[1], sold / sold.sum()
    share = np.bincount(code, size)
    by_channel = np.log(np.bincount(code, sold) / np.bincount(code, told))
    total = float(np.log(sold.sum() / told.sum()))
    own = np.log(sold / told) - by_channel[code]
    even = size * len(sold)
    group = _shrunk(prior.group, own * np.sqrt(even)) if len(own) > len(share) else prior.group
    alone = float((share**2).sum())
    together = SHARED + (1.0 - SHARED) * alone
    apart = float(share @ (by_channel - total) ** 2) / alone
    freedom = prior.freedom + 1.0 / alone
    squares = prior.freedom * prior.scale**2 + total**2 / together + apart / (1.0 - SHARED)
    log_chance = -0.5 * (np.log(together) + (1.0 / alone - 1.0) * np.log(1.0 - SHARED) + freedom * np.log(squares))
    chance = prior.chance * np.exp(log_chance - log_chance.max())
    return GrowthLaw(np.sqrt(squares / freedom), group, prior.noise, chance / chance.sum(), freedom)


def _shrunk(default: float, errors: Floats) -> float:
    return float(np.sqrt((PRIOR_FREEDOM * default**2 + np.sum(errors**2)) / (PRIOR_FREEDOM + len(errors))))


def draw_rows(
    table: pd.DataFrame, amount: Floats, months_ahead: Floats, law: GrowthLaw, draws: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Yuan, float32 [draws, rows of table], >= 0.

    ``table``: frame ``channel, group`` (position of the group in the law), one row a month and group;
    ``months_ahead`` [rows]. A year's luck is the same in every month of a draw and widens with the square root of
    the horizon, so that a whole first year has the law's deviation. ``amount`` is the middle of a channel's luck, as
    forecasts of growth are means of logs, and the mean over what months and groups do on their own; luck of groups
    cancels in their channel.
    """
    group = table["group"].to_numpy()
    channel, names = pd.factorize(table["channel"], sort=True)
    in_group = np.asarray(np.bincount(group, amount, len(law.noise)), dtype=np.float64)
    channel_of = np.zeros(len(law.noise), dtype=np.int64)
    channel_of[group] = channel
    ramp = np.sqrt((months_ahead + 2.0) / 8.5)
    year = _luck(law, draws, max(len(names), 1), rng)[:, channel]
    apart = law.group * _against(rng.standard_normal((draws, len(in_group))), in_group, channel_of)[:, group]
    month = np.exp(np.clip(apart * ramp + law.noise[group] * rng.standard_normal((draws, len(table))), -4.0, 4.0))
    factor = np.exp(np.clip(year * ramp, -4.0, 4.0)) * month / month.mean(axis=0, keepdims=True)
    return np.asarray(factor * amount, dtype=np.float32)


def _luck(law: GrowthLaw, draws: int, channels: int, rng: np.random.Generator) -> Floats:
    """Log of a year over its forecast [draws, channels], 0 in the mean: how wide it is and what is shared are drawn,
    too, so that a few years seen give heavy tails."""
    part = rng.choice(len(SHARED), draws, p=law.chance)
    wide = law.scale[part] * np.sqrt(law.freedom / rng.chisquare(law.freedom, draws))
    shop, own = rng.standard_normal((draws, 1)), rng.standard_normal((draws, channels))
    shared = SHARED[part][:, None]
    luck = wide[:, None] * (np.sqrt(shared) * shop + np.sqrt(1.0 - shared) * own)
    return np.asarray(luck - luck.mean(axis=0))


def _against(shock: Floats, size: Floats, whole: NDArray[np.int64]) -> Floats:
    """Shocks [draws, parts] less their mean over the parts of the same ``whole``, weighted by ``size`` and scaled to
    unit variance in the mean over the parts, each counted by its size."""
    if not size.any():
        return np.zeros_like(shock)
    weight = size + 1e-9 * float(size.max())
    member = weight[:, None] * (whole[:, None] == np.arange(int(whole.max()) + 1))
    share = member / np.maximum(member.sum(axis=0), 1e-300)
    apart = shock - (shock @ share)[:, whole]
    variance = 1.0 - 2.0 * share.sum(axis=1) + (share**2).sum(axis=0)[whole]
    left = float(np.average(variance, weights=size))
    return np.asarray(apart / np.sqrt(left) if left > 1e-9 else np.zeros_like(shock))
