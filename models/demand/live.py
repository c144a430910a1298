"""Live streams: hits or flops, kept out of the baseline.

What a stream sells is told in days of usual sales of what it shows. Its logarithm is a mixture of two normal laws, a
flop and a hit (McLachlan and Peel 2000, chapter 2): how likely a hit is depends on the tier of the host and the depth
of the price, how much a stream moves on the tier; few streams of a kind lean on all of its tier, and on all streams.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FLOP, HIT = 0, 1
BANDS = (0.8, 0.95)
"""Prices of a stream over the shop's: deep, moderate and hardly any discount."""
PRIOR_STREAMS, PRIOR_TIER = 8.0, 4.0
"""Streams that all others count for in the chance of a kind, and in the size of a tier."""
PRIOR_CHANCE = 0.2
PRIOR_LOG, PRIOR_SPREAD, PRIOR_WEIGHT = np.array([np.log(0.5), np.log(3.0)]), 0.6, 3.0
"""Without streams: half a day of sales or three, give or take; worth this many streams of each sort."""
HALF_UNIT = 0.5
STEPS = 60


@dataclass(frozen=True)
class LiveLaw:
    """``chance`` of a hit float64 [tiers, bands]; ``size`` float64 [tiers, 2]: mean log days of usual sales of a flop
    and of a hit; ``spread``: standard deviation of that log."""

    chance: Floats
    size: Floats
    spread: float

    def mean(self, tier: Ints, band: Ints) -> Floats:
        """Expected days of usual sales of streams."""
        days = np.exp(self.size[tier] + self.spread**2 / 2)
        chance = self.chance[tier, band]
        return np.asarray((1.0 - chance) * days[:, FLOP] + chance * days[:, HIT])


def price_band(ratio: Floats) -> Ints:
    """Band of prices over the shop's usual ones; unknown ones are moderate.

    >>> price_band(np.array([0.5, 0.9, 1.0, np.nan])).tolist()
    [0, 1, 2, 1]
    """
    return np.where(np.isfinite(ratio), np.searchsorted(BANDS, ratio, side="right"), 1).astype(np.int64)


def fit_live(units: Floats, usual: Floats, tier: Ints, band: Ints, tiers: int) -> LiveLaw:
    """The law of past streams: units sold and usual units a day of what each showed, by expectation maximisation.

    >>> none = np.zeros(0)
    >>> law = fit_live(none, none, none.astype(int), none.astype(int), 1)
    >>> law.chance.round(2).tolist(), np.exp(law.size).round(2).tolist()
    ([[0.2, 0.2, 0.2]], [[0.5, 3.0]])
    """
    days = np.log((units + HALF_UNIT) / (usual + HALF_UNIT))
    chance = np.full((tiers, len(BANDS) + 1), PRIOR_CHANCE)
    centre, shift, spread = PRIOR_LOG.copy(), np.zeros(tiers), PRIOR_SPREAD
    for _ in range(STEPS):
        error = (days - shift[tier])[:, None] - centre
        odds = np.log(chance[tier, band] / (1.0 - chance[tier, band])) - (error[:, HIT] ** 2 - error[:, FLOP] ** 2) / (
            2.0 * spread**2
        )
        hit = 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
        share = np.column_stack([1.0 - hit, hit])
        centre = (share.T @ (days - shift[tier]) + PRIOR_WEIGHT * PRIOR_LOG) / (share.sum(axis=0) + PRIOR_WEIGHT)
        own = (share * (days[:, None] - centre)).sum(axis=1)
        shift = np.bincount(tier, own, tiers) / (np.bincount(tier, minlength=tiers) + PRIOR_TIER)
        error = (days - shift[tier])[:, None] - centre
        spread = float(
            np.sqrt(((share * error**2).sum() + 2 * PRIOR_WEIGHT * PRIOR_SPREAD**2) / (len(days) + 2 * PRIOR_WEIGHT))
        )
        chance = _chances(hit, tier, band, chance.shape)
    return LiveLaw(chance, centre + shift[:, None], spread)


def _chances(hit: Floats, tier: Ints, band: Ints, shape: tuple[int, ...]) -> Floats:
    """Share of hits by tier and band, drawn to that of the tier, which is drawn to that of all."""
    overall = (hit.sum() + PRIOR_STREAMS * PRIOR_CHANCE) / (len(hit) + PRIOR_STREAMS)
    cell = tier * shape[1] + band
    hits, count = np.bincount(cell, hit, shape[0] * shape[1]), np.bincount(cell, minlength=shape[0] * shape[1])
    hits, count = hits.reshape(shape), count.reshape(shape)
    by_tier = (hits.sum(axis=1) + PRIOR_STREAMS * overall) / (count.sum(axis=1) + PRIOR_STREAMS)
    return np.asarray((hits + PRIOR_STREAMS * by_tier[:, None]) / (count + PRIOR_STREAMS))


