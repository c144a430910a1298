"""Thresholds of the alerts, and what the ways out cost."""

from __future__ import annotations

from pydantic import Field

from engine.plans.settings import Settings


class WaysOutSettings(Settings):
    """What may be done about stock, and at which price."""

    sell_off_weeks: int = Field(default=52, ge=1, le=260)
    """Keeping and every way out are compared over so many weeks; what is left then is worth its clearance value."""
    markdown_depths: tuple[float, ...] = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
    """Price cuts that are tried, as shares of the price; never below the floor price."""
    markdown_weeks: tuple[int, ...] = (2, 4, 8)
    """Weeks for which a cut may hold."""
    pull_forward: float = Field(default=0.5, ge=0, le=1)
    """Share of the units sold more during a cut that would have been bought soon after it."""
    weeks_between_changes: int = Field(default=2, ge=0)
    """A price that has just changed stays so many weeks before the next cut."""
    cancel_fee_share: float = Field(default=0.3, ge=0, le=1)
    """Share of the price of a placed order that is lost when it is cancelled (deposit)."""
    expedite_weeks: int = Field(default=1, ge=1)
    """Weeks by which an order on its way can be speeded up."""
    expedite_cost_share: float = Field(default=0.1, ge=0)
    """What that costs, as a share of the goods' price."""


class AlertSettings(Settings):
    """When to raise the alarm."""

    smallest_yuan: float = Field(default=200.0, ge=0)
    """Alerts with less at stake are counted, not listed."""
    paths: int = Field(default=64, ge=8, le=1024)
    """Demand paths behind probabilities."""
    watch_weeks: int = Field(default=8, ge=1)
    """Stock-outs within so many weeks are looked for."""
    stock_out_probability: float = Field(default=0.25, gt=0, le=1)
    """From this probability on a stock-out is told, planned orders counted."""
    overstock_days: int = Field(default=120, ge=1)
    """Stock beyond so many days of expected demand is too much."""
    overstock_probability: float = Field(default=0.5, gt=0, le=1)
    """Overstock and leftovers are told from this probability on."""
    dead_days: int = Field(default=60, ge=1)
    """Stock without a sale for so many days is dead."""
    turnover_days: float = Field(default=90.0, gt=0)
    """Highest turnover days: average stock divided by units sold a day."""
    turnover_window_days: int = Field(default=90, ge=7)
    """Days over which turnover is measured."""
    core_share: float = Field(default=0.6, gt=0, le=1)
    """Core sizes are the best selling ones that make up this share of a style's sales."""
    size_days: int = Field(default=180, ge=7)
    """Days of sales by which core sizes are found."""
    stranded_units: int = Field(default=10, ge=1)
    """A broken size run is told when other sizes still hold so many units."""
    return_ratio: float = Field(default=1.5, ge=1)
    """A SKU's return rate is too high above so many times its category's."""
    return_rate: float = Field(default=0.1, ge=0, le=1)
    """And above this rate."""
    return_probability: float = Field(default=0.9, gt=0, le=1)
    """With this certainty."""
    return_window_days: int = Field(default=90, ge=7)
    """Days of sales by which return rates are measured."""
    return_lag_days: int = Field(default=21, ge=0)
    """The last so many days are left out: their returns are still on the way."""
    return_cost_weeks: int = Field(default=13, ge=1)
    """Weeks of expected sales over which high returns are valued."""
    event_notice_days: int = Field(default=28, ge=0)
    """A last safe order date is told so many days ahead."""
    event_service: float = Field(default=0.9, gt=0, lt=1)
    """The safe date covers the lead time with this probability."""
    parcel_wait_yuan_day: float = Field(default=2.0, ge=0)
    """Cost of a parcel that waits a day because its warehouse cannot ship more: compensation, cancelled orders,
    questions."""
    ways_out: WaysOutSettings = WaysOutSettings()
