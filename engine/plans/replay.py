"""Replay: how policies fare on demand and lead times that the plan has not seen."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from engine.plans.parts import Parts


@dataclass(frozen=True)
class Replay:
    """Comparison of policies on the same draws.

    ``measures``: frame ``policy, measure, unit, mean, low, high`` (90 % of the paths). ``paired``: frame ``policy,
    against, measure, unit, mean, low, high``: difference by path with the 95 % interval of its mean.
    ``weeks``: frame ``policy, week, measure, mean, low, high`` for the curves of stock, sales and cash.
    """

    measures: pd.DataFrame
    paired: pd.DataFrame
    weeks: pd.DataFrame
    warnings: tuple[str, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """A replay is whole or not at all."""
        return "done"

    def to_parts(self) -> Parts:
        return Parts(
            {"measures": self.measures, "paired": self.paired, "weeks": self.weeks},
            {"warnings": list(self.warnings), "metrics": self.metrics},
        )

    @classmethod
    def from_parts(cls, parts: Parts) -> Replay:
        return cls(
            parts.frames["measures"],
            parts.frames["paired"],
            parts.frames["weeks"],
            tuple(parts.meta["warnings"]),
            dict(parts.meta["metrics"]),
        )
