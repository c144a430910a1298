"""Settings of the budget room (``budget:`` in plan.yaml)."""

from __future__ import annotations

import math
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from engine.plans.settings import Settings
from models.response.adstock import LAGS
from models.response.forms import Carry, Form, Saturation
from models.response.period import By
from models.response.priors import MOST_CARRYOVER, Belief

Goal = Literal["gmv", "contribution", "new_customers", "lifetime"]


class Rebate(Settings):
    """Rebate of a platform or agency: once spend reaches ``from_yuan``, this rate of all of it comes back."""

    from_yuan: float = Field(ge=0)
    """Spend over the quarter from which the rate holds."""
    rate: float = Field(ge=0, lt=1)
    """Share of all spend that comes back."""


class ChannelRule(Settings):
    """Limits and terms of one ad channel over the whole quarter; they replace the change limit for this channel."""

    min_yuan: float = Field(0.0, ge=0)
    """Least spend over the quarter."""
    max_yuan: float | None = Field(None, ge=0)
    """Most spend over the quarter."""
    min_share: float = Field(0.0, ge=0, le=1)
    """Least share of the budget."""
    max_share: float = Field(1.0, ge=0, le=1)
    """Most share of the budget."""
    min_week_yuan: float = Field(0.0, ge=0)
    """Least spend in any week (in which it is on, where weeks are on or off)."""
    max_week_yuan: float | None = Field(None, ge=0)
    """Most spend in any week."""
    least_week_yuan: float = Field(0.0, ge=0)
    """In a week either nothing or at least this."""
    fee_week_yuan: float = Field(0.0, ge=0)
    """Fixed cost of every week in which the ad channel is on."""
    least_yuan: float = Field(0.0, ge=0)
    """Over the quarter either nothing or at least this."""
    fee_yuan: float = Field(0.0, ge=0)
    """Fixed cost of using the ad channel at all."""
    contract_yuan: float = Field(0.0, ge=0)
    """Spend over the quarter is bought in whole contracts of this size; 0: any spend."""
    prepaid_yuan: float = Field(0.0, ge=0)
    """Balance that is paid already: spend takes it first and costs no cash."""
    rebates: tuple[Rebate, ...] = ()
    """Steps of the rebate on all spend."""


class Group(Settings):
    """Ad channels that share a floor and a cap, such as brand display with at most 0.2."""

    ad_channels: tuple[str, ...]
    """Members, by the names in ``media``."""
    min_share: float = Field(0.0, ge=0, le=1)
    """Least share of the budget."""
    max_share: float = Field(1.0, ge=0, le=1)
    """Most share of the budget."""


class Period(Settings):
    """A budget of its own for the weeks that begin between two days."""

    start: date
    """First day."""
    end: date
    """Last day."""
    min_yuan: float = Field(0.0, ge=0)
    """Least spend."""
    max_yuan: float | None = Field(None, ge=0)
    """Most spend."""


def _rises(ends: tuple[float, float]) -> tuple[float, float]:
    if not 0.0 <= ends[0] < ends[1] < math.inf:
        raise ValueError(
            f"a range is [low, high] with 0 <= low < high, found {list(ends)} / "
            "区间写作 [下限, 上限]，下限不小于 0 且小于上限"
        )
    return ends


Range = Annotated[tuple[float, float], AfterValidator(_rises)]
"""Between which a number is believed to lie with 90 %."""


