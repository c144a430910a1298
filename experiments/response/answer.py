"""What the fit says of each channel, and what can be said of channels that cannot be told apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from experiments.response.beliefs import read_beliefs
from experiments.response.lift_tests import with_tests
from experiments.response.periods import Periods, histories
from experiments.response.read import Question, read_panel
from models.response.checks import holdout, late_ads, placebo, residuals
from models.response.data import whole
from models.response.fit import ResponseFit, fit_regions
from models.response.period import in_weeks
from models.response.priors import Priors
from models.response.summary import channel_summary, together

DRAWS = 4000


def answer(question: Question, seed: int = 1, held_out: bool = True) -> dict[str, Any]:
    """Channels with ROI, 90 % intervals and curve, diagnostics and notes, ready for JSON. Raises BadInput.

    Without ``revenue_per_kpi`` the KPI has no known unit: the prior ROI is a share of KPI / spend without a ceiling,
    so that the answer scales with the KPI.
    """
    found = with_tests(histories(read_panel(question), question), question)
    priors = Priors(forms=question.forms)
    if question.beliefs is not None:
        priors = replace(priors, beliefs=read_beliefs(question.beliefs, question.spend, question.forms))
    if not question.revenue_per_kpi:
        priors = replace(priors, highest_roi=float("inf"))
    fit = fit_regions(found.regions, priors, seed, DRAWS)
    data = whole(found.regions)
    unit = "yuan" if question.revenue_per_kpi else question.kpi
    diagnostics: dict[str, Any] = {name: fit.metrics.get(name) for name in ("r_hat", "ess")}
    diagnostics |= {name: value for name, value in fit.metrics.items() if name not in diagnostics}
    diagnostics |= {"from": str(found.first[0]), "gap_weeks": int(in_weeks(found.gap, data.days).any(axis=1).sum())}
    diagnostics |= {"by": question.by, f"gap_{question.by}s": int(found.gap.sum())}
    diagnostics["residuals"] = residuals(found.regions, fit) if fit.metrics else None
    checked = held_out and bool(fit.metrics)
    diagnostics["holdout"] = holdout(found.regions, found.gap, priors, seed) if checked else None
    diagnostics["placebo"] = placebo(found.regions, priors, seed) if checked else None
    diagnostics["late"] = late_ads(found.regions, priors, seed) if checked else None
    return {
        "channels": {name: channel_summary(fit, data, row, priors) for row, name in enumerate(data.ad_channels)},
        "together": together(fit, data),
        "unit": f"{unit} a yuan of spend",
        "curve_units": curve_units(question.by, unit),
        "diagnostics": diagnostics,
        "notes": [*found.notes, *_pooling(found, fit), *fit.warnings],
    }


def curve_units(by: str, unit: str) -> dict[str, str]:
    """Units of the parameters of a channel that was fitted by day or week.

    >>> curve_units("day", "yuan")["half_saturation"]
    'yuan of spend a day'
    """
    lags = {"delay_weeks": "weeks", "weibull_weeks": "weeks", "retention": "squared weeks from the delay"}
    return lags | {
        "carryover": f"share kept from {by} to {by}",
        "half_saturation": f"yuan of spend a {by}",
        "effect": f"{unit} a {by}",
        "marginal_roi": f"{unit} a yuan of spend, at the mean {by} with spend of the last 13 weeks",
    }


def _pooling(found: Periods, fit: ResponseFit) -> list[str]:
    """How regions were used."""
    if len(found.regions) < 2 or "independent_regions" not in fit.metrics:
        return []
    count = fit.metrics["independent_regions"]
    return [
        f"{len(found.regions)} regions with curves and ROI in common, each with its own level, season and noise; what "
        f"they share unexplained makes them as good as {count:.1f} independent ones where spend is alike in all of "
        "them, while differences between them count in full"
    ]
