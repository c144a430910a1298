"""Small first batches: a new SKU is tried with few units before more of it is bought."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.network import text_of
from models.panel import Dates

WEEK = np.timedelta64(7, "D")


def with_trials(
    dataset: Dataset, items: pd.DataFrame, need: NDArray[np.float64], weeks: Dates, trial_weeks: int
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The items with ``trial_units`` (units that may still arrive before the week ``trial_until``; -1: no limit), and
    what could not be kept, in words.

    A SKU with ``trial_units`` is on trial until ``trial_weeks`` after its launch (after the start, where no launch is
    stated and nothing was sold). Its batch is split to warehouses and pools by ``need`` [items, weeks]; what was sold,
    lies there or is on its way counts. The smallest order is always allowed.
    ``items``: with ``lead_time_weeks, moq_units, pack_units, on_hand, group`` and ``placed`` (units on their way).
    """
    items = items.assign(trial_units=np.int64(-1), trial_until=np.int64(0))
    skus = dataset["skus"]
    if "trial_units" not in skus:
        return items, ()
    master = pd.DataFrame(
        {"sku": text_of(skus["sku"]), "units": skus["trial_units"].to_numpy(dtype=float, na_value=np.nan)}
    )
    master["launch"] = skus["launch_date"].to_numpy("datetime64[D]") if "launch_date" in skus else np.datetime64("NaT")
    own = master.drop_duplicates("sku").set_index("sku").reindex(items["sku"])
    sold = _sold(dataset).reindex(items["sku"]).fillna(0.0).to_numpy()
    first = weeks[0].astype("datetime64[D]")
    launch = own["launch"].to_numpy("datetime64[D]")
    launch = np.where(np.isnat(launch) & (sold <= 0), first, launch)
    ends = -((first - launch).astype("timedelta64[D]").astype(float) // 7) + trial_weeks
    ends = np.where(np.isnat(launch), -1.0, ends)
    on_trial = np.isfinite(own["units"].to_numpy()) & (ends > 0)
    if not on_trial.any():
        return items, ()
    weight = pd.Series(need.sum(axis=1) + 1e-9)
    share = (weight / weight.groupby(items["sku"].to_numpy()).transform("sum")).to_numpy()
    had = share * sold + items[["on_hand", "placed"]].sum(axis=1).to_numpy(dtype=float)
    pack = items["pack_units"].to_numpy(dtype=float)
    smallest = np.where(items["group"] == "", np.maximum(items["moq_units"].to_numpy(dtype=float), pack), pack)
    batch = np.maximum(np.floor(share * own["units"].fillna(0.0).to_numpy() / pack + 0.5) * pack, 0.0)
    raised = on_trial & (batch < smallest)
    left = np.maximum(np.maximum(batch, smallest) - had, 0.0)
    items.loc[on_trial, "trial_units"] = left[on_trial].astype(np.int64)
    until = ends + items["lead_time_weeks"].to_numpy(dtype=float)
    items.loc[on_trial, "trial_until"] = until[on_trial].astype(np.int64)
    names = sorted(set(items.loc[raised, "sku"]))
    note = f"the first batch of {len(names)} SKUs is below the smallest order, which is taken: {', '.join(names[:5])}"
    return items, (note,) if names else ()


def _sold(dataset: Dataset) -> pd.Series:
    """Units sold by SKU up to now."""
    sales = dataset["sales"]
    units = sales["units_paid"].to_numpy(dtype=float, na_value=0.0)
    return pd.Series(units, text_of(sales["sku"])).groupby(level=0).sum()
