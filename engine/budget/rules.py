"""Rules of the split as bounds and linear rows, terms of payment, and caps on the ad ratio."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.budget.planning import PlanningModel
from engine.budget.terms import Offer, Pattern, Step, Terms

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Rule:
    """``low`` <= sum of ``weight`` [ad_channels, weeks] x spend <= ``high``, yuan; ``cash``: of what is paid instead.

    A rule on cash is over all ad channels, weeks, fees and offers.
    """

    name: str
    weight: Floats | Mask
    low: float
    high: float
    remedy: str
    cash: bool = False

    def amount(self, spend: Floats) -> float:
        """Left side for a split, yuan."""
        return float((self.weight * spend).sum())


@dataclass(frozen=True)
class RatioCap:
    """Spend in ``weeks`` [weeks] stays within ``share`` of revenue: ``without_ads`` yuan and what the ads bring."""

    name: str
    weeks: Mask
    share: float
    without_ads: float
    remedy: str

    def excess(self, model: PlanningModel, spend: Floats) -> float:
        """Yuan of spend above the cap; negative: below."""
        lift = float(model.by_week(spend)[:, self.weeks].sum())
        return float(spend[:, self.weeks].sum()) - self.share * (self.without_ads + lift)


@dataclass(frozen=True)
class Rules:
    """Bounds of every cell [ad_channels, weeks], yuan, rules over several cells, terms of payment, caps on the ratio.

    Where a week of an ad channel is on or off (``terms.by_week``) the bounds hold where it is on.
    """

    ad_channels: tuple[str, ...]
    lower: Floats
    upper: Floats
    rows: tuple[Rule, ...]
    terms: Terms
    caps: tuple[RatioCap, ...] = ()

    @classmethod
    def plain(cls, ad_channels: tuple[str, ...], lower: Floats, upper: Floats, rows: tuple[Rule, ...]) -> Rules:
        """Rules in which a yuan costs a yuan."""
        return cls(ad_channels, lower, upper, rows, Terms.plain(len(ad_channels)))

    @property
    def unit(self) -> float:
        """Yuan in which programmes are written, so that their figures are near 1."""
        return max(float(self.upper.max(initial=0.0)), 1.0)

    def with_offers(self, offers: tuple[Offer, ...]) -> Rules:
        """The same rules with the same offers on other draws."""
        return replace(self, terms=replace(self.terms, offers=offers))

    def fixed(self, pattern: Pattern) -> Rules:
        """The rules once all on/off decisions are taken: bounds and linear rows only."""
        terms = self.terms
        least = np.where(terms.by_week[:, None], np.maximum(self.lower, terms.least[:, None]), self.lower)
        lower, upper = np.where(pattern.on, least, 0.0), np.where(pattern.on, self.upper, 0.0)
        rates, constant = terms.rates(pattern)[:, None], terms.constant(pattern)
        rows = [
            replace(rule, weight=rule.weight * rates, low=rule.low - constant, high=rule.high - constant, cash=False)
            if rule.cash
            else rule
            for rule in self.rows
        ]
        for row, (name, tariff, n) in enumerate(zip(self.ad_channels, terms.tariffs, pattern.step, strict=True)):
            if len(tariff) > 1:
                weight = np.zeros(self.lower.shape)
                weight[row] = 1.0
                rows.append(Rule(f"terms of {name}", weight, tariff[n].low, tariff[n].high, f"change channels.{name}"))
        nothing = np.zeros(len(self.ad_channels))
        settled = Terms(nothing, nothing, tuple((Step(0.0, np.inf, 0.0, float(rate)),) for rate in rates[:, 0]))
        return replace(self, lower=lower, upper=upper, rows=tuple(rows), terms=settled)

    def broken(self, spend: Floats, pattern: Pattern, tolerance: float = 1.0) -> list[str]:
        """Names of the linear rules that a split breaks by more than ``tolerance`` yuan."""
        fixed = self.fixed(pattern)
        found = [
            f"bounds of {name}"
            for row, name in enumerate(self.ad_channels)
            if (spend[row] < fixed.lower[row] - tolerance).any() or (spend[row] > fixed.upper[row] + tolerance).any()
        ]
        for rule in fixed.rows:
            amount = rule.amount(spend)
            if amount < rule.low - tolerance or amount > rule.high + tolerance:
                found.append(rule.name)
        return found

    def over_ratio(self, model: PlanningModel, spend: Floats, tolerance: float = 1.0) -> list[str]:
        """Names of the caps on the ad ratio that a split exceeds by more than ``tolerance`` yuan."""
        return [cap.name for cap in self.caps if cap.excess(model, spend) > tolerance]
