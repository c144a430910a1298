"""What is maximised, from the settings and the merchant's economics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.first_time import FirstTime
from engine.budget.lifetime import Later, later_orders
from engine.budget.margin import new_customer_rates, shares_of_revenue
from engine.budget.objective import Worth
from engine.budget.settings import BudgetSettings, Goal
from engine.data.dataset import Dataset
from engine.data.goods import ads_vat
from engine.plans.errors import MissingInput
from engine.plans.price_protection import PriceProtection
from models.response.curves import ResponseCurves

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Economics:
    """By ad channel: ``shares`` of a yuan of lift (see ``shares_of_revenue``) through what it lifts, ``buyers``
    first-time buyers a yuan of lift brings, ``later`` yuan that they leave by later orders, float64 [ad_channels];
    ``first``: how much of the lift is theirs, where orders tell. ``buyers_at``: both by sales channel, as goals.
    ``ads_vat``: share of ad money that comes back."""

    shares: pd.DataFrame
    buyers: Floats
    later: Floats
    first: FirstTime
    buyers_at: dict[str, dict[Goal, float]]
    notes: tuple[str, ...]
    ads_vat: float

    @property
    def ads_cost(self) -> float:
        """What a yuan of ads takes from the contribution."""
        return 1.0 - self.ads_vat

    @property
    def margin(self) -> Floats:
        """Contribution of a yuan of lift before ads, float64 [ad_channels]."""
        return self.shares["contribution"].to_numpy(float)


def economics_of(
    dataset: Dataset, curves: ResponseCurves, settings: BudgetSettings, protection: PriceProtection, first: FirstTime
) -> Economics:
    """A yuan of lift earns as a yuan of the sales channel does; how many first-time buyers it brings against that yuan
    is told by ``first``."""
    shares, note = shares_of_revenue(dataset, curves.channels, settings.margin_rate, protection)
    buyers, missing = new_customer_rates(dataset, curves.channels)
    wanted = not {"new_customers", "lifetime"}.isdisjoint(settings.weights)
    if missing and wanted:
        raise MissingInput("orders", missing)
    notes = (note,) if note and "contribution" in settings.weights else ()
    notes = (*notes, *first.notes) if wanted else notes
    later = np.zeros(len(buyers))
    if "lifetime" in settings.weights:
        told = later_orders(dataset, curves.channels)
        later = buyers * told.yuan * shares["contribution"].to_numpy(float)
        notes = (*notes, _told(told, buyers))
    by_channel: dict[str, dict[Goal, float]] = {
        name: {"new_customers": float(fresh), "lifetime": float(then)}
        for name, fresh, then in zip(curves.channels, buyers, later, strict=True)
    }
    lifted = pd.DataFrame(curves.split @ shares.to_numpy(), index=list(curves.ad_channels), columns=shares.columns)
    won, left = (first.factor * (curves.split @ rate) for rate in (buyers, later))
    return Economics(lifted, won, left, first, by_channel, notes, ads_vat(dataset))


def _told(later: Later, buyers: Floats) -> str:
    """What later orders are counted, for the user."""
    if not later.days:
        return "lifetime: orders tell no later orders of new customers: first orders alone count"
    mean = float(np.average(later.yuan, weights=buyers)) if buyers.sum() > 0 else float(later.yuan.mean())
    return f"lifetime: a new customer pays {mean:,.0f} yuan for later orders within {later.days} days, as far as told"


def worth_of(settings: BudgetSettings, economics: Economics) -> Worth:
    """The objective in its own unit (yuan; buyers for ``new_customers``)."""
    ones = np.ones(len(economics.margin))
    margin = {"gmv": ones, "contribution": economics.margin, "new_customers": economics.buyers}
    margin["lifetime"] = economics.later
    weights = settings.weights
    lift = sum((weight * margin[name] for name, weight in weights.items()), start=np.zeros(len(ones)))
    cost = economics.ads_cost * weights.get("contribution", 0.0) + (settings.marginal_at_least or 0.0)
    return Worth(np.asarray(lift), cost, settings.care, settings.care_tail)
