"""What goods cost, how they are taxed, and their categories: one value by SKU."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of
from models.economics import USUAL_VAT


def unit_costs(dataset: Dataset) -> pd.Series:
    """Yuan a unit without VAT by SKU; NaN where it is unknown."""
    return _by_sku(dataset, "unit_cost_fen", np.nan) / 100.0


def vat_rates(dataset: Dataset) -> pd.Series:
    """VAT as a share of the price without it, by SKU; the usual one where it is not said."""
    return _by_sku(dataset, "vat_rate", USUAL_VAT)


def categories_of(dataset: Dataset) -> pd.Series:
    """Category by SKU."""
    skus = dataset["skus"].drop_duplicates("sku")
    return pd.Series(text_of(skus["category"]).to_numpy(), index=text_of(skus["sku"]))


def _by_sku(dataset: Dataset, column: str, usual: float) -> pd.Series:
    skus = dataset["skus"].drop_duplicates("sku")
    values = skus[column].to_numpy(dtype=float, na_value=usual) if column in skus else usual
    return pd.Series(values, index=text_of(skus["sku"]), dtype=float)
