"""SolveReport: what a solver did, with the proof."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from engine.plans.errors import Relaxation


@dataclass(frozen=True, slots=True)
class Binding:
    """A rule that holds the plan back, with its price: the gain in the objective for one more unit of it."""

    rule: str
    price: float
    unit: str


@dataclass(frozen=True, slots=True)
class SolveReport:
    """Outcome of an optimisation.

    ``solver_status``: ``optimal`` (gap proven within tolerance) or ``feasible``. ``gap`` = |objective - bound| /
    |objective|; nan where there is no bound. ``gap_scope`` names the model for which the bound was proven.
    ``seconds`` is for reading only and is not written into plan files.
    """

    solver_status: str
    objective: float
    bound: float
    gap: float
    gap_scope: str
    seconds: float = math.nan
    binding: tuple[Binding, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Everything but the seconds, so that the same plan gives the same bytes."""
        content = asdict(self)
        content.pop("seconds")
        return content

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> SolveReport:
        """The reverse of :meth:`as_dict`."""
        return cls(
            **{
                **content,
                "binding": tuple(Binding(**entry) for entry in content["binding"]),
                "relaxations": tuple(Relaxation(**entry) for entry in content["relaxations"]),
            }
        )


def relative_gap(objective: float, bound: float) -> float:
    """|objective - bound| / |objective|; 0 where both are zero, nan where either is not finite.

    >>> relative_gap(100.0, 98.0)
    0.02
    """
    if not (math.isfinite(objective) and math.isfinite(bound)):
        return math.nan
    if objective == bound:
        return 0.0
    return abs(objective - bound) / max(abs(objective), 1e-12)
