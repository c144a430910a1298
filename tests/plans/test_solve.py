"""SolveReport: what is stored and what is not."""

from __future__ import annotations

import math

from engine.plans.errors import Relaxation
from engine.plans.solve import Binding, SolveReport, relative_gap


def test_round_trip_leaves_the_seconds_out() -> None:
    report = SolveReport(
        "feasible", 100.0, 98.0, 0.02, "weeks", 3.2, (Binding("cash", 0.1, "yuan"),), (Relaxation("r", 1.0, "u", "x"),)
    )
    content = report.as_dict()
    assert "seconds" not in content
    again = SolveReport.from_dict(content)
    assert again.binding == report.binding and again.relaxations == report.relaxations and math.isnan(again.seconds)


def test_gap_of_nothing_is_zero() -> None:
    assert relative_gap(0.0, 0.0) == 0.0
    assert math.isnan(relative_gap(1.0, -math.inf))
