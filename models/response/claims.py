"""What platforms claim for their ads, as far as it may tilt what is expected of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.response.data import ResponseData

Floats = NDArray[np.float64]


def relative_claims(data: ResponseData) -> Floats:
    """ROI that platforms claim over the geometric mean of all that claim, float64 [ad_channels].

    1 where nothing is claimed, and everywhere where fewer than two ad channels claim: how far platforms overclaim as a
    whole is unknown, so only differences between them count.

    >>> told = np.array([[8.0, 8.0], [2.0, np.nan], [np.nan, np.nan]])
    >>> spend, revenue, none, split = np.ones((3, 2)), np.ones((1, 2)), np.zeros((1, 2, 0)), np.ones((3, 1))
    >>> relative_claims(ResponseData(("a", "b", "c"), ("shop",), spend, revenue, none, split, claims=told))
    array([2. , 0.5, 1. ])
    """
    relative = np.ones(len(data.ad_channels))
    if data.claims is None:
        return relative
    told = np.isfinite(data.claims)
    claimed, spent = np.where(told, data.claims, 0.0).sum(axis=1), np.where(told, data.spend, 0.0).sum(axis=1)
    some = (claimed > 0) & (spent > 0)
    if some.sum() < 2:
        return relative
    logs = np.log(claimed[some] / spent[some])
    relative[some] = np.exp(logs - logs.mean())
    return relative
