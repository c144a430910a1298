"""How suppliers are graded."""

from __future__ import annotations

from pydantic import Field

from engine.plans.settings import Settings


class Measure(Settings):
    """One measure of a supplier and what it is worth."""

    weight: float = Field(ge=0)
    """Its weight in the score; measures that are not known drop out."""
    best: float
    """From this value on it scores 100."""
    worst: float
    """From this value on it scores 0; in between in proportion."""


class SupplierSettings(Settings):
    """The score is the weighted mean of the measures' scores, shrunk where few orders are known."""

    on_time: Measure = Measure(weight=0.35, best=0.95, worst=0.5)
    """Share of order lines complete by their expected day."""
    lateness: Measure = Measure(weight=0.15, best=0.0, worst=14.0)
    """Mean days late plus their standard deviation beyond the tolerance."""
    defects: Measure = Measure(weight=0.25, best=0.003, worst=0.03)
    """Defective units as a share of those received."""
    agreed_price: Measure = Measure(weight=0.1, best=0.0, worst=0.05)
    """Price paid over the agreed price (tiers counted), as a share."""
    second_price: Measure = Measure(weight=0.1, best=0.0, worst=0.15)
    """Agreed price over the cheapest other supplier's, as a share."""
    response: Measure = Measure(weight=0.05, best=1.0, worst=5.0)
    """Days until an order is confirmed."""
    tolerance_days: int = Field(default=2, ge=0)
    """So many days late still count as on time."""
    complete_share: float = Field(default=0.95, gt=0, le=1)
    """An order line is complete when this share of its units has come."""
    most_late_days: int = Field(default=60, ge=1)
    """Lateness counts up to here, so that a line closed short does not age for ever."""
    days: int = Field(default=540, ge=30)
    """Orders expected in the last so many days are judged."""
    start_score: float = Field(default=65.0, ge=0, le=100)
    """Score of a supplier nobody knows."""
    start_lines: float = Field(default=10.0, ge=0)
    """The start score weighs as much as so many order lines: two perfect receipts make no S."""
    grade_s: float = Field(default=90.0, ge=0, le=100)
    """Lowest score of an S."""
    grade_a: float = Field(default=80.0, ge=0, le=100)
    """Lowest score of an A."""
    grade_b: float = Field(default=60.0, ge=0, le=100)
    """Lowest score of a B; below is C."""
    weak_share: float = Field(default=0.2, ge=0, le=1)
    """Share of the judged suppliers with the lowest scores that is flagged."""
    top_items: int = Field(default=100, ge=0)
    """So many SKUs that earn most should have a second supplier."""
    top_days: int = Field(default=365, ge=7)
    """Days of sales by which SKUs are ranked."""
