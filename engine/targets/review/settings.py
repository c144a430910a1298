"""What the review of the year looks at, and from where on it raises an alarm."""

from __future__ import annotations

from pydantic import Field

from engine.plans.settings import Settings


class FunnelThresholds(Settings):
    """Lowest rate of each step that raises no alarm; blank: not watched."""

    clicks: float | None = Field(0.03, ge=0.0, le=1.0)
    """Clicks by exposures."""
    carts: float | None = Field(0.08, ge=0.0)
    """Units put into carts by visitors."""
    buyers: float | None = Field(None, ge=0.0, le=1.0)
    """Buyers by visitors."""
    drop: float = Field(0.1, ge=0.0, le=1.0)
    """A step that lost more than this share of its rate against the year before raises an alarm too."""


class ReviewSettings(Settings):
    """The year under review and its measures."""

    year: int | None = None
    """Calendar year up to its last day with sales; blank: the twelve months up to the last day."""
    hero_share: float = Field(0.5, gt=0.0, le=1.0)
    """Heroes are the fewest SKUs that bring this share of both years' sales."""
    tail_share: float = Field(0.2, ge=0.0, lt=1.0)
    """The long tail are the SKUs that bring the last so large share of them."""
    delivery_days: int = Field(5, ge=0)
    """Goods shipped for orders older than this count as received by the customer."""
    slow_days: int = Field(90, ge=7)
    """Slow movers are judged by the sales of the last so many days ..."""
    slow_cover_days: int = Field(180, ge=7)
    """... and hold stock for more than so many days of them (never sold: all of it)."""
    funnel: FunnelThresholds = FunnelThresholds()
    lead_days: int = Field(7, ge=0)
    """Days before an event in which customers wait for it."""
    dip_days: int = Field(14, ge=0)
    """Days after an event in which customers have what they need."""
    anomaly_sds: float = Field(5.0, gt=0.0)
    """A day this many standard deviations off everyday sales is an anomaly ..."""
    anomaly_share: float = Field(0.5, gt=0.0)
    """... where it is off by this share of them, too."""
    anomalies: int = Field(15, ge=0)
    """At most so many are named, the largest first."""
