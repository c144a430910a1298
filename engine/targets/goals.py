"""The merchant's goals as linear rules over the cells of the year, checked against what the shop sells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.errors import BadInput, Problem
from engine.targets.settings import Goal, TargetSettings

Base = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Rule:
    """Sum of the ``member`` cells minus ``share`` x the sum of all, compared by ``sense`` with ``yuan``."""

    text: str
    member: NDArray[np.bool_]
    sense: Literal["=", ">", "<"]
    yuan: float
    share: float = 0.0
    hard: bool = True
    weight: float = 1.0


def rules_of(settings: TargetSettings, cells: pd.DataFrame, base: Base, year: int) -> list[Rule]:
    """Every goal as a rule; :class:`BadInput` with all that cannot be meant."""
    problems = [*_unknown(settings, cells, base), *_contradictions(settings)]
    if problems:
        raise BadInput(problems)
    rules = list(_total(settings, len(cells), base, year))
    for level, goals in (("channel", settings.channels), ("category", settings.categories)):
        for key in sorted(goals):
            member = (cells[level] == key).to_numpy()
            rules += _of_goal(f"{level} {key}", goals[key], member, base.get((level, key), 0.0))
    return rules


def _total(settings: TargetSettings, cells: int, base: Base, year: int) -> Iterator[Rule]:
    everything = np.ones(cells, dtype=bool)
    amount = settings.amount_yuan
    text = f"total {year}"
    if amount is not None:
        yield Rule(f"{text}: amount", everything, "=", amount, hard=settings.hard, weight=settings.weight)
    elif settings.growth is not None:
        goal = base[("total", "")] * (1.0 + settings.growth)
        name = f"{text}: growth {settings.growth:+.1%}"
        yield Rule(name, everything, "=", goal, hard=settings.hard, weight=settings.weight)


def _of_goal(name: str, goal: Goal, member: NDArray[np.bool_], base: float) -> Iterator[Rule]:
    def rule(text: str, sense: Literal["=", ">", "<"], yuan: float, share: float = 0.0) -> Rule:
        return Rule(f"{name}: {text}", member, sense, yuan, share, goal.hard, goal.weight)

    if goal.growth is not None:
        yield rule(f"growth {goal.growth:+.1%}", "=", base * (1.0 + goal.growth))
    if goal.share is not None:
        yield rule(f"share {goal.share:.1%}", "=", 0.0, goal.share)
    if goal.amount_yuan is not None:
        yield rule("amount", "=", goal.amount_yuan)
    if goal.min_yuan is not None:
        yield rule("at least", ">", goal.min_yuan)
    if goal.max_yuan is not None:
        yield rule("at most", "<", goal.max_yuan)


def _unknown(settings: TargetSettings, cells: pd.DataFrame, base: Base) -> Iterator[Problem]:
    for level, column, goals in (
        ("channels", "channel", settings.channels),
        ("categories", "category", settings.categories),
    ):
        known = sorted(cells[column].unique())
        for key, goal in sorted(goals.items()):
            place = f"targets.{level}"
            if key not in known:
                expected = "one of " + ", ".join(known[:20])
                yield Problem("plan.yaml", f"nothing is sold in this {column}", None, place, key, expected)
            elif goal.growth is not None and base.get((column, key), 0.0) <= 0:
                remedy = "Give amount_yuan or share instead of growth."
                yield Problem("plan.yaml", "had no sales in the base year", None, f"{place}.{key}", None, None, remedy)


def _contradictions(settings: TargetSettings) -> Iterator[Problem]:
    for level, goals in (("channels", settings.channels), ("categories", settings.categories)):
        total = sum(goal.share for goal in goals.values() if goal.share is not None)
        if total > 1.0 + 1e-9:
            yield Problem("plan.yaml", "shares above 100 %", None, f"targets.{level}", f"{total:.1%}", "at most 100 %")
        for key, goal in sorted(goals.items()):
            if goal.min_yuan is not None and goal.max_yuan is not None and goal.min_yuan > goal.max_yuan:
                yield Problem("plan.yaml", "min_yuan is above max_yuan", None, f"targets.{level}.{key}")
    for sku, bound in sorted(settings.skus.items()):
        if bound.min_growth > bound.max_growth:
            yield Problem("plan.yaml", "min_growth is above max_growth", None, f"targets.skus.{sku}")
