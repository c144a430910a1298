"""Multipliers of the coupling rows, the lower bound they prove, and the plans met on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.execution.run import Run
from engine.replenishment.rows import violation
from engine.replenishment.settings import ReplenishSettings
from models.inventory.coupling import Coupling, Use, charges, sweep, use_of
from models.inventory.lot_sizing import LotPlans, LotProblem, solve_lots

Floats = NDArray[np.float64]
FEASIBLE = 1e-9


@dataclass(frozen=True)
class DualResult:
    """``bound``: proven lower bound of the cost, yuan. ``price``: the multipliers that prove it, yuan a unit of each
    row. ``plans``: distinct sets of plans of all items, the one nearest to feasible first."""

    bound: float
    price: Use
    plans: tuple[LotPlans, ...]


def solve_dual(problem: LotProblem, coupling: Coupling, settings: ReplenishSettings, run: Run) -> DualResult:
    """Bound and candidate plans. Where the free plan keeps every limit it is returned alone, and it is optimal."""
    search = _Search(problem, coupling, settings, run)
    free = search.evaluate(search.zero())
    if violation(coupling, use_of(problem, coupling, free.lots, free.offer)) <= FEASIBLE:
        return DualResult(search.bound, search.price(search.zero()), (free,))
    start = search.ascend(search.zero(), settings.bound_steps, 0.5)
    multipliers, swept = search.sweeps(start)
    for entry in multipliers:
        search.evaluate(entry)
    search.ascend(search.best, settings.bound_steps, 0.05)
    at_best = search.plans_at(search.best)
    return DualResult(search.bound, search.price(search.best), (*swept, at_best, free))


class _Search:
    """Multipliers in scaled form: x = price * size of the row, both families in one vector."""

    def __init__(self, problem: LotProblem, coupling: Coupling, settings: ReplenishSettings, run: Run) -> None:
        self.problem, self.coupling, self.settings, self.run = problem, coupling, settings, run
        self.limit = np.concatenate([coupling.cash, coupling.room.ravel()])
        self.live = np.isfinite(self.limit)
        plans = solve_lots(
            problem, *charges(coupling, Use(np.zeros_like(coupling.cash), np.zeros_like(coupling.room))), run.threads
        )
        used = self.flat(use_of(problem, coupling, plans.lots, plans.offer))
        self.size = np.maximum(np.where(self.live, self.limit, 0.0), np.maximum(0.01 * used, 1e-6))
        self.family = np.concatenate([np.zeros(len(coupling.cash), int), np.ones(coupling.room.size, int)])
        self.scale = max(plans.cost.sum() / len(coupling.cash), 1e-6)
        self.bound, self.best = -np.inf, self.zero()

    def zero(self) -> Floats:
        return np.zeros(len(self.limit))

    def flat(self, use: Use) -> Floats:
        return np.concatenate([use.cash, use.room.ravel()])

    def split(self, values: Floats) -> Use:
        weeks = len(self.coupling.cash)
        return Use(values[:weeks].copy(), values[weeks:].reshape(self.coupling.room.shape).copy())

    def price(self, x: Floats) -> Use:
        return self.split(np.where(self.live, x / self.size, 0.0))

    def plans_at(self, x: Floats) -> LotPlans:
        return solve_lots(self.problem, *charges(self.coupling, self.price(x)), self.run.threads)

    def evaluate(self, x: Floats) -> LotPlans:
        """Plans at x; keeps the best bound: L(x) = sum of the items' values - price * limit."""
        plans = self.plans_at(x)
        value = plans.value.sum() - float((x / self.size * np.where(self.live, self.limit, 0.0)).sum())
        if value > self.bound:
            self.bound, self.best = float(value), x.copy()
        return plans

    def excess(self, plans: LotPlans) -> Floats:
        """Use above the limit in sizes of the row: a supergradient of the bound in x."""
        return self._over(use_of(self.problem, self.coupling, plans.lots, plans.offer))

    def ascend(self, x: Floats, steps: int, rate: float) -> Floats:
        """Projected ADAM ascent (Kingma, Ba 2015) with a falling rate; returns the last x."""
        first, second = self.zero(), self.zero()
        x = x.copy()
        for step in range(steps):
            slope = self.excess(self.evaluate(x))
            first = 0.8 * first + 0.2 * slope
            second = 0.95 * second + 0.05 * slope**2
            change = (first / (1 - 0.8 ** (step + 1))) / (np.sqrt(second / (1 - 0.95 ** (step + 1))) + 1e-9)
            x = np.maximum(0.0, x + rate * self.scale * (1.0 - step / steps) * change)
            self.run.progress("multipliers", 0.3 * step / steps)
        return x

    def sweeps(self, start: Floats) -> tuple[list[Floats], list[LotPlans]]:
        """Augmented sweeps from ``start``: multipliers worth a bound, and plans, those that keep every limit first."""
        problem, coupling = self.problem, self.coupling
        count = self.settings.sweeps or sweeps_for(problem.shape[0])
        plans = self.plans_at(start)
        use = use_of(problem, coupling, plans.lots, plans.offer)
        rng = self.run.rng("sweeps")
        x, averaged, late = start.copy(), self.zero(), 0
        lump = self._lumps(plans)
        loose, stiff = np.maximum(40 * lump, 0.05), np.maximum(8 * lump, 0.03)
        softer, kept = 1.0, _Kept(self.settings.candidates - 3)
        for number in range(count):
            delta = softer * loose * (stiff / loose) ** (number / max(count - 1, 1))
            rho = np.maximum(x, self._floor(x)) / delta
            sweep(problem, coupling, rng.permutation(problem.shape[0]), self.price(x), self._stiffness(rho), plans, use)
            over = self._over(use)
            if over.max() > 0.2:
                softer = min(softer * 1.5, 8.0)
            x = np.maximum(0.0, x + rho * over)
            if number >= 2 * count // 3:
                averaged, late = averaged + x, late + 1
                kept.add(plans, float(np.maximum(over, 0.0).max()))
            self.run.progress("sweeps", 0.3 + 0.4 * number / count)
        return [x, averaged / max(late, 1)], kept.ranked()

    def _over(self, use: Use) -> Floats:
        """Use above (or below) the limit in sizes of the row; 0 where there is no limit."""
        return np.where(self.live, (self.flat(use) - np.where(self.live, self.limit, 0.0)) / self.size, 0.0)

    def _floor(self, x: Floats) -> Floats:
        """Smallest stiffness: a share of the family's mean multiplier, so that idle rows react too."""
        means = np.array([x[self.family == entry].mean() if (self.family == entry).any() else 0.0 for entry in (0, 1)])
        least: Floats = np.maximum(0.3 * means, 0.01 * self.scale)[self.family]
        return least

    def _stiffness(self, rho: Floats) -> Use:
        return self.split(np.where(self.live, rho / self.size**2, 0.0))

    def _lumps(self, plans: LotPlans) -> Floats:
        """Typical order as a share of each row's size."""
        units = plans.lots * self.problem.lot[:, None]
        money = units * np.where(plans.offer >= 0, self.problem.offer_price[np.maximum(plans.offer, 0)], 0.0)
        typical = [float((v**2).sum() / v.sum()) if v.sum() > 0 else 0.0 for v in (money, units)]
        lumps: Floats = np.minimum(np.array(typical)[self.family] / self.size, 1.0)
        return lumps


class _Kept:
    """The best plans of the sweeps: those within all limits by cost, then the others by how far they go beyond."""

    def __init__(self, most: int) -> None:
        self.most, self.entries = max(most, 1), list[tuple[float, float, LotPlans]]()

    def add(self, plans: LotPlans, over: float) -> None:
        over = over if over > FEASIBLE else 0.0
        self.entries.append((over, float(plans.cost.sum()), plans.copied()))
        self.entries = sorted(self.entries, key=lambda entry: entry[:2])[: self.most]

    def ranked(self) -> list[LotPlans]:
        return [plans for _, _, plans in self.entries]


def sweeps_for(items: int) -> int:
    """Sweeps by number of items: few items need more rounds and cost less each."""
    return int(np.clip(round(120 * (2000 / max(items, 1)) ** 0.7), 16, 120))
