"""What the merchant states about next year; everything else follows the forecast's shape."""

from __future__ import annotations

from pydantic import Field

from engine.plans.settings import Settings


class Goal(Settings):
    """What is asked of one channel or one category for the year; several may be given together."""

    growth: float | None = Field(None, ge=-1.0)
    """Against the base year: 0.2 is 20 % more."""
    share: float | None = Field(None, ge=0.0)
    """Share of the year's total, 0 to 1."""
    amount_yuan: float | None = Field(None, ge=0.0)
    """The year's sales."""
    min_yuan: float | None = Field(None, ge=0.0)
    """At least so much in the year."""
    max_yuan: float | None = Field(None, ge=0.0)
    """At most so much in the year."""
    hard: bool = True
    """A hard goal is kept or the stage says what stands in its way; a soft one may be missed at a cost."""
    weight: float = Field(1.0, gt=0.0)
    """Soft goals: cost of missing it by a yuan, in units of ten yuan moved away from the forecast's shape."""


class SkuGoal(Settings):
    """Bounds of one SKU (a hero, or one that is phased out) against its own part of the forecast, month by month."""

    min_growth: float = Field(-1.0, ge=-1.0)
    max_growth: float = 10.0


class TargetSettings(Settings):
    """Targets of a calendar year by month x channel x category, and down to the SKU."""

    year: int | None = None
    """The year; blank: the calendar year after the last sales day."""
    growth: float | None = 0.15
    """Growth of the total against the base year (the calendar year before); blank: as the other goals say."""
    amount_yuan: float | None = Field(None, ge=0.0)
    """The year's total sales instead of a growth."""
    hard: bool = True
    """The total is hard."""
    weight: float = Field(1.0, gt=0.0)
    """Weight of a soft total."""
    channels: dict[str, Goal] = Field(default_factory=dict)
    """Goals by sales channel."""
    categories: dict[str, Goal] = Field(default_factory=dict)
    """Goals by category."""
    max_cell_growth: float = Field(2.0, ge=0.0)
    """A month of a category in a channel never gets more than this above its forecast (2 = three times)."""
    max_cell_decline: float = Field(0.8, ge=0.0, le=1.0)
    """Nor less than this below it."""
    skus: dict[str, SkuGoal] = Field(default_factory=dict)
    """Bounds of single SKUs."""
