"""HiGHS by PuLP: a start to improve on, and the proven bound, which PuLP does not hand out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pulp

NO_HEURISTICS: dict[str, object] = {
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_root_reduced_cost": False,
}
"""Splits come from the polish; HiGHS is there for the bound, and its inner searches took most of the time."""


@dataclass(frozen=True)
class Effort:
    """When the search stops: ``gap`` (relative) or ``nodes``; counts, so that the same run gives the same plan.

    ``inner``: with the solver's own searches for good solutions.
    """

    gap: float
    nodes: int
    inner: bool = False


def maximise(programme: pulp.LpProblem, effort: Effort, start: dict[str, float] | None = None) -> tuple[float, bool]:
    """Solve with HiGHS, or CBC where it is not installed; the proven bound, and whether a solution was found.

    ``start``: values of some variables by name, from which HiGHS completes a first solution.
    """
    solver = _Highs(
        start or {},
        {} if effort.inner else NO_HEURISTICS,
        msg=False,
        gapRel=effort.gap,
        threads=1,
        mip_max_nodes=effort.nodes,
    )
    if not solver.available():
        programme.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=effort.gap, threads=1, maxNodes=effort.nodes))
        found = programme.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
        proven = programme.sol_status == pulp.LpSolutionOptimal
        return (value(programme) + effort.gap * abs(value(programme)) if proven else math.inf), found
    programme.solve(solver)
    found = programme.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
    if programme.status == pulp.LpStatusInfeasible:
        return -math.inf, False
    if all(variable.cat != pulp.LpInteger for variable in programme.variables()):
        return value(programme), found
    # PuLP hands HiGHS the negated objective without its constant
    constant = float(programme.objective.constant)
    return constant - float(programme.solverModel.getInfo().mip_dual_bound), found


def relaxed(programme: pulp.LpProblem) -> bool:
    """Solve without the on/off conditions; whether there is a solution."""
    solver = pulp.HiGHS(mip=False, msg=False, threads=1)
    if not solver.available():
        solver = pulp.PULP_CBC_CMD(mip=False, msg=False, threads=1)
    programme.solve(solver)
    return bool(programme.status == pulp.LpStatusOptimal)


def value(programme: pulp.LpProblem) -> float:
    """The objective of the solution."""
    return float(pulp.value(programme.objective) or 0.0)


class _Highs(pulp.HiGHS):  # type: ignore[misc]
    """PuLP's HiGHS with a start; and it knows that a search can end at its node limit (PuLP 3.3 does not)."""

    def __init__(self, start: dict[str, float], searches: dict[str, object], **options: object) -> None:
        super().__init__(**options, **searches, random_seed=0)
        self.start = start

    def callSolver(self, lp: pulp.LpProblem) -> None:
        given = [(column.index, self.start[column.name]) for column in lp.variables() if column.name in self.start]
        if given:
            places, values = zip(*given, strict=True)
            lp.solverModel.setSolution(len(places), list(places), list(values))
        super().callSolver(lp)

    def findSolutionValues(self, lp: pulp.LpProblem) -> tuple[int, int]:
        """Status and kind of the solution."""
        try:
            status, kind = super().findSolutionValues(lp)
        except KeyError:
            status, kind = pulp.LpStatusOptimal, pulp.LpSolutionIntegerFeasible
        if status == pulp.LpStatusOptimal and not lp.solverModel.getSolution().value_valid:
            return pulp.LpStatusNotSolved, pulp.LpSolutionNoSolutionFound
        return status, kind
