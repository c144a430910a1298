"""Months that changed after they had been closed: sales of earlier snapshots against those in use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd

from engine.data.in_memory import in_memory
from engine.data.store import Workspace

CLOSED_DAYS = 7
"""A month is closed so many days after its end."""
LOOKED_AT = 12
"""So many earlier snapshots are looked at, the latest first."""
WORTH_NAMING = 0.001
COLUMNS = ["month", "channel", "fen", "was_fen", "seen"]


def changed_months(workspace: Workspace, snapshot: str | None = None, until: date | None = None) -> pd.DataFrame:
    """Frame ``month, channel, fen, was_fen, seen``: paid amounts of closed months that differ now from what an earlier
    snapshot held, by more than a thousandth; ``seen``: last day of that snapshot. The latest of several stands.
    ``until``: only months that had ended by then (None: all)."""
    name = snapshot or workspace.current()
    now = _months(workspace.snapshot_folder(name))
    parts = [_changed(now, before, last) for before, last in _earlier(workspace, name)]
    if now.empty or not parts:
        return pd.DataFrame(columns=COLUMNS)
    found = pd.concat(parts, ignore_index=True).drop_duplicates(["month", "channel"])
    if until is not None:
        found = found[found["month"] + pd.offsets.MonthEnd(0) <= pd.Timestamp(until)]
    return found.sort_values(["month", "channel"], ignore_index=True)[COLUMNS]


def _earlier(workspace: Workspace, name: str) -> Iterator[tuple[pd.DataFrame, pd.Timestamp]]:
    """Months of earlier snapshots with other sales, the latest first, and their last day."""
    own = workspace.manifest(name)["tables"]["sales"]["sha256"]
    order = list(dict.fromkeys(entry.snapshot for entry in reversed(workspace.log())))
    for snapshot in [other for other in order if other != name][:LOOKED_AT]:
        folder = workspace.path / "data" / "snapshots" / snapshot
        if not (folder / "sales.parquet").is_file():
            continue
        if workspace.manifest(snapshot)["tables"].get("sales", {}).get("sha256") != own:
            months = _months(folder)
            if len(months):
                yield months, months["last"].max()


def _months(folder: Path) -> pd.DataFrame:
    """Paid fen by month and channel, with the last day of each."""
    with in_memory() as connection:
        sales = connection.read_parquet(str(folder / "sales.parquet"))
        if "amount_paid_fen" not in sales.columns:
            return pd.DataFrame(columns=["month", "channel", "fen", "last"])
        found = sales.aggregate(
            "CAST(date_trunc('month', date) AS TIMESTAMP_S) AS month, CAST(channel AS VARCHAR) AS channel, "
            "CAST(sum(amount_paid_fen) AS BIGINT) AS fen, CAST(max(date) AS TIMESTAMP_S) AS last"
        )
        return found.df()


def _changed(now: pd.DataFrame, before: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """Closed months of an earlier snapshot that are not what they were."""
    ended = before["month"] + pd.offsets.MonthEnd(0) + pd.Timedelta(days=CLOSED_DAYS) <= last
    both = before.loc[ended, ["month", "channel", "fen"]].rename(columns={"fen": "was_fen"})
    both = both.merge(now[["month", "channel", "fen"]], on=["month", "channel"], how="left")
    both["fen"] = both["fen"].fillna(0).astype("int64")
    odd = (both["fen"] - both["was_fen"]).abs() > WORTH_NAMING * both["was_fen"].abs()
    return both[odd].assign(seen=last)
