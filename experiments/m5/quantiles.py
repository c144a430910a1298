"""Nine quantiles at every level, from errors made at earlier origins.

Big series (levels 1-9): quantiles of actual / corrected forecast at earlier origins, half the series'
own, half its level's. Item levels (10-12): quantiles of the units given the forecast, by size of the forecast and by
how erratic the series was, from the leaf model at earlier origins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.m5.correction import Window, corrected, learn
from experiments.m5.score import QUANTILES

Floats = NDArray[np.float64]
PAST_WINDOWS = 24
FOLD = 12
SIZES = 16
CLASSES = 4
LEAST = 30


def upper_ratios(history: Floats, earlier: Sequence[Window], level: NDArray[np.int64], threads: int) -> Floats:
    """Quantiles of actual / forecast [9, series] over the newest windows, each corrected by a model that has not seen
    its days."""
    recent, horizon = earlier[:PAST_WINDOWS], earlier[0].bases.shape[2]
    ratios = []
    for first in range(0, len(recent), FOLD):
        held = recent[first : first + FOLD]
        apart = [w for w in earlier if all(abs(w.origin - one.origin) >= horizon for one in held)]
        boosters = learn(history, apart, threads) if apart else None
        for window in held:
            mean = corrected(boosters, window) if boosters else window.bases.mean(axis=0)
            actual = history[:, window.origin : window.origin + horizon]
            ratios.append((actual / np.maximum(mean, 1e-9))[:, mean.sum(axis=0) > 0])
    every = np.concatenate(ratios, axis=1)
    own = np.quantile(every, QUANTILES, axis=1)
    pooled = np.empty_like(own)
    for number in np.unique(level):
        pooled[:, level == number] = np.quantile(every[level == number], QUANTILES)[:, None]
    return np.asarray(0.5 * (own + pooled))


@dataclass(frozen=True)
class SizeTable:
    """Quantiles of units over the mean by forecast size within a class: ``size`` log means [classes, sizes], ``ratio``
    [classes, 9, sizes], ``bounds`` of the classes [classes - 1]."""

    bounds: Floats
    size: Floats
    ratio: Floats

    @classmethod
    def fit(cls, mean: Floats, actual: Floats, erratic: Floats) -> SizeTable:
        """``mean`` and ``actual`` [series, days] of past origins, ``erratic`` [series], see :func:`erraticness`."""
        bounds = np.quantile(erratic, np.arange(1, CLASSES) / CLASSES)
        kind = np.searchsorted(bounds, erratic)
        size, ratio = np.zeros((CLASSES, SIZES)), np.zeros((CLASSES, len(QUANTILES), SIZES))
        for number in range(CLASSES):
            chosen = kind == number if (kind == number).any() else np.ones(len(kind), dtype=bool)
            guess, units = mean[chosen].ravel(), actual[chosen].ravel()
            order = np.argsort(guess, kind="stable")
            for place, part in enumerate(np.array_split(order, SIZES)):
                part = part if len(part) >= LEAST else order
                centre = max(float(guess[part].mean()), 1e-4)
                size[number, place] = np.log(centre)
                ratio[number, :, place] = np.quantile(units[part], QUANTILES) / centre
        return cls(bounds, size, ratio)

    def quantiles(self, mean: Floats, erratic: Floats) -> NDArray[np.float32]:
        """[9, series, days] of means [series, days]; zero where the mean is."""
        kind = np.searchsorted(self.bounds, erratic)
        logs = np.log(np.maximum(mean, 1e-4))
        out = np.empty((len(QUANTILES), *mean.shape), dtype=np.float32)
        for number in range(CLASSES):
            at = kind == number
            for place in range(len(QUANTILES)):
                out[place, at] = np.interp(logs[at], self.size[number], self.ratio[number, place]) * mean[at]
        return np.maximum.accumulate(out, axis=0)


def erraticness(sales: NDArray[np.floating]) -> Floats:
    """Half the mean squared change from a week before over the mean [series]; 1 if Poisson."""
    recent = sales.astype(float)
    change = recent[:, 7:] - recent[:, :-7]
    mean = recent.mean(axis=1)
    variance = 0.5 * (change**2).mean(axis=1)
    return np.asarray((variance + 0.1) / (mean + 0.1))
