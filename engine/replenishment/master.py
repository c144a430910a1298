"""The restricted master: one candidate plan an item, within cash and inbound limits, at least cost (PuLP)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pulp
from numpy.typing import NDArray
from scipy import sparse

from models.inventory.coupling import CASH, STORAGE, Coupling, use_of, uses_of
from models.inventory.lot_sizing import LotPlans, LotProblem, plan_costs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LARGEST = 3000
"""Items the master chooses for; of more, those that use the priced rows most. The rest keep their first candidate."""
SMALL = 60
"""Items up to which the whole-number master is solved at once."""
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


def choose(problem: LotProblem, coupling: Coupling, candidates: Candidates, price: Floats) -> Ints:
    """Chosen column of every item [items]; every limit is kept. First as LP, then the fractional items as MILP.

    The first columns of all items must keep the limits together: they are the answer where the search finds none.
    """
    master = _Master(problem, coupling, candidates)
    first = np.searchsorted(candidates.item, np.arange(problem.shape[0]))
    counts = np.bincount(candidates.item, minlength=problem.shape[0])
    free = np.flatnonzero(counts > 1)
    if len(free) > LARGEST:
        weight = master.weight(first, price)
        free = np.sort(free[np.argsort(-weight[free], kind="stable")[:LARGEST]])
    chosen = master.solve(first, free)
    return first if chosen is None else chosen


class _Master:
    """Builds and solves masters over some items, the others staying as they are."""

    def __init__(self, problem: LotProblem, coupling: Coupling, candidates: Candidates) -> None:
        self.problem, self.coupling, self.candidates = problem, coupling, candidates
        self.uses = uses_of(problem, coupling, candidates.item, candidates.lots, candidates.offer)

    def weight(self, columns: Ints, price: Floats) -> Floats:
        """What the given columns (one an item) pay for the priced rows, yuan [items]."""
        return np.asarray(self.uses[columns] @ price, dtype=np.float64)

    def solve(self, start: Ints, free: Ints) -> Ints | None:
        """Columns by item with the items of ``free`` chosen anew; None where the limits cannot be kept."""
        chosen = start.copy()
        if len(free) > SMALL:
            shares = self._run(chosen, free, whole=False)
            if shares is None:
                return None
            best = _best_columns(self.candidates.item, shares, free)
            settled = shares[best] > 1.0 - 1e-6
            chosen[free[settled]] = best[settled]
            free = free[~settled]
        if len(free):
            shares = self._run(chosen, free, whole=True)
            if shares is None:
                return None
            chosen[free] = _best_columns(self.candidates.item, shares, free)
        return chosen

    def _run(self, chosen: Ints, free: Ints, whole: bool) -> Floats | None:
        """Share of every column [columns] in the solution; None where there is none."""
        member = np.zeros(self.problem.shape[0], dtype=bool)
        member[free] = True
        columns = np.flatnonzero(member[self.candidates.item])
        fixed = self._use_without(chosen, member)
        model = pulp.LpProblem("restricted_master", pulp.LpMinimize)
        kind = pulp.LpBinary if whole else pulp.LpContinuous
        pick = {int(column): pulp.LpVariable(f"pick_{column}", 0, 1, kind) for column in columns}
        model += pulp.LpAffineExpression([(pick[int(c)], float(self.candidates.cost[c])) for c in columns])
        self._one_each(model, pick, columns)
        uses = self.uses[columns].tocsc()
        for rows, carried in self._runs():
            self._limit_rows(model, list(pick.values()), uses[:, rows], (rows, fixed[rows], carried))
        if not _solved(model):
            return None
        shares = np.zeros(len(self.candidates.item))
        shares[columns] = [variable.varValue or 0.0 for variable in pick.values()]
        return shares

    def _use_without(self, chosen: Ints, member: NDArray[np.bool_]) -> Floats:
        lots = np.where(member[:, None], 0, self.candidates.lots[chosen])
        return use_of(self.problem, self.coupling, lots, self.candidates.offer[chosen])

    def _one_each(self, model: pulp.LpProblem, pick: dict[int, pulp.LpVariable], columns: Ints) -> None:
        bounds = np.flatnonzero(np.diff(self.candidates.item[columns], prepend=-1, append=-1))
        for begin, end in pairwise(bounds):
            terms = [(pick[int(column)], 1.0) for column in columns[begin:end]]
            model += pulp.LpAffineExpression(terms) == 1, f"item_{self.candidates.item[columns[begin]]}"

    def _runs(self) -> list[tuple[Ints, bool]]:
        """Rows by family and name with a limit; True for those whose use is carried from week to week."""
        family, weeks = self.coupling.family, self.problem.shape[1]
        runs: list[tuple[Ints, bool]] = []
        for kind in np.unique(family):
            rows = np.flatnonzero(family == kind)
            if kind in (CASH, STORAGE):
                runs += [(rows[begin : begin + weeks], True) for begin in range(0, len(rows), weeks)]
            else:
                runs.append((rows, False))
        return [(rows, carried) for rows, carried in runs if np.isfinite(self.coupling.limit[rows]).any()]

    def _limit_rows(
        self,
        model: pulp.LpProblem,
        pick: list[pulp.LpVariable],
        uses: sparse.csc_array,
        run: tuple[Ints, Floats, bool],
    ) -> None:
        """Use of a run of rows by the picked columns and ``fixed``, at most the limits. A cumulative use is written as
        used_w = used_{w-1} + growth_w, so that the rows stay short."""
        rows, fixed, carried = run
        limit = self.coupling.limit[rows]
        before: list[tuple[pulp.LpVariable, float]] = []
        for position in range(int(np.flatnonzero(np.isfinite(limit))[-1]) + 1):
            use = uses[:, [position]]
            if carried and position:
                use = use - uses[:, [position - 1]]
            entries = use.tocoo()
            terms = [(pick[row], float(units)) for row, units in zip(entries.coords[0], entries.data, strict=True)]
            left = float(limit[position] - fixed[position] + SLACK * max(abs(limit[position]), 1.0))
            bound = left if np.isfinite(left) else None
            name = f"row_{rows[position]}"
            if carried:
                used = pulp.LpVariable(f"used_{rows[position]}", None, bound)
                model += pulp.LpAffineExpression([(used, -1.0), *before, *terms]) == 0, name
                before = [(used, 1.0)]
            elif bound is not None and terms:
                model += pulp.LpAffineExpression(terms) <= bound, name


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


def _best_columns(item: Ints, shares: Floats, free: Ints) -> Ints:
    """The column with the largest share of each item."""
    begin, end = np.searchsorted(item, free), np.searchsorted(item, free, side="right")
    return np.array([b + int(np.argmax(shares[b:e])) for b, e in zip(begin, end, strict=True)], dtype=np.int64)
