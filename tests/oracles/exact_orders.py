"""The whole coupled ordering problem as one plain PuLP model: exact, and only for a handful of items."""

from __future__ import annotations

import numpy as np
import pulp

from models.inventory.coupling import Coupling
from models.inventory.lot_sizing import LotProblem


def exact_orders(problem: LotProblem, coupling: Coupling) -> float:
    """Least cost of all items within the limits, by arcs k' -> k of each item's week network (a path an item)."""
    items, weeks = problem.shape
    model = pulp.LpProblem("exact", pulp.LpMinimize)
    cost: list[tuple[pulp.LpVariable, float]] = []
    cash: list[list[tuple[pulp.LpVariable, float]]] = [[] for _ in range(weeks)]
    room: dict[tuple[int, int], list[tuple[pulp.LpVariable, float]]] = {}
    for item in range(items):
        states, lot = int(problem.states[item]), float(problem.lot[item])
        leaving = [[[] for _ in range(states)] for _ in range(weeks)]  # type: ignore[var-annotated]
        coming = [[[] for _ in range(states)] for _ in range(weeks)]  # type: ignore[var-annotated]
        paid = coupling.paid[coupling.profile[item]]
        for week in range(weeks):
            for before in range(states if week else 1):
                for after in range(before, states):
                    table = float(problem.tables[problem.start[item] + week * states + after])
                    offers = range(problem.offer_start[item], problem.offer_start[item + 1])
                    rows = [-1] if after == before else [j for j in offers if after - before >= problem.offer_lots[j]]
                    if after > before and not problem.open[item, week]:
                        continue
                    for row in rows:
                        arc = pulp.LpVariable(f"a_{item}_{week}_{before}_{after}_{row}", cat=pulp.LpBinary)
                        leaving[week][before].append(arc)
                        coming[week][after].append(arc)
                        units = lot * (after - before)
                        extra = 0.0 if row < 0 else problem.offer_fixed[row] + units * problem.offer_extra[row]
                        cost.append((arc, table + float(extra)))
                        if row >= 0:
                            room.setdefault((int(coupling.warehouse[item]), week), []).append((arc, units))
                            for due in range(weeks):
                                if paid[week, due] > 0:
                                    cash[due].append((arc, float(units * problem.offer_price[row] * paid[week, due])))
        model += pulp.lpSum(leaving[0][0]) == 1
        for week in range(1, weeks):
            for k in range(states):
                model += pulp.lpSum(coming[week - 1][k]) == pulp.lpSum(leaving[week][k])
    model += pulp.LpAffineExpression(cost)
    for week in range(weeks):
        if np.isfinite(coupling.cash[week]) and cash[week]:
            model += pulp.LpAffineExpression(cash[week]) <= float(coupling.cash[week])
    for (warehouse, week), terms in room.items():
        if np.isfinite(coupling.room[warehouse, week]):
            model += pulp.LpAffineExpression(terms) <= float(coupling.room[warehouse, week])
    model.solve(pulp.HiGHS(msg=False, gapRel=1e-9, threads=1))
    assert model.sol_status == pulp.LpSolutionOptimal
    return float(pulp.value(model.objective))
