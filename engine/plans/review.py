"""Review: the year against the year before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

BRIDGE = (
    "ordered",
    "unpaid",
    "paid",
    "cancelled",
    "net",
    "not_shipped",
    "shipped",
    "under_way",
    "received",
    "returned",
    "refund_only",
    "kept",
    "not_settled",
    "settled",
)
"""Steps of the GMV bridge: levels, and between them what is lost on the way (negative)."""
LEVELS = ("ordered", "paid", "net", "shipped", "received", "kept", "settled")


@dataclass(frozen=True)
class Review:
    """The year under review (``now``) against the year before; NaN where a figure cannot be told. Money in fen, tax
    included, at the level ``net`` (paid minus cancelled before shipment) unless its name says otherwise.

    ``figures``: frame ``measure, unit, basis, now, before``. ``bridge``: frame ``step, kind`` (level or change)``,
    now, before``. ``growth``: frame ``basis, part, fen, share``; the parts of a basis add up to the change.
    ``slices``: frame ``dimension, key, net_fen, before_fen, growth, share, units, returned, contribution_fen,
    margin, ads_fen, ad_ratio, skus``. ``months``: frame ``month, net_fen, before_fen, growth, units,
    contribution_fen, ads_fen, ad_ratio, visitors, conversion``. ``funnel``: frame ``channel, step, of, now, before,
    threshold, alarm``. ``events``: frame ``event, kind, channel ("" all), start, end, days, net_fen, everyday_fen,
    lead_fen, dip_fen, uplift_fen, uplift_low_fen, uplift_high_fen, multiple, earned_fen`` and the costs in between.
    ``event_goods``: frame ``event, kind, category, net_fen, everyday_fen, gain_fen, uplift_fen,
    uplift_low_fen, uplift_high_fen, share, multiple``.
    ``customers``: frame ``group, customers, orders, money_fen``. ``stock``: frame ``category, stock_fen,
    turnover_days, slow_fen, slow_share`` and, with ``before_``, those of the year before. ``anomalies``: frame
    ``start, end, channel, fen, relative, sku, sku_fen, reason``. ``closed``: frame ``month, channel, fen, was_fen,
    seen`` of months that changed after they had ended. ``notes``: what cannot be said, and why. ``daily``: events
    and odd days could be looked for.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    before_start: pd.Timestamp
    before_end: pd.Timestamp
    figures: pd.DataFrame
    bridge: pd.DataFrame
    growth: pd.DataFrame
    slices: pd.DataFrame
    months: pd.DataFrame
    funnel: pd.DataFrame
    events: pd.DataFrame
    event_goods: pd.DataFrame
    customers: pd.DataFrame
    stock: pd.DataFrame
    anomalies: pd.DataFrame
    closed: pd.DataFrame
    notes: tuple[str, ...] = ()
    daily: bool = True

    def figure(self, measure: str, before: bool = False) -> float:
        """A figure, NaN where it is not known."""
        rows = self.figures[self.figures["measure"] == measure]
        return float(rows["before" if before else "now"].iloc[0]) if len(rows) else float("nan")

    def parts(self, basis: str) -> dict[str, float]:
        """The parts of a decomposition in fen, {} where there is none."""
        rows = self.growth[self.growth["basis"] == basis]
        return dict(zip(rows["part"], rows["fen"].astype(float), strict=True))

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``; what is not known is null."""
        tables = (
            "figures",
            "bridge",
            "growth",
            "slices",
            "months",
            "funnel",
            "events",
            "event_goods",
            "customers",
            "stock",
        )
        return {
            "start": self.start,
            "end": self.end,
            "before_start": self.before_start,
            "before_end": self.before_end,
            **{name: getattr(self, name).to_dict("records") for name in (*tables, "anomalies", "closed")},
            "warnings": list(self.notes),
        }
