"""What the fit says of each channel, and what can be said of channels that cannot be told apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.response.holdout import holdout
from experiments.response.read import Question, read_panel
from experiments.response.weeks import Weeks, weekly
from models.response.data import ResponseData, whole
from models.response.fit import ResponseFit, fit_regions
from models.response.priors import Priors, prior_roi_draws
from models.response.verdicts import SAME

Floats = NDArray[np.float64]
DRAWS = 4000
LEVELS = (0.05, 0.95)


def answer(question: Question, seed: int = 1, held_out: bool = True) -> dict[str, Any]:
    """Channels with ROI, 90 % intervals and curve, diagnostics and notes, ready for JSON. Raises BadInput.

    Without ``revenue_per_kpi`` the KPI has no known unit: the prior ROI is a share of KPI / spend without a ceiling,
    so that the answer scales with the KPI.
    """
    weeks = weekly(read_panel(question), question)
    priors = Priors() if question.revenue_per_kpi else Priors(highest_roi=float("inf"))
    fit = fit_regions(weeks.regions, priors, seed, DRAWS)
    data = whole(weeks.regions)
    unit = "yuan" if question.revenue_per_kpi else question.kpi
    diagnostics: dict[str, Any] = {name: fit.metrics.get(name) for name in ("r_hat", "ess")}
    diagnostics |= {name: value for name, value in fit.metrics.items() if name not in diagnostics}
    diagnostics |= {"from": str(weeks.first[0]), "gap_weeks": int(weeks.gap.sum())}
    diagnostics["holdout"] = holdout(weeks, priors, seed) if held_out and fit.metrics else None
    return {
        "channels": {name: _channel(fit, data, row, priors, seed) for row, name in enumerate(data.ad_channels)},
        "together": _together(fit, data),
        "unit": f"{unit} a yuan of spend",
        "diagnostics": diagnostics,
        "notes": [*weeks.notes, *_pooling(weeks, fit), *fit.warnings],
    }


def _channel(fit: ResponseFit, data: ResponseData, row: int, priors: Priors, seed: int) -> dict[str, Any]:
    """One channel; no numbers where nothing was spent or nothing was sold."""
    spent = float(data.spend[row].sum())
    found: dict[str, Any] = {"spend": spent, "data": fit.data[row]}
    if spent <= 0 or not fit.metrics:
        empty = ("roi", "roi_low", "roi_high", "carryover", "half_saturation", "slope", "effect")
        return {**dict.fromkeys(empty), **found}
    found |= _interval("roi", fit.roi[:, row], float(fit.roi[:, row].mean()))
    curves = {
        "carryover": fit.curves.carryover,
        "half_saturation": fit.curves.half_saturation,
        "slope": fit.curves.slope,
        "effect": fit.curves.scale,
    }
    for name, draws in curves.items():
        found |= _interval(name, draws[:, row], float(np.median(draws[:, row])))
    expected = priors.expected_roi(float(data.revenue.sum()), float(data.spend.sum()))
    low, high = np.quantile(prior_roi_draws(expected, 20_000, seed), LEVELS)
    found |= {"prior_roi_low": float(low), "prior_roi_high": float(high)}
    return found | {"width_against_prior": (found["roi_high"] - found["roi_low"]) / float(high - low)}


def _interval(name: str, draws: Floats, centre: float) -> dict[str, float]:
    low, high = np.quantile(draws, LEVELS)
    return {name: centre, f"{name}_low": float(low), f"{name}_high": float(high)}


def _together(fit: ResponseFit, data: ResponseData) -> list[dict[str, Any]]:
    """ROI of channels whose spends move together as one channel: that is what the data can tell of them."""
    moving = [row for row in range(len(data.spend)) if data.spend[row].std() > 0]
    found, seen = [], set[int]()
    for row in moving if fit.metrics else []:
        twins = [other for other in moving if np.corrcoef(data.spend[row], data.spend[other])[0, 1] > SAME]
        if len(twins) < 2 or row in seen:
            continue
        seen |= set(twins)
        spent = data.spend[twins].sum(axis=1)
        roi = fit.roi[:, twins] @ spent / spent.sum()
        names = [data.ad_channels[twin] for twin in twins]
        found.append({"channels": names, **_interval("roi", roi, float(roi.mean()))})
    return found


def _pooling(weeks: Weeks, fit: ResponseFit) -> list[str]:
    """How regions were used."""
    if len(weeks.regions) < 2 or "independent_regions" not in fit.metrics:
        return []
    count = fit.metrics["independent_regions"]
    return [
        f"{len(weeks.regions)} regions with curves and ROI in common, each with its own level, season and noise; "
        f"what they share unexplained makes them as good as {count:.1f} independent ones"
    ]
