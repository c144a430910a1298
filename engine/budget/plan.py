"""The budget stage: fit, split, prove, score."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.covered import ads_known_until
from engine.budget.days import by_day
from engine.budget.first_time import first_time_buyers
from engine.budget.frontier import contribution, frontier
from engine.budget.goals import Economics, economics_of, worth_of
from engine.budget.groups import by_group
from engine.budget.held_off import off_notes
from engine.budget.history import response_history
from engine.budget.honest import Belief, belief, believed, half_curves
from engine.budget.hours import by_hour
from engine.budget.limits import Situation, build_rules
from engine.budget.offer_tables import offer_table, stock_table
from engine.budget.overrun import least_relaxation
from engine.budget.planning import PlanningModel
from engine.budget.question import Asked
from engine.budget.reasons import channel_reasons
from engine.budget.response import fit_history, priors_of
from engine.budget.review import review_ads
from engine.budget.rules import Rules
from engine.budget.score import channel_table, difference, gains, incremental, offer_gains, whole_fen
from engine.budget.search import Search, Split, best_split
from engine.budget.settings import BudgetSettings
from engine.budget.streams import Streams, streams_on_offer
from engine.budget.terms import Terms
from engine.budget.today import everyday_spend, shopping_weeks, spent_since, todays_spend
from engine.budget.trials import trials, weekly_noise
from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.plans.budget import BudgetPlan
from engine.plans.errors import Infeasible
from engine.plans.forecast import Forecast
from engine.plans.price_protection import USUAL_PROTECTION, PriceProtection
from models.response.by_week import fit_by_week
from models.response.data import ResponseData
from models.response.fit import ResponseFit
from models.response.reach import reaching

Floats = NDArray[np.float64]


def plan_budget(
    dataset: Dataset,
    forecast: Forecast,
    settings: BudgetSettings,
    run: Run,
    protection: PriceProtection = USUAL_PROTECTION,
) -> BudgetPlan:
    """Split the ad budget of the next weeks over ad channels, with what it brings and how sure that is.

    Raises MissingInput without media, BadInput for unknown names, Infeasible where the rules contradict each other.
    """
    started = time.perf_counter()
    run.progress("response of sales to ads", 0.0)
    history, said = response_history(dataset, forecast.origin, settings.by)
    known = ads_known_until(dataset, forecast.origin)
    fit = fit_history(history, settings, run)
    noise = weekly_noise(history, fit)
    data, fit = history.by_week(), fit_by_week(fit)
    past, fit = fit.curves, replace(fit, curves=fit.curves.dearer(settings.click_price))
    priors, seed = priors_of(settings, data.ad_channels), run.seed_for("budget", "first time")
    first = first_time_buyers(dataset, reaching(data, fit.reach), known, priors, seed)
    economics = economics_of(dataset, fit.curves, settings, protection, first)
    streams = streams_on_offer(dataset, forecast, settings, economics.buyers_at, run.seed_for("budget", "streams"))
    asked = _asked(dataset, forecast, settings, data, fit, economics, streams, known)
    run.progress("split of the budget", 0.4)
    rules = build_rules(settings, asked.situation)
    split = _best(asked, rules.with_offers(asked.searched.offers))
    run.progress("what other budgets would buy", 0.7)
    levels = frontier(asked, split)
    run.progress("the gain judged by each half of the history", 0.8)
    ads = build_rules(settings, replace(asked.situation, offers=()))  # another question: all the money is for ads
    halves = half_curves(history, fit.curves, settings, run)
    trust = belief(halves, asked.model, ads, asked.worth, asked.situation.scaled)
    warnings = (*fit.warnings, *_notes(asked, rules.upper), *said)
    warnings = (*warnings, *asked.economics.notes, *trust.notes)
    run.progress("scoring over all draws", 0.95)
    warnings = (*warnings, *asked.streams.notes, *asked.streams.losing(split.pattern.taken))
    plan = _plan(asked, split, rules.terms, levels, trust, warnings)
    stock = stock_table(asked.streams, dataset)
    price = sum(entry.price for entry in split.report.binding if entry.rule.startswith("total budget"))
    offers = offer_table(asked.streams, split.pattern.taken, asked.worth, price, stock)
    weeks = len(asked.situation.starts)
    days = by_day(dataset, plan.split, known)
    hours, untold = by_hour(dataset, days, past, forecast.origin)
    plan = replace(
        plan,
        warnings=(*plan.warnings, *untold),
        days=days,
        hours=hours,
        offers=offers,
        reserve=stock,
        review=review_ads(dataset, data, past, asked.economics, known),
        trials=trials(asked, split, noise, price, run.seed_for("budget", "trials")) if fit.metrics else pd.DataFrame(),
        groups=by_group(dataset, forecast.under(), asked.fit.curves, plan.channels, settings, weeks),
    )
    return replace(plan, report=replace(plan.report, seconds=time.perf_counter() - started))


def _asked(
    dataset: Dataset,
    forecast: Forecast,
    settings: BudgetSettings,
    data: ResponseData,
    fit: ResponseFit,
    economics: Economics,
    streams: Streams,
    known: np.datetime64,
) -> Asked:
    """Today's spend, the weeks that are left, the money that is left, and what is wanted; ads are ``known`` before that
    day."""
    demand = forecast.under()
    revenue = demand.weekly_revenue_yuan.sum(axis=0, dtype=np.float64)
    reference = todays_spend(data, revenue)
    weeks = min(_weeks_left(settings, forecast.origin), reference.shape[1])
    today = reference[:, :weeks]
    later = reference[:, weeks:] if reference.shape[1] > weeks else today
    model = PlanningModel.of(fit.curves, weeks, later)
    begun = forecast.origin if settings.start is None else np.datetime64(settings.start)
    spent = spent_since(dataset, data.ad_channels, begun, forecast.origin)
    total = float(today.sum()) if settings.total_yuan is None else max(settings.total_yuan - float(spent.sum()), 0.0)
    held = model.by_week(settings.click_price * today).sum(axis=0)
    situation = Situation(
        data.ad_channels,
        today,
        data.spend.max(axis=1),
        everyday_spend(dataset, data.ad_channels, known),
        total,
        spent,
        demand.weeks[:weeks],
        shopping_weeks(dataset, demand.weeks[:weeks]),
        np.maximum(revenue[:weeks] - held, 0.0),
        streams.offers(fit.curves.draws),
    )
    worth = worth_of(settings, economics)
    return Asked(settings, fit, model, situation, economics, worth, reference, demand.weeks, streams)


def _weeks_left(settings: BudgetSettings, origin: np.datetime64) -> int:
    """Weeks of the quarter from the forecast's first day on, at least one."""
    if settings.start is None:
        return settings.weeks
    end = np.datetime64(settings.start) + np.timedelta64(7 * settings.weeks, "D")
    days = int((end - origin.astype("datetime64[D]")).astype(int))
    return max(-(-days // 7), 1)


def _best(asked: Asked, rules: Rules) -> Split:
    """The best split; where there is none, Infeasible names the smallest relaxation, the caps' too."""
    search, today = Search(asked.settings.gap, asked.settings.nodes), asked.situation.scaled
    try:
        return best_split(asked.search_model, rules, asked.worth, today, search)
    except Infeasible:
        raise Infeasible(least_relaxation(asked.search_model, rules)) from None


def _plan(
    asked: Asked, split: Split, terms: Terms, levels: pd.DataFrame, trust: Belief, warnings: tuple[str, ...]
) -> BudgetPlan:
    """Tables and scores of a split; ``terms`` with offers on all draws."""
    spend, today = split.spend, asked.situation.scaled
    names = list(asked.fit.curves.ad_channels)
    starts = asked.situation.starts.astype("datetime64[s]")
    keys = pd.MultiIndex.from_product([starts, names], names=["week", "ad_channel"])
    table = pd.DataFrame(
        {"spend_fen": whole_fen(spend).T.ravel(), "today_fen": whole_fen(today).T.ravel()}, index=keys
    ).reset_index()
    won = gains(asked.model, terms, asked.worth, split, today)
    more = offer_gains(terms, asked.worth, split)
    left = believed(won, trust) + more
    channels = channel_table(asked.model, spend, today, asked.fit.data).merge(
        channel_reasons(split.report.binding, tuple(names)), on="ad_channel", how="left", sort=False
    )
    metrics = {f"response_{name}": value for name, value in asked.fit.metrics.items()}
    lift, cash, taken = incremental(asked.model, spend), terms.cash(spend, split.pattern), split.pattern.taken
    metrics |= {
        "spend_yuan": float(spend.sum()),
        "cash_yuan": cash,
        "incremental_yuan": float(lift.sum(axis=1).mean()) + asked.streams.sales(taken),
        "contribution_yuan": contribution(asked, lift, cash, taken),
        "gain_yuan": float(left.mean()),
        "gain_claimed_yuan": float(won.mean() + np.mean(more)),
        "gain_believed_share": trust.share,
    }
    reference = _reference_frame(asked.settings.click_price * asked.reference, asked.weeks, names)
    return BudgetPlan(
        table,
        channels,
        asked.fit.curves,
        split.report,
        difference(left),
        reference,
        levels,
        warnings,
        metrics,
    )


def _reference_frame(reference: Floats, weeks: NDArray[np.datetime64], names: list[str]) -> pd.DataFrame:
    """Week and a column an ad channel, yuan."""
    frame = pd.DataFrame(reference.T, columns=names)
    frame.insert(0, "week", weeks.astype("datetime64[s]"))
    return frame


def _notes(asked: Asked, upper: Floats) -> list[str]:
    """What the user should know about the money itself; ``upper`` [ad_channels, weeks]: most of every cell."""
    situation = asked.situation
    notes = [*off_notes(asked.settings, situation, upper), *_late(asked)]
    if asked.settings.start is not None:
        weeks = len(situation.starts)
        notes.append(
            f"{situation.spent.sum():,.0f} yuan of the quarter are spent; {situation.total:,.0f} are left for {weeks} "
            f"weeks, {situation.total / weeks:,.0f} a week"
        )
    return notes


def _late(asked: Asked) -> list[str]:
    """Ad channels whose weeks are sought under another carry-over than they are scored under."""
    forms, mean = asked.fit.curves.forms, asked.model.carryover
    if forms is None:
        return []
    usual = [next(iter(forms.shares(row))) for row in range(len(mean))]
    return [
        f"ad channel {name} works {carry}: its weeks are sought as if it faded geometrically with the same mean lag "
        f"of {keep / (1.0 - keep):.1f} weeks, and scored as it works"
        for name, carry, keep in zip(asked.fit.curves.ad_channels, usual, mean, strict=True)
        if carry != "geometric"
    ]
