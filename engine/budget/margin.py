"""Contribution of a yuan of revenue before ads, from the merchant's own cost and fees."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset

USUAL = 0.3
YEAR = pd.Timedelta(days=365)


def margin_rate(dataset: Dataset, given: float | None) -> tuple[float, str | None]:
    """Share of revenue (tax included) left after VAT, goods and commissions, over the last year; and a note.

    Returns, freight and coupons are not in it; give ``margin_rate`` in plan.yaml to be exact.
    """
    if given is not None:
        return given, None
    sales, skus, channels = dataset["sales"], dataset["skus"], dataset["channels"]
    recent = sales[sales["date"] > sales["date"].max() - YEAR]
    if "unit_cost_fen" not in skus or "amount_paid_fen" not in recent or recent["amount_paid_fen"].sum() <= 0:
        return USUAL, f"no unit costs or no revenue: a margin of {USUAL:.0%} is assumed, set budget.margin_rate"
    table = skus.assign(sku=skus["sku"].astype(str)).set_index("sku")
    goods = recent["sku"].astype(str)
    cost = goods.map(table["unit_cost_fen"]).to_numpy(float)
    vat = goods.map(table["vat_rate"]).fillna(0.13).to_numpy(float) if "vat_rate" in table else 0.13
    fees = sum((channels[c].fillna(0.0) for c in ("commission_rate", "payment_rate") if c in channels), start=0.0)
    rate = pd.Series(fees, index=channels["channel"].astype(str))
    fee = recent["channel"].astype(str).map(rate).fillna(0.0).to_numpy(float)
    money = recent["amount_paid_fen"].to_numpy(float)
    left = money / (1.0 + vat) - fee * money - recent["units_paid"].to_numpy(float) * cost
    known = np.isfinite(left)
    share = float(left[known].sum() / money[known].sum()) if money[known].sum() > 0 else USUAL
    return float(np.clip(share, 0.0, 1.0)), f"margin of {np.clip(share, 0.0, 1.0):.0%} before ads, from costs and fees"
