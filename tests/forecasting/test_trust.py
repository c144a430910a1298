"""Trust of a series: its own past error, and holes in what is known of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from engine.forecasting.trust import trust_grades
from models.panel import Panel
from models.spread_fit import WeeklyErrors


def panel(days: int = 280) -> Panel:
    series = pd.DataFrame({"sku": list("abc"), "channel": "x", "category": "y"})
    dates = np.datetime64("2026-01-01") + np.arange(days)
    known = np.ones((3, days), dtype=bool)
    return Panel(series, dates, "D", np.full((3, days), 2.0, dtype=np.float32), known, np.zeros_like(known))


def errors(*wrong: float) -> WeeklyErrors:
    actual = np.full((3, 4), 14.0, dtype=np.float32)
    mean = (actual * (1.0 + np.array(wrong))[:, None]).astype(np.float32)
    kind = np.zeros(3, dtype=np.int32)
    return WeeklyErrors(mean, actual, np.ones_like(actual, dtype=bool), kind, kind)


def test_own_error_grades() -> None:
    assert trust_grades(panel(), (errors(0.1, 0.5, 1.5),)).tolist() == ["A", "B", "C"]
    assert trust_grades(panel(), ()).tolist() == ["C", "C", "C"]


def test_gaps_and_stock_outs_cost_a_grade() -> None:
    whole, right = panel(), (errors(0.1, 0.1, 0.1),)
    known, censored = whole.known.copy(), whole.censored.copy()
    known[0, -60:-30] = False
    censored[1, -100:] = True
    assert trust_grades(replace(whole, known=known, censored=censored), right).tolist() == ["B", "C", "A"]


def test_a_gap_counts_for_a_young_series_too() -> None:
    whole, right = panel(), (errors(0.1, 0.1, 0.1),)
    known = whole.known.copy()
    known[:, :-80] = False
    known[0, -60:-35] = False
    known[1, -60:-5] = False
    assert trust_grades(replace(whole, known=known), right).tolist() == ["C", "C", "B"]
    known[0, -60:-35] = True
    known[0, -40:-25] = False
    assert trust_grades(replace(whole, known=known), right)[0] == "B"
