"""Contribution of a yuan of revenue before ads, and first-time buyers a yuan brings, by sales channel."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from models.economics import UnitTerms, waterfall

Floats = NDArray[np.float64]
USUAL = 0.3
YEAR = pd.Timedelta(days=365)
SETTLED = pd.Timedelta(days=30)
"""Returns of younger orders are not in yet."""


def margin_rates(dataset: Dataset, channels: tuple[str, ...], given: float | None) -> tuple[Floats, str | None]:
    """Contribution a yuan of revenue (tax included) by sales channel, float64 [channels]; and a note.

    The last year's orders through the one waterfall: returns and refunds, commission, payment fee, freight, insurance,
    VAT, goods. Where a sales channel sold nothing it takes the rate of all.
    """
    if given is not None:
        return np.full(len(channels), given), None
    skus, recent = dataset["skus"], settled_sales(dataset)
    if "unit_cost_fen" not in skus or "amount_paid_fen" not in recent or recent["amount_paid_fen"].sum() <= 0:
        return np.full(
            len(channels), USUAL
        ), f"no unit costs or no revenue: a margin of {USUAL:.0%} is assumed, set budget.margin_rate"
    left, money = _contribution(dataset, recent)
    place = pd.Categorical(recent["channel"].astype(str), categories=list(channels)).codes
    known = np.isfinite(left) & (place >= 0)
    kept = np.bincount(place[known], weights=left[known], minlength=len(channels))
    paid = np.bincount(place[known], weights=money[known], minlength=len(channels))
    overall = float(kept.sum() / paid.sum()) if paid.sum() > 0 else USUAL
    rates = np.clip(np.divide(kept, paid, out=np.full(len(channels), overall), where=paid > 0), 0.0, 1.0)
    return rates, f"margin of {np.clip(overall, 0.0, 1.0):.0%} before ads, from costs, returns and fees"


def settled_sales(dataset: Dataset) -> pd.DataFrame:
    """Sales of the last year whose returns are in; all where there are none."""
    sales = dataset["sales"]
    last = sales["date"].max()
    recent = sales[(sales["date"] > last - YEAR) & (sales["date"] <= last - SETTLED)]
    return recent if len(recent) else sales


def _contribution(dataset: Dataset, sold: pd.DataFrame) -> tuple[Floats, Floats]:
    """Yuan kept and yuan paid of each row."""
    units = np.maximum(sold["units_paid"].to_numpy(float), 0.0)
    money = sold["amount_paid_fen"].to_numpy(float) / 100.0
    price = np.divide(money, units, out=np.zeros_like(money), where=units > 0)
    return waterfall(unit_terms(dataset, sold, price, sold)).contribution * units, money


def unit_terms(dataset: Dataset, goods: pd.DataFrame, price: Floats, past: pd.DataFrame) -> UnitTerms:
    """Terms of a unit of each row of ``goods`` (``sku, channel``) sold at ``price`` [rows], yuan: its cost and VAT, the
    fees of its sales channel, and the share that comes back there in ``past`` sales."""
    skus, channels = dataset["skus"], dataset["channels"]
    code, place = goods["sku"].astype(str), goods["channel"].astype(str)
    facts = skus.assign(sku=skus["sku"].astype(str)).set_index("sku")
    fees = channels.assign(channel=channels["channel"].astype(str)).set_index("channel")

    def fee(name: str) -> Floats:
        return place.map(fees[name]).fillna(0.0).to_numpy(float) if name in fees else np.zeros(len(goods))

    return UnitTerms(
        paid_price=price,
        unit_cost=code.map(facts["unit_cost_fen"]).to_numpy(float) / 100.0,
        vat_rate=code.map(facts["vat_rate"]).fillna(0.13).to_numpy(float) if "vat_rate" in facts else 0.13,
        commission_rate=fee("commission_rate"),
        payment_rate=fee("payment_rate"),
        freight=fee("freight_fen") / 100.0,
        insurance=fee("freight_insurance_fen") / 100.0,
        return_rate=_share(past, place, "units_returned"),
        refund_only_rate=_share(past, place, "units_refund_only"),
    )


def _share(sold: pd.DataFrame, place: pd.Series, column: str) -> Floats:
    """Share of paid units of ``sold`` that ``column`` counts, by the sales channels in ``place``; 0 where unknown."""
    if column not in sold:
        return np.zeros(len(place))
    parts = pd.DataFrame({"part": sold[column].fillna(0), "all": sold["units_paid"]})
    sums = parts.groupby(sold["channel"].astype(str)).sum()
    share = (sums["part"] / sums["all"].where(sums["all"] > 0)).fillna(0.0).clip(0.0, 1.0)
    return np.asarray(place.map(share).fillna(0.0).to_numpy(float))


def new_customer_rates(dataset: Dataset, channels: tuple[str, ...]) -> tuple[Floats, str | None]:
    """First-time buyers a yuan of revenue by sales channel, float64 [channels]; zeros and a note where unknown.

    Counted in the last third of the orders, so that who bought before is known for most.
    """
    orders = dataset.get("orders")
    if orders is None or not len(orders) or "customer_id" not in orders or orders["customer_id"].isna().all():
        return np.zeros(len(channels)), "no orders with customer_id: new customers cannot be an objective"
    known = orders[orders["customer_id"].notna()]
    first = known.groupby(known["customer_id"].astype(str))["ordered_at"].min()
    days = orders["ordered_at"]
    since = days.max() - (days.max() - days.min()) / 3
    recent = known[known["ordered_at"] > since]
    customer = recent["customer_id"].astype(str)
    fresh = recent[(customer.map(first) == recent["ordered_at"])].assign(customer=customer)
    fresh = fresh.drop_duplicates("customer")
    counts = fresh.groupby(fresh["channel"].astype(str)).size().reindex(channels).fillna(0.0).to_numpy(float)
    money = recent.groupby(recent["channel"].astype(str))["amount_paid_fen"].sum().reindex(channels).fillna(0.0)
    paid = money.to_numpy(float) / 100.0
    return np.divide(counts, paid, out=np.zeros(len(channels)), where=paid > 0), None
