"""From the baseline to the target: which levers close the gap, the cheapest first, and what stays open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from engine.plans.targets import TargetDetails
from engine.targets.levers import Lever

COLUMNS = ["lever", "step", "owner", "reach_fen", "used_fen", "cost_fen", "cost_per_yuan", "after_fen", "reason"]
FULL = 0.999


@dataclass(frozen=True)
class Bridge:
    """``steps``: frame of :data:`COLUMNS`, cheapest first, those that are used; ``after_fen``: sales reached with it.
    ``unused``: the same columns of levers that are not needed. ``open_fen``: what no lever closes."""

    year: int
    baseline_fen: int
    target_fen: int
    probability: float
    steps: pd.DataFrame
    unused: pd.DataFrame
    open_fen: int

    @property
    def cost_fen(self) -> int:
        """Of all levers that are used."""
        return int(self.steps["cost_fen"].sum())


def bridge_to_target(
    plan: TargetDetails, levers: Sequence[Lever], owners: Mapping[str, str], probability: float
) -> Bridge:
    """Levers in the order of their cost a yuan until the gap is closed; the last one in part.

    Steps of one ladder grow dearer (:func:`.levers.paying_steps`), so none comes before the one it builds on; levers
    are taken to add up, which overstates them a little where they work on the same visitor.
    """
    baseline, target = (int(plan.cells[name].sum()) for name in ("forecast_fen", "target_fen"))
    open_fen, reached = max(target - baseline, 0), baseline
    used: list[list[object]] = []
    unused: list[list[object]] = []
    for lever in sorted(levers, key=lambda entry: (entry.rate, entry.lever, entry.what)):
        reach = round(100.0 * lever.reach)
        share = min(open_fen / reach, 1.0) if reach > 0 else 0.0
        taken = reach if share >= FULL else min(open_fen, reach)
        reached += taken
        owner = owners.get(lever.who, lever.role)
        row = [
            lever.lever,
            lever.step,
            owner,
            reach,
            taken,
            round(taken * lever.rate),
            lever.rate,
            reached,
            lever.reason,
        ]
        (used if taken > 0 else unused).append(row)
        open_fen = max(open_fen - taken, 0)
    frames = [pd.DataFrame(rows, columns=COLUMNS) for rows in (used, unused)]
    return Bridge(plan.year, baseline, target, probability, frames[0], frames[1], open_fen)
