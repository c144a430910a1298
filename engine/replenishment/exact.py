"""The whole problem as one whole-number model (PuLP): the reference, and the better choice for a handful of items.

Each item walks from state to state (week, cumulative lots); an arc is an order of a size on an offer, or none, and pays
what the state that it reaches costs. One path an item, all paths together within the limits. The arcs grow with the
square of the states: some thousand of them solve in seconds, 200 items with minimum orders do not (FINDINGS: no solver
came within 1 % in 50 s), which is what the decomposition is for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pulp
from numpy.typing import NDArray
from scipy import sparse

from models.inventory.coupling import Coupling, uses_of, within_limits
from models.inventory.lot_sizing import LotPlans, LotProblem, change_cost, no_orders, plan_costs

Ints = NDArray[np.int64]
MOST_ARCS = 300_000
NODES = 20_000
GAP = 1e-6
SLACK = 1e-9


@dataclass(frozen=True)
class Exact:
    """``plans``: None where none was found. ``bound``: no plan costs less, yuan."""

    plans: LotPlans | None
    bound: float


@dataclass(frozen=True)
class _Arcs:
    """``item``, ``week``, ``before``, ``after`` (cumulative lots), ``offer`` (-1: no order) [arcs]."""

    item: Ints
    week: Ints
    before: Ints
    after: Ints
    offer: Ints


def count_arcs(problem: LotProblem) -> int:
    """About how many arcs the model of a problem has."""
    offers = np.diff(problem.offer_start)
    return int((problem.states.astype(float) ** 2 / 2.0 * offers).sum() * problem.shape[1])


def solve_exact(problem: LotProblem, coupling: Coupling) -> Exact:
    """Least cost of all items within the limits, with its bound; limited by nodes, so that results repeat."""
    items, weeks = problem.shape
    arcs = _arcs(within_limits(problem, coupling))
    cost = _costs(problem, arcs)
    model = pulp.LpProblem("exact", pulp.LpMinimize)
    walk = [pulp.LpVariable(f"walk_{arc}", cat=pulp.LpBinary) for arc in range(len(arcs.item))]
    model += pulp.LpAffineExpression(list(zip(walk, cost.tolist(), strict=True)))
    _paths(model, walk, arcs, problem)
    lots = np.zeros((len(walk), weeks), dtype=np.int64)
    offer = np.full_like(lots, -1)
    rows = np.arange(len(walk))
    lots[rows, arcs.week], offer[rows, arcs.week] = arcs.after - arcs.before, arcs.offer
    _limit_rows(model, walk, uses_of(problem, coupling, arcs.item, lots, offer), coupling)
    found = _solved(model)
    highs = getattr(model, "solverModel", None)
    bound = -math.inf if highs is None else float(highs.getInfo().mip_dual_bound)
    if not found:
        return Exact(None, bound)
    plans = no_orders(items, weeks)
    taken = np.array([(variable.varValue or 0.0) > 0.5 for variable in walk]) & (arcs.offer >= 0)
    plans.lots[arcs.item[taken], arcs.week[taken]] = (arcs.after - arcs.before)[taken]
    plans.offer[arcs.item[taken], arcs.week[taken]] = arcs.offer[taken]
    plan_costs(problem, plans.lots, plans.offer, plans.cost)
    return Exact(plans, min(bound, float(plans.cost.sum())))


def _arcs(problem: LotProblem) -> _Arcs:
    parts: list[tuple[int, int, int, int, int]] = []
    for item in range(problem.shape[0]):
        states = int(problem.states[item])
        for week in range(problem.shape[1]):
            reached = range(states) if week else range(1)
            parts += [(item, week, k, k, -1) for k in reached]
            for row in range(problem.offer_start[item], problem.offer_start[item + 1]):
                smallest, step = int(problem.offer_lots[row]), int(problem.offer_step[row])
                most = int(problem.most[problem.offer_source[row], week])
                parts += [
                    (item, week, k, after, row)
                    for k in reached
                    for after in range(k + smallest, min(states, k + most + 1), step)
                ]
    arcs = _Arcs(*np.array(parts, dtype=np.int64).T)
    possible = np.isfinite(_costs(problem, arcs))
    return _Arcs(*(getattr(arcs, name)[possible] for name in _Arcs.__dataclass_fields__))


def _costs(problem: LotProblem, arcs: _Arcs) -> NDArray[np.float64]:
    at = problem.start[arcs.item] + arcs.week * problem.states[arcs.item] + arcs.after
    units = (arcs.after - arcs.before) * problem.lot[arcs.item]
    order = problem.offer_fixed[arcs.offer] + units * problem.offer_extra[arcs.offer]
    source = np.where(arcs.offer >= 0, problem.offer_source[arcs.offer], -1)
    changed = [change_cost(problem, *arc) for arc in zip(arcs.item, arcs.week, source, units, strict=True)]
    if len(problem.keeps):
        order += problem.expiry[arcs.item] * (_beyond(problem, arcs, arcs.after) - _beyond(problem, arcs, arcs.before))
    return np.asarray(problem.tables[at] + np.where(arcs.offer >= 0, order, 0.0) + changed, dtype=np.float64)


def _beyond(problem: LotProblem, arcs: _Arcs, lots: Ints) -> NDArray[np.float64]:
    """Units among ``lots`` that are not sold in time if they arrive in the arcs' weeks."""
    return np.maximum(problem.lot[arcs.item] * lots - problem.keeps[arcs.item, arcs.week], 0.0)


