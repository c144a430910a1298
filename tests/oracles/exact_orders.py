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
    rows: dict[int, list[tuple[pulp.LpVariable, float]]] = {}
    for item in range(items):
        states, lot = int(problem.states[item]), float(problem.lot[item])
        leaving = [[[] for _ in range(states)] for _ in range(weeks)]  # type: ignore[var-annotated]
        coming = [[[] for _ in range(states)] for _ in range(weeks)]  # type: ignore[var-annotated]
        offers = range(problem.offer_start[item], problem.offer_start[item + 1])
        for week in range(weeks):
            for before in range(states if week else 1):
                for after in range(before, states):
                    table = float(problem.tables[problem.start[item] + week * states + after])
                    for row in (
                        [-1] if after == before else [j for j in offers if allowed(problem, j, week, after - before)]
                    ):
                        arc = pulp.LpVariable(f"a_{item}_{week}_{before}_{after}_{row}", cat=pulp.LpBinary)
                        leaving[week][before].append(arc)
                        coming[week][after].append(arc)
                        units = lot * (after - before)
                        extra = 0.0 if row < 0 else problem.offer_fixed[row] + units * problem.offer_extra[row]
                        change = changed(problem, item, week, row, units)
                        late = waste(problem, item, week, before, after) if row >= 0 else 0.0
                        cost.append((arc, table + float(extra) + change + late))
                        if row >= 0:
                            for limited, use in uses(problem, coupling, item, row, week, units).items():
                                rows.setdefault(limited, []).append((arc, use))
        model += pulp.lpSum(leaving[0][0]) == 1
        for week in range(1, weeks):
            for k in range(states):
                model += pulp.lpSum(coming[week - 1][k]) == pulp.lpSum(leaving[week][k])
    model += pulp.LpAffineExpression(cost)
    for row, terms in rows.items():
        if np.isfinite(coupling.limit[row]):
            model += pulp.LpAffineExpression(terms) <= float(coupling.limit[row])
    model.solve(pulp.HiGHS(msg=False, gapRel=1e-9, threads=1))
    assert model.sol_status == pulp.LpSolutionOptimal
    return float(pulp.value(model.objective))


def changed(problem: LotProblem, item: int, week: int, offer: int, units: float) -> float:
    """What the arrivals of a week differ from the last plan, in yuan; offer -1: no order."""
    if not len(problem.before):
        return 0.0
    now = dict.fromkeys(range(problem.source_start[item], problem.source_start[item + 1]), 0.0)
    if offer >= 0:
        now[int(problem.offer_source[offer])] = units
    away = [abs(float(problem.before[source, week]) - amount) for source, amount in now.items()]
    return float(sum(problem.change_line + problem.change_unit * part for part in away if part > 0))


def waste(problem: LotProblem, item: int, week: int, before: int, after: int) -> float:
    """What the units of an order cost that are not sold before they expire: yuan by unit, each unit looked at."""
    if not len(problem.keeps):
        return 0.0
    lot, keeps = float(problem.lot[item]), float(problem.keeps[item, week])
    beyond = [min(max((k + 1) * lot - keeps, 0.0), lot) for k in range(before, after)]
    return float(problem.expiry[item]) * sum(beyond)


def allowed(problem: LotProblem, offer: int, week: int, lots: int) -> bool:
    """Whether so many lots may arrive in that week on that offer."""
    whole = lots % problem.offer_step[offer] == 0
    return bool(problem.offer_lots[offer] <= lots <= problem.most[problem.offer_source[offer], week] and whole)


def uses(problem: LotProblem, coupling: Coupling, item: int, offer: int, week: int, units: float) -> dict[int, float]:
    """What an order uses of each row."""
    source, weeks = int(problem.offer_source[offer]), problem.shape[1]
    money = float(units * problem.offer_price[offer] + problem.offer_paid[offer])
    out = {due: money * float(coupling.paid[coupling.profile[source], week, due]) for due in range(weeks)}
    if coupling.inbound[item] >= 0:
        out[int(coupling.inbound[item]) + week] = units
    if coupling.supplier[source] >= 0:
        out[int(coupling.supplier[source]) + week] = units
    if coupling.budget[item] >= 0:
        out[int(coupling.budget[item] + coupling.period[week])] = money
    if coupling.storage[item] >= 0:
        for later in range(week, weeks):
            out[int(coupling.storage[item]) + later] = units * float(coupling.volume[item])
    for row, weight in enumerate(coupling.share):
        out[len(coupling.limit) - len(coupling.share) + row] = money * float(weight[source])
    return {row: use for row, use in out.items() if use != 0}
