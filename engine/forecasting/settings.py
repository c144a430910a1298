"""Settings of the forecast."""

from __future__ import annotations

from pydantic import Field

from engine.plans.settings import Settings


class LongRunSettings(Settings):
    """The forecast beyond the near horizon."""

    draws: int = 400
    """Draws of the long run, for the chance of reaching a target."""
    max_series: int = 30
    """At most so many totals get a Prophet model of their own, the largest first."""
    holdout_series: int = 20
    """The same for the held-out year on which the growth uncertainty is measured."""
    seam_days: int = 56
    """Over the last days of the near forecast the long run takes over gradually."""
    level_memory_days: float = 90.0
    """The near forecast's level against the long run's fades with this time constant after the seam."""
    calm_years: float = Field(default=1.0, gt=0)
    """The shop grows on as in the years seen, but as if so many years without growth had been seen, too."""
    part_calm_years: float = Field(default=4.0, gt=0)
    """The same for a channel or category, whose growth is held against that of the shop."""
    channel_growth_sd: float = Field(default=0.10, gt=0, le=1)
    """Uncertainty of a year's growth of a channel (standard deviation of the log) before a held-out year is seen, which
    also tells how much of it all channels share."""
    group_growth_sd: float = Field(default=0.10, ge=0, le=1)
    """The same for a category in a channel against the channel."""


class EventSettings(Settings):
    """How far the forecast of an event day may be off before its first hours are seen."""

    channel_sd: float = Field(default=0.3, gt=0, le=2)
    """Standard deviation of the log of a channel's day."""
    item_sd: float = Field(default=0.6, gt=0, le=3)
    """The same for an item in its channel, on top of it."""


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
    quick: bool = False
    """Fit at the first origin only and tell the model the days since: for a look; plans and champions refit."""
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
    event: EventSettings = EventSettings()
    """The forecast of an event day, again from its first hours."""