def _paths(model: pulp.LpProblem, walk: list[pulp.LpVariable], arcs: _Arcs, problem: LotProblem) -> None:
    """One path an item: it leaves state 0 once, and leaves every state as often as it reaches it."""
    weeks = problem.shape[1]
    terms: dict[tuple[int, int, int], list[tuple[pulp.LpVariable, float]]] = {}
    for arc, (item, week, before, after) in enumerate(
        zip(arcs.item.tolist(), arcs.week.tolist(), arcs.before.tolist(), arcs.after.tolist(), strict=True)
    ):
        terms.setdefault((item, week, before), []).append((walk[arc], 1.0))
        if week + 1 < weeks:
            terms.setdefault((item, week + 1, after), []).append((walk[arc], -1.0))
    for (_, week, _), entries in terms.items():
        model += pulp.LpAffineExpression(entries) == (1.0 if week == 0 else 0.0)


def _limit_rows(
    model: pulp.LpProblem, choices: list[pulp.LpVariable], uses: sparse.csr_array, coupling: Coupling
) -> None:
    """Adds the limits: what the choices use of every row ``uses`` [choices, rows]."""
    by_row = uses.tocsc()
    for row in np.flatnonzero(np.isfinite(coupling.limit)):
        entries = by_row[:, [row]].tocoo()
        terms = [(choices[at], float(use)) for at, use in zip(entries.coords[0], entries.data, strict=True)]
        if terms:
            limit = float(coupling.limit[row])
            model += pulp.LpAffineExpression(terms) <= limit + SLACK * coupling.size[row], f"row_{row}"


def _solved(model: pulp.LpProblem) -> bool:
    """Runs HiGHS, CBC where it is not there; True where a solution stands. Limited by nodes, so that results repeat."""
    highs = pulp.HiGHS(msg=False, gapRel=GAP, threads=1, mip_max_nodes=NODES, random_seed=0)
    solver = (
        highs
        if highs.available()
        else pulp.PULP_CBC_CMD(msg=False, gapRel=GAP, threads=1, options=[f"maxNodes {NODES}"])
    )
    try:
        model.solve(solver)
    except KeyError:  # PuLP 3.3 has no word for HiGHS's node limit; the values are set before it looks for one
        return bool(model.valid(1e-6))
    return model.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
