"""Settings of the simulation room."""

from __future__ import annotations

from pydantic import Field

from engine.plans.settings import Settings


class SimulationSettings(Settings):
    """How a plan is replayed."""

    paths: int = Field(default=200, ge=2, le=100_000)
    """Paths of demand and lead times, drawn from another seed than the plan saw."""
    block_paths: int = Field(default=16, ge=1)
    """Paths held in memory at a time."""
    training_paths: int = Field(default=32, ge=8)
    """Paths, from the seed that the plan saw, on which the rule of comparison is tuned; 8 with 10,000 items and more,
    whose total varies little."""
    safety_factors: tuple[float, ...] = Field(default=(0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0), min_length=1)
    """Safety stock of the rule, in standard deviations of demand until the next order arrives: the values tried."""
    cover_weeks: tuple[float, ...] = Field(default=(0.0, 1.0, 2.0, 4.0), min_length=1)
    """Weeks of demand that an order of the rule covers besides: the values tried."""
    slow_weeks: float = Field(default=13.0, gt=0)
    """Stock beyond this many weeks of expected demand counts as slow-moving."""
