"""The budget stage: fit, split, prove, score."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.history import response_data
from engine.budget.margin import margin_rate
from engine.budget.planning import PlanningModel
from engine.budget.polish import polish, prices
from engine.budget.programme import Worth, solve
from engine.budget.rules import Rules, build_rules
from engine.budget.score import channel_table, difference, incremental, whole_fen
from engine.budget.settings import BudgetSettings
from engine.budget.today import todays_spend
from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.plans.budget import BudgetPlan
from engine.plans.forecast import Forecast
from engine.plans.solve import SolveReport, relative_gap
from models.response.fit import ResponseFit, fit_response
from models.response.priors import Priors

Floats = NDArray[np.float64]
SCOPE = "the planning model: mean curves, carry-over at its posterior mean"


@dataclass(frozen=True)
class Split:
    """A split in yuan [ad_channels, weeks] with its proof."""

    spend: Floats
    report: SolveReport


def plan_budget(dataset: Dataset, forecast: Forecast, settings: BudgetSettings, run: Run) -> BudgetPlan:
    """Split the ad budget of the next weeks over ad channels, with what it brings and how sure that is.

    Raises MissingInput without media, BadInput for unknown names, Infeasible where the rules contradict each other.
    """
    started = time.perf_counter()
    run.progress("response of sales to ads", 0.0)
    data = response_data(dataset, forecast.origin)
    priors = Priors(ads_share=settings.ads_share, roi=settings.prior_roi)
    fit = fit_response(data, priors, run.seed_for("budget", "response"))
    demand = forecast.under()
    reference = todays_spend(data, demand.weekly_revenue_yuan.sum(axis=0, dtype=np.float64))
    weeks = min(settings.weeks, reference.shape[1])
    warnings = [*fit.warnings, *_notes(dataset, data.ad_channels, reference)]
    today = reference[:, :weeks]
    total = float(today.sum()) if settings.total_yuan is None else settings.total_yuan
    model = PlanningModel.of(fit.curves, weeks, reference[:, weeks:] if reference.shape[1] > weeks else today)
    rate, note = margin_rate(dataset, settings.margin_rate) if settings.objective == "contribution" else (1.0, None)
    warnings += [note] if note else []
    worth = Worth(rate, 1.0 if settings.objective == "contribution" else 0.0)
    rules = build_rules(settings, data.ad_channels, today, data.spend.max(axis=1), total)
    run.progress("split of the budget", 0.5)
    scaled = today * (total / today.sum()) if today.sum() > 0 else today
    split = best_split(model, rules, worth, scaled, settings)
    run.progress("scoring over all draws", 0.9)
    report = replace(split.report, seconds=time.perf_counter() - started)
    return _plan(split.spend, scaled, reference, demand.weeks, model, fit, worth, report, tuple(warnings))


def best_split(model: PlanningModel, rules: Rules, worth: Worth, today: Floats, settings: BudgetSettings) -> Split:
    """The split with its bound; where no ad channel has any effect, the one nearest to today."""
    nothing = worth.of(model, np.zeros_like(today))
    if not (model.curves.scale > 0).any():
        spend = rules.nearest(today)
        value = worth.of(model, spend) - nothing
        return Split(spend, SolveReport("feasible", 100.0 * value, float("nan"), float("nan"), "no response, no bound"))
    best: Floats | None = None
    limit = float("inf")
    seen: list[Floats] = []
    for _ in range(settings.rounds):
        solved = solve(model, rules, worth, 0.5 * settings.gap, settings.nodes, tuple(seen))
        starts = [solved.spend] if best is not None or rules.broken(today, 0.01) else [solved.spend, today]
        found = [polish(model, rules, worth, start) for start in starts] + ([] if best is None else [best])
        best = max(found, key=lambda split: worth.of(model, split))
        limit = min(limit, solved.bound - nothing)
        seen += [best, solved.spend]
        if relative_gap(worth.of(model, best) - nothing, limit) <= settings.gap:
            break
    assert best is not None
    spend, value = best, worth.of(model, best) - nothing
    bound = max(limit, value) if np.isfinite(limit) else float("nan")
    gap = relative_gap(value, bound)
    status = "optimal" if gap <= settings.gap else "feasible"
    binding = prices(model, rules, worth, spend)
    return Split(spend, SolveReport(status, 100.0 * value, 100.0 * bound, gap, SCOPE, binding=binding))


def _plan(
    spend: Floats,
    today: Floats,
    reference: Floats,
    weeks: NDArray[np.datetime64],
    model: PlanningModel,
    fit: ResponseFit,
    worth: Worth,
    report: SolveReport,
    warnings: tuple[str, ...],
) -> BudgetPlan:
    """Tables and scores of a split."""
    names = list(fit.curves.ad_channels)
    planned = spend.shape[1]
    keys = pd.MultiIndex.from_product([weeks[:planned].astype("datetime64[s]"), names], names=["week", "ad_channel"])
    split = pd.DataFrame(
        {"spend_fen": whole_fen(spend).T.ravel(), "today_fen": whole_fen(today).T.ravel()}, index=keys
    ).reset_index()
    gains = worth.margin * (incremental(model, spend) - incremental(model, today)).sum(axis=1)
    gains = gains - worth.cost * (float(spend.sum()) - float(today.sum()))
    channels = channel_table(model, spend, today, fit.data)
    metrics = {f"response_{name}": value for name, value in fit.metrics.items()}
    metrics |= {
        "spend_yuan": float(spend.sum()),
        "incremental_yuan": float(incremental(model, spend).sum(axis=1).mean()),
    }
    metrics["gain_yuan"] = float(gains.mean())
    return BudgetPlan(
        split,
        channels,
        fit.curves,
        report,
        difference(gains),
        _reference_frame(reference, weeks, names),
        warnings,
        metrics,
    )


def _reference_frame(reference: Floats, weeks: NDArray[np.datetime64], names: list[str]) -> pd.DataFrame:
    """Week and a column an ad channel, yuan."""
    frame = pd.DataFrame(reference.T, columns=names)
    frame.insert(0, "week", weeks.astype("datetime64[s]"))
    return frame


def _notes(dataset: Dataset, ad_channels: tuple[str, ...], reference: Floats) -> list[str]:
    """What the user should know about the money itself."""
    notes = [
        f"ad channel {name} had no spend in the last 13 weeks: it stays off unless budget.channels names it"
        for name, row in zip(ad_channels, reference, strict=True)
        if row.sum() <= 0
    ]
    media = dataset["media"]
    if "whole_site" in media and media["whole_site"].fillna(False).astype(bool).any():
        tools = sorted(set(media.loc[media["whole_site"].fillna(False).astype(bool), "ad_channel"].astype(str)))
        notes.append(f"{', '.join(tools)}: whole-site tools report organic sales as their own; their claim is not used")
    return notes
