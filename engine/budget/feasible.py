"""Splits that keep the rules: the one nearest to what is wanted, and what must give where there is none."""

from __future__ import annotations

import numpy as np
import pulp
from numpy.typing import NDArray

from engine.budget.encode import encode
from engine.budget.highs import Effort, maximise
from engine.budget.planning import PlanningModel
from engine.budget.rules import Rules
from engine.budget.terms import Pattern
from engine.plans.errors import Infeasible, Relaxation

Floats = NDArray[np.float64]
EXACT = Effort(1e-6, 10_000)
NOTICED = 0.005


def nearest(rules: Rules, wanted: Floats) -> tuple[Floats, Pattern]:
    """The split that keeps all linear rules and moves the least money from ``wanted``, also to offers; Infeasible where
    none does."""
    programme = pulp.LpProblem("nearest", pulp.LpMaximize)
    encoded = encode(programme, rules)
    moved = []
    for c, t in np.ndindex(wanted.shape):
        away = pulp.LpVariable(f"away_{c}_{t}", 0.0)
        programme += away >= encoded.spend[c][t] - wanted[c, t] / encoded.unit
        programme += away >= wanted[c, t] / encoded.unit - encoded.spend[c][t]
        moved.append(away)
    taken = [offer.cash / encoded.unit * y for offer, y in zip(rules.terms.offers, encoded.taken, strict=True)]
    programme.setObjective(-pulp.lpSum([*moved, *taken]))
    _, found = maximise(programme, EXACT)
    if not found:
        raise Infeasible(smallest_relaxation(rules))
    return encoded.split()


def repair(rules: Rules, wanted: Floats, pattern: Pattern) -> Floats | None:
    """The nearest split that keeps all linear rules with the decisions taken; None where none does."""
    try:
        return nearest(rules.fixed(pattern), wanted)[0]
    except Infeasible:
        return None


def what_must_give(model: PlanningModel, rules: Rules) -> list[Relaxation]:
    """The smallest relaxation of the linear rules; where they can be kept, what suffices of the caps on the ad ratio.

    A cap gives by what the split with the least spend exceeds it, yuan of spend. That always suffices; where one more
    yuan of ads brings more than 1 / share of the cap, a split with more spend may do with less.
    """
    found = smallest_relaxation(rules)
    if found or not rules.caps:
        return found
    least, _ = nearest(rules, np.zeros(rules.lower.shape))
    over = [(cap, cap.excess(model, least)) for cap in rules.caps]
    return [Relaxation(cap.name, amount, "yuan", cap.remedy) for cap, amount in over if amount > NOTICED]


def smallest_relaxation(rules: Rules) -> list[Relaxation]:
    """The least money by which rules must give so that a split exists, rule by rule; empty where one exists."""
    programme = pulp.LpProblem("relaxation", pulp.LpMaximize)
    given: dict[tuple[str, str], list[pulp.LpVariable]] = {}

    def give(name: str, remedy: str) -> pulp.LpVariable:
        known = given.setdefault((name, remedy), [])
        known.append(pulp.LpVariable(f"give_{len(given)}_{len(known)}", 0.0))
        return known[-1]

    encoded = encode(programme, rules, give)
    programme.setObjective(-pulp.lpSum(variable for known in given.values() for variable in known))
    maximise(programme, EXACT)
    found = []
    for (name, remedy), variables in given.items():
        amount = encoded.unit * sum(float(variable.value() or 0.0) for variable in variables)
        if amount > NOTICED:
            found.append(Relaxation(name, amount, "yuan", remedy))
    return found
