"""Checks of a fit: does knowing the ads help to foresee, is a channel that cannot work found to work, what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.response.data import ResponseData, whole
from models.response.fit import ResponseFit, fit_regions, roi_prior
from models.response.forms import PLAIN
from models.response.period import in_weeks, periods
from models.response.predict import fitted, predict
from models.response.priors import Priors

Floats = NDArray[np.float64]
SHARE = 0.1
FEWEST_AHEAD, FEWEST_KNOWN = 4, 26
ORIGINS = 3
PLACEBO = "placebo"
SURELY_LATE = 0.95


def holdout(
    regions: Sequence[ResponseData], gap: NDArray[np.bool_], priors: Priors | None, seed: int
) -> dict[str, object]:
    """MAPE and R2 of the last tenth of the weeks from three origins, with ads and with controls alone.

    Each origin knows nothing of the revenue after it; spend and controls are taken as known. ``gap`` [periods]: revenue
    is missing. Days are added up to weeks, so that fits by day and by week compare. R2 below 0: worse than the mean of
    the weeks held out.
    """
    total, days = regions[0].weeks, regions[0].days
    ahead = max(round(SHARE * total), FEWEST_AHEAD)
    if total - ahead < FEWEST_KNOWN:
        return {"skipped": f"{total} weeks are too few to hold some out"}
    actual = in_weeks(np.sum([region.revenue.sum(axis=0) for region in regions], axis=0), days).sum(axis=1)
    origins = np.unique(np.linspace(total - ahead, total, ORIGINS + 1).astype(int))
    ours, plain = np.zeros(total), np.zeros(total)
    for begin, end in pairwise(origins):
        first, stop = periods(int(begin), days), periods(int(end), days)
        until = [region.until(stop) for region in regions]
        fit = fit_regions([region.until(first) for region in regions], priors, seed)
        ours[begin:end] = in_weeks(predict(until, first, fit), days).sum(axis=1)
        plain[begin:end] = in_weeks(predict(until, first, None), days).sum(axis=1)
    missing = in_weeks(gap, days).any(axis=1)
    judged = np.flatnonzero(~missing & (actual > 0) & (np.arange(total) >= origins[0]))
    scores: dict[str, object] = {"origins": len(origins) - 1, "weeks": len(judged)}
    if len(judged) < FEWEST_AHEAD:
        return {"skipped": "the KPI of the weeks held out is missing or zero"}
    for name, guess in (("", ours), ("_controls_only", plain)):
        error = guess[judged] - actual[judged]
        spread = float(((actual[judged] - actual[judged].mean()) ** 2).sum())
        scores |= {f"mape{name}": float(np.abs(error / actual[judged]).mean())}
        scores |= {f"r2{name}": 1.0 - float((error**2).sum()) / spread if spread > 0 else None}
    return scores


def placebo(regions: Sequence[ResponseData], priors: Priors | None, seed: int) -> dict[str, object]:
    """A further ad channel that cannot work: the spend of the largest one, by region, backwards in time.

    ``ads_share``: share of revenue (90 % interval) that the fit credits it with; ``found``: its lowest ROI lies above
    the middle of what is believed without data, so that the other numbers deserve doubt too.
    """
    largest = int(np.argmax(np.sum([region.spend.sum(axis=1) for region in regions], axis=0)))
    tested = [_with_placebo(region, largest) for region in regions]
    fit = fit_regions(tested, priors, seed)
    if not fit.metrics:
        return {"skipped": "there is nothing to learn from"}
    spent = sum(float(region.spend[-1].sum()) for region in tested)
    revenue = sum(float(region.revenue.sum()) for region in tested)
    low, high = np.quantile(fit.roi[:, -1], [0.05, 0.95])
    (middle,) = roi_prior(whole(tested), priors or Priors(), -1).quantiles((0.5,))
    return {
        "like": regions[0].ad_channels[largest],
        "share_low": float(low) * spent / revenue,
        "share_high": float(high) * spent / revenue,
        "found": bool(low > middle),
    }


def _with_placebo(region: ResponseData, row: int) -> ResponseData:
    return replace(
        region,
        ad_channels=(*region.ad_channels, PLACEBO),
        spend=np.concatenate([region.spend, region.spend[row : row + 1, ::-1]]),
        split=np.concatenate([region.split, region.split[row : row + 1]]),
        claims=None if region.claims is None else np.concatenate([region.claims, np.full((1, region.periods), np.nan)]),
    )


def late_ads(regions: Sequence[ResponseData], priors: Priors, seed: int) -> dict[str, float]:
    """Ad channels fitted as geometric that the data take for late ones: chance of a carry-over of another kind, where
    it is at least :data:`SURELY_LATE`. One more fit, in which the data choose for every such channel."""
    names = regions[0].ad_channels
    asked = {name: priors.forms.get(name, PLAIN) for name in names}
    open_ = {name: replace(form, carry="auto") for name, form in asked.items() if form.carry == "geometric"}
    forms = fit_regions(regions, replace(priors, forms={**asked, **open_}), seed).curves.forms if open_ else None
    if forms is None:
        return {}
    late = {name: 1.0 - forms.shares(names.index(name)).get("geometric", 0.0) for name in open_}
    return {name: chance for name, chance in late.items() if chance >= SURELY_LATE}


def residuals(regions: Sequence[ResponseData], fit: ResponseFit) -> dict[str, float]:
    """What the fit leaves of all weekly revenue: R2, memory from week to week, and the largest in robust deviations."""
    days = regions[0].days
    actual = in_weeks(np.sum([region.revenue.sum(axis=0) for region in regions], axis=0), days).sum(axis=1)
    rest = actual - in_weeks(fitted(regions, fit), days).sum(axis=1)
    spread, energy = float(((actual - actual.mean()) ** 2).sum()), float((rest**2).sum())
    if spread <= 0 or energy <= 0:
        return {}
    typical = max(1.4826 * float(np.median(np.abs(rest))), 1e-12)
    return {
        "r2": 1.0 - energy / spread,
        "autocorrelation": float((rest[1:] * rest[:-1]).sum()) / energy,
        "largest": float(np.abs(rest).max()) / typical,
    }