class ChannelBelief(Settings):
    """What the merchant believes of an ad channel, each with 90 %; blank: the usual."""

    roi: Range | None = None
    """Revenue a yuan of its spend brought over the history, such as [1.5, 4]; blank: from prior_roi or ads_share."""
    half_week_yuan: Range | None = None
    """Spend a week that brings half of the most that it can bring; blank: around a busy week of the history."""
    carryover: Range | None = None
    """Share of its effect that a week leaves to the next, below 1 (carry geometric); blank: short memory."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.carryover is not None and self.carryover[1] >= MOST_CARRYOVER:
            raise ValueError(f"carryover lies below {MOST_CARRYOVER} / carryover 须小于 {MOST_CARRYOVER}")
        if self.half_week_yuan is not None and self.half_week_yuan[0] <= 0:
            raise ValueError("half_week_yuan lies above 0 / half_week_yuan 须大于 0")
        return self

    @property
    def belief(self) -> Belief:
        """For the fit."""
        return Belief(self.roi, self.half_week_yuan, self.carryover)


class ChannelResponse(ChannelBelief):
    """How an ad channel works: how its spend carries over, how it saturates, and what is believed of both."""

    carry: Carry | Literal["auto"] = "geometric"
    """geometric: strongest in the week of the spend. delayed: strongest some weeks later, alike before and after.
    weibull: either, with a tail of its own. auto: the data choose, and every draw has its own."""
    saturation: Saturation = "hill"
    """hill: concave or S-shaped. logistic: concave, and sooner at its most."""
    weeks: tuple[float, float] | None = None
    """Between how many weeks the delay (delayed) or the time scale (weibull) lies; blank: 0 to 6, 0.3 to 9."""
    fed_by: tuple[str, ...] = ()
    """For search ads: ad channels that make people search, such as content; the response then tells what these bring
    through it."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        low, high = self.weeks or (1.0, 2.0)
        if self.weeks is not None and self.carry in ("geometric", "auto"):
            raise ValueError("weeks are for delayed and weibull only")
        if not (0.0 <= low < high <= LAGS - 1) or (self.carry == "weibull" and low == 0.0):
            raise ValueError(f"weeks rise from 0 (weibull: above 0) to {LAGS - 1} at most")
        if self.carryover is not None and self.carry != "geometric":
            raise ValueError("carryover is for geometric only / carryover 仅用于 carry: geometric")
        return self

    @property
    def form(self) -> Form:
        """For the fit."""
        return Form(self.carry, self.saturation, self.weeks)


