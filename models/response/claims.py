"""What platforms claim for their ads, as far as it may tilt what is expected of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.response.data import ResponseData

Floats = NDArray[np.float64]


def claim_tilts(data: ResponseData, power: float) -> Floats:
    """Factors of the expected ROI, float64 [ad_channels]: claimed ROI to a ``power``, over its mean by spend.

    What all that claim are expected to bring together stays as it is: how far platforms overclaim as a whole is
    unknown, so only differences between them count. 1 where nothing is claimed, and everywhere where fewer than two do.

    >>> told = np.array([[8.0, 8.0], [2.0, np.nan], [np.nan, np.nan]])
    >>> spend, revenue, none, split = np.ones((3, 2)), np.ones((1, 2)), np.zeros((1, 2, 0)), np.ones((3, 1))
    >>> claim_tilts(ResponseData(("a", "b", "c"), ("shop",), spend, revenue, none, split, claims=told), 0.5).round(3)
    array([1.333, 0.667, 1.   ])
    """
    tilts = np.ones(len(data.ad_channels))
    if data.claims is None:
        return tilts
    told = np.isfinite(data.claims)
    claimed, spent = np.where(told, data.claims, 0.0).sum(axis=1), np.where(told, data.spend, 0.0).sum(axis=1)
    some = (claimed > 0) & (spent > 0)
    if some.sum() < 2:
        return tilts
    raised = (claimed[some] / spent[some]) ** power
    tilts[some] = raised / np.average(raised, weights=data.spend[some].sum(axis=1))
    return tilts
