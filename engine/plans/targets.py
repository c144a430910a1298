"""TargetPlan: next year's numbers, adding up from the total to the SKU."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from engine.plans.parts import Parts
from engine.plans.solve import SolveReport


@dataclass(frozen=True)
class TargetPlan:
    """Targets.

    ``months``: frame ``month, channel, category, forecast_fen, target_fen`` (int64 fen, tax included).
    ``skus``: frame ``month, channel, category, sku, target_fen, target_units``; its sums equal ``months`` to the fen.
    ``probability``: frame ``level, key, forecast_fen, target_fen, probability, expected_shortfall_fen``: the chance
    that sales reach the target, given unchanged platform rules.
    """

    months: pd.DataFrame
    skus: pd.DataFrame
    probability: pd.DataFrame
    report: SolveReport
    warnings: tuple[str, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """Targets are whole or not at all."""
        return "done"

    def to_parts(self) -> Parts:
        return Parts(
            {"months": self.months, "skus": self.skus, "probability": self.probability},
            {"report": self.report.as_dict(), "warnings": list(self.warnings), "metrics": self.metrics},
        )

    @classmethod
    def from_parts(cls, parts: Parts) -> TargetPlan:
        return cls(
            parts.frames["months"],
            parts.frames["skus"],
            parts.frames["probability"],
            SolveReport.from_dict(parts.meta["report"]),
            tuple(parts.meta["warnings"]),
            dict(parts.meta["metrics"]),
        )
