"""What each ad channel brings, and how far that can be believed: the fit behind the budget, on its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.budget.covered import ads_known_until
from engine.budget.first_time import first_time_buyers
from engine.budget.goals import economics_of
from engine.budget.history import response_history
from engine.budget.limits import check_names
from engine.budget.mediated import mediated
from engine.budget.review import review_ads
from engine.budget.settings import BudgetSettings
from engine.data.dataset import Dataset
from engine.data.panels import first_day_ahead
from engine.execution.run import Run
from engine.plans.parts import records
from engine.plans.price_protection import USUAL_PROTECTION, PriceProtection
from models.panel import Frequency
from models.response.by_week import fit_by_week
from models.response.checks import holdout, late_ads, placebo, residuals
from models.response.data import ResponseData
from models.response.fit import ResponseFit, fit_response
from models.response.period import WEEK
from models.response.priors import Priors
from models.response.reach import reaching
from models.response.summary import channel_summary, reach_of, together


@dataclass(frozen=True)
class ResponseReport:
    """``channels``: numbers by ad channel (see ``channel_summary``) with ``lifts`` (what is named for it) and ``reach``
    (see ``reach_of``), ``attributed_roi`` (what platforms claim), ``click_yuan``, ``new_share`` (of first-time buyers
    in what it brings, beside that in all sales that it lifts); ``together``: channels that cannot be told apart, as
    one; ``indirect``: what content brings through search (see ``Mediated.rows``). ``diagnostics``: R-hat, effective
    size, residuals, holdout, placebo, and ``by`` what the ads were fitted (curves are by week either way). ``notes``:
    what the user should know. ``review``: see ``BudgetPlan.review``.
    """

    channels: dict[str, dict[str, Any]]
    together: list[dict[str, Any]]
    indirect: list[dict[str, Any]]
    diagnostics: dict[str, Any]
    notes: tuple[str, ...]
    review: pd.DataFrame

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {**vars(self), "notes": list(self.notes), "review": records(self.review)}


def fit_history(data: ResponseData, settings: BudgetSettings, run: Run) -> ResponseFit:
    """The fit that budget and report share."""
    return fit_response(data, priors_of(settings, data.ad_channels), run.seed_for("budget", "response"))


def study_response(
    dataset: Dataset,
    settings: BudgetSettings,
    frequency: Frequency,
    run: Run,
    checks: bool = True,
    protection: PriceProtection = USUAL_PROTECTION,
) -> ResponseReport:
    """Fit on all history whose ads are known, and check the fit; ``checks``: five more fits. Raises MissingInput
    without ad spend."""
    run.progress("response of sales to ads", 0.0)
    origin = first_day_ahead(dataset, frequency)
    data, said = response_history(dataset, origin, settings.by)
    fit, seed = fit_history(data, settings, run), run.seed_for("budget", "checks")
    priors = priors_of(settings, data.ad_channels)
    told, weeks = fit_by_week(fit), data.by_week()
    channels = {name: channel_summary(told, weeks, row, priors) for row, name in enumerate(data.ad_channels)}
    claims = _claims(dataset)
    for row, (name, numbers) in enumerate(channels.items()):
        lifted = [channel for channel, share in zip(data.channels, data.split[row], strict=True) if share > 0]
        numbers |= {"lifts": lifted, "reach": reach_of(fit, data, row), **claims.get(name, {})}
    diagnostics: dict[str, Any] = {"by": "week" if data.days == WEEK else "day", **fit.metrics}
    notes = list(fit.warnings)
    if fit.metrics:
        diagnostics["residuals"] = residuals([data], fit)
    if checks and fit.metrics:
        run.progress("weeks held out", 0.3)
        diagnostics["holdout"] = holdout([data], np.zeros(data.periods, dtype=bool), priors, seed)
        run.progress("a channel that cannot work", 0.8)
        diagnostics["placebo"] = placebo([data], priors, seed)
        run.progress("carry-over of other kinds", 0.9)
        diagnostics["late"] = late_ads([data], priors, seed)
        notes += _doubts(diagnostics)
    reached, known = reaching(weeks, fit.reach), ads_known_until(dataset, origin)
    found = mediated(dataset, reached, told, settings, known, seed)
    first = first_time_buyers(dataset, reached, known, priors, run.seed_for("budget", "first time"))
    for row, numbers in enumerate(channels.values()):
        numbers |= first.of(row)
    economics = economics_of(dataset, told.curves, settings, protection, first)
    review = review_ads(dataset, weeks, told.curves, economics, known)
    notes += [*found.notes, *said, *first.notes]
    return ResponseReport(channels, together(fit, data), found.rows, diagnostics, tuple(notes), review)


def priors_of(settings: BudgetSettings, ad_channels: tuple[str, ...]) -> Priors:
    """What the settings believe; BadInput where they name an ad channel that is not there."""
    check_names(settings, ad_channels)
    forms = {name: told.form for name, told in settings.response.items()}
    beliefs = {name: told.belief for name, told in settings.response.items()}
    return Priors(
        settings.ads_share,
        settings.prior_roi,
        claims=settings.claims,
        spills=settings.spills,
        forms=forms,
        beliefs=beliefs,
    )


def _claims(dataset: Dataset) -> dict[str, dict[str, float | None]]:
    """What platforms report by ad channel: attributed return and price of a click, over the rows that report it; None
    where none does."""
    media = dataset["media"]
    names = media["ad_channel"].astype(str).to_numpy()
    spend = media["spend_fen"].to_numpy(float)
    told = {
        name: media[name].to_numpy(dtype=float, na_value=np.nan) if name in media else np.full(len(media), np.nan)
        for name in ("attributed_fen", "clicks")
    }
    found: dict[str, dict[str, float | None]] = {}
    for name in np.unique(names):
        (claimed, over), (clicks, paid) = (
            (float(values[rows].sum()), float(spend[rows].sum()))
            for values in told.values()
            for rows in [(names == name) & np.isfinite(values)]
        )
        found[str(name)] = {"attributed_roi": _ratio(claimed, over), "click_yuan": _ratio(paid / 100.0, clicks)}
    return found


def _ratio(above: float, below: float) -> float | None:
    return above / below if below > 0 else None


def _doubts(diagnostics: dict[str, Any]) -> list[str]:
    """What the checks say against the fit."""
    found = []
    held, fake = diagnostics["holdout"], diagnostics["placebo"]
    if "mape" in held and held["mape"] > held["mape_controls_only"]:
        found.append(
            f"knowing the ads does not help to foresee the last {held['weeks']} weeks "
            f"(error {held['mape']:.1%} against {held['mape_controls_only']:.1%} without)"
        )
    if fake.get("found"):
        found.append(
            f"a made-up channel like {fake['like']} is credited with {fake['share_low']:.1%} of revenue or more: "
            f"the other numbers deserve doubt too"
        )
    found += [
        f"ad channel {name} seems to work late ({chance:.0%}): carry delayed, weibull or auto in budget.response would "
        "tell it"
        for name, chance in diagnostics["late"].items()
    ]
    return found
