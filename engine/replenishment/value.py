"""What a unit of an item earns: the waterfall of its series, carried over to the stock that serves them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from engine.data.dataset import Dataset
from engine.data.goods import return_terms, vat_rates
from engine.data.network import text_of
from engine.plans.forecast import Demand
from models.economics import USUAL_VAT, UnitTerms, waterfall
from models.panel import periods_a_week

Floats = NDArray[np.float64]
_FEES = {
    "commission_rate": "commission_rate",
    "payment_rate": "payment_rate",
    "freight": "freight_fen",
    "insurance": "freight_insurance_fen",
}
UNITS_OF_DOUBT = 100.0
"""Weight of the rate of a category and channel, in units, against what a SKU's own sales say."""
EVIDENCE_DAYS = 365
"""Sales that a SKU's own rate is taken from; those of twice the delay have not come back yet and are left out."""


@dataclass(frozen=True)
class SeriesTerms:
    """By series: ``fees`` and ``returns`` frames, ``vat_rate``, ``price`` yuan [series, weeks] (NaN unknown)."""

    fees: pd.DataFrame
    returns: pd.DataFrame
    vat_rate: Floats
    subsidy: Floats
    price: Floats

    def unit(self, cost: Floats) -> UnitTerms:
        """Terms for the waterfall, cost in yuan [series]."""
        return UnitTerms(
            paid_price=self.price,
            unit_cost=cost[:, None],
            platform_subsidy=self.subsidy[:, None],
            vat_rate=self.vat_rate[:, None],
            return_rate=self.returns["rate"].to_numpy()[:, None],
            refund_only_rate=self.returns["refund_only_rate"].to_numpy()[:, None],
            grade_a_share=self.returns["grade_a_share"].to_numpy()[:, None],
            grade_b_share=self.returns["grade_b_share"].to_numpy()[:, None],
            **{name: self.fees[name].to_numpy()[:, None] for name in _FEES},
        )

    @property
    def restocked(self) -> Floats:
        """Share of the units sold that come back as good as new."""
        return np.asarray(self.returns["rate"] * self.returns["grade_a_share"], dtype=float)


def series_terms(dataset: Dataset, demand: Demand) -> SeriesTerms:
    """Fees, returns, tax and weekly prices of every series."""
    series = demand.series
    keys = pd.DataFrame({name: text_of(series[name]) for name in ("sku", "channel", "category")})
    channels = dataset["channels"].assign(channel=lambda frame: text_of(frame["channel"])).set_index("channel")
    fees = pd.DataFrame(index=keys.index)
    for name, column in _FEES.items():
        scale = 100.0 if column.endswith("_fen") else 1.0
        values = channels[column] if column in channels else pd.Series(0.0, index=channels.index)
        fees[name] = values.reindex(keys["channel"]).fillna(0.0).to_numpy(dtype=float) / scale
    vat = vat_rates(dataset).reindex(keys["sku"]).fillna(USUAL_VAT).to_numpy(float)
    returns = _with_evidence(dataset, keys, demand, return_terms(dataset, keys))
    return SeriesTerms(fees, returns, vat, _subsidy(dataset, keys, demand), _weekly_price(demand))


def _with_evidence(dataset: Dataset, keys: pd.DataFrame, demand: Demand, returns: pd.DataFrame) -> pd.DataFrame:
    """Return rates with what the sales of each SKU and channel say, shrunk to the category's."""
    sales, shipped = dataset["sales"], "units_shipped" if "units_shipped" in dataset["sales"] else "units_paid"
    if "units_returned" not in sales or not (returns["rate"] > 0).any():
        return returns
    today = pd.Timestamp(demand.dates[0])
    whole = today - pd.Timedelta(days=int(np.ceil(2.0 * returns["delay_days"].max())))
    rows = sales[(sales["date"] < whole) & (sales["date"] >= today - pd.Timedelta(days=EVIDENCE_DAYS))]
    columns = [shipped, "units_returned"]
    sums = rows.groupby(["sku", "channel"], observed=True)[columns].sum().astype(float)
    index = pd.MultiIndex.from_arrays([sums.index.get_level_values(level).astype(str) for level in (0, 1)])
    own = sums.set_axis(index).reindex(pd.MultiIndex.from_frame(keys[["sku", "channel"]])).fillna(0.0).to_numpy()
    out, back = own[:, 0], np.minimum(own[:, 1], own[:, 0])
    rate = returns["rate"].to_numpy(dtype=float)
    shrunk = np.where(rate > 0, (back + UNITS_OF_DOUBT * rate) / (out + UNITS_OF_DOUBT), rate)
    return returns.assign(rate=shrunk)


def _subsidy(dataset: Dataset, keys: pd.DataFrame, demand: Demand) -> Floats:
    """Platform subsidy in force at the start, yuan a unit."""
    prices = dataset.get("prices")
    if prices is None or "platform_subsidy_fen" not in prices:
        return np.zeros(len(keys))
    now = prices[prices["date"] <= pd.Timestamp(demand.dates[0])].sort_values("date", kind="stable")
    table = pd.DataFrame(
        {
            "sku": text_of(now["sku"]),
            "channel": text_of(now["channel"]),
            "fen": now["platform_subsidy_fen"].to_numpy(float),
        }
    ).drop_duplicates(["sku", "channel"], keep="last")
    return keys.merge(table, on=["sku", "channel"], how="left")["fen"].fillna(0.0).to_numpy() / 100.0


def _weekly_price(demand: Demand) -> Floats:
    """Mean price of each week, yuan [series, weeks]; NaN where none is known."""
    weeks, step = len(demand.weeks), periods_a_week(demand.frequency)
    if demand.price_yuan is None:
        return np.full((len(demand.series), weeks), np.nan)
    blocks = demand.price_yuan[:, : weeks * step].reshape(-1, weeks, step)
    known = np.isfinite(blocks)
    total = np.where(known, blocks, 0.0).sum(axis=2, dtype=np.float64)
    count = known.sum(axis=2)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def item_revenue(terms: SeriesTerms, links: sparse.csr_array, mean: Floats, cost: Floats) -> tuple[Floats, Floats]:
    """Net revenue a unit of stock, yuan [items, weeks], and net receipts a unit of demand, yuan [series, weeks].

    ``links`` [items, series]: units shipped a unit of demand; ``mean`` [series, weeks]; ``cost`` yuan [items]. What a
    sale brings is split over the stock it draws (components, gifts) by cost; returned goods count with what they are
    worth then. NaN where price or cost is unknown.
    """
    shipped_cost = links.T @ cost
    steps = waterfall(terms.unit(shipped_cost))
    received = steps.contribution + shipped_cost[:, None]
    paid = shipped_cost[:, None]
    share = np.divide(received, paid, out=np.full_like(received, np.nan), where=paid > 0)
    known = np.isfinite(share)
    weight = np.where(known, mean + 1e-9, 0.0)
    total = links @ weight
    value = cost[:, None] * (links @ (weight * np.nan_to_num(share)))
    revenue = np.divide(value, total, out=np.full_like(value, np.nan), where=total > 0)
    return revenue, steps.net_revenue
