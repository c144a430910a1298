"""What the first hours, deposits and carts of an event day say about the whole of it.

Each of them is a count that usually is a certain multiple of the day's demand: its rate, learned from past event days.
A day's demand is the forecast times a factor of its shop times one of the item. The shop's factor is log-normal, told
by the sums (precision-weighted, as in a Kalman update); the item's is gamma, told by its own counts (gamma-Poisson,
Gelman et al. 2013, section 2.6). Counts are taken to be independent given the day's demand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
HALF_UNIT = 0.5
PRIOR_DAYS = 1.0
"""Days of a kind, or of a shop, that all days count for in their rate."""
PRIOR_NOISE, PRIOR_NOISE_DAYS = 0.3, 2.0
PRIOR_SHAPE = 4.0
"""Without a past: rates of days scatter by a factor of 1.35, those of items by half."""
LEAST_MEAN = 0.02
DRAWS = 400


@dataclass(frozen=True)
class Signal:
    """A count that runs ahead of demand: ``rate`` float64 [shops], its usual number for each unit of the day;
    ``noise``: standard deviation of the log of a day's rate; ``shape`` of the gamma factor of an item's rate."""

    rate: Floats
    noise: float
    shape: float


@dataclass(frozen=True)
class PastDays:
    """Items on past days: ``count`` by the hour, ``units`` of the whole day, ``day`` (code of a shop's day); of each
    such day ``shop`` and ``kind`` (codes)."""

    count: Floats
    units: Floats
    day: Ints
    shop: Ints
    kind: Ints


@dataclass(frozen=True)
class Doubt:
    """How far a forecast made before the event may be off: standard deviations of the log for ``shop`` and ``item``."""

    shop: float
    item: float


@dataclass(frozen=True)
class Update:
    """Units of the whole day by item, and 10 % and 90 % quantiles; ``draws`` float64 [draws, items]."""

    units: Floats
    low: Floats
    high: Floats
    draws: Floats


def learn_signal(past: PastDays, kind: Ints) -> Signal:
    """The rates that past days tell for days of these ``kind`` (code of each shop's day to come, -1: an unknown one).

    Logs of daily rates are explained by kind and shop, each drawn to the mean of all days (ridge regression).

    >>> day = np.repeat(np.arange(3), 50)
    >>> past = PastDays(np.full(150, 2.0), np.full(150, 10.0), day, np.zeros(3, int), np.zeros(3, int))
    >>> signal = learn_signal(past, np.zeros(1, int))
    >>> signal.rate.round(2).tolist(), signal.noise < 0.3
    ([0.2], True)
    """
    days = len(past.shop)
    count, units = (np.bincount(past.day, values, days) + HALF_UNIT for values in (past.count, past.units))
    log_rate = np.log(count / units)
    kinds, shops = int(max(past.kind.max(), kind.max())) + 1, int(max(past.shop.max() + 1, len(kind)))
    design = _design(past.kind, past.shop, kinds, shops)
    penalty = np.diag(np.r_[0.0, np.full(kinds + shops, PRIOR_DAYS)])
    weights = np.linalg.solve(design.T @ design + penalty, design.T @ log_rate)
    error = log_rate - design @ weights
    noise = np.sqrt((error @ error + PRIOR_NOISE_DAYS * PRIOR_NOISE**2) / (days + PRIOR_NOISE_DAYS))
    rate = np.exp(_design(kind, np.arange(len(kind)), kinds, shops) @ weights)
    expected = np.exp(log_rate)[past.day] * past.units
    excess = float(((past.count - expected) ** 2 - expected).sum())
    size = float((expected**2).sum()) / days
    shape = (days + 1.0) * size / max(excess + size / PRIOR_SHAPE, 1e-9 * size) if size > 0 else PRIOR_SHAPE
    return Signal(rate, float(noise), float(np.clip(shape, 0.5, 1e6)))


def _design(kind: Ints, shop: Ints, kinds: int, shops: int) -> Floats:
    return np.hstack([np.ones((len(kind), 1)), np.arange(kinds) == kind[:, None], np.arange(shops) == shop[:, None]])


def update_day(
    mean: Floats,
    shop: Ints,
    told: Sequence[tuple[Floats, Signal]],
    sold: tuple[Floats, Signal] | None,
    doubt: Doubt,
    seed: int,
) -> Update:
    """The day's demand by item, given counts ``told`` ahead of it and what it has ``sold`` so far (None before it).

    ``mean`` float64 [items]: the forecast; ``shop`` codes of the items.

    >>> sure = Signal(np.array([0.2]), 0.01, 1e6)
    >>> mean, shop, doubt = np.full(100, 10.0), np.zeros(100, int), Doubt(0.5, 0.5)
    >>> found = update_day(mean, shop, [], (np.full(100, 4.0), sure), doubt, 1)  # twice as many as usual by now
    >>> round(found.units.sum(), -2)
    np.float64(2000.0)
    """
    mean = np.maximum(mean, LEAST_MEAN)
    everything = [*told, *([] if sold is None else [sold])]
    level = _shop_level(mean, shop, everything, doubt)
    factor = np.exp(level.log)[shop]
    shape = np.full(len(mean), 1.0 / doubt.item**2)
    rate = shape.copy()
    for count, signal in everything:
        expected = signal.rate[shop] * mean * factor
        weight = 1.0 / (1.0 + expected / signal.shape)
        shape += weight * count
        rate += weight * expected
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal((DRAWS, len(level.log))) * level.spread
    own = rng.gamma(shape, 1.0 / rate, (DRAWS, len(mean)))
    whole, likely = mean * factor * own * np.exp(draw)[:, shop], mean * factor * shape / rate
    if sold is None:
        return _update(likely, rng.poisson(whole).astype(np.float64))
    so_far, signal = sold
    left = 1.0 - np.minimum(signal.rate * np.exp(level.off(np.zeros(1))), 1.0)
    uneven = rng.gamma(signal.shape, 1.0 / signal.shape, whole.shape)
    drawn = 1.0 - np.minimum((signal.rate * np.exp(level.off(draw)))[:, shop] * uneven, 1.0)
    return _update(so_far + left[shop] * likely, so_far + rng.poisson(drawn * whole))


@dataclass(frozen=True)
class _Level:
    """By shop: ``log`` of its factor and ``spread`` of it; of its last signal the log ``ratio`` of count to forecast,
    and which share of what the factor does not explain is a rate that is off that day."""

    log: Floats
    spread: Floats
    ratio: Floats
    share: Floats

    def off(self, draw: Floats) -> Floats:
        """Log of the last signal's rate over its usual one, where the factor is off by ``draw``."""
        return np.asarray((self.ratio - self.log - draw) * self.share)


def _shop_level(mean: Floats, shop: Ints, told: Sequence[tuple[Floats, Signal]], doubt: Doubt) -> _Level:
    shops = len(told[0][1].rate)
    precision, weighted = np.full(shops, 1.0 / doubt.shop**2), np.zeros(shops)
    for count, signal in told:
        expected = signal.rate[shop] * mean
        sums, likely = (np.bincount(shop, values, shops) + HALF_UNIT for values in (count, expected))
        uneven = np.bincount(shop, expected**2, shops) * (1.0 / signal.shape + doubt.item**2) / likely**2
        ratio, variance = np.log(sums / likely), signal.noise**2 + 1.0 / likely + uneven
        precision += 1.0 / variance
        weighted += ratio / variance
    share = np.asarray(signal.noise**2 / variance, dtype=np.float64)
    return _Level(weighted / precision, np.sqrt(1.0 / precision), ratio, share)


def _update(units: Floats, draws: Floats) -> Update:
    low, high = np.quantile(draws, (0.1, 0.9), axis=0)
    return Update(units, low, high, draws)
