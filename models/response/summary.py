"""A fit in numbers: by ad channel, and together where channels cannot be told apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.response.adstock import finer
from models.response.curves import ResponseCurves
from models.response.data import ResponseData
from models.response.design import busy_week
from models.response.fit import ResponseFit, roi_prior
from models.response.forms import CARRIES, LAG_NAMES, PLAIN
from models.response.inseparable import inseparable
from models.response.period import periods
from models.response.priors import Priors
from models.response.roi_prior import ENDS

Floats = NDArray[np.float64]
RECENT_WEEKS = 13
LIKELY = 0.5
"""Chance from which a sales channel that is not named is shown."""
MEASURED = ("roi", "marginal_roi", "carryover", "half_saturation", "slope", "effect")
BELIEVED = ("half_saturation", "carryover")
"""Numbers of a curve whose belief is told as well."""
EMPTY = (
    *(f"{name}{end}" for name in MEASURED for end in ("", "_low", "_high")),
    *(f"prior_{name}_{end}" for name in ("roi", *BELIEVED) for end in ("low", "high")),
    "width_against_prior",
    "carry",
    "saturation",
    "carry_shares",
    *(f"{name}{end}" for names in LAG_NAMES.values() for name in names for end in ("", "_low", "_high")),
)
"""Every number of an ad channel; None where there is none."""


def channel_summary(fit: ResponseFit, data: ResponseData, row: int, priors: Priors) -> dict[str, Any]:
    """One ad channel: ROI, marginal ROI, curve with 90 % intervals; no numbers where nothing was spent or sold.

    ``marginal_roi``: revenue of one more yuan a period, kept up, at the mean of those with spend in the last 13 weeks;
    ``effect``: yuan a period at full saturation. ``width_against_prior``: 1 where the data add nothing. ``carryover``
    and ``slope`` of other forms: see ``ResponseCurves``.
    """
    spend = data.spend[row]
    found: dict[str, Any] = {"spend": float(spend.sum()), "data": fit.data[row]}
    if spend.sum() <= 0 or data.sold[row] <= 0 or not fit.metrics:
        return {**dict.fromkeys(EMPTY), **found}
    recent = spend[-periods(RECENT_WEEKS, data.days) :]
    recent = recent if recent.any() else spend[spend > 0]
    curves = {name: getattr(fit.curves, name)[:, row] for name in ("carryover", "half_saturation", "slope", "scale")}
    level = recent[recent > 0].mean()
    now, more = fit.curves.steady(row, np.array([level, 1.01 * level])).T
    found |= interval("roi", fit.roi[:, row], float(fit.roi[:, row].mean()))
    marginal = (more - now) / (0.01 * level)
    found |= interval("marginal_roi", marginal, float(marginal.mean()))
    found |= form_of(fit.curves, row)
    for name, draws in curves.items():
        found |= interval("effect" if name == "scale" else name, draws, float(np.median(draws)))
    low, high = roi_prior(data, priors, row).quantiles(ENDS)
    found |= {"prior_roi_low": float(low), "prior_roi_high": float(high)} | believed_curve(data, row, priors)
    found |= {"width_against_prior": (found["roi_high"] - found["roi_low"]) / float(high - low)}
    return {**dict.fromkeys(EMPTY), **found}


def believed_curve(data: ResponseData, row: int, priors: Priors) -> dict[str, float]:
    """90 % of what is believed without data of half saturation, yuan a period, and of a geometric carry-over."""
    name, busy, parts = data.ad_channels[row], float(busy_week(data.by_week().spend)[row]), periods(1, data.days)
    half, carry = priors.half_of(name, busy), priors.carryover_of(name)
    ends = {"half_saturation": busy / parts * half.at(half.quantile(np.array(ENDS)))}
    if priors.forms.get(name, PLAIN).carry == "geometric":
        ends["carryover"] = finer(carry.at(carry.quantile(np.array(ENDS))), parts)
    return {
        f"prior_{key}_{end}": float(value)
        for key, pair in ends.items()
        for end, value in zip(("low", "high"), pair, strict=True)
    }


def form_of(curves: ResponseCurves, row: int) -> dict[str, Any]:
    """``carry`` and ``saturation`` of an ad channel, with the parameters of a carry-over that is not geometric.

    Where the data choose, the most frequent carry-over and ``carry_shares`` of all.
    """
    if curves.forms is None:
        return {"carry": CARRIES[0], "saturation": "hill", "carry_shares": {CARRIES[0]: 1.0}}
    forms, shares = curves.forms, curves.forms.shares(row)
    carry = next(iter(shares))
    bent = "logistic" if forms.logistic[0, row] else "hill"
    found: dict[str, Any] = {"carry": carry, "saturation": bent, "carry_shares": shares}
    own = forms.carry[:, row] == CARRIES.index(carry)
    for name, values in zip(LAG_NAMES.get(carry, ()), (forms.lag_shape, forms.lag_weeks), strict=False):
        draws = values[own, row]
        found |= interval(name, draws, float(np.median(draws)))
    return found


def interval(name: str, draws: Floats, centre: float) -> dict[str, float]:
    """``name``, ``name_low`` and ``name_high`` (90 %)."""
    low, high = np.quantile(draws, ENDS)
    return {name: centre, f"{name}_low": float(low), f"{name}_high": float(high)}


def reach_of(fit: ResponseFit, data: ResponseData, row: int) -> list[dict[str, Any]]:
    """Sales channels on which the lift of an ad channel falls: ``share`` of it to plan with and its 90 % interval,
    whether they are ``named`` for it, and the ``chance`` that they get any; the largest first. One that only likely
    gets some has a share of 0."""
    reach = fit.reach
    places = np.flatnonzero((reach.split[row] > 0) | (reach.chance[row] > LIKELY))
    return [
        {
            "channel": data.channels[place],
            "named": bool(data.split[row, place] > 0),
            "share": float(reach.split[row, place]),
            "share_low": float(reach.low[row, place]),
            "share_high": float(reach.high[row, place]),
            "chance": float(reach.chance[row, place]),
        }
        for place in places[np.argsort(-reach.split[row, places], kind="stable")]
    ]


def together(fit: ResponseFit, data: ResponseData) -> list[dict[str, Any]]:
    """ROI of channels that cannot be told apart as one channel: that is what the data can tell of them."""
    found = []
    for group in inseparable(data.spend) if fit.metrics else ():
        rows = list(group)
        spent = data.spend[rows].sum(axis=1)
        roi = fit.roi[:, rows] @ spent / spent.sum()
        names = [data.ad_channels[row] for row in rows]
        found.append({"channels": names, **interval("roi", roi, float(roi.mean()))})
    return found
