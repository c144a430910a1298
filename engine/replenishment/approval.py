"""Which order lines may go out unread: small ones, on a forecast to be trusted, much like the last plan's."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pydantic import Field

from engine.plans.settings import Settings

APPROVED = "pre-approved"
KEYS = ["sku", "warehouse", "pool", "supplier"]
SPAN = np.timedelta64(7, "D")


class ApprovalSettings(Settings):
    """A line within all of these is pre-approved; the others are ranked by yuan."""

    below_yuan: float = Field(default=5000.0, ge=0)
    """Lines of less money than this, without VAT; 0: none."""
    grades: tuple[str, ...] = ("A", "B")
    """Every forecast behind the line has one of these grades of trust."""
    change: float | None = Field(default=0.2, ge=0)
    """Units differ from those of the last plan by at most this share; None: the last plan does not matter."""


def with_approval(
    lines: pd.DataFrame, trust: list[str], before: pd.DataFrame | None, settings: ApprovalSettings
) -> pd.DataFrame:
    """The lines with ``last_units`` (NaN where no plan came before), ``trust`` and ``approval``: ``pre-approved``, or
    the rank by yuan as text.

    ``trust``: grades of a line's forecasts in one text, such as "AB"; ``before``: lines of the last plan. A line
    without an earlier plan has changed.
    """
    last = _last_units(lines, before)
    units, cost = lines["units"].to_numpy(dtype=float), lines["cost_fen"].to_numpy(dtype=np.int64)
    trusted = np.array([bool(text) and set(text) <= set(settings.grades) for text in trust], dtype=bool)
    within = trusted & (cost < 100.0 * settings.below_yuan)
    if settings.change is not None:
        within &= np.abs(units - last) <= settings.change * last
    rank = np.empty(len(lines), dtype=np.int64)
    order = np.flatnonzero(~within)[np.argsort(-cost[~within], kind="stable")]
    rank[order] = np.arange(1, len(order) + 1)
    approval = [APPROVED if ok else str(place) for ok, place in zip(within, rank, strict=True)]
    return lines.assign(last_units=last, trust=trust, approval=approval)


def _last_units(lines: pd.DataFrame, before: pd.DataFrame | None) -> np.ndarray:
    """Units that the last plan ordered of the same item from the same supplier in the seven days around the order."""
    if before is None:
        return np.full(len(lines), np.nan)
    now = lines[[*KEYS, "order_week"]].astype(dict.fromkeys(KEYS, str)).assign(row=np.arange(len(lines)))
    then = before[[*KEYS, "order_week", "units"]].astype(dict.fromkeys(KEYS, str))
    both = now.merge(then, on=KEYS, suffixes=("", "_then"))
    away = both["order_week_then"].to_numpy("datetime64[D]") - both["order_week"].to_numpy("datetime64[D]")
    near = both[2 * np.abs(away) < SPAN]
    return np.bincount(near["row"], near["units"], len(lines)).astype(float)
