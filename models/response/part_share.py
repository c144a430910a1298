"""Which share of what ads bring is of one part of the revenue: first-time buyers against those who come again.

The revenue of each part is fitted on its own. Parts that add up have noise of their own, so any draw of one fit may
stand beside any draw of the other; what both fits err by in common (demand that neither knows) cancels in the share, so
that its interval is rather too wide than too narrow. Two returns that are hardly known leave every share possible: the
pairs count by a belief about the odds against those of all sales, Cauchy in their logarithm (:data:`ODDS_SCALE`; as
Gelman, Jakulin, Pittau and Su 2008 for logistic regression: heavy tails let data win).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.response.roi_prior import ENDS

Floats = NDArray[np.float64]
ODDS_SCALE = 1.0
"""Half of all ad channels have odds within a factor of e of those of the sales that they lift."""
LEAST = 1e-9
"""Of a return (yuan a yuan), and of a share from 0 and 1: logarithms stay finite."""


@dataclass(frozen=True)
class PartShare:
    """Expected share of a part in what each ad channel brings, with its 90 % interval; float64 [ad_channels]."""

    mean: Floats
    low: Floats
    high: Floats


def part_share(part: Floats, rest: Floats, usual: Floats) -> PartShare:
    """``part``, ``rest`` float64 [draws, ad_channels]: return on spend by the part and by the rest of the revenue, from
    fits of their own; ``usual`` float64 [ad_channels]: share of the part in all sales that the ad channel lifts.

    Where the returns say nothing of an ad channel its share is the usual one, as wide as the belief.

    >>> known = part_share(np.array([[3.0]]), np.array([[1.0]]), np.array([0.5]))
    >>> known.mean, known.low
    (array([0.75]), array([0.75]))
    """
    found = [_of_one(part[:, row], rest[:, row], float(usual[row])) for row in range(len(usual))]
    mean, low, high = np.array(found).reshape(-1, 3).T
    return PartShare(mean, low, high)


def _of_one(part: Floats, rest: Floats, usual: float) -> tuple[float, float, float]:
    log_odds = (np.log(np.maximum(part, LEAST))[:, None] - np.log(np.maximum(rest, LEAST))[None]).ravel()
    centre = float(np.clip(usual, LEAST, 1.0 - LEAST))
    away = (log_odds - np.log(centre / (1.0 - centre))) / ODDS_SCALE
    weight = 1.0 / (1.0 + away**2)
    share = 1.0 / (1.0 + np.exp(-log_odds))
    order = np.argsort(share)
    below = np.cumsum(weight[order]) - 0.5 * weight[order]
    low, high = np.interp(ENDS, below / weight.sum(), share[order])
    return float(np.average(share, weights=weight)), float(low), float(high)
