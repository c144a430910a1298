"""What goods cost, how they are taxed, their categories (one value by SKU), and how they come back."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of
from models.economics import USUAL_VAT, input_vat_of_ads

RETURN_TERMS = {"rate": 0.0, "grade_a_share": 0.8, "grade_b_share": 0.1, "refund_only_rate": 0.0, "delay_days": 10.0}
"""Columns of the table ``returns`` and what holds where nothing is said."""


def unit_costs(dataset: Dataset) -> pd.Series:
    """Yuan a unit without VAT by SKU; NaN where it is unknown."""
    return _by_sku(dataset, "unit_cost_fen", np.nan) / 100.0


def vat_rates(dataset: Dataset) -> pd.Series:
    """VAT as a share of the price without it, by SKU; the usual one where it is not said."""
    return _by_sku(dataset, "vat_rate", USUAL_VAT)


def ads_vat(dataset: Dataset) -> float:
    """Share of ad spend that comes back as input VAT; the highest VAT of the goods tells what taxpayer it is."""
    return input_vat_of_ads(float(vat_rates(dataset).max()))


def categories_of(dataset: Dataset) -> pd.Series:
    """Category by SKU."""
    skus = dataset["skus"].drop_duplicates("sku")
    return pd.Series(text_of(skus["category"]).to_numpy(), index=text_of(skus["sku"]))


def return_terms(dataset: Dataset, keys: pd.DataFrame) -> pd.DataFrame:
    """Frame :data:`RETURN_TERMS`, a row a row of ``keys`` (``category, channel``, texts): of the table ``returns`` the
    most special row that fits (category and channel, category, channel, all)."""
    out = pd.DataFrame(dict.fromkeys(RETURN_TERMS, np.nan), index=keys.index)
    table = dataset.get("returns")
    if table is not None:
        rows = pd.DataFrame({name: text_of(table[name]) if name in table else "" for name in ("category", "channel")})
        for name, default in RETURN_TERMS.items():
            rows[name] = table[name].fillna(default).to_numpy(dtype=float) if name in table else default
        for category, channel in ((True, True), (True, False), (False, True), (False, False)):
            wanted = keys[["category", "channel"]].assign(
                category=keys["category"] if category else "", channel=keys["channel"] if channel else ""
            )
            found = wanted.merge(rows.drop_duplicates(["category", "channel"]), on=["category", "channel"], how="left")
            out = out.fillna(found[list(RETURN_TERMS)])
    return out.fillna(RETURN_TERMS)


def returns_by_row(dataset: Dataset, category: pd.Series, channel: pd.Series) -> pd.DataFrame:
    """:func:`return_terms` of many rows (``category`` "" where unknown), each pair looked up once; index 0, 1, ..."""
    keys = pd.DataFrame({"category": category.astype(str).to_numpy(), "channel": text_of(channel).to_numpy()})
    code = keys.groupby(["category", "channel"]).ngroup().to_numpy()
    terms = return_terms(dataset, keys.drop_duplicates().sort_values(["category", "channel"], ignore_index=True))
    return terms.iloc[code].reset_index(drop=True)


def _by_sku(dataset: Dataset, column: str, usual: float) -> pd.Series:
    skus = dataset["skus"].drop_duplicates("sku")
    values = skus[column].to_numpy(dtype=float, na_value=usual) if column in skus else usual
    return pd.Series(values, index=text_of(skus["sku"]), dtype=float)
