"""What the merchant states about next year; everything else follows the forecast's shape."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from engine.plans.settings import Settings

Share = Annotated[float, Field(ge=0.0)]
Role = Literal["traffic", "profit", "image", "regular"]


class Goal(Settings):
    """What is asked of one channel, category, event or month for the year; several may be given together."""

    growth: float | None = Field(None, ge=-1.0)
    """Against the base year: 0.2 is 20 % more. Of an event: against its days of the base year, moved or not."""
    share: float | None = Field(None, ge=0.0)
    """Share of the year's total, 0 to 1."""
    amount_yuan: float | None = Field(None, ge=0.0)
    """The year's sales."""
    min_yuan: float | None = Field(None, ge=0.0)
    """At least so much in the year."""
    max_yuan: float | None = Field(None, ge=0.0)
    """At most so much in the year."""
    gross_margin: float | None = Field(None, lt=1.0)
    """At least this gross margin (sales without VAT less cost of goods, as a share of sales without VAT)."""
    hard: bool = True
    """A hard goal is kept or the stage says what stands in its way; a soft one may be missed at a cost."""
    weight: float = Field(1.0, gt=0.0)
    """Soft goals: cost of missing it by a yuan, in units of ten yuan moved away from the forecast's shape."""


class Tier(Settings):
    """A threshold of a platform: sales of a channel that earn a rebate, a badge or a place."""

    channel: str
    name: str = ""
    amount_yuan: float = Field(gt=0.0)
    """Sales that reach it."""
    first_month: int = Field(1, ge=1, le=12)
    """First month that counts."""
    last_month: int = Field(12, ge=1, le=12)
    """Last month that counts."""
    hard: bool = False
    """As for goals."""
    weight: float = Field(1.0, gt=0.0)
    """As for goals."""


class MarketShare(Settings):
    """Share of the market of a category; needs the table `market_size`."""

    share: float = Field(ge=0.0, le=1.0)
    """Of the market's sales in the year."""
    market_growth: float = Field(0.0, ge=-1.0)
    """How the market grows from the last 12 months known to the year."""
    hard: bool = False
    """As for goals."""
    weight: float = Field(1.0, gt=0.0)
    """As for goals."""


class Launch(Settings):
    """Items that are not born yet: a place in the plan for them."""

    category: str
    month: date | None = None
    """Any day of the month from which they sell."""
    price_yuan: tuple[float, float] | None = None
    """Price band, lowest and highest; blank: the middle half of the category's prices."""
    items: int = Field(1, ge=1)
    """How many SKUs."""
    role: Role = "regular"
    """Role of the goods, for the mix of roles."""


class NewProducts(Settings):
    """What new items are to bring."""

    share: float = Field(0.0, ge=0.0, le=1.0)
    """Share of the year's sales from SKUs launched in the year, known or not yet born; 0: no goal."""
    launches: tuple[Launch, ...] = ()
    """Unborn items; none: every category gets some in proportion to its sales, in the months its items used to
    appear."""
    most_of_cell: float = Field(0.6, gt=0.0, le=1.0)
    """Largest part of a category in a channel and month that unborn items may take."""
    hard: bool = True
    """As for goals."""
    weight: float = Field(1.0, gt=0.0)
    """As for goals."""


Limit = Literal["off", "tell", "soft", "hard"]


class Limits(Settings):
    """What stands around the targets. off: not looked at; tell: the plan says where a target is out of reach; soft and
    hard: the targets stay within, at a cost or always."""

    supply: Limit = "tell"
    """Stock, placed orders and the weekly capacity of suppliers."""
    supply_yuan: dict[str, Share] = Field(default_factory=dict)
    """Most sales of a category in the year that supply allows, where it is known better than from the tables; kept as
    `supply` says."""
    parcels: Limit = "tell"
    """Parcels that the warehouses can ship in each month and event."""
    cash: Limit = "tell"
    """Purchases at cost against the cash table and receipts from sales, month by month."""
    income_share: float = Field(0.0, ge=0.0, le=1.0)
    """Share of the receipts from sales, once the platform has settled them, that may be spent on purchases; 0: the cash
    table holds all money that comes in."""
    ads_yuan: float | None = Field(None, ge=0.0)
    """Ad money of the year; sales need it at the ad ratio (spend / revenue) of the last year."""
    ads: Limit = "tell"
    """How the ad money is kept."""


