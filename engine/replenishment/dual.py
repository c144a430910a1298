"""Multipliers of the coupling rows, the lower bound they prove, and the plans met on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.execution.run import Run
from engine.replenishment.columns import exact_prices
from engine.replenishment.rows import violation
from engine.replenishment.settings import ReplenishSettings
from models.inventory.coupling import Coupling, charges, sweep, use_of, within_limits
from models.inventory.lot_sizing import LotPlans, LotProblem, solve_lots

Floats = NDArray[np.float64]
FEASIBLE = 1e-9
FEW = 600
"""Of so few items the orders are large beside the limits: the multipliers are found exactly and many plans go on."""
FIRST_DELTA, STAGES, PATIENCE = 4.0, 8, 2
"""Softest stiffness of the sweeps (an overrun of so many times the limit doubles a price), how often it may be halved,
and after how many halvings in vain the sweeps end."""
COLUMNS, SCATTERED, PACE = 20, 48, 0.3
"""Of few items: sweeps before the multipliers are exact, and after, when they move by so much of a step."""
OVERRUN = 1.5
"""Repair costs about so many times what the multipliers say."""


@dataclass(frozen=True)
class DualResult:
    """``bound``: proven lower bound of the cost, yuan. ``price``: the multipliers that prove it, yuan a unit of each
    row. ``plans``: distinct sets of plans of all items, the one nearest to feasible first."""

    bound: float
    price: Floats
    plans: tuple[LotPlans, ...]


def solve_dual(problem: LotProblem, coupling: Coupling, settings: ReplenishSettings, run: Run) -> DualResult:
    """Bound and candidate plans. Where the free plan keeps every limit it is returned alone, and it is optimal."""
    none = np.zeros(problem.most.shape)
    free = solve_lots(problem, none, none, run.threads)
    if violation(coupling, use_of(problem, coupling, free.lots, free.offer)) <= FEASIBLE:
        return DualResult(float(free.cost.sum()), np.zeros(len(coupling.limit)), (free,))
    search = _Search(within_limits(problem, coupling), coupling, settings, run)
    start = search.ascend(search.zero(), settings.bound_steps, 0.5)
    starts = search.scattered(start) if problem.shape[0] <= FEW else search.settled(start)
    return DualResult(search.bound, search.price(search.best), (*starts, search.plans_at(search.best), free))


class _Search:
    """Multipliers in scaled form: x = price * size of the row."""

    def __init__(self, problem: LotProblem, coupling: Coupling, settings: ReplenishSettings, run: Run) -> None:
        self.problem, self.coupling, self.settings, self.run = problem, coupling, settings, run
        self.live = np.isfinite(coupling.limit)
        self.limit = np.where(self.live, coupling.limit, 0.0)
        plans = solve_lots(problem, *charges(problem, coupling, self.zero()), run.threads)
        used = use_of(problem, coupling, plans.lots, plans.offer)
        self.size = np.maximum(coupling.size, 0.01 * np.abs(used))
        self.scale = max(plans.cost.sum() / problem.shape[1], 1e-6)
        self.bound, self.best = -np.inf, self.zero()

    def zero(self) -> Floats:
        return np.zeros(len(self.live))

    def price(self, x: Floats) -> Floats:
        return np.where(self.live, x / self.size, 0.0)

    def plans_at(self, x: Floats) -> LotPlans:
        return solve_lots(self.problem, *charges(self.problem, self.coupling, self.price(x)), self.run.threads)

    def evaluate(self, x: Floats) -> LotPlans:
        """Plans at x; keeps the best bound: L(x) = sum of the items' values - price * limit."""
        plans = self.plans_at(x)
        value = plans.value.sum() - float((x / self.size * self.limit).sum())
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

    def scattered(self, start: Floats) -> list[LotPlans]:
        """Exact multipliers, and plans of soft sweeps around them: which of them repairs well cannot be told before."""
        state = _State(start.copy(), self.plans_at(start), self.run.rng("columns"))
        known = [self.plans_at(self.zero())]
        for _ in range(COLUMNS):
            self._sweep(state, FIRST_DELTA)
            known.append(state.plans.copied())
        self.evaluate(state.x)
        bound, price = exact_prices(self.problem, self.coupling, self.price(self.best), known, self.run.threads)
        if bound > self.bound:
            self.bound, self.best = bound, price * self.size
        state = _State(self.best.copy(), self.plans_at(self.best), self.run.rng("sweeps"))
        plans = []
        for number in range(SCATTERED):
            self._sweep(state, FIRST_DELTA, PACE)
            if number >= SCATTERED // 3 and number % 2:
                plans.append(state.plans.copied())
            self.run.progress("sweeps", 0.3 + 0.4 * number / SCATTERED)
        return plans

    def settled(self, start: Floats) -> list[LotPlans]:
        """The plans of the sweeps that promise most after repair.

        The stiffness (the overrun ``delta`` that doubles a row's price) is halved from stage to stage for as long as
        that pays: what is too stiff makes the items swing against each other, and how stiff that is differs from case
        to case.
        """
        count = self.settings.sweeps or sweeps_for(self.problem.shape[0])
        state, each = _State(start.copy(), self.plans_at(start), self.run.rng("sweeps")), max(count // STAGES, 3)
        kept, best, best_delta, worse, delta = _Kept(state), state, FIRST_DELTA, 0, FIRST_DELTA
        for stage in range(STAGES):
            before = kept.promise
            for number in range(each):
                over = self._sweep(state, delta)
                if number >= each - 3:
                    kept.add(self._promise(state.plans, over), state)
                self.run.progress("sweeps", 0.3 + 0.4 * (stage + number * STAGES / count) / STAGES)
            self.evaluate(state.x)
            worse = worse + 1 if kept.promise >= before else 0
            if worse == 0:
                best, best_delta = state.copied(), delta
            if worse == PATIENCE:
                break
            delta *= 0.5
        for _ in range(max(3 * each, 15)):
            kept.add(self._promise(best.plans, self._sweep(best, best_delta)), best)
        self.evaluate(best.x)
        self.ascend(self.best, self.settings.bound_steps // 4, 0.05)
        return [self._hardened(kept.state, best_delta)]

    def _sweep(self, state: _State, delta: float, pace: float = 1.0) -> Floats:
        """One round over all items at stiffness 1 / ``delta``, and ``pace`` of a step of the multipliers; the overruns
        after it."""
        problem, coupling, plans = self.problem, self.coupling, state.plans
        use = use_of(problem, coupling, plans.lots, plans.offer)
        rho = np.maximum(state.x, self._floor(state.x)) / delta
        order = state.rng.permutation(problem.shape[0])
        sweep(problem, coupling, order, self.price(state.x), self._stiffness(rho), plans, use)
        over = self._over(use)
        state.x = np.maximum(0.0, state.x + pace * rho * over)
        return over

    def _hardened(self, swept: _State, delta: float) -> LotPlans:
        """The plans after sweeps that are steeper and steeper above the limits, or as they are if they promise more."""
        plans, order = swept.plans.copied(), self.run.rng("harden")
        use = use_of(self.problem, self.coupling, plans.lots, plans.offer)
        stiffness = self._stiffness(np.maximum(swept.x, self._floor(swept.x)) / delta)
        for steep in np.geomspace(1.0, 1000.0, max(8, sweeps_for(self.problem.shape[0]) // 3)):
            items = order.permutation(self.problem.shape[0])
            sweep(self.problem, self.coupling, items, self.price(swept.x), stiffness, plans, use, steep)
        hard, soft = (self._promise(each, self.excess(each)) for each in (plans, swept.plans))
        return plans if hard < soft else swept.plans

    def _promise(self, plans: LotPlans, over: Floats) -> float:
        """Cost of a plan after repair, by guess: what it runs over pays the best known price, and more."""
        return float(plans.cost.sum() + OVERRUN * (self.best * np.maximum(over, 0.0)).sum())

    def _over(self, use: Floats) -> Floats:
        """Use above (or below) the limit in sizes of the row; 0 where there is no limit."""
        return np.where(self.live, (use - self.limit) / self.size, 0.0)

    def _floor(self, x: Floats) -> Floats:
        """Smallest stiffness: a share of the family's mean multiplier, so that idle rows react too."""
        family = self.coupling.family
        total, count = (np.bincount(family, weights) for weights in (np.where(self.live, x, 0.0), self.live))
        means = total / np.maximum(count, 1.0)
        least: Floats = np.maximum(0.3 * means, 0.01 * self.scale)[family]
        return least

    def _stiffness(self, rho: Floats) -> Floats:
        return np.where(self.live, rho / self.size**2, 0.0)


@dataclass
class _State:
    """Where the sweeps stand: multipliers, plans, and the order of the items to come."""

    x: Floats
    plans: LotPlans
    rng: np.random.Generator

    def copied(self) -> _State:
        """With arrays of its own."""
        return _State(self.x.copy(), self.plans.copied(), self.rng)


class _Kept:
    """The state of the sweeps that promises most."""

    def __init__(self, state: _State) -> None:
        self.promise, self.state = np.inf, state

    def add(self, promise: float, state: _State) -> None:
        if promise < self.promise:
            self.promise, self.state = promise, state.copied()


def sweeps_for(items: int) -> int:
    """Sweeps by number of items: few items need more rounds and cost less each."""
    return int(np.clip(round(120 * (2000 / max(items, 1)) ** 0.7), 16, 120))
