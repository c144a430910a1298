"""Forms of a response: how spend carries over, and how it saturates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.response.adstock import LAGS, delayed, lagged, summed, weibull
from models.response.period import WEEK, opening_level, periods

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Carry = Literal["geometric", "delayed", "weibull"]
Saturation = Literal["hill", "logistic"]
CARRIES: tuple[Carry, ...] = ("geometric", "delayed", "weibull")
SATURATIONS: tuple[Saturation, ...] = ("hill", "logistic")
LAG_NAMES: dict[str, tuple[str, str]] = {
    "delayed": ("retention", "delay_weeks"),
    "weibull": ("weibull_shape", "weibull_weeks"),
}
"""What ``lag_shape`` and ``lag_weeks`` are called in reports."""


@dataclass(frozen=True)
class Form:
    """How an ad channel works. ``carry`` auto: the data choose, every draw has its own. ``weeks``: range in which the
    delay, or the Weibull's scale, lies; None: the usual."""

    carry: Carry | Literal["auto"] = "geometric"
    saturation: Saturation = "hill"
    weeks: tuple[float, float] | None = None


PLAIN = Form()


def lag_weights(carry: Floats, lag_shape: Floats, lag_weeks: Floats, days: int = WEEK) -> Floats:
    """Weights of spend 0, 1, ... periods ago, [..., lags]; ``carry`` [...]: place in :data:`CARRIES`, 0 for geometric.

    >>> lag_weights(np.array([0.0, 1.0]), np.array([0.0, 0.5]), np.array([0.0, 1.0])).sum(axis=1).round(9).tolist()
    [0.0, 1.0]
    """
    weights = np.zeros((*carry.shape, periods(LAGS, days)))
    for place, law in ((1, delayed), (2, weibull)):
        rows = carry == place
        if rows.any():
            weights[rows] = law(lag_shape[rows], lag_weeks[rows], days)
    return weights


@dataclass(frozen=True)
class Forms:
    """Forms of curves by draw, where not all of them are geometric and Hill.

    [draws, ad_channels]: ``carry`` place in :data:`CARRIES`, ``lag_shape`` and ``lag_weeks`` (see :data:`LAG_NAMES`; 0
    where geometric), ``logistic`` 1 or 0. ``past`` [ad_channels, lags - 1]: spend before the first period, yuan a
    period. ``days`` of a period, ``fitted`` of those in which the lags were laid out.
    """

    carry: Floats
    lag_shape: Floats
    lag_weeks: Floats
    logistic: Floats
    past: Floats
    days: int = WEEK
    fitted: int = WEEK

    def plain(self, draws: int) -> Forms:
        """Geometric carry-over and Hill curves after the same spend."""
        nothing = np.zeros((draws, len(self.past)))
        return replace(self, carry=nothing, lag_shape=nothing, lag_weeks=nothing, logistic=nothing)

    @cached_property
    def weights(self) -> Floats:
        """[draws, ad_channels, lags]"""
        return summed(lag_weights(self.carry, self.lag_shape, self.lag_weeks, self.fitted), self.days // self.fitted)

    def stock(self, spend: Floats, geometric: Floats) -> Floats:
        """Stock [draws, ad_channels, periods] of spend [ad_channels, periods]; ``geometric``: where that is the
        form."""
        if not self.carry.any():
            return geometric
        return np.where(self.carry[..., None] > 0, lagged(spend[None], self.weights, self.past[None]), geometric)

    def shares(self, row: int) -> dict[Carry, float]:
        """Share of the draws by carry-over of an ad channel, the most frequent first."""
        found = {carry: float((self.carry[:, row] == place).mean()) for place, carry in enumerate(CARRIES)}
        return dict(sorted(((carry, share) for carry, share in found.items() if share > 0), key=lambda pair: -pair[1]))

    def on_geometric(self, draws: NDArray[np.int64]) -> Forms:
        """Some draws, with geometric carry-over."""
        nothing = np.zeros((len(draws), len(self.past)))
        return replace(self, carry=nothing, lag_shape=nothing, lag_weeks=nothing, logistic=self.logistic[draws])

    def filled(self, other: Forms, kept: Bools) -> Forms:
        """These forms, those of ad channels that are not ``kept`` [ad_channels] taken from another's draws."""
        drawn = np.arange(len(self.carry)) % len(other.carry)
        names = ("carry", "lag_shape", "lag_weeks", "logistic")
        taken = {name: np.where(kept, getattr(self, name), getattr(other, name)[drawn]) for name in names}
        return replace(self, **taken, fitted=other.fitted)


def past_spend(spend: Floats, days: int = WEEK) -> Floats:
    """The last periods of spend [..., periods] that still work, [..., lags - 1]; before the first one, the level of its
    first month.

    >>> past_spend(np.array([[4.0, 8.0]]))[0, -3:].tolist()
    [6.0, 4.0, 8.0]
    """
    level, before = opening_level(spend, days)[..., None], periods(LAGS, days) - 1
    return np.concatenate([np.repeat(level, before, axis=-1), spend], axis=-1)[..., -before:]
