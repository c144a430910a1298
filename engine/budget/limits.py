"""The settings as rules: bounds, rows, terms of payment and caps for the weeks ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.budget.rules import RatioCap, Rule, Rules
from engine.budget.settings import BudgetSettings, ChannelRule
from engine.budget.terms import Offer, Step, Terms, in_contracts, tariff_of
from engine.plans.errors import BadInput, Problem

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
NO_RULE = ChannelRule()


@dataclass(frozen=True)
class Situation:
    """What the rules are about, in yuan.

    ``today`` [ad_channels, weeks]: spend if nothing changes. ``largest`` [ad_channels]: largest week ever.
    ``everyday`` [ad_channels]: spend of a usual day. ``total``: what may be spent on these weeks; ``spent``
    [ad_channels]: what the quarter has already cost. ``starts`` [weeks]: first days. ``events`` [weeks]: weeks with a
    shopping event. ``without_ads`` [weeks]: expected revenue if no ads ran. ``offers``: what is on offer beside ads.
    """

    ad_channels: tuple[str, ...]
    today: Floats
    largest: Floats
    everyday: Floats
    total: float
    spent: Floats
    starts: NDArray[np.datetime64]
    events: Mask
    without_ads: Floats
    offers: tuple[Offer, ...] = ()

    @property
    def scaled(self) -> Floats:
        """Today's split of the money at hand, less what is decided beside ads, [ad_channels, weeks]."""
        placed = float(self.today.sum())
        at_hand = max(self.total - sum(offer.cash for offer in self.offers if offer.decided), 0.0)
        return self.today * (at_hand / placed) if placed > 0 else self.today


def build_rules(settings: BudgetSettings, situation: Situation) -> Rules:
    """All rules of the settings; BadInput where they name what is not there."""
    check_names(settings, situation.ad_channels)
    rows = [_total(settings, situation), *_weeks(settings, situation), *_periods(settings, situation)]
    rows += [*_channels(settings, situation), *_groups(settings, situation)]
    lower, upper = _bounds(settings, situation)
    terms = _terms(settings, situation, upper.sum(axis=1))
    return Rules(situation.ad_channels, lower, upper, tuple(rows), terms, tuple(_caps(settings, situation)))


def _rule_of(settings: BudgetSettings, name: str) -> ChannelRule:
    return settings.channels.get(name, NO_RULE)


def _bounds(settings: BudgetSettings, situation: Situation) -> tuple[Floats, Floats]:
    """Least and most of every cell; an ad channel with rules of its own has no change limit."""
    scaled = situation.scaled
    lower, upper = np.zeros_like(scaled), np.maximum(settings.stretch * situation.largest[:, None], scaled)
    if settings.change_limit is not None:
        kept = np.array([name not in settings.channels for name in situation.ad_channels])
        lower[kept] = scaled[kept] * max(1.0 - settings.change_limit, 0.0)
        upper[kept] = np.minimum(upper[kept], scaled[kept] * (1.0 + settings.change_limit))
    if settings.daily_cap is not None:
        upper = np.minimum(upper, 7.0 * settings.daily_cap * situation.everyday[:, None])
        lower = np.minimum(lower, upper)
    for row, name in enumerate(situation.ad_channels):
        rule = _rule_of(settings, name)
        upper[row] = np.minimum(upper[row], np.inf if rule.max_week_yuan is None else rule.max_week_yuan)
        lower[row] = np.maximum(np.minimum(lower[row], upper[row]), rule.min_week_yuan)
        upper[row] = np.maximum(upper[row], lower[row])
        if float(upper[row].sum()) < rule.contract_yuan:
            upper[row] = 0.0  # not one contract fits
    return lower, upper


def _total(settings: BudgetSettings, situation: Situation) -> Rule:
    everything = np.ones(situation.today.shape, dtype=bool)
    free = not settings.spend_all or settings.marginal_at_least is not None
    capped = settings.ad_ratio is not None or settings.event_ad_ratio is not None
    least = 0.0 if free or capped or _has_terms(settings, situation) else situation.total
    remedy = "change total_yuan, or loosen the limits of the channels"
    return Rule("total budget", everything, least, situation.total, remedy, cash=True)


def _has_terms(settings: BudgetSettings, situation: Situation) -> bool:
    """Whether cash is more than spend: then money may be left that buys no whole step."""
    return bool(situation.offers) or any(
        rule.fee_yuan or rule.fee_week_yuan or rule.prepaid_yuan or rule.rebates or rule.contract_yuan
        for rule in settings.channels.values()
    )


def _weeks(settings: BudgetSettings, situation: Situation) -> list[Rule]:
    """Spend of all ads in each week."""
    rows = []
    for week in range(situation.today.shape[1]):
        usual = float(situation.scaled[:, week].sum())
        low, high = settings.week_min_yuan, np.inf if settings.week_max_yuan is None else settings.week_max_yuan
        change = settings.event_week_change if situation.events[week] else settings.week_change
        if change is not None:
            least = usual * max(1.0 - change, 0.0) if _total(settings, situation).low > 0 else 0.0
            low = max(low, min(least, high))
            high = min(high, max(usual * (1.0 + change), low))
        if low > 0 or np.isfinite(high):
            remedy = "loosen week_change, week_min_yuan or week_max_yuan"
            rows.append(Rule(f"week {week + 1}", _cells(situation, weeks=[week]), low, float(high), remedy))
    return rows


