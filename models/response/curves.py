"""Response curves: what ad spend adds to revenue, with draws for the uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def adstock(spend: Floats, carryover: Floats, start: Floats) -> Floats:
    """Stock of past spend, [..., weeks]: S_t = (1 - a) x_t + a S_{t-1}.

    ``spend`` [..., weeks] yuan a week, ``carryover`` and ``start`` [...]. Geometric adstock normalised so that a
    constant spend x gives the stock x (Jin et al. 2017, equation 1 with L to infinity).

    >>> adstock(np.array([10.0, 0.0]), np.array(0.5), np.array(0.0))
    array([5. , 2.5])
    """
    stock = np.empty(np.broadcast_shapes(spend.shape, (*carryover.shape, spend.shape[-1])))
    state = np.broadcast_to(start, stock.shape[:-1]).astype(float)
    for week in range(spend.shape[-1]):
        state = (1.0 - carryover) * spend[..., week] + carryover * state
        stock[..., week] = state
    return stock


def hill(stock: Floats, half_saturation: Floats, slope: Floats) -> Floats:
    """Saturation in [0, 1): s^k / (s^k + h^k) (Hill 1910).

    >>> float(hill(np.array(2.0), np.array(2.0), np.array(3.0)))
    0.5
    """
    powered = np.power(np.maximum(stock, 0.0), slope)
    return np.asarray(powered / (powered + np.power(half_saturation, slope)))


@dataclass(frozen=True)
class ResponseCurves:
    """Estimated response of revenue to weekly ad spend.

    Parameters are float64 [draws, ad_channels]: ``carryover`` in [0, 1), ``half_saturation`` yuan a week, ``slope``,
    ``scale`` yuan of revenue a week at full saturation, ``start`` adstock in yuan at the end of history. ``split``
    float64 [ad_channels, channels]: share of the lift that falls on each sales channel, rows add up to 1.
    """

    ad_channels: tuple[str, ...]
    channels: tuple[str, ...]
    carryover: Floats
    half_saturation: Floats
    slope: Floats
    scale: Floats
    start: Floats
    split: Floats

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.carryover.shape[0])

    def dearer(self, factor: float) -> ResponseCurves:
        """The curves when clicks cost ``factor`` times as much: the same clicks take so much more money."""
        return replace(self, half_saturation=factor * self.half_saturation, start=factor * self.start)

    def lift(self, spend: Floats) -> Floats:
        """Incremental revenue in yuan, float64 [draws, ad_channels, weeks], for spend [ad_channels, weeks] in yuan."""
        stock = adstock(spend[None], self.carryover, self.start)
        return self.scale[..., None] * hill(stock, self.half_saturation[..., None], self.slope[..., None])

    def lift_by_channel(self, spend: Floats) -> Floats:
        """Mean incremental revenue in yuan by sales channel, float64 [channels, weeks]."""
        return np.asarray(self.split.T @ self.lift(spend).mean(axis=0))
