"""Rules of the split as bounds and linear rows; what stands in the way when they contradict each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from engine.budget.settings import BudgetSettings
from engine.plans.errors import BadInput, Infeasible, Problem, Relaxation

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Rule:
    """``low`` <= spend of the cells in ``mask`` [ad_channels, weeks] <= ``high``, yuan."""

    name: str
    mask: Mask
    low: float
    high: float
    remedy: str


@dataclass(frozen=True)
class Rules:
    """Bounds of every cell [ad_channels, weeks], yuan, and rules over several cells."""

    ad_channels: tuple[str, ...]
    lower: Floats
    upper: Floats
    rows: tuple[Rule, ...]

    def broken(self, spend: Floats, tolerance: float = 1.0) -> list[str]:
        """Names of the rules that a split breaks by more than ``tolerance`` yuan."""
        found = [
            f"bounds of {name}"
            for row, name in enumerate(self.ad_channels)
            if (spend[row] < self.lower[row] - tolerance).any() or (spend[row] > self.upper[row] + tolerance).any()
        ]
        for rule in self.rows:
            amount = float(spend[rule.mask].sum())
            if amount < rule.low - tolerance or amount > rule.high + tolerance:
                found.append(rule.name)
        return found

    def nearest(self, wanted: Floats) -> Floats:
        """The split that keeps all rules and moves the least money from ``wanted``; Infeasible where there is none."""
        cells = wanted.size
        rows, limits = _inequalities(self, cells)
        gap_rows = np.concatenate([np.eye(cells), -np.eye(cells)])
        gap = np.concatenate([gap_rows, -np.concatenate([np.eye(cells)] * 2)], axis=1)
        solution = linprog(
            np.concatenate([np.zeros(cells), np.ones(cells)]),
            A_ub=np.concatenate([np.concatenate([rows, np.zeros_like(rows)], axis=1), gap]),
            b_ub=np.concatenate([limits, wanted.ravel(), -wanted.ravel()]),
            bounds=[*zip(self.lower.ravel(), self.upper.ravel(), strict=True), *[(0.0, None)] * cells],
            method="highs",
        )
        if solution.status != 0 or solution.x is None:
            raise Infeasible(smallest_relaxation(self))
        return np.asarray(solution.x[:cells]).reshape(wanted.shape)


def build_rules(
    settings: BudgetSettings, ad_channels: tuple[str, ...], today: Floats, largest: Floats, total: float
) -> Rules:
    """Rules for ``today`` [ad_channels, weeks], ``largest`` [ad_channels] week ever, and the budget, all in yuan."""
    _check_names(settings, ad_channels)
    scaled = today * (total / today.sum()) if today.sum() > 0 else today
    lower, upper = np.zeros_like(today), np.maximum(settings.stretch * largest[:, None], scaled)
    if settings.change_limit is not None:
        free = np.array([name in settings.channels for name in ad_channels])
        kept = ~free
        lower[kept] = scaled[kept] * max(1.0 - settings.change_limit, 0.0)
        upper[kept] = np.minimum(upper[kept], scaled[kept] * (1.0 + settings.change_limit))
    everything = np.ones(today.shape, dtype=bool)
    least = total if settings.spend_all else 0.0
    rows = [Rule("total budget", everything, least, total, "change total_yuan, or loosen the limits of the channels")]
    rows += _week_rules(settings, scaled)
    for name, rule in sorted(settings.channels.items()):
        mask = np.zeros(today.shape, dtype=bool)
        mask[ad_channels.index(name)] = True
        high = min(total * rule.max_share, np.inf if rule.max_yuan is None else rule.max_yuan)
        low = max(total * rule.min_share, rule.min_yuan)
        rows.append(Rule(f"ad channel {name}", mask, low, high, f"change channels.{name}"))
    for name, group in sorted(settings.groups.items()):
        mask = np.zeros(today.shape, dtype=bool)
        mask[[ad_channels.index(member) for member in group.ad_channels]] = True
        rows.append(
            Rule(f"group {name}", mask, total * group.min_share, total * group.max_share, f"change groups.{name}")
        )
    return Rules(ad_channels, lower, upper, tuple(rows))


def _week_rules(settings: BudgetSettings, today: Floats) -> list[Rule]:
    """Spend of all ads in each week."""
    rows = []
    for week in range(today.shape[1]):
        mask = np.zeros(today.shape, dtype=bool)
        mask[:, week] = True
        usual = float(today[:, week].sum())
        low, high = settings.week_min_yuan, np.inf if settings.week_max_yuan is None else settings.week_max_yuan
        if settings.week_change is not None:
            least = usual * max(1.0 - settings.week_change, 0.0) if settings.spend_all else 0.0
            low = max(low, min(least, high))
            high = min(high, max(usual * (1.0 + settings.week_change), low))
        if low > 0 or np.isfinite(high):
            remedy = "loosen week_change, week_min_yuan or week_max_yuan"
            rows.append(Rule(f"week {week + 1}", mask, low, float(high), remedy))
    return rows


def _check_names(settings: BudgetSettings, ad_channels: tuple[str, ...]) -> None:
    named = [("channels", name) for name in settings.channels]
    named += [(f"groups.{key}", member) for key, group in settings.groups.items() for member in group.ad_channels]
    problems = [
        Problem(
            "plan.yaml",
            f"budget.{place} names an ad channel that media does not have",
            value=name,
            expected=", ".join(ad_channels),
        )
        for place, name in named
        if name not in ad_channels
    ]
    if problems:
        raise BadInput(problems)


def _inequalities(rules: Rules, cells: int) -> tuple[Floats, Floats]:
    """Rows as A x <= b."""
    rows, limits = [np.empty((0, cells))], [np.empty(0)]
    for rule in rules.rows:
        line = rule.mask.ravel().astype(float)[None]
        if np.isfinite(rule.high):
            rows.append(line)
            limits.append(np.array([rule.high]))
        if rule.low > 0:
            rows.append(-line)
            limits.append(np.array([-rule.low]))
    return np.concatenate(rows), np.concatenate(limits)


def smallest_relaxation(rules: Rules) -> list[Relaxation]:
    """The least money by which rules must give so that a split exists, rule by rule; empty where one exists."""
    cells = rules.lower.size
    lines = [(rule, 1.0, rule.high) for rule in rules.rows if np.isfinite(rule.high)]
    lines += [(rule, -1.0, -rule.low) for rule in rules.rows if rule.low > 0]
    matrix = np.array([sign * rule.mask.ravel() for rule, sign, _ in lines]).reshape(len(lines), cells)
    # x + under - over stays within the bounds: the cell bounds give by under and over, the rows by slack
    eye = np.eye(cells)
    zero = np.zeros((cells, len(lines)))
    bounds = np.concatenate([np.concatenate([eye, -eye, zero], axis=1), np.concatenate([-eye, -eye, zero], axis=1)])
    program = np.concatenate([matrix, np.zeros((len(lines), cells)), -np.eye(len(lines))], axis=1)
    solution = linprog(
        np.concatenate([np.zeros(cells), np.ones(cells + len(lines))]),
        A_ub=np.concatenate([program, bounds]),
        b_ub=np.concatenate([[limit for _, _, limit in lines], rules.upper.ravel(), -rules.lower.ravel()]),
        bounds=[(0.0, None)] * (2 * cells + len(lines)),
        method="highs",
    )
    assert solution.x is not None  # every rule can give, so there is always an answer
    give = solution.x[cells : 2 * cells].reshape(rules.lower.shape).sum(axis=1)
    found = [
        Relaxation(f"limits of {name}", float(amount), "yuan", "loosen change_limit, stretch, or set channels." + name)
        for name, amount in zip(rules.ad_channels, give, strict=True)
        if amount > 0.005
    ]
    for (rule, sign, _), amount in zip(lines, solution.x[2 * cells :], strict=True):
        if amount > 0.005:
            side = "upper limit" if sign > 0 else "lower limit"
            found.append(Relaxation(f"{rule.name}, {side}", float(amount), "yuan", rule.remedy))
    return found
