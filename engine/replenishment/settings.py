"""Settings of the replenishment room."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from engine.plans.settings import Settings


class SupplyDefaults(Settings):
    """Figures used where the supply tables are missing; every line made with them says ``assumed``."""

    lead_time_weeks: int = Field(default=2, ge=0, le=52)
    """Whole weeks from the order until the goods are sellable."""
    lead_time_sd_weeks: float = Field(default=0.0, ge=0)
    """Standard deviation of the lead time, weeks."""
    moq_units: int = Field(default=1, ge=1)
    """Smallest order, units."""
    pack_units: int = Field(default=1, ge=1)
    """Orders are whole multiples of this."""
    margin_share: float | None = Field(default=None, ge=0, lt=1)
    """Gross margin as a share of the price without VAT; gives the cost where no cost is known."""
    unit_cost_yuan: float | None = Field(default=None, gt=0)
    """Cost a unit without VAT, where no cost is known."""
    holding_cost_yuan_unit_week: float | None = Field(default=None, ge=0)
    """Cost of keeping a unit a week; None: capital and storage."""
    lost_sale_cost_yuan_unit: float | None = Field(default=None, ge=0)
    """Cost of a lost sale; None: the contribution by price and cost."""
    opening_cover_weeks: float | None = Field(default=None, ge=0)
    """Opening stock in weeks of expected demand where there is no inventory table; None: the table is needed."""


ServiceClass = Literal["AX", "AY", "AZ", "BX", "BY", "BZ", "CX", "CY", "CZ"]


class OpenToBuy(Settings):
    """Money for goods of a category that arrive in a month, placed orders included."""

    category: str
    month: date
    """Any day of the month."""
    yuan: float = Field(ge=0)
    """Without VAT."""


class SupplierShare(Settings):
    """How much of what is bought in a category, in money over all planned weeks, a supplier may get."""

    supplier: str
    category: str = ""
    """"": all categories."""
    least: float = Field(default=0.0, ge=0, le=1)
    most: float = Field(default=1.0, ge=0, le=1)


class RollingSettings(Settings):
    """What the last plan, of an earlier week, means for a new one."""

    frozen_weeks: int = Field(default=0, ge=0, le=12)
    """Weeks from now in which the last plan's orders stand and nothing new may be ordered."""
    count_unplaced: bool = False
    """Orders of the last plan whose week is over count as placed although no purchase order shows them: where the ERP
    tells of new purchase orders late. Otherwise they are planned anew."""
    change_yuan_line: float = Field(default=0.0, ge=0)
    """Cost of every order line that is new, gone or of another size than in the last plan."""
    change_yuan_unit: float = Field(default=0.0, ge=0)
    """Cost of every unit ordered more or less than in the last plan."""


class ReplenishSettings(Settings):
    """How orders are planned."""

    paths: int = Field(default=64, ge=8, le=1024)
    """Demand paths behind the cost tables."""
    states: int = Field(default=128, ge=16, le=2000)
    """Largest number of order lots an item is planned in; big sellers are planned in several packs at a time."""
    capital_rate_year: float = Field(default=0.12, ge=0, le=2)
    """Cost of money in stock: interest and risk, a year."""
    clearance_value: float = Field(default=0.4, ge=0, le=1)
    """What a unit brings when it is cleared, after the end date of its SKU or because it would lie too long, as a share
    of its cost."""
    lowest_lost_share: float = Field(default=0.05, ge=0)
    """A lost sale costs at least this share of the unit cost, also where a unit is sold at a loss."""
    service_levels: dict[ServiceClass, Annotated[float, Field(gt=0, lt=1)]] = Field(default_factory=dict)
    """Probability of not running out within lead time and a week, by class: A, B, C by share of revenue (80 %, 15 %,
    5 %), X, Y, Z by how uncertain the forecast is (coefficient of variation up to 0.5, up to 1, above). Takes the place
    of the cost of a lost sale; classes that are not named are planned by cost."""
    returns_to_stock: bool = True
    """Returned goods of grade A are supply again once they are back, so that less is bought."""
    use_cash: bool = True
    """Purchases stay within the money of the cash table, week by week."""
    income_share: float = Field(default=0.0, ge=0, le=1)
    """Share of the expected net revenue that may be spent on purchases once the platform has settled it; 0: the cash
    table holds all money that comes in."""
    use_inbound: bool = True
    """Receipts stay within each warehouse's weekly inbound capacity."""
    use_storage: bool = True
    """Stock stays within each warehouse's room."""
    use_supplier_capacity: bool = True
    """Deliveries stay within each supplier's weekly capacity."""
    use_supplier_minimum: bool = True
    """Orders placed with a supplier in a week reach its smallest order value, or are moved to another week."""
    open_to_buy: tuple[OpenToBuy, ...] | Literal["targets"] = ()
    """Money by category and month of arrival; categories and months that are not named have no such limit. `targets`:
    what the targets stage works out (`yunchou otb`)."""
    supplier_shares: tuple[SupplierShare, ...] = ()
    """Shares of suppliers: limits of the plan like cash and capacity. Shares that no choice of suppliers reaches are
    come near to by repair, and told; those that contradict themselves are told and left out."""
    use_second_lane: bool = True
    """What a region's first warehouse is short of before an order can come is planned as demand of the second."""
    shelf_life_share: float = Field(default=0.67, gt=0, le=1)
    """Goods are sold within this share of their shelf life; what of an order would outlive it costs its price."""
    suppliers_per_item: int = Field(default=2, ge=1, le=4)
    """Suppliers of a SKU that a plan chooses from, by rank."""
    trial_weeks: int = Field(default=4, ge=1, le=26)
    """A SKU with `trial_units` gets no more than that until it has been on sale for so many weeks."""
    rolling: RollingSettings = RollingSettings()
    method: Literal["auto", "decomposition", "milp"] = "auto"
    """auto: decomposition, and one exact model (PuLP) where there are very few items; milp: the exact model always."""
    sweeps: int = Field(default=0, ge=0)
    """Rounds over all items in which multipliers are found; 0: by the number of items."""
    bound_steps: int = Field(default=24, ge=1)
    """Steps that find multipliers before the sweeps; a quarter of them improve the lower bound after them."""
    tolerance: float = Field(default=0.001, gt=0)
    """A proven gap at or below this is called optimal."""

    @model_validator(mode="after")
    def _bounds_fit(self) -> ReplenishSettings:
        if found := list(_twice(self)):
            raise ValueError("; ".join(found))
        return self


def _twice(settings: ReplenishSettings) -> Iterator[str]:
    """Bounds that are stated more than once."""
    stated = () if settings.open_to_buy == "targets" else settings.open_to_buy
    months = [(entry.category, entry.month.replace(day=1)) for entry in stated]
    for category, month in sorted({key for key in months if months.count(key) > 1}):
        yield f"open_to_buy states {category} in {month:%Y-%m} more than once"
    pairs = [(entry.supplier, entry.category) for entry in settings.supplier_shares]
    for supplier, category in sorted({key for key in pairs if pairs.count(key) > 1}):
        yield f"supplier_shares states {supplier} in {category or 'all categories'} more than once"
