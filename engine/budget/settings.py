"""Settings of the budget room (``budget:`` in plan.yaml)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.plans.settings import Settings


class ChannelRule(Settings):
    """Limits of one ad channel over the whole quarter; they replace the change limit for this channel."""

    min_yuan: float = Field(0.0, ge=0)
    """Least spend over the quarter."""
    max_yuan: float | None = Field(None, ge=0)
    """Most spend over the quarter."""
    min_share: float = Field(0.0, ge=0, le=1)
    """Least share of the budget."""
    max_share: float = Field(1.0, ge=0, le=1)
    """Most share of the budget."""


class Group(Settings):
    """Ad channels that share a floor and a cap, such as brand display with at most 0.2."""

    ad_channels: tuple[str, ...]
    """Members, by the names in ``media``."""
    min_share: float = Field(0.0, ge=0, le=1)
    """Least share of the budget."""
    max_share: float = Field(1.0, ge=0, le=1)
    """Most share of the budget."""


class BudgetSettings(Settings):
    """How the ad budget of the next quarter is split."""

    weeks: int = Field(13, ge=1, le=26)
    """Weeks that are planned, counted from the first forecast week."""
    total_yuan: float | None = Field(None, ge=0)
    """Budget of these weeks; blank: the ad ratio (spend / revenue) of the last 13 weeks on the forecast revenue."""
    objective: Literal["gmv", "contribution"] = "gmv"
    """What is maximised: incremental revenue, or incremental revenue x margin_rate - spend."""
    spend_all: bool = True
    """Place the whole budget; false: the budget is an upper limit (for ``contribution``)."""
    margin_rate: float | None = Field(None, ge=0, le=1)
    """Contribution of a yuan of revenue before ads; blank: from unit costs, VAT and commissions."""
    change_limit: float | None = Field(0.5, ge=0)
    """Each week's spend of an ad channel stays within today's x (1 +- this); blank: free."""
    week_change: float | None = Field(0.1, ge=0)
    """All ads of a week stay within today's week x (1 +- this): the response cannot tell which week works better."""
    week_min_yuan: float = Field(0.0, ge=0)
    """Least spend of all ads in any week."""
    week_max_yuan: float | None = Field(None, ge=0)
    """Most spend of all ads in any week."""
    stretch: float = Field(1.5, ge=1)
    """No week of an ad channel above this multiple of its largest week ever: the curve is not known there."""
    channels: dict[str, ChannelRule] = Field(default_factory=dict)
    """Limits by ad channel."""
    groups: dict[str, Group] = Field(default_factory=dict)
    """Limits by group of ad channels."""
    ads_share: float = Field(0.2, gt=0, le=1)
    """Believed before the data are seen: share of revenue that all ads together bring."""
    prior_roi: float | None = Field(None, gt=0)
    """Believed revenue of a yuan of ads; blank: from ads_share."""
    gap: float = Field(5e-3, gt=0)
    """Relative gap to the proven bound at which the search stops."""
    nodes: int = Field(200, ge=1)
    """Most branch-and-bound nodes a round (a count, so that the same run gives the same plan)."""
    rounds: int = Field(3, ge=1)
    """Most rounds; each lays the pieces closer around the splits found so far."""
