"""What other budgets would buy: revenue and contribution at each level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.feasible import nearest
from engine.budget.limits import build_rules
from engine.budget.question import Asked
from engine.budget.score import INTERVAL, fen, incremental
from engine.budget.search import Search, Split, best_split
from engine.plans.errors import Infeasible

Floats = NDArray[np.float64]
COLUMNS = (
    "budget_fen",
    "spend_fen",
    "cash_fen",
    "incremental_fen",
    "incremental_low_fen",
    "incremental_high_fen",
    "contribution_fen",
    "marginal",
)
QUICK = 0
"""Nodes of branch and bound a level: for a picture the bound at the root is enough."""


def frontier(asked: Asked, split: Split) -> pd.DataFrame:
    """A row a level of ``settings.frontier``, best split of each; levels that no split reaches are left out.

    ``marginal``: yuan of incremental revenue that one more yuan brought on the way from the level before (from
    nothing, for the first).
    """
    rows = sorted(_levels(asked, split), key=lambda row: row["budget_fen"])
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if name != "marginal"])
    spent = np.diff(table["cash_fen"].to_numpy(float), prepend=0.0)
    gained = np.diff(table["incremental_fen"].to_numpy(float), prepend=0.0)
    table["marginal"] = np.divide(gained, spent, out=np.zeros(len(table)), where=spent > 0)
    return table


def contribution(asked: Asked, lift: Floats, cash: float, taken: tuple[bool, ...]) -> float:
    """Yuan that ads with a ``lift`` [draws, ad_channels] and the streams taken leave after their cash without VAT."""
    earned = float((lift @ asked.economics.margin).mean()) + asked.streams.earned(taken)
    return earned - asked.economics.ads_cost * cash


def _levels(asked: Asked, split: Split) -> Iterator[dict[str, float]]:
    for share in asked.settings.frontier:
        situation = replace(asked.searched, total=share * asked.situation.total)
        rules = build_rules(asked.settings, situation)
        if share == 1.0:
            best = split
        else:
            try:
                start, _ = nearest(rules, share * split.spend)
                best = best_split(asked.search_model, rules, asked.worth, start, Search(asked.settings.gap, QUICK))
            except Infeasible:
                continue
        lift = incremental(asked.model, best.spend)
        cash, taken = rules.terms.cash(best.spend, best.pattern), best.pattern.taken
        brought = lift.sum(axis=1) + asked.streams.sales(taken)
        low, high = np.quantile(brought, INTERVAL)
        yield {
            "budget_fen": round(100.0 * situation.total),
            "spend_fen": round(100.0 * float(best.spend.sum())),
            "cash_fen": round(100.0 * cash),
            "incremental_fen": int(fen(brought.mean())),
            "incremental_low_fen": int(fen(low)),
            "incremental_high_fen": int(fen(high)),
            "contribution_fen": round(100.0 * contribution(asked, lift, cash, taken)),
        }
