"""The merchant's goals as rules over the cells of the year; what cannot be meant is named and left aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.errors import Problem
from engine.targets.rules import Costs, Rule, Sense
from engine.targets.settings import Goal, TargetSettings

Base = Mapping[tuple[str, str], float]
"""Yuan of the base year by (level, key): ``("total", "")``, channels, categories, events, months."""
LEVELS = (("channels", "channel"), ("categories", "category"), ("events", "event"), ("months", "month"))


@dataclass
class Stated:
    """Rules, what was left aside, and levels (``void``) whose shares say nothing."""

    rules: list[Rule] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    void: set[str] = field(default_factory=set)

    def wrong(self, place: str, message: str, value: str | None = None, **more: str) -> None:
        """A goal that cannot be meant."""
        self.problems.append(Problem("plan.yaml", message, None, f"targets.{place}", value, **more))

    def notes(self) -> tuple[str, ...]:
        """What was left aside, for whoever reads the plan."""
        named = [
            (
                str(problem.column).removeprefix("targets."),
                "" if problem.value is None else f" ({problem.value})",
                problem,
            )
            for problem in self.problems
        ]
        return tuple(f"targets: left aside: {place}{value}: {problem.message}" for place, value, problem in named)


def stated_goals(
    settings: TargetSettings,
    cells: pd.DataFrame,
    base: Base,
    costs: Costs,
    year: int,
    market: Mapping[str, float],
    room: NDArray[np.float64],
) -> Stated:
    """Every goal as a rule, and every one that cannot be meant as a problem; the others stand.

    ``cells``: frame ``month, event, channel, category``. ``market``: yuan of the last known 12 months by category.
    ``room`` [cells]: largest part of each that unborn items may take.
    """
    found = Stated()
    everything = np.ones(len(cells), dtype=bool)
    found.rules += _total(settings, everything, base, costs, year)
    keys = _keys(cells)
    for name, level in LEVELS:
        goals: Mapping[str, Goal] = {str(key): goal for key, goal in getattr(settings, name).items()}
        _shares(found, name, goals)
        for key in sorted(goals):
            _of_goal(found, (name, level), key, goals[key], keys[level], base, costs)
    _tiers(found, settings, keys)
    _market_shares(found, settings, keys, market)
    _new_products(found, settings, keys, room, year)
    _sku_bounds(found, settings)
    return found


def _keys(cells: pd.DataFrame) -> dict[str, NDArray[np.object_]]:
    frame = {name: cells[name].to_numpy(dtype=object) for name in ("channel", "category", "event")}
    return frame | {"month": cells["month"].dt.month.astype(str).to_numpy(dtype=object)}


def _total(
    settings: TargetSettings, everything: NDArray[np.bool_], base: Base, costs: Costs, year: int
) -> Iterator[Rule]:
    text, ones, how = f"total {year}", everything.astype(float), (settings.hard, settings.weight)
    if settings.amount_yuan is not None:
        yield Rule(f"{text}: amount", ones, "=", settings.amount_yuan, *how, "total", "", everything)
    elif settings.growth is not None:
        name, yuan = f"{text}: growth {settings.growth:+.1%}", base[("total", "")] * (1.0 + settings.growth)
        yield Rule(name, ones, "=", yuan, *how, "total", "", everything)
    if settings.gross_margin is not None:
        name = f"{text}: gross margin {settings.gross_margin:.1%}"
        yield Rule(name, _margin(costs, everything, settings.gross_margin), ">", 0.0, *how, "total")


def _margin(costs: Costs, member: NDArray[np.bool_], rate: float) -> NDArray[np.float64]:
    """(net sales - goods) - rate x net sales, per yuan."""
    return np.asarray(member * (costs.net * (1.0 - rate) - costs.goods))


def _shares(found: Stated, name: str, goals: Mapping[str, Goal]) -> None:
    """Shares above 100 % say nothing about any single one of them: all of them are left aside."""
    total = sum(goal.share for goal in goals.values() if goal.share is not None)
    if total > 1.0 + 1e-9:
        found.wrong(
            name, "shares above 100 %", f"{total:.1%}", expected="at most 100 %", remedy="These shares are left aside."
        )
        found.void.add(name)


def _of_goal(
    found: Stated,
    place: tuple[str, str],
    key: str,
    goal: Goal,
    values: NDArray[np.object_],
    base: Base,
    costs: Costs,
) -> None:
    name, level = place
    member = values == key
    if not member.any() or not key:
        known = ", ".join(sorted(map(str, set(values) - {""}))[:20])
        what = "does not happen in the year" if level == "event" else f"nothing is sold in this {level}"
        found.wrong(name, what, key, expected=f"one of {known}")
        return
    if goal.min_yuan is not None and goal.max_yuan is not None and goal.min_yuan > goal.max_yuan:
        found.wrong(f"{name}.{key}", "min_yuan is above max_yuan")
        return
    ones = member.astype(float)

    def rule(text: str, sense: Sense, yuan: float, coefficient: NDArray[np.float64] = ones) -> None:
        found.rules.append(
            Rule(f"{level} {key}: {text}", coefficient, sense, yuan, goal.hard, goal.weight, level, key, member)
        )

    if goal.growth is not None:
        before = base.get((level, key), 0.0)
        if before > 0:
            rule(f"growth {goal.growth:+.1%}", "=", before * (1.0 + goal.growth))
        else:
            remedy = "Give amount_yuan or share instead of growth."
            found.wrong(f"{name}.{key}", "had no sales in the base year", remedy=remedy)
    if goal.share is not None and name not in found.void:
        rule(f"share {goal.share:.1%}", "=", 0.0, ones - goal.share)
    for text, sense, yuan in (
        ("amount", "=", goal.amount_yuan),
        ("at least", ">", goal.min_yuan),
        ("at most", "<", goal.max_yuan),
    ):
        if yuan is not None:
            rule(text, sense, yuan)  # type: ignore[arg-type]
    if goal.gross_margin is not None:
        rule(f"gross margin {goal.gross_margin:.1%}", ">", 0.0, _margin(costs, member, goal.gross_margin))


def _tiers(found: Stated, settings: TargetSettings, keys: Mapping[str, NDArray[np.object_]]) -> None:
    for number, tier in enumerate(settings.tiers):
        place = f"tiers.{number}"
        if tier.first_month > tier.last_month:
            found.wrong(place, "first_month is after last_month", f"{tier.first_month} > {tier.last_month}")
            continue
        months = {str(month) for month in range(tier.first_month, tier.last_month + 1)}
        member = (keys["channel"] == tier.channel) & np.isin(keys["month"], sorted(months))
        if not member.any():
            found.wrong(place, "nothing is sold in this channel", tier.channel)
            continue
        key = f"{tier.channel} {tier.name}".strip()
        text = f"tier {key}, months {tier.first_month}-{tier.last_month}: at least {tier.amount_yuan:,.0f} yuan"
        found.rules.append(
            Rule(text, member.astype(float), ">", tier.amount_yuan, tier.hard, tier.weight, "tier", key, member)
        )


def _market_shares(
    found: Stated,
    settings: TargetSettings,
    keys: Mapping[str, NDArray[np.object_]],
    market: Mapping[str, float],
) -> None:
    for category, goal in sorted(settings.market_shares.items()):
        member = keys["category"] == category
        if not member.any():
            found.wrong("market_shares", "nothing is sold in this category", category)
            continue
        if market.get(category, 0.0) <= 0:
            remedy = "Load market_size (市场规模) with at least 12 months of this category."
            found.wrong(f"market_shares.{category}", "a market share needs the size of the market", remedy=remedy)
            continue
        yuan = goal.share * market[category] * (1.0 + goal.market_growth)
        text = f"market share of {category} {goal.share:.2%}: at least {yuan:,.0f} yuan"
        found.rules.append(
            Rule(text, member.astype(float), ">", yuan, goal.hard, goal.weight, "market_share", category, member)
        )


def _new_products(
    found: Stated,
    settings: TargetSettings,
    keys: Mapping[str, NDArray[np.object_]],
    room: NDArray[np.float64],
    year: int,
) -> None:
    goal = settings.new_products
    if goal.share > 0:
        text = f"new products: share {goal.share:.1%}, where launches leave room"
        remedy = "Lower the share, launch earlier or in more categories, or raise new_products.most_of_cell."
        found.rules.append(
            Rule(text, room - goal.share, ">", 0.0, goal.hard, goal.weight, "new_products", remedy=remedy)
        )
    known = set(keys["category"])
    for number, launch in enumerate(settings.new_products.launches):
        place = f"new_products.launches.{number}"
        if launch.month is None:
            remedy = "Give month: the first month in which it sells."
            found.wrong(place, "a launch without date", launch.category, remedy=remedy)
        if launch.category not in known:
            found.wrong(place, "nothing is sold in this category", launch.category)
        if launch.price_yuan is not None and not 0.0 < launch.price_yuan[0] <= launch.price_yuan[1]:
            found.wrong(place, "is no price band", str(launch.price_yuan), expected="lowest, highest")
        if launch.month is not None and launch.month.year != year:
            found.wrong(place, "is not launched in the year of the targets", str(launch.month), expected=str(year))


def _sku_bounds(found: Stated, settings: TargetSettings) -> None:
    for sku, bound in sorted(settings.skus.items()):
        if bound.min_growth > bound.max_growth:
            found.wrong(f"skus.{sku}", "min_growth is above max_growth")
    total = sum(settings.roles.values())
    if settings.roles and total > 1.0 + 1e-9:
        found.wrong("roles", "shares above 100 %", f"{total:.1%}", expected="at most 100 %")
