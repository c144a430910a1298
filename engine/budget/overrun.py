"""Caps on the ad ratio that no split keeps: the split that exceeds them least."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.budget.feasible import NOTICED, nearest, smallest_relaxation
from engine.budget.objective import Worth
from engine.budget.planning import PlanningModel
from engine.budget.rules import Rules
from engine.budget.search import Search, best_split
from engine.plans.errors import Infeasible, Relaxation

SEARCH = Search(0.005, 4)


def least_relaxation(model: PlanningModel, rules: Rules) -> list[Relaxation]:
    """The smallest relaxation of the linear rules; where they can be kept, the least by which the caps on the ad ratio
    must give, yuan of spend.

    Spend beyond a cap is least where ``share`` x lift - spend is largest, which is a split of its own; of these (one a
    cap) and the split with the least spend the one counts that exceeds all caps least in sum. With several caps at
    once a mixed split may do with a little less.
    """
    found = smallest_relaxation(rules)
    if found:
        return found
    free = replace(rules, caps=())
    least, _ = nearest(free, np.zeros(rules.lower.shape))
    tried = [least]
    for cap in rules.caps:
        worth = Worth(np.full(len(rules.ad_channels), cap.share), cost=1.0)
        try:
            tried.append(best_split(model, free, worth, least, SEARCH).spend)
        except Infeasible:
            continue
    over = [[max(cap.excess(model, spend), 0.0) for cap in rules.caps] for spend in tried]
    best = over[int(np.argmin(np.sum(over, axis=1)))] if rules.caps else []
    return [
        Relaxation(cap.name, amount, "yuan", cap.remedy)
        for cap, amount in zip(rules.caps, best, strict=True)
        if amount > NOTICED
    ]