class OpenToBuyRule(Settings):
    """How much stock a month is to end with."""

    cover_weeks: float = Field(4.0, ge=0.0)
    """Target end stock in weeks of the cost of sales that follows."""
    categories: dict[str, float] = Field(default_factory=dict)
    """Other weeks of cover by category."""


class LeverCosts(Settings):
    """What it takes to close a gap, where no data tell: cost as a share of the sales that it brings."""

    conversion: float = Field(0.05, ge=0.0)
    """Pages, service, reviews."""
    order_value: float = Field(0.08, ge=0.0)
    """Bundles, thresholds for free freight."""
    new_items: float = Field(0.15, ge=0.0)
    """Development, samples, seeding, clearance of what fails."""
    availability: float = Field(0.03, ge=0.0)
    """Money in additional stock."""
    most_ads: float = Field(1.0, ge=0.0)
    """Ad spend may rise by at most this share of today's."""
    most_discount: float = Field(0.10, ge=0.0, lt=1.0)
    """Largest additional discount on everyday prices."""


class SkuGoal(Settings):
    """Bounds of one SKU (a hero, or one that is phased out) against its own part of the forecast, month by month."""

    min_growth: float = Field(-1.0, ge=-1.0)
    max_growth: float = 10.0


class TargetSettings(Settings):
    """Targets of a calendar year by month x event x channel x category, and down to SKU, day, stream and owner."""

    year: int | None = None
    """The year; blank: the calendar year after the last sales day."""
    author: str = ""
    """Who sets the targets; stands in the list of their versions."""
    growth: float | None = 0.15
    """Growth of the total against the base year (the calendar year before); blank: as the other goals say."""
    amount_yuan: float | None = Field(None, ge=0.0)
    """The year's total sales instead of a growth."""
    gross_margin: float | None = Field(None, lt=1.0)
    """Least gross margin of the whole."""
    hard: bool = True
    """The total is hard."""
    weight: float = Field(1.0, gt=0.0)
    """Weight of a soft total."""
    channels: dict[str, Goal] = Field(default_factory=dict)
    """Goals by sales channel."""
    categories: dict[str, Goal] = Field(default_factory=dict)
    """Goals by category."""
    events: dict[str, Goal] = Field(default_factory=dict)
    """Goals by kind of event, such as 双11: all its days in the year."""
    months: dict[int, Goal] = Field(default_factory=dict)
    """Goals by month, 1 to 12."""
    tiers: tuple[Tier, ...] = ()
    """Thresholds of platforms."""
    market_shares: dict[str, MarketShare] = Field(default_factory=dict)
    """Market shares by category."""
    roles: dict[Role, Share] = Field(default_factory=dict)
    """Mix of roles by number of SKUs, such as traffic 0.4, profit 0.3, image 0.3."""
    new_products: NewProducts = NewProducts()
    supply_for: Literal["forecast", "between", "target"] = "forecast"
    """What goods are bought for, in open-to-buy and in the orders: the forecast, the target or the middle of both."""
    limits: Limits = Limits()
    open_to_buy: OpenToBuyRule = OpenToBuyRule()
    levers: LeverCosts = LeverCosts()
    max_cell_growth: float = Field(2.0, ge=0.0)
    """A month of a category in a channel never gets more than this above its forecast (2 = three times)."""
    max_cell_decline: float = Field(0.8, ge=0.0, le=1.0)
    """Nor less than this below it."""
    heroes: int = Field(50, ge=0)
    """SKUs that get targets by name in reports, the largest first; the tail is shown pooled by cell."""
    skus: dict[str, SkuGoal] = Field(default_factory=dict)
    """Bounds of single SKUs."""

    @property
    def supply_share(self) -> float:
        """How far supply goes from the forecast to the target.

        >>> TargetSettings(supply_for="between").supply_share
        0.5
        """
        return {"forecast": 0.0, "between": 0.5, "target": 1.0}[self.supply_for]
