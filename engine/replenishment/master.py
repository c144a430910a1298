"""The restricted master: one candidate plan an item, within all limits, at least cost (PuLP). For few items."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pulp
from numpy.typing import NDArray
from scipy import sparse

from models.inventory.coupling import Coupling, uses_of
from models.inventory.lot_sizing import LotPlans, LotProblem, plan_costs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NODES = 200
GAP = 1e-4
SLACK = 1e-9


@dataclass(frozen=True)
class Candidates:
    """Distinct plans by item. ``item`` [columns]: sorted; ``lots``, ``offer`` [columns, weeks]; ``cost`` [columns]. The
    first column of each item is its plan of the first set; ordering nothing is always among them."""

    item: Ints
    lots: Ints
    offer: Ints
    cost: Floats


def collect(problem: LotProblem, sets: tuple[LotPlans, ...], most: int) -> Candidates:
    """At most ``most`` distinct plans an item, in the order of ``sets``, and the empty plan."""
    items, weeks = problem.shape
    empty = np.zeros((items, weeks), dtype=np.int64)
    chosen = [(sets[0].lots, sets[0].offer), (empty, empty - 1), *((entry.lots, entry.offer) for entry in sets[1:])]
    taken = np.zeros(items, dtype=np.int64)
    parts: list[tuple[Any, ...]] = []
    for number, (lots, offer) in enumerate(chosen):
        fresh = taken < most
        for earlier, _ in chosen[:number]:
            fresh &= (lots != earlier).any(axis=1)
        cost = np.empty(items)
        plan_costs(problem, lots, offer, cost)
        rows = np.flatnonzero(fresh)
        taken[rows] += 1
        parts.append((rows, np.full(len(rows), number), lots[rows], offer[rows], cost[rows]))
    item, rank = (np.concatenate([part[column] for part in parts]) for column in (0, 1))
    lots, offer = (np.concatenate([part[column] for part in parts]) for column in (2, 3))
    cost = np.concatenate([part[4] for part in parts])
    order = np.lexsort([rank, item])
    return Candidates(item[order], lots[order], offer[order], cost[order])


def choose(problem: LotProblem, coupling: Coupling, candidates: Candidates) -> Ints:
    """Chosen column of every item [items]; every limit is kept.

    The first columns of all items must keep the limits together: they are the answer where the search finds none.
    """
    model = pulp.LpProblem("restricted_master", pulp.LpMinimize)
    pick = [pulp.LpVariable(f"pick_{column}", cat=pulp.LpBinary) for column in range(len(candidates.item))]
    model += pulp.LpAffineExpression(list(zip(pick, candidates.cost.tolist(), strict=True)))
    bounds = np.flatnonzero(np.diff(candidates.item, prepend=-1, append=-1))
    for begin, end in pairwise(bounds):
        model += pulp.LpAffineExpression([(one, 1.0) for one in pick[begin:end]]) == 1
    limit_rows(model, pick, uses_of(problem, coupling, candidates.item, candidates.lots, candidates.offer), coupling)
    if not solved(model, NODES, GAP):
        return np.asarray(bounds[:-1], dtype=np.int64)
    shares = np.array([variable.varValue or 0.0 for variable in pick])
    return np.array([b + int(np.argmax(shares[b:e])) for b, e in pairwise(bounds)], dtype=np.int64)


def limit_rows(
    model: pulp.LpProblem, choices: list[pulp.LpVariable], uses: sparse.csr_array, coupling: Coupling
) -> None:
    """Adds the limits: what the choices use of every row ``uses`` [choices, rows]."""
    by_row = uses.tocsc()
    for row in np.flatnonzero(np.isfinite(coupling.limit)):
        entries = by_row[:, [row]].tocoo()
        terms = [(choices[at], float(use)) for at, use in zip(entries.coords[0], entries.data, strict=True)]
        if terms:
            limit = float(coupling.limit[row])
            model += pulp.LpAffineExpression(terms) <= limit + SLACK * max(limit, 1.0), f"row_{row}"


def solved(model: pulp.LpProblem, nodes: int, gap: float) -> bool:
    """Runs HiGHS, CBC where it is not there; True where a solution stands. Limited by nodes, so that results repeat."""
    highs = pulp.HiGHS(msg=False, gapRel=gap, threads=1, mip_max_nodes=nodes, random_seed=0)
    solver = (
        highs
        if highs.available()
        else pulp.PULP_CBC_CMD(msg=False, gapRel=gap, threads=1, options=[f"maxNodes {nodes}"])
    )
    try:
        model.solve(solver)
    except KeyError:  # PuLP 3.3 has no word for HiGHS's node limit; the values are set before it looks for one
        return bool(model.valid(1e-6))
    return model.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
