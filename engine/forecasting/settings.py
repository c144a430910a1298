"""Settings of the forecast."""

from __future__ import annotations

from pydantic import Field

from engine.forecasting.long_run import LongRunSettings
from engine.plans.settings import Settings


class ForecastSettings(Settings):
    """How demand is forecast and judged."""

    horizon_weeks: int = Field(default=26, ge=1, le=104)
    """Weeks ahead."""
    origins: int = Field(default=4, ge=1, le=12)
    """Past origins at which the whole method is repeated and judged; fewer where history is short."""
    test_weeks: int = Field(default=4, ge=1, le=26)
    """Weeks judged at each origin."""
    step_weeks: int = Field(default=4, ge=1, le=26)
    """Weeks between origins."""
    max_rows: int = Field(default=300_000, ge=1_000, le=2_000_000)
    """Sampled rows a fit learns from; more costs time in proportion."""
    years: float = Field(default=2.0, gt=0)
    """How many years back the rows are drawn."""
    rounds: int = Field(default=150, ge=1, le=5000)
    """Trees; fixed, so that results repeat."""
    learning_rate: float = Field(default=0.06, gt=0, le=1)
    """Weight of each tree."""
    leaves: int = Field(default=31, ge=2, le=512)
    """Leaves a tree."""
    long_run: LongRunSettings = LongRunSettings()
    """Months beyond the weekly horizon."""
