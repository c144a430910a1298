"""What sums of sales earned: the one waterfall, in fen."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.goods import categories_of, returns_by_row, unit_costs, vat_rates
from engine.data.network import text_of
from engine.data.revenue import price_on
from models.economics import USUAL_VAT, UnitTerms, waterfall

Floats = NDArray[np.float64]
STEPS = (
    "receipts",
    "refunds",
    "commission",
    "payment_fee",
    "freight",
    "insurance",
    "vat",
    "goods_cost",
    "contribution",
)
_FEES = {
    "commission_rate": "commission_rate",
    "payment_rate": "payment_rate",
    "freight": "freight_fen",
    "insurance": "freight_insurance_fen",
}


def earned(dataset: Dataset, sums: pd.DataFrame, moment: pd.Series) -> pd.DataFrame:
    """``STEPS`` in fen (float) of each row of sums by ``sku, channel``: the unit's waterfall x units.

    Returns and refunds are those booked so far. ``moment``: the day whose platform subsidy holds for a row. Goods cost
    and contribution are NaN where the SKU has no cost; rows without units have 0.
    """
    units = np.maximum(sums["units"].to_numpy(dtype=float), 0.0)
    sold = units > 0
    sku = sums["sku"].astype("category").cat
    facts = _by_sku(dataset, sku.categories.astype(str))
    facts = facts.iloc[sku.codes.to_numpy()]
    fees = _by_channel(dataset, sums["channel"])
    returns = returns_by_row(dataset, facts["category"], sums["channel"])
    steps = waterfall(
        UnitTerms(
            paid_price=_per(sums["net_fen"], units) / 100.0,
            unit_cost=facts["cost"].to_numpy(),
            platform_subsidy=_subsidy(dataset, sums, moment),
            vat_rate=facts["vat"].to_numpy(),
            return_rate=np.clip(_per(sums["units_returned"], units), 0.0, 1.0),
            refund_only_rate=np.clip(_per(sums["units_refund_only"], units), 0.0, 1.0),
            grade_a_share=returns["grade_a_share"].to_numpy(dtype=float),
            grade_b_share=returns["grade_b_share"].to_numpy(dtype=float),
            **fees,
        )
    )
    return pd.DataFrame(
        {name: np.where(sold, 100.0 * units * getattr(steps, name), 0.0) for name in STEPS}, index=sums.index
    )


def _by_sku(dataset: Dataset, skus: pd.Index) -> pd.DataFrame:
    """``cost`` yuan a unit, ``vat`` rate and ``category`` ("" where the SKU is unknown)."""
    cost, vat = unit_costs(dataset).reindex(skus), vat_rates(dataset).reindex(skus).fillna(USUAL_VAT)
    category = categories_of(dataset).reindex(skus).fillna("").astype("category")
    return pd.DataFrame({"cost": cost.to_numpy(), "vat": vat.to_numpy(), "category": category.to_numpy()})


def _by_channel(dataset: Dataset, channel: pd.Series) -> dict[str, Floats]:
    """Fees of each row, rates and yuan; 0 where the channel names none."""
    master = dataset["channels"].drop_duplicates("channel")
    names = text_of(master["channel"]).to_numpy()
    kind = channel.astype("category").cat
    fees = {}
    for name, column in _FEES.items():
        values = master[column].fillna(0).astype(float) if column in master else pd.Series(0.0, index=master.index)
        table = pd.Series(values.to_numpy(), index=names).reindex(kind.categories.astype(str)).fillna(0.0).to_numpy()
        scale = 100.0 if column.endswith("_fen") else 1.0
        fees[name] = np.asarray(table[kind.codes.to_numpy()] / scale, dtype=np.float64)
    return fees


def _subsidy(dataset: Dataset, sums: pd.DataFrame, moment: pd.Series) -> Floats:
    """Yuan a unit that the platform pays to the merchant."""
    prices = dataset.get("prices")
    if prices is None or prices.empty or "platform_subsidy_fen" not in prices:
        return np.zeros(len(sums))
    rows = sums[["sku", "channel"]].assign(date=moment.to_numpy())
    subsidy: Floats = np.nan_to_num(price_on(prices, rows, "platform_subsidy_fen"))
    return subsidy / 100.0


def _per(sums: pd.Series, units: Floats) -> Floats:
    each: Floats = np.divide(sums.to_numpy(dtype=float), units, out=np.zeros(len(units)), where=units > 0)
    return each
