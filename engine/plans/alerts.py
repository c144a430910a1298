"""Alerts: what needs a buyer's eye, ranked by the money at stake, each with its best way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

KINDS = (
    "stock_out",
    "event_order",
    "parcels",
    "broken_sizes",
    "dead_stock",
    "season_end",
    "overstock",
    "turnover",
    "return_rate",
)
COLUMNS = {
    "kind": "str",
    "sku": "str",
    "warehouse": "str",
    "pool": "str",
    "date": "datetime64[s]",
    "probability": "float64",
    "units": "int64",
    "stock_fen": "int64",
    "stake_fen": "int64",
    "action": "str",
    "how": "str",
    "value_fen": "int64",
    "reason": "str",
}
_YUAN = {"stock_fen": "stock_yuan", "stake_fen": "yuan", "value_fen": "value_yuan"}


@dataclass(frozen=True)
class Alerts:
    """Alerts, most money at stake first.

    ``table``: frame ``kind`` (one of ``KINDS``), ``sku``, ``warehouse`` and ``pool`` ("" all), ``date`` (when it
    happens, or by when to act), ``probability``, ``units`` concerned, ``stock_fen`` (their value at cost),
    ``stake_fen`` (what doing nothing is expected to cost), ``action``, ``how`` (its figures), ``value_fen`` (what the
    action brings against doing nothing) and ``reason`` (a sentence). ``notes``: kinds that were skipped, and why.
    """

    table: pd.DataFrame
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``, money in yuan; how many there are of each kind."""
        rows = self.table.assign(**{name: self.table[name] / 100.0 for name in _YUAN}).rename(columns=_YUAN)
        count = self.table["kind"].value_counts()
        return {
            "alerts": rows.to_dict("records"),
            "count": {kind: int(count.get(kind, 0)) for kind in KINDS},
            "yuan": float(self.table["stake_fen"].sum()) / 100.0,
            "warnings": list(self.notes),
        }


def alert_table(**columns: Any) -> pd.DataFrame:
    """A table of alerts from columns (arrays or single values); money in yuan under ``stock``, ``stake``, ``value``.

    >>> alert_table(kind="turnover", sku=["A"], date=["2026-01-02"], units=[2.4], stake=[1.5])["stake_fen"].tolist()
    [150]
    """
    frame = pd.DataFrame(columns)
    for name in ("stock", "stake", "value"):
        yuan = frame.pop(name).to_numpy(dtype=float) if name in frame else np.zeros(len(frame))
        frame[f"{name}_fen"] = np.rint(100.0 * yuan)
    frame = frame.assign(**{name: "" for name in ("warehouse", "pool", "action", "how", "reason") if name not in frame})
    if "probability" not in frame:
        frame["probability"] = 1.0
    frame["date"] = pd.to_datetime(frame["date"])
    for name, kind in COLUMNS.items():
        frame[name] = (np.rint(frame[name].astype(float)) if kind == "int64" else frame[name]).astype(kind)  # type: ignore[call-overload]
    return frame[list(COLUMNS)]


def no_alerts() -> pd.DataFrame:
    """The table without a row."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