def _periods(settings: BudgetSettings, situation: Situation) -> list[Rule]:
    """Budgets of parts of the quarter: the weeks that begin in them."""
    rows = []
    for period in settings.periods:
        inside = np.flatnonzero(
            (situation.starts >= np.datetime64(period.start)) & (situation.starts <= np.datetime64(period.end))
        )
        name = f"period {period.start} to {period.end}"
        high = np.inf if period.max_yuan is None else period.max_yuan
        rows.append(Rule(name, _cells(situation, weeks=inside), period.min_yuan, high, "change periods"))
    return rows


def _channels(settings: BudgetSettings, situation: Situation) -> list[Rule]:
    """Limits of an ad channel over the quarter, less what the quarter has already cost."""
    rows = []
    whole = situation.total + float(situation.spent.sum())
    for name, rule in sorted(settings.channels.items()):
        row = situation.ad_channels.index(name)
        spent = float(situation.spent[row])
        high = min(whole * rule.max_share, np.inf if rule.max_yuan is None else rule.max_yuan) - spent
        low = max(whole * rule.min_share, rule.min_yuan) - spent
        rows.append(
            Rule(f"ad channel {name}", _cells(situation, [row]), low, max(high, 0.0), f"change channels.{name}")
        )
    return rows


def _groups(settings: BudgetSettings, situation: Situation) -> list[Rule]:
    rows = []
    whole = situation.total + float(situation.spent.sum())
    for name, group in sorted(settings.groups.items()):
        members = [situation.ad_channels.index(member) for member in group.ad_channels]
        spent = float(situation.spent[members].sum())
        low, high = whole * group.min_share - spent, max(whole * group.max_share - spent, 0.0)
        rows.append(Rule(f"group {name}", _cells(situation, members), low, high, f"change groups.{name}"))
    return rows


def _terms(settings: BudgetSettings, situation: Situation, most: Floats) -> Terms:
    """``most`` [ad_channels]: spend that the bounds allow."""
    rules = [_rule_of(settings, name) for name in situation.ad_channels]
    return Terms(
        np.array([rule.fee_week_yuan for rule in rules]),
        np.array([rule.least_week_yuan for rule in rules]),
        tuple(_tariff(rule, float(high)) for rule, high in zip(rules, most, strict=True)),
        situation.offers,
    )


def _tariff(rule: ChannelRule, most: float) -> tuple[Step, ...]:
    rebates = tuple((rebate.from_yuan, rebate.rate) for rebate in rule.rebates)
    tariff = tariff_of(rule.prepaid_yuan, rebates, rule.fee_yuan, rule.least_yuan)
    return in_contracts(tariff, rule.contract_yuan, most) if 0 < rule.contract_yuan <= most else tariff


def _caps(settings: BudgetSettings, situation: Situation) -> list[RatioCap]:
    """Caps on the ad ratio (费比) of all weeks and of those with a shopping event."""
    every = np.ones(len(situation.events), dtype=bool)
    asked = [("ad_ratio", "ad ratio", every, settings.ad_ratio)]
    asked.append(("event_ad_ratio", "ad ratio of event weeks", situation.events, settings.event_ad_ratio))
    return [
        RatioCap(name, weeks, share, float(situation.without_ads[weeks].sum()), f"raise {key}, or lower the minimums")
        for key, name, weeks, share in asked
        if share is not None and weeks.any()
    ]


def _cells(
    situation: Situation, rows: list[int] | None = None, weeks: list[int] | NDArray[np.int64] | None = None
) -> Mask:
    """Cells of some ad channels and weeks; None: all."""
    channels, columns = (np.zeros(size, dtype=bool) for size in situation.today.shape)
    channels[slice(None) if rows is None else rows] = True
    columns[slice(None) if weeks is None else weeks] = True
    return np.asarray(channels[:, None] & columns[None])


def check_names(settings: BudgetSettings, ad_channels: tuple[str, ...]) -> None:
    """Raises BadInput where the settings name ad channels that are not there, all at once."""
    named = [(place, name) for place in ("channels", "response") for name in getattr(settings, place)]
    named += [(f"response.{key}.fed_by", other) for key, told in settings.response.items() for other in told.fed_by]
    named += [(f"groups.{key}", member) for key, group in settings.groups.items() for member in group.ad_channels]
    problems = [
        Problem(
            "plan.yaml",
            f"budget.{place} names an ad channel that media does not have / media 中没有这个广告渠道",
            value=name,
            expected=", ".join(ad_channels),
        )
        for place, name in named
        if name not in ad_channels
    ]
    if problems:
        raise BadInput(problems)
