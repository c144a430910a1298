"""Price protection (价保): buyers of the days before a price cut may ask for the difference."""

from __future__ import annotations

from pydantic import Field

from engine.plans.settings import Settings


class PriceProtection(Settings):
    """One promise to buyers, counted wherever a price falls: in the review of events, the margin behind the ad budget
    and the depth of markdowns."""

    days: int = Field(15, ge=0)
    """Who bought in the last so many days may ask for the difference after a price cut."""
    claims: float = Field(0.5, ge=0, le=1)
    """Share of them that asks."""


USUAL_PROTECTION = PriceProtection()