@dataclass(frozen=True)
class Bookings:
    """Streams to come. By shown item: ``stream``, ``row`` (series), ``period`` int64 and ``usual`` float64 (units a
    day without the stream). By stream: ``chance`` of a hit, ``size`` [streams, 2], ``name``; the law's ``spread``."""

    stream: Ints
    row: Ints
    period: Ints
    usual: Floats
    chance: Floats
    size: Floats
    spread: float
    name: NDArray[np.str_]

    def mean(self, shape: tuple[int, int]) -> NDArray[np.float32]:
        """Expected units, float32 [series, periods]."""
        days = np.exp(self.size + self.spread**2 / 2)
        expected = (1.0 - self.chance) * days[:, FLOP] + self.chance * days[:, HIT]
        out = np.zeros(shape, dtype=np.float32)
        np.add.at(out, (self.row, self.period), self.usual * expected[self.stream])
        return out

    def scaled(self, ratio: NDArray[np.float32]) -> Bookings:
        """The same streams where usual sales are multiplied by ``ratio`` [series, periods]."""
        return replace(self, usual=self.usual * ratio[self.row, self.period])

    def luck(self, outcomes: int) -> Floats:
        """Days of usual sales at equally likely outcomes, float64 [streams, outcomes], the worst first.

        >>> one = np.ones(1)
        >>> Bookings(*np.zeros((3, 0), int), one[:0], 0.25 * one, np.log([[0.5, 3.0]]), 0.0, np.array([""])).luck(4)
        array([[0.5, 0.5, 0.5, 3. ]])
        """
        place, chance = (np.arange(outcomes) + 0.5) / outcomes, self.chance[:, None]
        hit = place < chance
        within = np.where(hit, place / chance, (place - chance) / np.maximum(1.0 - chance, 1e-12))
        size = np.where(hit, self.size[:, HIT, None], self.size[:, FLOP, None])
        return np.sort(np.exp(size + self.spread * ndtri(np.clip(within, 1e-9, 1.0 - 1e-9))), axis=1)

    def chosen(self, names: Collection[str]) -> Bookings | None:
        """Only the streams of these names; None where there is none of them."""
        kept = np.isin(self.name, sorted(names))
        if not kept.any():
            return None
        shown, place = kept[self.stream], np.cumsum(kept) - 1
        by_item = (place[self.stream[shown]], self.row[shown], self.period[shown], self.usual[shown])
        return Bookings(*by_item, self.chance[kept], self.size[kept], self.spread, self.name[kept])

    def joined(self, other: Bookings | None) -> Bookings:
        """With the streams of another, under the same law."""
        if other is None:
            return self
        stream = np.concatenate([self.stream, other.stream + len(self.name)])
        rest = ("row", "period", "usual", "chance", "size", "name")
        values: dict[str, Any] = {name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in rest}
        return replace(self, stream=stream, **values)

    def frames(self, kind: str) -> dict[str, pd.DataFrame]:
        """As tables ``kind``_shown, a row for each shown item, and ``kind``_streams, one for each stream."""
        shown = {"stream": self.stream, "row": self.row, "period": self.period, "usual": self.usual}
        law = {"chance": self.chance, "flop": self.size[:, FLOP], "hit": self.size[:, HIT], "spread": self.spread}
        streams = pd.DataFrame({"name": self.name, **law})
        return {f"{kind}_shown": pd.DataFrame(shown), f"{kind}_streams": streams}

    @classmethod
    def from_frames(cls, frames: Mapping[str, pd.DataFrame], kind: str) -> Bookings | None:
        """The streams in tables of :meth:`frames`; None where there are none."""
        if f"{kind}_streams" not in frames:
            return None
        shown, law = frames[f"{kind}_shown"], frames[f"{kind}_streams"]
        stream, row, period = (shown[name].to_numpy(np.int64) for name in ("stream", "row", "period"))
        usual, chance, size = shown["usual"].to_numpy(), law["chance"].to_numpy(), law[["flop", "hit"]].to_numpy()
        name = law["name"] if "name" in law else pd.Series("", index=law.index)  # plans of before 2026-11-22 have none
        return cls(stream, row, period, usual, chance, size, float(law["spread"].iloc[0]), name.to_numpy(str))

    def within(self, mean: NDArray[np.float32]) -> Bookings:
        """The same streams, at most of the mean float32 [series, periods] where somebody has lowered it."""
        expected = self.mean((mean.shape[0], mean.shape[1]))[self.row, self.period]
        share = np.divide(mean[self.row, self.period], expected, out=np.ones_like(expected), where=expected > 0)
        return replace(self, usual=self.usual * np.minimum(share, 1.0))

    def add_draws(
        self, out: NDArray[np.float32], rows: NDArray[np.int64], first_path: int, step: int, seed: int
    ) -> None:
        """Add whole units at streams to paths float32 [len(rows), paths, weeks] of the given series.

        A stream hits or flops for all that it shows. Each path has a seed of its own, so that it is the same in
        whatever block it is asked for.
        """
        place = np.full(int(max(self.row.max(initial=0), rows.max(initial=0))) + 1, -1)
        place[rows] = np.arange(len(rows))
        week = self.period // step
        mine = np.flatnonzero((place[self.row] >= 0) & (week < out.shape[2]))
        if not len(mine):
            return
        everything = np.arange(len(self.chance))
        for path in range(out.shape[1]):
            rng = np.random.default_rng([seed, first_path + path])
            hit = (rng.random(len(everything)) < self.chance).astype(np.int64)
            size = self.size[everything, hit] + self.spread * rng.standard_normal(len(everything))
            units = np.floor(self.usual * np.exp(size)[self.stream] + rng.random(len(self.stream)))
            np.add.at(out[:, path], (place[self.row[mine]], week[mine]), units[mine].astype(np.float32))
