"""What goods cost, and their categories, by SKU."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of


def unit_costs(dataset: Dataset) -> pd.Series:
    """Yuan a unit without VAT by SKU; NaN where it is unknown."""
    skus = dataset["skus"].drop_duplicates("sku")
    cost = skus["unit_cost_fen"].to_numpy(dtype=float, na_value=np.nan) if "unit_cost_fen" in skus else np.nan
    return pd.Series(cost, index=text_of(skus["sku"]), dtype=float) / 100.0


def categories_of(dataset: Dataset) -> pd.Series:
    """Category by SKU."""
    skus = dataset["skus"].drop_duplicates("sku")
    return pd.Series(text_of(skus["category"]).to_numpy(), index=text_of(skus["sku"]))
