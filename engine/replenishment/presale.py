"""Stock that pre-sale deposits bind: what of them is expected to be paid in full is demand of its event day at least.

The forecast of an event covers its pre-sale as well, so what is reserved is a floor under the demand of that week on
every path, never added to it. Deposits are those of ``event_progress``; for channels without, open order lines with a
deposit. The share that is paid in full is that of past order lines whose balance was due, by channel.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from engine.data.dataset import Dataset
from engine.data.deposits import USUAL_RATE, deposit_lines, paid_share
from engine.data.network import text_of
from engine.plans.forecast import Demand

Floats = NDArray[np.float64]


def reserved_units(dataset: Dataset, demand: Demand, links: sparse.csr_array) -> tuple[Floats | None, tuple[str, ...]]:
    """Units [items, weeks] that deposits paid before the plan bind, and what the user should know; None without any.
    ``links`` [items, series]."""
    first = pd.Timestamp(demand.dates[0])
    lines = deposit_lines(dataset, first).dropna(subset=["day"])
    told = _progress(dataset, first)
    still = lines[lines["open"]].groupby(["day", "sku", "channel"], as_index=False)["units"].sum()
    asked = pd.concat([told, still[~still["channel"].isin(set(told["channel"]))]], ignore_index=True)
    keys = pd.MultiIndex.from_arrays([text_of(demand.series[name]) for name in ("sku", "channel")])
    row = keys.get_indexer(pd.MultiIndex.from_frame(asked[["sku", "channel"]]))
    week = ((asked["day"] - first).dt.days // 7).to_numpy(dtype=np.int64)
    kept = (row >= 0) & (week >= 0) & (week < len(demand.weeks))
    if not kept.any():
        return None, ()
    rate = paid_share(lines)
    units = asked["units"].to_numpy(dtype=float) * asked["channel"].map(rate).fillna(USUAL_RATE).to_numpy()
    by_series = np.zeros((len(keys), len(demand.weeks)))
    np.add.at(by_series, (row[kept], week[kept]), units[kept])
    total, paid = float(asked["units"].to_numpy()[kept].sum()), float(units[kept].sum())
    note = (
        f"pre-sale: {paid:,.0f} of {total:,.0f} units with a deposit are expected to be paid in full and are kept "
        f"ready for {asked['sku'][kept].nunique()} SKUs"
    )
    return np.asarray(links @ by_series, dtype=np.float64), (note,)


def _progress(dataset: Dataset, first: pd.Timestamp) -> pd.DataFrame:
    """Deposits towards days of the plan as they were last told before it: frame ``day, sku, channel, units``."""
    columns = ["day", "sku", "channel", "units"]
    table = dataset.get("event_progress")
    if table is None or "deposits" not in table:
        return pd.DataFrame(columns=columns).astype({"day": "datetime64[s]"})
    moment = table["date"] + pd.to_timedelta(table["hour"].to_numpy(dtype=float), unit="h")
    known = table[((moment <= first) & (table["date"] >= first) & table["deposits"].notna()).to_numpy()]
    frame = pd.DataFrame(
        {
            "day": known["date"].to_numpy(dtype="datetime64[s]"),
            "sku": text_of(known["sku"]).to_numpy(),
            "channel": text_of(known["channel"]).to_numpy(),
            "units": known["deposits"].to_numpy(dtype=float),
            "hour": known["hour"].to_numpy(dtype=np.int64),
        }
    )
    return frame.sort_values("hour", kind="stable").drop_duplicates(columns[:3], keep="last")[columns]
