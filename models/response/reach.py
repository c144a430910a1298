"""Where the lift of ads falls: how much on which sales channel, also on those that nobody named (spill-over).

The lift of an ad channel on every sales channel is a coefficient of its own. On a channel that is named for it, its
share lies around that of revenue; on any other it is none or some (spike and slab, George and McCulloch 1993), so that
many pairs that are looked at do not make a spill-over. What sales channels share unexplained, and the demand that all
spend foresaw, stand beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.response.data import ResponseData, whole
from models.response.design import common_spend
from models.response.evidence import SEEN_BEFORE, Group, System, doubt_of, evidence, joined, window_of
from models.response.roi_prior import ENDS, LOG_BELIEF, WIDTHS
from models.response.sampler import sample_chain

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

SPILLED = 0.3
"""What a channel that is not named gets where it gets some, over what all named ones get: scale of a half-normal."""
APART = 0.6
"""How far the share of a named channel may lie from that of its revenue: standard deviation over that share."""
FOLLOWED = 0.2
"""Part of a change of spend (in logs) by which demand beyond the controls changed with it, in all sales channels: scale
of a half-normal."""
TOGETHER = 3
"""Ad channels from which what all of them did at once stands beside: events that no table holds are no spill-over."""
OPEN = 0.9
"""Share of the weeks in which a sales channel must have sold to be looked at where it is not named: the jump of a shop
that opens or closes is no ad's doing."""
SURE = 0.95
"""Chance from which a spill-over is told and planned with: the lower end of its 90 % interval is above none."""
WARM_UP, SWEEPS = 50, 150
LEAST = 1e-300
"""Chance in the place of none: logarithms stay finite."""


@dataclass(frozen=True)
class Reach:
    """``split`` float64 [ad_channels, channels]: share of the lift by sales channel to plan with, rows add up to 1.

    ``low``, ``high``: 90 % of each share; ``chance``: that any lift falls there at all (1 where it is named).
    """

    split: Floats
    low: Floats
    high: Floats
    chance: Floats

    @classmethod
    def told(cls, split: Floats) -> Reach:
        """Nothing is learned: as it was told."""
        return cls(split, split, split, (split > 0).astype(float))

    def with_rows(self, ran: Rows, found: Reach) -> Reach:
        """With what was ``found`` of the ad channels that ``ran``."""
        names = ("split", "low", "high", "chance")
        values = {name: np.array(getattr(self, name)) for name in names}
        for name in names:
            values[name][ran] = getattr(found, name)
        return Reach(**values)


def reaching(data: ResponseData, reach: Reach) -> ResponseData:
    """The history as its ads were found to reach: spill-over counts as named."""
    return replace(data, split=reach.split)


def learned_reach(
    regions: Sequence[ResponseData], ran: Rows, draws: Sequence[Floats], spills: float, seed: int
) -> Reach:
    """Reach of all ad channels; of those that did not run as it was told.

    ``draws``: by region lifts [draws, ads that ran, periods] in yuan, all sales channels together, as a fit with the
    told split sees them, or larger: only shares are asked for. Each draw gets a chain of its own, so that doubt of the
    curves counts. ``spills``: chance that an ad channel lifts one that is not named for it, before the data are seen.
    """
    told, split = Reach.told(regions[0].split), regions[0].split[ran]
    if len(regions[0].channels) < 2:
        return told
    found = _system(regions, ran, [lifts.mean(axis=0) for lifts in draws])
    belief, logs = _belief(regions, split, spills), [_centred_logs(region.spend[ran]) for region in regions]
    chains = [
        _chain(found, [lifts[number] for lifts in draws], logs, belief, (seed + 104729 * (number + 1)) % 2**31)
        for number in range(len(draws[0]))
    ]
    coefficients = np.concatenate(chains)[:, : split.size].reshape(-1, *split.shape)
    return told.with_rows(ran, _summed(coefficients, split > 0))


@dataclass(frozen=True)
class _Belief:
    """Of every coefficient: log ``weight`` [2 x coefficients] of none and some, ``middle`` and ``scale`` of some."""

    weight: Floats
    middle: Floats
    scale: Floats


