"""Order lines with a deposit: when it was paid, when the balance is due, and whether it has been paid."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.calendar import pre_sale_dates
from engine.data.dataset import Dataset
from engine.data.network import text_of

Dates = NDArray[np.datetime64]
USUAL_RATE, UNITS_OF_DOUBT = 0.8, 50.0
"""Share of deposits that is paid in full (trade), and its weight in units against what a channel's orders say."""
DAYS_TO_PAY = 3
"""Days from which a balance that was due and is not paid counts as given up."""
DATES = ("deposit_at", "ordered_at", "balance_at")
COLUMNS = ["sku", "channel", "state", "units", "amount_fen", *DATES, "day", "paid", "open", "over"]


def deposit_lines(dataset: Dataset, first: pd.Timestamp) -> pd.DataFrame:
    """Order lines whose deposit was paid before ``first``, by what was known then: frame of ``COLUMNS``.

    ``day``: on which the balance is due by ``events``, blank where they tell no pre-sale. ``paid`` in full; ``open``:
    neither paid nor given up, the balance due; ``over``: due so long ago that what is not paid is given up. Columns
    that the orders do not have are blank, amounts 0.
    """
    orders, events = dataset.get("orders"), dataset.get("events")
    if orders is None or "deposit_at" not in orders:
        orders = pd.DataFrame({"deposit_at": pd.Series([], dtype="datetime64[s]")})
    mine = orders[orders["deposit_at"].notna() & (orders["deposit_at"] < first)].reset_index(drop=True)
    frame = pd.DataFrame({name: text_of(mine[name]) if name in mine else "" for name in COLUMNS[:3]}, index=mine.index)
    frame["units"] = mine["units"].to_numpy(dtype=float) if "units" in mine else 0.0
    frame["amount_fen"] = mine["amount_paid_fen"].fillna(0).to_numpy(dtype=float) if "amount_paid_fen" in mine else 0.0
    for name in DATES:
        frame[name] = mine[name].astype("datetime64[s]") if name in mine else _blank(len(mine))
    frame["day"] = _due(frame, events)
    later = (frame["balance_at"] >= first).to_numpy()
    frame["paid"] = ~frame["state"].isin(["ordered", "cancelled"]) & ~later
    frame["open"] = ((frame["state"] == "ordered") | later) & (frame["day"] >= first)
    frame["over"] = frame["day"] < first - pd.Timedelta(days=DAYS_TO_PAY)
    return frame[COLUMNS]


def _blank(rows: int) -> Dates:
    return np.full(rows, "NaT", dtype="datetime64[s]")


def _due(lines: pd.DataFrame, events: pd.DataFrame | None) -> Dates:
    """Day on which the balance of each line is due."""
    if events is None or lines.empty:
        return _blank(len(lines))
    channel = text_of(events["channel"]) if "channel" in events else pd.Series("", index=events.index)
    due = {
        (name, day): pre_sale_dates(day.date(), events[((channel == name) | (channel == "")).to_numpy()])
        for name, day in lines[["channel", "deposit_at"]].drop_duplicates().itertuples(index=False)
    }
    dates = [due[pair] for pair in zip(lines["channel"], lines["deposit_at"], strict=True)]
    return np.array([found.balance if found else "NaT" for found in dates], dtype="datetime64[s]")


def paid_share(lines: pd.DataFrame) -> dict[str, float]:
    """Share of the units with a deposit that was paid in full in the end, by channel, shrunk to the usual one.

    >>> over = pd.DataFrame({"channel": "天猫", "units": [75.0, 25.0], "paid": [True, False], "over": True})
    >>> paid_share(over)  # (75 + 50 x 0.8) / (100 + 50)
    {'天猫': 0.7666666666666667}
    """
    over = lines[lines["over"]]
    sums = over.assign(whole=over["units"] * over["paid"]).groupby("channel")[["whole", "units"]].sum()
    rate = (sums["whole"] + UNITS_OF_DOUBT * USUAL_RATE) / (sums["units"] + UNITS_OF_DOUBT)
    return {str(name): float(value) for name, value in rate.items()}
