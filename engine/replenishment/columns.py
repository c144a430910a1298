"""Exact multipliers of the coupling rows by column generation. For few items.

The restricted master picks shares of known plans of every item at least cost within the limits (a linear programme);
its prices are where the items are planned next, and the new plans are columns of the next round. Prices between the
master's and the best known ones (in-out separation) keep the rounds from swinging.
Source: Dantzig, Wolfe (1960); Ben-Ameur, Neto (2007), Acceleration of cutting-plane and column generation algorithms.
"""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from models.inventory.coupling import Coupling, charges, uses_of
from models.inventory.lot_sizing import LotPlans, LotProblem, no_orders, plan_costs, solve_lots

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROUNDS, INNER, CLOSE = 30, 0.7, 1e-4
"""At most so many rounds; weight of the best prices beside the master's; gap of master and bound that ends them."""


def exact_prices(
    problem: LotProblem, coupling: Coupling, price: Floats, sets: list[LotPlans], threads: int
) -> tuple[float, Floats]:
    """Largest lower bound that multipliers prove, yuan, within ``CLOSE``, and the multipliers [rows].

    ``price`` [rows]: multipliers to start from. ``sets``: plans of all items that are known, the nearer to the best
    ones the better.
    """
    master = _Master(problem, coupling)
    for plans in sets:
        master.add(plans)
    best_price, bound = price, -np.inf
    for _ in range(ROUNDS):
        cost, outer = master.solve()
        for trial in (INNER * best_price + (1.0 - INNER) * outer, outer):
            plans = solve_lots(problem, *charges(problem, coupling, trial), threads)
            value = float(plans.value.sum() - trial[master.live] @ coupling.limit[master.live])
            if value > bound:
                bound, best_price = value, trial
            master.add(plans)
        if cost - bound <= CLOSE * abs(bound):
            break
    return bound, best_price


class _Master:
    """The restricted master. Its rows: the limits, then one an item, whose shares add up to 1."""

    def __init__(self, problem: LotProblem, coupling: Coupling) -> None:
        self.problem, self.coupling = problem, coupling
        self.live = np.isfinite(coupling.limit)
        self.known: set[tuple[int, bytes, bytes]] = set()
        items, rows = problem.shape[0], int(self.live.sum())
        self.solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        lower = np.concatenate([np.full(rows, -highspy.kHighsInf), np.ones(items)])
        upper = np.concatenate([coupling.limit[self.live], np.ones(items)])
        none = np.zeros(rows + items, dtype=np.int32)
        self.solver.addRows(rows + items, lower, upper, 0, none, np.empty(0, np.int32), np.empty(0))
        self.add(_empty(problem))

    def add(self, plans: LotPlans) -> None:
        """Columns of the plans that are not known yet."""
        keys = [(i, plans.lots[i].tobytes(), plans.offer[i].tobytes()) for i in range(self.problem.shape[0])]
        item = np.array([key[0] for key in keys if key not in self.known], dtype=np.int64)
        self.known.update(keys)
        if len(item) == 0:
            return
        use = uses_of(self.problem, self.coupling, item, plans.lots[item], plans.offer[item])[:, self.live].tocsr()
        at = use.indptr[1:]
        index = np.insert(use.indices, at, int(self.live.sum()) + item).astype(np.int32)
        value = np.insert(use.data, at, 1.0)
        starts = (use.indptr[:-1] + np.arange(len(item))).astype(np.int32)
        none, many = np.zeros(len(item)), np.full(len(item), highspy.kHighsInf)
        self.solver.addCols(len(item), plans.cost[item], none, many, len(value), starts, index, value)

    def solve(self) -> tuple[float, Floats]:
        """Cost of the best shares, and the prices of the limits [rows]."""
        self.solver.run()
        price = np.zeros(len(self.live))
        duals = np.asarray(self.solver.getSolution().row_dual)[: int(self.live.sum())]
        price[self.live] = np.maximum(-duals, 0.0)
        return float(self.solver.getInfo().objective_function_value), price


def _empty(problem: LotProblem) -> LotPlans:
    plans = no_orders(*problem.shape)
    plan_costs(problem, plans.lots, plans.offer, plans.cost)
    return plans
