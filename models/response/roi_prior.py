"""What is believed of an ad channel's ROI before the data are looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

Floats = NDArray[np.float64]

WIDTHS = np.array([0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0])
"""Of the normal in units of its scale; mixing over them gives heavy tails."""

LOG_BELIEF = -0.5 * (np.log(WIDTHS) / np.log(2.5)) ** 2
"""Log prior of :data:`WIDTHS`: around 1, a factor of 2.5 either way."""

SHARES = np.exp(LOG_BELIEF) / np.exp(LOG_BELIEF).sum()
ENDS = (0.05, 0.95)
NARROWEST = -1e6


@dataclass(frozen=True)
class RoiPrior:
    """Normal around ``centre``, as wide as ``scale`` times an unknown one of :data:`WIDTHS`, cut at 0; yuan a yuan.

    ``centre`` 0: the half-normal of a channel of which nothing special is believed, so that a strong one is not held
    down. Heavy tails let data win over a range that was believed too firmly, as most are (Lichtenstein, Fischhoff and
    Phillips 1982).
    """

    centre: float
    scale: float

    @classmethod
    def of_range(cls, low: float, high: float) -> RoiPrior:
        """The prior whose 5 % and 95 % quantiles are ``low`` and ``high``.

        A range wider than that of the half-normal with this ``high`` (``low`` below about a ninetieth of it) is that.

        >>> RoiPrior.of_range(2.0, 4.0).quantiles(ENDS).round(6)
        array([2., 4.])
        """
        if low <= 0.0 or high / low >= _ratio(0.0):
            start = 0.0
        else:
            wanted = max(high / low, _ratio(NARROWEST))
            start = float(brentq(lambda place: _ratio(place) - wanted, NARROWEST, 0.0, xtol=1e-12))
        scale = high / (_standard(ENDS[1], start) - start)
        return cls(-start * scale, scale)

    def quantiles(self, shares: tuple[float, ...]) -> Floats:
        """ROI below which these shares of the belief lie."""
        start = -self.centre / self.scale
        return np.array([self.centre + self.scale * _standard(share, start) for share in shares])


def _below(value: float) -> float:
    """Distribution of the mixture around 0 with scale 1."""
    return float(SHARES @ ndtr(value / WIDTHS))


def _standard(share: float, start: float) -> float:
    """Quantile of the mixture cut at ``start``."""
    wanted = share + (1.0 - share) * _below(start)
    return float(brentq(lambda value: _below(value) - wanted, start, 200.0, xtol=1e-12))


def _ratio(start: float) -> float:
    """Of the upper to the lower end, where 0 lies at ``start`` of the standard mixture; rises with it."""
    low, high = (_standard(share, start) - start for share in ENDS)
    return high / low