def _belief(regions: Sequence[ResponseData], split: Floats, spills: float) -> _Belief:
    """Of every pair of ``split`` [ads, channels], and of the demand that each ad's spend followed."""
    named, ads = split > 0, np.ones(len(split))
    open_ = (whole(regions).by_week().revenue > 0).mean(axis=1) >= OPEN
    chance = np.concatenate([np.where(named, 1.0, spills * open_).ravel(), ads])
    weight = np.log(np.maximum(np.column_stack([1.0 - chance, chance]), LEAST)).ravel()
    scale = np.concatenate([np.where(named, APART * split, SPILLED).ravel(), FOLLOWED * ads])
    return _Belief(weight, np.concatenate([split.ravel(), 0.0 * ads]), scale)


def _centred_logs(spend: Floats) -> Floats:
    """Log of spend [ads, periods] less its mean where there is any, else 0."""
    on = spend > 0
    logs = np.log(np.where(on, spend, 1.0))
    mean = logs.sum(axis=1, keepdims=True) / np.maximum(on.sum(axis=1, keepdims=True), 1)
    return np.where(on, logs - mean, 0.0)


def _system(regions: Sequence[ResponseData], ran: Rows, lifts: Sequence[Floats]) -> System:
    """A window for each sales channel; its ads are the pairs of every ad with it, and the demand that each ad's spend
    followed in all of them."""
    ads, channels = len(ran), len(regions[0].channels)
    pairs, doubt = np.arange(ads * channels).reshape(ads, channels), doubt_of(regions)
    common = pairs.size + np.arange(ads)
    windows = []
    for place, (region, lift) in enumerate(zip(regions, lifts, strict=True)):
        spend = region.spend[ran]
        everywhere = common_spend(spend, TOGETHER)
        for channel in np.flatnonzero(region.revenue.sum(axis=1) > 0):
            given = np.concatenate([region.controls[channel], everywhere], axis=1)
            share, revenue = region.split[ran, channel], region.revenue[channel]
            size = np.concatenate([np.ones(pairs.size), np.full(ads, revenue.mean())])
            active = np.concatenate([pairs[:, channel], common])
            group = Group(np.array([channel]), active, size, revenue, given)
            pilot = (share[:, None] * lift)[share > 0]
            windows.append(window_of(place, group, spend, pilot, doubt, region.days))
    return joined(windows)


def _chain(found: System, lifts: Sequence[Floats], logs: Sequence[Floats], belief: _Belief, seed: int) -> Floats:
    """Draws of every coefficient, [sweeps, coefficients]: two points each, nothing and its response."""
    count = len(belief.middle)
    channels = count // len(logs[0]) - 1
    columns = [np.concatenate([np.repeat(lift, channels, axis=0), own]) for lift, own in zip(lifts, logs, strict=True)]
    seen = evidence(found, [np.stack([np.zeros_like(every), every], axis=1) for every in columns])
    at = np.empty((WARM_UP + SWEEPS, count), dtype=np.int64)
    level = np.empty(at.shape)
    none = np.zeros(2 * count)
    sample_chain(
        seen.gram,
        seen.linear,
        seen.square + SEEN_BEFORE,
        seen.rows + SEEN_BEFORE,
        none,
        none,
        belief.weight,
        WIDTHS,
        LOG_BELIEF,
        belief.middle,
        belief.scale,
        seed,
        at,
        level,
    )
    return np.asarray((at * level)[WARM_UP:])


def _summed(draws: Floats, named: NDArray[np.bool_]) -> Reach:
    """Of coefficients [draws, ads, channels]."""
    chance = (draws > 0).mean(axis=0)
    planned = draws * (named | (chance > SURE))
    split = (planned / planned.sum(axis=2, keepdims=True)).mean(axis=0)
    low, high = np.quantile(draws / draws.sum(axis=2, keepdims=True), ENDS, axis=0)
    return Reach(split, low, high, chance)


def spill_notes(data: ResponseData, reach: Reach) -> list[str]:
    """Sales channels that are lifted without being named."""
    return [
        f"ad channel {data.ad_channels[row]} also lifts {data.channels[channel]}, which is not named for it: it gets "
        f"{reach.split[row, channel]:.0%} of its lift (90 %: {reach.low[row, channel]:.0%} to "
        f"{reach.high[row, channel]:.0%}), and the plan counts it"
        for row, channel in zip(*np.nonzero((data.split <= 0) & (reach.split > 0)), strict=True)
    ]
