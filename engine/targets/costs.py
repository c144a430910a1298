"""What a yuan of sales holds: goods, tax, units and what the platform settles, by channel x category."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.goods import categories_of, unit_costs, vat_rates
from engine.data.network import text_of
from engine.data.revenue import net_sales
from engine.targets.rules import Costs
from models.economics import USUAL_VAT

USUAL_COST = 0.45
"""Cost of goods in a yuan of sales without VAT where no unit cost is known."""


def costs_of(dataset: Dataset, cells: pd.DataFrame) -> tuple[Costs, tuple[str, ...]]:
    """By cell (frame with ``channel, category``), from the last year's sales at today's unit costs; a cell without
    sales takes its category, else everything."""
    table = _sold(dataset)
    sums = ["amount", "cost", "net", "units"]
    levels = [table.groupby(keys, sort=True)[sums].sum() for keys in (["channel", "category"], ["category"])]
    whole = table[sums].sum()
    ratio = pd.DataFrame(index=cells.index, columns=["cost", "net", "units"], dtype=float)
    channel, category = cells["channel"].astype(str), cells["category"].astype(str)
    asked = (pd.MultiIndex.from_arrays([channel, category]), pd.Index(category))
    for name in ratio.columns:
        value = np.full(len(cells), whole[name] / whole["amount"] if whole["amount"] > 0 else np.nan)
        for level, keys in zip(reversed(levels), reversed(asked), strict=True):
            own = (level[name] / level["amount"].where(level["amount"] > 0)).reindex(keys).to_numpy()
            value = np.where(np.isfinite(own), own, value)
        ratio[name] = value
    net = np.nan_to_num(ratio["net"].to_numpy(), nan=1.0 / (1.0 + USUAL_VAT))
    notes: tuple[str, ...] = ()
    if "unit_cost_fen" not in dataset["skus"] or not table["known"].any():
        notes = (f"targets: no unit costs: goods are taken as {USUAL_COST:.0%} of sales without VAT",)
    return Costs(
        np.nan_to_num(ratio["cost"].to_numpy(), nan=USUAL_COST / (1.0 + USUAL_VAT)),
        net,
        np.nan_to_num(ratio["units"].to_numpy(), nan=0.0),
        net * (1.0 - _fees(dataset, channel)),
    ), notes


def _sold(dataset: Dataset) -> pd.DataFrame:
    """The last year by SKU and channel: ``channel, category, amount`` (yuan, tax included), ``net``, ``cost``
    (without VAT), ``units, known``."""
    sales = net_sales(dataset, ("sku", "channel"))
    frame = sales.groups.astype(str).copy()
    recent = sales.last_year
    frame["units"] = sales.units[:, recent].sum(axis=1)
    money = np.zeros(len(frame)) if sales.amount_fen is None else sales.amount_fen[:, recent].sum(axis=1) / 100.0
    frame["category"] = frame["sku"].map(categories_of(dataset)).fillna("")
    frame["amount"] = money
    frame["net"] = money / (1.0 + frame["sku"].map(vat_rates(dataset)).fillna(USUAL_VAT))
    unit = frame["sku"].map(unit_costs(dataset)).to_numpy(float)
    frame["known"] = np.isfinite(unit)
    frame["cost"] = np.where(frame["known"], np.nan_to_num(unit) * frame["units"], USUAL_COST * frame["net"])
    return frame


def _fees(dataset: Dataset, channel: pd.Series) -> np.ndarray:
    """Commission and payment fee of a channel, as a share."""
    table = dataset.get("channels")
    if table is None:
        return np.zeros(len(channel))
    names = [name for name in ("commission_rate", "payment_rate") if name in table]
    rate = pd.Series(table[names].fillna(0.0).sum(axis=1).to_numpy(float), index=text_of(table["channel"]))
    return np.asarray(channel.map(rate).fillna(0.0).to_numpy(float))
