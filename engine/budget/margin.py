"""What becomes of a yuan of revenue, and first-time buyers that a yuan brings, by sales channel."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.goods import categories_of, returns_by_row, unit_costs, vat_rates
from engine.data.purchases import purchases
from engine.data.revenue import price_on
from engine.plans.price_protection import PriceProtection
from models.economics import USUAL_VAT, UnitTerms, waterfall

Floats = NDArray[np.float64]
USUAL = 0.3
STEPS = ("coupons", "refunds", "commission", "freight", "vat", "goods", "protection", "contribution")
YEAR = pd.Timedelta(days=365)
SETTLED = pd.Timedelta(days=30)
"""Returns of younger orders are not in yet."""


def shares_of_revenue(
    dataset: Dataset, channels: tuple[str, ...], margin_rate: float | None, protection: PriceProtection
) -> tuple[pd.DataFrame, str | None]:
    """What becomes of a yuan of revenue (tax included), by sales channel (index); and a note.

    Columns :data:`STEPS`: ``coupons`` were given before it was paid; ``refunds``, ``commission`` (and payment fee),
    ``freight`` (with insurance), ``vat``, ``goods`` and ``protection`` (buyers before a price cut who ask for the
    difference) leave the ``contribution``. The last year's orders through the one waterfall; a sales channel that sold
    nothing takes the mean of all. NaN where it is not known.
    """
    sold = settled_sales(dataset)
    paid = sold["amount_paid_fen"].to_numpy(float) / 100.0 if "amount_paid_fen" in sold else np.zeros(len(sold))
    unknown = "unit_cost_fen" not in dataset["skus"] or np.nansum(paid) <= 0
    table = pd.DataFrame(np.nan, index=list(channels), columns=list(STEPS))
    if not unknown:
        table[:] = _shares(_parts(dataset, sold, np.nan_to_num(paid), protection), sold["channel"], channels)
    if margin_rate is not None:
        return table.assign(contribution=margin_rate), None
    if unknown:
        note = f"no unit costs or no revenue: a margin of {USUAL:.0%} is assumed, set budget.margin_rate"
        return table.assign(contribution=USUAL), note
    table["contribution"] = table["contribution"].clip(0.0, 1.0)
    overall = float(np.average(table["contribution"], weights=_revenue(sold, paid, channels)))
    return table, f"margin of {overall:.0%} before ads, from costs, returns and fees"


def _revenue(sold: pd.DataFrame, paid: Floats, channels: tuple[str, ...]) -> Floats:
    """Yuan by sales channel, all 1 where there are none."""
    place = pd.Categorical(sold["channel"].astype(str), categories=list(channels)).codes
    money = np.bincount(place[place >= 0], np.nan_to_num(paid)[place >= 0], len(channels))
    return np.asarray(money if money.sum() > 0 else np.ones(len(channels)), dtype=np.float64)


def _parts(dataset: Dataset, sold: pd.DataFrame, paid: Floats, protection: PriceProtection) -> dict[str, Floats]:
    """Yuan of each row of sales: ``paid`` and :data:`STEPS`; NaN where the cost is unknown."""
    units = np.maximum(sold["units_paid"].to_numpy(float), 0.0)
    price = np.divide(paid, units, out=np.zeros_like(paid), where=units > 0)
    steps = waterfall(unit_terms(dataset, sold, price, sold))
    claimed = protection.claims * _protection(dataset, sold, units, protection.days)
    prices = dataset.get("prices")
    listed = np.full(len(sold), np.nan)
    if prices is not None and "list_price_fen" in prices:
        listed = price_on(prices, sold, "list_price_fen") / 100.0
    return {
        "paid": paid,
        "coupons": np.maximum(np.nan_to_num(listed, nan=0.0) - price, 0.0) * units,
        "refunds": steps.refunds * units,
        "commission": (steps.commission + steps.payment_fee) * units,
        "freight": (steps.freight + steps.insurance) * units,
        "vat": steps.vat * units,
        "goods": steps.goods_cost * units,
        "protection": claimed,
        "contribution": steps.contribution * units - claimed,
    }


def _shares(parts: dict[str, Floats], channel: pd.Series, channels: tuple[str, ...]) -> Floats:
    """Sums over paid money, float64 [channels, steps]; rows whose cost is unknown are left out."""
    place = pd.Categorical(channel.astype(str), categories=list(channels)).codes
    known = np.isfinite(parts["contribution"]) & (place >= 0)
    sums = np.array([np.bincount(place[known], parts[name][known], len(channels)) for name in ("paid", *STEPS)]).T
    every = sums.sum(axis=0)
    whole = every if every[0] > 0 else np.ones(len(every))
    sums = np.where(sums[:, :1] > 0, sums, whole)
    return np.asarray(sums[:, 1:] / sums[:, :1])


def _protection(dataset: Dataset, sold: pd.DataFrame, units: Floats, days: int) -> Floats:
    """Yuan of each row of sales by which its buyers paid more than the first cheaper price of the ``days`` after."""
    prices = dataset.get("prices")
    if prices is None or not len(prices) or days < 1:
        return np.zeros(len(sold))
    now = price_on(prices, sold)
    later = np.fmin.reduce(
        [price_on(prices, sold.assign(date=sold["date"] + pd.Timedelta(days=ahead))) for ahead in _looks(days)]
    )
    return np.asarray(np.nan_to_num(np.maximum(now - later, 0.0)) * units / 100.0)


def _looks(days: int) -> list[int]:
    """Days ahead on which a price is looked at: each of the first three, then twice as far each time, and the last.

    >>> _looks(15)
    [1, 2, 3, 6, 12, 15]
    """
    found = [1, 2]
    while found[-1] < days:
        found.append(3 if found[-1] == 2 else 2 * found[-1])
    return sorted({min(ahead, days) for ahead in found})


def settled_sales(dataset: Dataset) -> pd.DataFrame:
    """Sales of the last year whose returns are in; all where there are none."""
    sales = dataset["sales"]
    last = sales["date"].max()
    recent = sales[(sales["date"] > last - YEAR) & (sales["date"] <= last - SETTLED)]
    return recent if len(recent) else sales


def unit_terms(dataset: Dataset, goods: pd.DataFrame, price: Floats, past: pd.DataFrame) -> UnitTerms:
    """Terms of a unit of each row of ``goods`` (``sku, channel``) sold at ``price`` [rows], yuan: its cost and VAT, the
    fees of its sales channel, the share that comes back there in ``past`` sales, and what that is still worth."""
    channels = dataset["channels"]
    code, place = goods["sku"].astype(str), goods["channel"].astype(str)
    fees = channels.assign(channel=channels["channel"].astype(str)).set_index("channel")
    back = returns_by_row(dataset, code.map(categories_of(dataset)).fillna(""), place)

    def fee(name: str) -> Floats:
        return place.map(fees[name]).fillna(0.0).to_numpy(float) if name in fees else np.zeros(len(goods))

    return UnitTerms(
        paid_price=price,
        unit_cost=code.map(unit_costs(dataset)).to_numpy(float),
        vat_rate=code.map(vat_rates(dataset)).fillna(USUAL_VAT).to_numpy(float),
        commission_rate=fee("commission_rate"),
        payment_rate=fee("payment_rate"),
        freight=fee("freight_fen") / 100.0,
        insurance=fee("freight_insurance_fen") / 100.0,
        return_rate=_share(past, place, "units_returned", back["rate"]),
        refund_only_rate=_share(past, place, "units_refund_only", back["refund_only_rate"]),
        grade_a_share=back["grade_a_share"].to_numpy(float),
        grade_b_share=back["grade_b_share"].to_numpy(float),
    )


def _share(sold: pd.DataFrame, place: pd.Series, column: str, expected: pd.Series) -> Floats:
    """Share of paid units of ``sold`` that ``column`` counts, by the sales channels in ``place``; what is ``expected``
    where sales do not count it."""
    if column not in sold:
        return expected.to_numpy(float)
    parts = pd.DataFrame({"part": sold[column].fillna(0), "all": sold["units_paid"]})
    sums = parts.groupby(sold["channel"].astype(str)).sum()
    share = (sums["part"] / sums["all"].where(sums["all"] > 0)).fillna(0.0).clip(0.0, 1.0)
    return np.asarray(place.map(share).fillna(0.0).to_numpy(float))


def new_customer_rates(dataset: Dataset, channels: tuple[str, ...]) -> tuple[Floats, str | None]:
    """First-time buyers a yuan of revenue by sales channel, float64 [channels]; zeros and a note where unknown.

    Counted in the last third of the orders, so that who bought before is known for most.
    """
    lines = purchases(dataset)
    if lines.empty:
        note = "no orders with customer_id and amount_paid_fen: new customers cannot be an objective"
        return np.zeros(len(channels)), note
    since = lines["date"].max() - (lines["date"].max() - lines["date"].min()) / 3
    recent = lines[lines["date"] > since]
    fresh = recent[recent["first"]].drop_duplicates("customer")
    counts = fresh.groupby("channel").size().reindex(channels).fillna(0.0).to_numpy(float)
    paid = recent.groupby("channel")["yuan"].sum().reindex(channels).fillna(0.0).to_numpy(float)
    return np.divide(counts, paid, out=np.zeros(len(channels)), where=paid > 0), None
