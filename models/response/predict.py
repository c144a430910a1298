"""Revenue expected in periods that the fit has or has not seen, with and without the ads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.response.data import ResponseData
from models.response.design import common_spend
from models.response.evidence import Group, foreseen, groups, learned_controls
from models.response.fit import ResponseFit, region_sizes
from models.response.foresight import DOUBT
from models.response.period import opening_level

Floats = NDArray[np.float64]


def predict(regions: Sequence[ResponseData], known: int, fit: ResponseFit | None) -> Floats:
    """Expected revenue of all regions from period ``known`` on, yuan, float64 [periods - known].

    ``regions`` hold spend and controls of every period; of revenue only those before ``known`` are used. ``fit``:
    of those; None: controls alone. Given the lift, the controls' coefficients are at their posterior mean.
    """
    return _expected(regions, known, fit)[known:]


def fitted(regions: Sequence[ResponseData], fit: ResponseFit | None) -> Floats:
    """The same of the periods that the fit has seen, float64 [periods]."""
    return _expected(regions, regions[0].periods, fit)


def _expected(regions: Sequence[ResponseData], known: int, fit: ResponseFit | None) -> Floats:
    seen = [region.until(known) for region in regions]
    total = np.zeros(regions[0].periods)
    kept = [number for number, region in enumerate(seen) if region.revenue.sum() > 0]
    if not kept:
        return total
    sizes = region_sizes([seen[number] for number in kept])
    for number, size in zip(kept, sizes, strict=True):
        region, past = regions[number], seen[number]
        reach = region.split if fit is None else fit.curves.split
        lift = np.zeros_like(region.spend) if fit is None else _lift(region.spend, float(size), fit)
        ran = np.flatnonzero(past.spend.any(axis=1))
        for group in groups(replace(past, controls=region.controls, split=reach), ran):
            spend = region.spend[ran] if fit is not None else np.zeros_like(region.spend[ran])
            share = reach[:, group.members].sum(axis=1)
            total += _group(group, spend, share @ lift, region.days)
    return total


def _lift(spend: Floats, size: float, fit: ResponseFit) -> Floats:
    """Mean lift of a region of that size, yuan [ad_channels, periods], from the start of its history."""
    begun = fit.curves.started(opening_level(spend, fit.curves.days) / size)
    return np.asarray(size * begun.lift(spend / size).mean(axis=0))


def _group(group: Group, spend: Floats, lift: Floats, days: int) -> Floats:
    """Controls' regression on what the lift leaves of revenue, carried on, plus the lift of the periods to come."""
    known = len(group.revenue)
    given, own = np.concatenate([group.given, common_spend(spend)], axis=1), spend[group.active]
    controls, noise = learned_controls(given, group.revenue, lift[None, :known], own[:, :known], days)
    ahead = foreseen(group.revenue, own, controls, noise, days)
    columns, width = np.column_stack([controls.columns, *ahead]), np.append(controls.width, np.full(len(ahead), DOUBT))
    expected = ahead.sum(axis=0) + lift
    causes, target = noise.whiten(columns[:known].T), noise.whiten(group.revenue - expected[:known])
    weight = np.linalg.solve(causes @ causes.T + np.diag(width**-2), causes @ target)
    return np.asarray(columns @ weight + expected)
