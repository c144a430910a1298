"""Regret and proof of the budget split: python -m benchmarks.budget [curves|fees|quarter ...].

``curves``: 20 seeded instances of one period, 4-10 ad channels with Hill slopes of 1.2-5 (so local search finds local
optima), best split by dynamic programming over a fine grid, against sequential quadratic programming (SLSQP) from one
start and from 30. ``fees``: the same with fixed fees and minimums where an ad channel is on, against SLSQP whose
answer is rounded to the minimums. ``quarter``: 8 ad channels x 13 weeks with carry-over, group floors and caps, change
limits, weekly fees and minimums, prepaid balances, rebates, caps on the ad ratio and bad luck over 50 draws, where
the best split is not known and the proven gap stands in its place.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.budget.feasible import nearest
from engine.budget.objective import Worth
from engine.budget.planning import PlanningModel
from engine.budget.polish import polish
from engine.budget.rules import RatioCap, Rule, Rules
from engine.budget.search import Search, best_split
from engine.budget.terms import Terms, tariff_of
from models.response.curves import ResponseCurves
from models.response.saturation import hill

Floats = NDArray[np.float64]
STEPS = 4000
SEARCH = Search(0.005, 16)


def instance(seed: int, channels: int, weeks: int, draws: int = 1) -> tuple[PlanningModel, Rules]:
    """Known curves (or draws around them); a budget at which only some ad channels pay."""
    rng = np.random.default_rng(seed)
    half = rng.uniform(2e4, 2e5, channels)
    scale = half * rng.uniform(1.0, 4.0, channels)
    slope = rng.uniform(1.2, 5.0, channels)
    carryover = rng.uniform(0.0, 0.7, channels) if weeks > 1 else np.zeros(channels)
    start = carryover * half * rng.uniform(0.0, 1.0, channels)
    total = float(half.sum()) * rng.uniform(0.3, 0.7) * weeks
    spread = 0.2 if draws > 1 else 0.0
    curves = ResponseCurves(
        tuple(f"ad{number}" for number in range(channels)),
        ("shop",),
        np.repeat(carryover[None], draws, axis=0),
        half * rng.lognormal(0.0, spread, (draws, channels)),
        1.0 + (slope - 1.0) * rng.lognormal(0.0, spread, (draws, channels)),
        scale * rng.lognormal(0.0, 1.5 * spread, (draws, channels)),
        np.repeat(start[None], draws, axis=0),
        np.ones((channels, 1)),
    )
    everything = np.ones((channels, weeks), dtype=bool)
    upper = np.repeat(3.0 * half[:, None], weeks, axis=1)
    model = PlanningModel.of(curves, weeks, np.repeat(0.5 * half[:, None], weeks, axis=1))
    rows = (Rule("total budget", everything, total if draws == 1 else 0.0, total, "", cash=True),)
    return model, Rules.plain(curves.ad_channels, np.zeros_like(upper), upper, rows)


def with_fees(rules: Rules, seed: int) -> Rules:
    """Fixed fees and minimums where an ad channel is on; the budget is an upper limit."""
    rng = np.random.default_rng(1000 + seed)
    fee, least = (rng.uniform(low, high, len(rules.upper)) * rules.upper[:, 0] for low, high in ((0, 0.1), (0.1, 0.3)))
    total = replace(rules.rows[0], low=0.0)
    return replace(rules, rows=(total, *rules.rows[1:]), terms=replace(rules.terms, fee=fee, least=least))


def quarter(seed: int) -> tuple[PlanningModel, Rules]:
    """Every rule at once on 8 ad channels x 13 weeks, curves in 50 draws."""
    model, rules = instance(100 + seed, 8, 13, draws=50)
    rng = np.random.default_rng(2000 + seed)
    total, weeks = rules.rows[0].high, rules.upper.shape[1]
    today = rules.upper * rng.uniform(0.5, 1.5, (8, 1))
    today *= total / today.sum()
    lower, upper = np.zeros_like(today), rules.upper.copy()
    lower[:4], upper[:4] = 0.5 * today[:4], np.minimum(upper[:4], 1.5 * today[:4])  # the others are on or off
    rows = list(rules.rows)
    for week in range(weeks):
        mask = np.zeros(today.shape, dtype=bool)
        mask[:, week] = True
        rows.append(Rule(f"week {week + 1}", mask, 0.0, 1.3 * float(today[:, week].sum()), ""))
    brand, search = (np.zeros(today.shape, dtype=bool) for _ in range(2))
    brand[:2], search[2:4] = True, True
    rows += [Rule("brand", brand, 0.0, 0.2 * total, ""), Rule("search", search, 0.05 * total, 0.6 * total, "")]
    fee = np.concatenate([np.zeros(4), rng.uniform(0.01, 0.03, 4) * upper[4:, 0]])
    least = np.concatenate([np.zeros(4), rng.uniform(0.1, 0.2, 4) * upper[4:, 0]])
    most = upper.sum(axis=1)
    tariffs = [tariff_of(0.0, (), 0.0, 0.0) for _ in range(8)]
    tariffs[0] = tariff_of(0.03 * total, (), 0.0, 0.0)
    tariffs[2] = tariff_of(0.0, ((0.1 * total, 0.03), (0.2 * total, 0.06)), 0.0, 0.0)
    tariffs[6] = tariff_of(0.0, (), 0.01 * total, 0.05 * float(most[6]))
    event = np.isin(np.arange(weeks), (5, 6))
    revenue = 3.0 * total
    caps = (
        RatioCap("ad ratio", np.ones(weeks, dtype=bool), 0.25, revenue, ""),
        RatioCap("ad ratio of event weeks", event, 0.28, 2.0 * revenue * 2 / weeks, ""),
    )
    return model, Rules(rules.ad_channels, lower, upper, tuple(rows), Terms(fee, least, tuple(tariffs)), caps)


def best_known(model: PlanningModel, rules: Rules) -> float:
    """Best value of a one-period split by dynamic programming over a fine grid of cash (below the optimum)."""
    total = rules.rows[0].high
    grid = np.linspace(0.0, total, STEPS + 1)
    curves, terms = model.curves, rules.terms
    best = np.zeros(STEPS + 1)
    for channel in range(len(rules.ad_channels)):
        spend = np.clip(grid - terms.fee[channel], 0.0, rules.upper[channel, 0])
        lift = curves.scale[0, channel] * hill(spend, curves.half_saturation[0, channel], curves.slope[0, channel])
        lift = np.where(spend >= terms.least[channel], lift, 0.0)
        most = min(int(np.searchsorted(grid, rules.upper[channel, 0] + terms.fee[channel], side="right")), STEPS)
        choices = [np.concatenate([np.full(k, -np.inf), best[: STEPS + 1 - k] + lift[k]]) for k in range(most + 1)]
        best = np.maximum.accumulate(np.max(choices, axis=0))
    return float(best[-1])


def local(model: PlanningModel, rules: Rules, worth: Worth, starts: int, seed: int) -> float:
    """Best of SLSQP from an even start and ``starts - 1`` random ones that keep the rules."""
    rng = np.random.default_rng(seed)
    total = rules.rows[0].high
    best = -np.inf
    for number in range(starts):
        shape = rules.upper * (1.0 if number == 0 else rng.dirichlet(np.ones(len(rules.upper)))[:, None])
        begin, pattern = nearest(rules, shape * (total / shape.sum()))
        found = polish(model, rules, worth, begin, pattern).spend
        best = max(best, worth.of(model, rules.terms, found, pattern))
    return best


def rounded(model: PlanningModel, rules: Rules, worth: Worth) -> float:
    """Solve without fees and minimums, then pay the fees, drop what is too small and scale to the budget."""
    free = replace(rules, terms=Terms.plain(len(rules.upper)))
    spend = best_split(model, free, worth, nearest(free, rules.upper)[0], SEARCH).spend
    spend = np.where(spend >= rules.terms.least[:, None], spend, 0.0)
    pattern = rules.terms.pattern_of(spend)
    room = rules.rows[0].high - rules.terms.constant(pattern)
    spend = np.minimum(spend * (room / max(spend.sum(), 1.0)), rules.upper)
    keeps = spend[pattern.on] >= rules.terms.least[:, None].repeat(spend.shape[1], 1)[pattern.on]
    return worth.of(model, rules.terms, spend, pattern) if keeps.all() else np.nan


def curves_suite() -> None:
    """Regret on curves alone."""
    rows = []
    for seed in range(20):
        model, rules = instance(seed, 4 + seed % 7, 1)
        worth = Worth(np.ones(len(rules.upper)))
        started = time.process_time()
        ours = best_split(model, rules, worth, nearest(rules, rules.upper)[0], SEARCH)
        seconds = time.process_time() - started
        value = worth.of(model, rules.terms, ours.spend, ours.pattern)
        once, often = (local(model, rules, worth, starts, seed) for starts in (1, 30))
        best = max(best_known(model, rules), value, often)
        rows.append([1 - value / best, 1 - once / best, 1 - often / best, ours.report.gap, seconds / 100])
    _table("one period, 20 instances", ("ours", "SLSQP, one start", "SLSQP, 30 starts", "ours: proven gap"), rows)


def fees_suite() -> None:
    """Regret with fees and minimums."""
    rows = []
    for seed in range(20):
        model, rules = instance(seed, 4 + seed % 7, 1)
        rules = with_fees(rules, seed)
        worth = Worth(np.ones(len(rules.upper)))
        started = time.process_time()
        ours = best_split(model, rules, worth, 0.0 * rules.upper, SEARCH)
        seconds = time.process_time() - started
        value = worth.of(model, rules.terms, ours.spend, ours.pattern)
        best = max(best_known(model, rules), value)
        assert not rules.broken(ours.spend, ours.pattern)
        rows.append([1 - value / best, 1 - rounded(model, rules, worth) / best, ours.report.gap, seconds / 100])
    _table("fees and minimums, 20 instances", ("ours", "solve, then round", "ours: proven gap"), rows)


def quarter_suite() -> None:
    """Proof, time and rules kept on the whole quarter."""
    print("8 ad channels x 13 weeks, every rule, half of the weight on the worst fifth of 50 draws")
    for seed in range(5):
        model, rules = quarter(seed)
        worth = Worth(np.ones(8), 0.0, care=0.5, tail=0.2)
        started = time.process_time()
        ours = best_split(model, rules, worth, 0.0 * rules.upper, SEARCH)
        seconds = time.process_time() - started
        broken = [*rules.broken(ours.spend, ours.pattern), *rules.over_ratio(model, ours.spend)]
        print(
            f"  seed {seed}: proven gap {100 * ours.report.gap:.3f} %, {seconds:.1f} CPU s, rules broken: {len(broken)}"
        )


def _table(title: str, names: tuple[str, ...], rows: list[list[float]]) -> None:
    table = 100.0 * np.array(rows)
    print(f"{title:34s} mean %   worst %")
    for name, column in zip((*names, "CPU seconds a split"), table.T, strict=True):
        print(f"  {name:30s} {np.nanmean(column):8.3f} {np.nanmax(column):8.3f}")


SUITES = {"curves": curves_suite, "fees": fees_suite, "quarter": quarter_suite}

if __name__ == "__main__":
    for name in sys.argv[1:] or SUITES:
        SUITES[name]()
