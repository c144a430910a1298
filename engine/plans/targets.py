"""TargetPlan: next year's numbers, adding up from the total to the SKU, the day and the owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import pandas as pd

from engine.plans.errors import Problem
from engine.plans.parts import Parts
from engine.plans.solve import SolveReport

SCENARIOS = {"pessimistic_fen": 0.1, "base_fen": 0.5, "optimistic_fen": 0.9}
"""Columns of the scenarios and the quantiles of the year's total that they stand for."""


@dataclass(frozen=True)
class TargetDetails:
    """What stands below and around the targets of a year; all money int64 fen, tax included unless it says cost.

    ``year``; ``origin``: first day that was not yet sold; ``goals``: the settings behind it. ``cells``: frame ``month,
    event, channel, category, actual_fen, forecast_fen, target_fen`` (forecast and target with what was sold).
    ``days``: ``date, channel, category, event, forecast_fen, target_fen``. ``owners``: ``side, owner, channel,
    category, month, target_fen``. ``streams``: ``date, stream, channel, host, target_fen``. ``events``: the rhythm, a
    row an event and channel. ``items``: places of unborn items. ``roles``: mix by SKU count. ``scenarios``: ``month,
    channel, category`` and :data:`SCENARIOS`. ``sensitivity``: which assumption moves the total most.
    ``limits``: what the targets need against what there is. ``open_to_buy``: by category and month, at cost without
    VAT. ``draws``: yuan float32 [draws, rows of scenarios], sold months as they were.
    """

    year: int
    origin: str
    author: str
    goals: Mapping[str, Any]
    cells: pd.DataFrame
    days: pd.DataFrame
    owners: pd.DataFrame
    streams: pd.DataFrame
    events: pd.DataFrame
    items: pd.DataFrame
    roles: pd.DataFrame
    scenarios: pd.DataFrame
    sensitivity: pd.DataFrame
    limits: pd.DataFrame
    open_to_buy: pd.DataFrame
    draws: pd.DataFrame


_PLAIN = ("year", "origin", "author", "goals")
_FRAMES = tuple(entry.name for entry in fields(TargetDetails) if entry.name not in _PLAIN)


@dataclass(frozen=True)
class TargetPlan:
    """Targets.

    ``months``: frame ``month, channel, category, forecast_fen, target_fen`` (int64 fen, tax included).
    ``skus``: frame ``month, channel, category, sku, target_fen, target_units``; its sums equal ``months`` to the fen.
    ``probability``: frame ``level, key, forecast_fen, target_fen, probability, expected_shortfall_fen``: the chance
    that sales reach the target, given unchanged platform rules. ``problems``: goals that could not be meant and were
    left aside.
    """

    months: pd.DataFrame
    skus: pd.DataFrame
    probability: pd.DataFrame
    report: SolveReport
    warnings: tuple[str, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)
    details: TargetDetails | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def status(self) -> str:
        """``partial`` where goals were left aside."""
        return "partial" if self.problems else "done"

    def to_parts(self) -> Parts:
        frames: dict[str, pd.DataFrame] = {"months": self.months, "skus": self.skus, "probability": self.probability}
        meta: dict[str, Any] = {
            "report": self.report.as_dict(),
            "warnings": list(self.warnings),
            "metrics": self.metrics,
            "problems": [problem.as_dict() for problem in self.problems],
        }
        if self.details is not None:
            frames |= {f"detail.{name}": getattr(self.details, name) for name in _FRAMES}
            meta["details"] = {name: getattr(self.details, name) for name in _PLAIN}
        return Parts(frames, meta)

    @classmethod
    def from_parts(cls, parts: Parts) -> TargetPlan:
        details = None
        if "details" in parts.meta:
            stored: dict[str, Any] = {name: parts.frames[f"detail.{name}"] for name in _FRAMES}
            details = TargetDetails(**stored, **parts.meta["details"])
        return cls(
            parts.frames["months"],
            parts.frames["skus"],
            parts.frames["probability"],
            SolveReport.from_dict(parts.meta["report"]),
            tuple(parts.meta["warnings"]),
            dict(parts.meta["metrics"]),
            details,
            tuple(Problem(**entry) for entry in parts.meta.get("problems", [])),
        )
