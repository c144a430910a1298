"""Ad channels without spend of late: which settings keep them off, and which do not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.budget.limits import Situation
from engine.budget.settings import BudgetSettings

Floats = NDArray[np.float64]


def off_notes(settings: BudgetSettings, situation: Situation, upper: Floats) -> list[str]:
    """What the user should know of them; ``upper`` [ad_channels, weeks]: most of every cell (see ``build_rules``)."""
    notes = []
    for row, name in enumerate(situation.ad_channels):
        if situation.today[row].sum() > 0:
            continue
        named, held = name in settings.channels, _multiples(settings, situation, row)
        if upper[row].sum() > 0:
            if not named:
                notes.append(
                    f"ad channel {name} had no spend in the last 13 weeks and may get money all the same: a "
                    "max_week_yuan of 0 in budget.channels keeps it off"
                )
        elif held == ["change_limit"]:
            notes.append(
                f"ad channel {name} had no spend in the last 13 weeks and stays off, as change_limit allows parts of "
                "today's spend: name it in budget.channels to let it run"
            )
        elif held and not (named and settings.channels[name].max_week_yuan == 0):
            notes.append(
                f"ad channel {name} had no spend in the last 13 weeks and stays off, as {', '.join(held)} allow "
                "multiples of what it spent: give it a min_week_yuan in budget.channels to let it run"
            )
    return notes


def _multiples(settings: BudgetSettings, situation: Situation, row: int) -> list[str]:
    """Settings that allow so many times what an ad channel without today's spend spent, where that is nothing."""
    limits = {
        "change_limit": settings.change_limit is not None and situation.ad_channels[row] not in settings.channels,
        "daily_cap": settings.daily_cap is not None and situation.everyday[row] <= 0,
        "stretch": situation.largest[row] <= 0,
    }
    return [name for name, holds in limits.items() if holds]