class BudgetSettings(Settings):
    """How the ad budget of the next quarter is split."""

    weeks: int = Field(13, ge=1, le=26)
    """Weeks that are planned, counted from the first forecast week, or from ``start``."""
    start: date | None = None
    """First day of the quarter where it has begun: spend since then is taken off, the weeks left are planned."""
    total_yuan: float | None = Field(None, ge=0)
    """Budget of the quarter; blank: the ad ratio (spend / revenue) of the last 13 weeks on the forecast revenue."""
    follow_targets: tuple[Literal["money", "ad_ratio", "sales"], ...] = ()
    """What the stage takes from the targets. money: where `total_yuan` is blank, the targets' ad money of these weeks;
    ad_ratio: where `ad_ratio` is blank, the targets' spend / revenue is the cap; sales: the plan says how far it brings
    these weeks to their targets, and what more ad money would add. They need `targets.limits.ads_yuan`, or take the
    ad ratio of the last year."""
    objective: Literal["gmv", "contribution", "new_customers", "lifetime", "mix"] = "gmv"
    """What is maximised: incremental revenue, incremental revenue x margin - cost (less the 6 % VAT in ads, which comes
    back unless goods bear 3 % or less, as with small-scale taxpayers), first-time buyers, contribution with what
    first-time buyers leave by later orders (``lifetime``), or a mix. Each ad channel wins first-time buyers at a rate
    of its own where orders tell customers for 39 weeks or more, else as the sales channels do that it lifts."""
    mix: dict[Goal, float] = Field(default_factory=dict)
    """For objective ``mix``: yuan that one yuan of revenue, one yuan of contribution, one first-time buyer is worth;
    `lifetime`: one yuan that first-time buyers leave later."""
    spend_all: bool = True
    """Place the whole budget; false: the budget is an upper limit (for ``contribution``)."""
    marginal_at_least: float | None = Field(None, gt=0)
    """Spend only while one more yuan adds at least so many yuan to the objective; the budget is then an upper limit."""
    margin_rate: float | None = Field(None, ge=0, le=1)
    """Contribution of a yuan of revenue before ads; blank: from costs, VAT, returns, commissions, freight, price
    protection."""
    care: float = Field(0.0, ge=0, le=1)
    """How much bad luck counts: 0 the mean, 1 only the mean of the worst ``care_tail`` of the draws (CVaR)."""
    care_tail: float = Field(0.2, gt=0, lt=1)
    """Share of the draws that is bad luck."""
    care_draws: int = Field(50, ge=5, le=200)
    """Draws on which the split is sought where bad luck counts; the plan is scored on all."""
    change_limit: float | None = Field(0.5, ge=0)
    """Each week's spend of an ad channel stays within today's x (1 +- this); blank: free."""
    week_change: float | None = Field(0.1, ge=0)
    """All ads of a week stay within today's week x (1 +- this): the response cannot tell which week works better."""
    event_week_change: float | None = Field(0.1, ge=0)
    """The same for weeks with a shopping event."""
    week_min_yuan: float = Field(0.0, ge=0)
    """Least spend of all ads in any week."""
    week_max_yuan: float | None = Field(None, ge=0)
    """Most spend of all ads in any week."""
    periods: tuple[Period, ...] = ()
    """Budgets of parts of the quarter."""
    stretch: float = Field(1.5, ge=1)
    """No week of an ad channel above this multiple of its largest week ever: the curve is not known there."""
    daily_cap: float | None = Field(None, gt=0)
    """No week above seven times this multiple of everyday spend (median day of the last 13 weeks)."""
    ad_ratio: float | None = Field(None, gt=0, le=1)
    """Cap on spend / revenue (费比) of all planned weeks; then the budget is an upper limit."""
    event_ad_ratio: float | None = Field(None, gt=0, le=1)
    """The same for weeks with a shopping event."""
    channels: dict[str, ChannelRule] = Field(default_factory=dict)
    """Limits and terms by ad channel."""
    groups: dict[str, Group] = Field(default_factory=dict)
    """Limits by group of ad channels."""
    streams: dict[str, bool] = Field(default_factory=dict)
    """Live streams on offer (signed = false) that are decided: true signs, false leaves; the others are part of the
    split, their slot fees part of the budget."""
    stream_stock: float = Field(0.9, gt=0, lt=1)
    """Stock is reserved for a stream on offer, with the repeat that its host may owe, so that it lasts with this
    probability; more is not counted as sold."""
    new_days: int = Field(90, ge=0)
    """SKUs launched within so many days, or ahead, are new items."""
    new_share: float = Field(0.1, ge=0, lt=1)
    """Least share of new items in the budget of an ad channel that reaches some."""
    hero_share: float = Field(0.5, gt=0, le=1)
    """Heroes are the fewest other SKUs that bring this share of expected sales."""
    click_price: float = Field(1.0, gt=0)
    """Clicks cost this multiple of what they cost in the history (1.3: 30 % dearer)."""
    frontier: tuple[float, ...] = (0.5, 0.75, 1.0, 1.25, 1.5)
    """Multiples of the budget for which revenue and contribution are shown."""
    by: By = "week"
    """Ads are fitted by week, or by day: sharper where spend moves from day to day for other reasons than sales
    (pauses, tests), misleading where it follows them (auctions). Plans, and what is told of curves, are by week."""
    ads_share: float = Field(0.2, gt=0, le=1)
    """Believed before the data are seen: share of revenue that all ads together bring."""
    prior_roi: float | None = Field(None, gt=0)
    """Believed revenue of a yuan of ads; blank: from ads_share."""
    claims: float = Field(0.0, ge=0, le=1)
    """How far the returns that platforms claim tilt what is expected of their ads: expected ROI x (claimed ROI / mean
    claim) to this power; 0: not at all, as the gain is small where claims hold some truth and so is the loss where they
    do not; 0.2: as they would deserve by experiments at one platform. Whole-site tools (全站推广), which claim organic
    sales, never count."""
    spills: float = Field(0.1, ge=0, lt=1)
    """Believed before the data are seen: chance that an ad channel lifts a sales channel that ``media.lifts`` does not
    name for it; 0: never. What is all but sure is told and planned with."""
    response: dict[str, ChannelResponse] = Field(default_factory=dict)
    """How an ad channel works, where it is not strongest at once with a Hill curve: by ad channel ``carry`` (geometric,
    delayed, weibull; auto: the data choose), ``saturation`` (hill, logistic), ``weeks`` ([2, 5]: where the delay or the
    time scale lies). And what is believed of it with 90 % before the data are seen: ``roi`` ([1.5, 4]: revenue a yuan),
    ``half_week_yuan`` ([20000, 80000]: spend a week that brings half of the most), ``carryover`` ([0.1, 0.4]).
    ``fed_by`` of search ads: content that makes people search (直通车: {fed_by: [小红书种草]})."""
    gap: float = Field(5e-3, gt=0)
    """Relative gap to the proven bound at which the search stops."""
    nodes: int = Field(16, ge=0)
    """Most nodes of branch and bound (a count, so that the same run gives the same plan)."""

    @model_validator(mode="after")
    def _fed_by_others(self) -> Self:
        fed = {name for name, told in self.response.items() if told.fed_by}
        for name, told in self.response.items():
            if wrong := fed & set(told.fed_by):
                raise ValueError(
                    f"response.{name}.fed_by names {', '.join(sorted(wrong))}: an ad channel that is fed feeds none, "
                    f"nor itself / response.{name}.fed_by 不能写 {'、'.join(sorted(wrong))}："
                    "被带动的渠道不能再带动别的渠道，也不能带动自己"
                )
        return self

    @property
    def weights(self) -> dict[Goal, float]:
        """What each goal counts for in the objective."""
        if self.objective == "mix":
            return dict(self.mix)
        if self.objective == "lifetime":
            return {"contribution": 1.0, "lifetime": 1.0}
        return {self.objective: 1.0}
