"""Fit of the response model: revenue by week or day on ad spend and controls, with draws of the curves.

revenue_s(t) = controls_s(t) + sum_a split_as ROI_a unit_a hill(adstock(spend_a))(t) + noise_s(t). The model is
additive: a yuan lifts revenue by the same amount in a quiet week and in a festival week. ``split`` is learned as well
(see ``reach``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.response.claims import claim_tilts
from models.response.curves import ResponseCurves
from models.response.data import ResponseData, whole
from models.response.design import busy_week
from models.response.forms import Forms, past_spend
from models.response.posterior import Posterior, Question, posterior
from models.response.priors import Priors
from models.response.reach import Reach, spill_notes
from models.response.roi_prior import RoiPrior
from models.response.shape_prior import COLUMNS
from models.response.verdicts import UNTOLD, contradictions, settled, verdicts, warnings

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

DRAWS = 200


@dataclass(frozen=True)
class ResponseFit:
    """Curves with draws, and what can be said of each ad channel.

    ``roi`` float64 [draws, ad_channels]: revenue a yuan over the whole history. ``data``: verdict by ad channel.
    ``reach``: on which sales channels it falls.
    """

    curves: ResponseCurves
    roi: Floats
    data: tuple[str, ...]
    reach: Reach
    warnings: tuple[str, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)


def fit_response(data: ResponseData, priors: Priors | None = None, seed: int = 0, draws: int = DRAWS) -> ResponseFit:
    """Fit curves for every ad channel; one that never ran keeps a flat curve.

    Always returns curves: what the data cannot tell is drawn from the prior and said in ``data`` and ``warnings``.
    """
    return fit_regions((data,), priors, seed, draws)


def region_sizes(regions: Sequence[ResponseData]) -> Floats:
    """Share of all revenue by region, float64 [regions]."""
    revenue = np.array([region.revenue.sum() for region in regions])
    return np.asarray(revenue / revenue.sum())


def fit_regions(
    regions: Sequence[ResponseData], priors: Priors | None = None, seed: int = 0, draws: int = DRAWS
) -> ResponseFit:
    """One set of curves for the whole country from regions with the same ad channels, sales channels and periods.

    A region of size s (its share of revenue) responds to spend x as s times the country to x / s: spend a head
    counts, the shapes and the ROI are common. Curves, ROI and verdicts are the country's; each region has its own
    controls and noise, and a part in the shock of the period that all share. Regions without revenue are left out.
    """
    regions = [region for region in regions if region.revenue.sum() > 0] or list(regions[:1])
    data, belief = whole(regions), priors or Priors()
    revenue = float(data.revenue.sum())
    lifted = data.split[data.spend.any(axis=1)].any(axis=0)
    if data.revenue[lifted].sum() <= 0.0:
        return _nothing(data, busy_week(data.by_week().spend))
    sizes = region_sizes(regions)
    heads = [region.by_week().spend / size for region, size in zip(regions, sizes, strict=True)]
    busy = busy_week(np.concatenate(heads, axis=1))
    ran = np.flatnonzero(busy > 0)
    believed = tuple(roi_prior(data, belief, int(row)) for row in ran)
    found = posterior(Question(regions, sizes, ran, busy[ran], believed, belief, seed))
    flat = np.linspace(0, found.roi[..., 0].size - 1, draws).astype(int)
    levels = found.roi.reshape(-1, len(ran))
    everywhere = np.zeros((draws, len(busy)))
    everywhere[:, ran] = levels[flat]
    verdict = verdicts(data, ran, levels, believed)
    metrics = settled(found) | {
        "ads_share": float((levels[flat] @ data.spend[ran].sum(axis=1)).mean() / revenue),
        "weeks": float(data.weeks),
    }
    if len(regions) > 1:
        metrics |= {"regions": float(len(regions)), "independent_regions": len(regions) / found.effect}
    doubts = (
        *warnings(data, busy, metrics),
        *contradictions(data, ran, levels, believed),
        *spill_notes(data, found.reach),
    )
    return ResponseFit(_curves(data, ran, found, flat), everywhere, verdict, found.reach, doubts, metrics)


def roi_prior(data: ResponseData, priors: Priors, row: int) -> RoiPrior:
    """What is believed of an ad channel's ROI: all ads that lift the same sales channels share what is expected (never
    quite 0, so that the prior is proper), tilted by what their platforms claim."""
    lifted = data.split[row] > 0
    reach = data.split[:, lifted].sum(axis=1)
    expected = priors.expected_roi(float(data.revenue[lifted].sum()), float(data.spend.sum(axis=1) @ reach))
    tilt = float(claim_tilts(data, priors.claims)[row])
    return priors.roi_of(data.ad_channels[row], max(expected, 1e-6) * tilt)


def _curves(data: ResponseData, ran: Rows, found: Posterior, flat: Rows) -> ResponseCurves:
    """Draws of all parameters; a channel that never ran gets a scale of 0."""
    size = (len(flat), len(data.ad_channels))
    shapes = found.shapes.reshape(-1, len(ran), len(COLUMNS))[flat]
    ran_only = {name: shapes[..., place] for place, name in enumerate(COLUMNS)} | {
        "scale": found.scale.reshape(-1, len(ran))[flat],
        "start": found.stock.reshape(-1, len(ran))[flat],
    }
    values = {name: np.full(size, 1.0 if name in ("half_saturation", "slope") else 0.0) for name in ran_only}
    for name, draws in ran_only.items():
        values[name][:, ran] = draws
    forms = {name: values.pop(name) for name in COLUMNS[3:]}
    past, days = past_spend(data.spend, data.days), data.days
    late = Forms(**forms, past=past, days=days, fitted=days) if shapes[..., 3:].any() else None
    return ResponseCurves(data.ad_channels, data.channels, split=found.reach.split, forms=late, days=days, **values)


def _nothing(data: ResponseData, busy: Floats) -> ResponseFit:
    """No revenue or no spend at all: flat curves, and it is said."""
    none, one = np.zeros((1, len(busy))), np.ones((1, len(busy)))
    start = data.spend[None, :, -1] if data.weeks else busy[None]
    curves = ResponseCurves(data.ad_channels, data.channels, none, one, one, none, start, data.split, days=data.days)
    why = "no ad channel has any spend" if not (busy > 0).any() else "there is no revenue to explain"
    said = (f"{why}: no effect of ads is assumed",)
    return ResponseFit(curves, none, (UNTOLD,) * len(busy), Reach.told(data.split), said, {})
