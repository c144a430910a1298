"""What the demo merchant is made from."""

from __future__ import annotations

from datetime import date

import numpy as np
from pydantic import Field

from engine.execution.run import Run
from engine.plans.settings import Settings

TRUTH_BY_DAY_SKUS = 1000
"""Up to this many SKUs the truth is kept by day and order lines are written; above, by week and not at all."""


class DemoSettings(Settings):
    """Size, span and seed of the demo merchant."""

    skus: int = Field(300, ge=10, le=50_000)
    """Number of SKUs, bundles included."""
    seed: int = 20261031
    """Seed of everything random."""
    days: int = Field(1096, ge=60)
    """Days of history."""
    last_day: date = date(2026, 10, 31)
    """Last day of history."""
    future_days: int = Field(182, ge=28, le=210)
    """Days after the history for which prices are announced and the true demand is drawn (for judging plans)."""
    order_days: int = Field(90, ge=0)
    """Days of order lines at the end of the history (small merchants only)."""

    def rng(self, *purpose: str) -> np.random.Generator:
        """A generator of its own for each purpose."""
        return Run(self.seed).rng("demo", *purpose)

    @property
    def small(self) -> bool:
        """True where details by day and order are kept."""
        return self.skus <= TRUTH_BY_DAY_SKUS
