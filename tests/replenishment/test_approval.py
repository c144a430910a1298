"""Which lines go out unread."""

from __future__ import annotations

import pandas as pd

from engine.replenishment.approval import APPROVED, ApprovalSettings, with_approval

DAY = pd.Timestamp("2026-11-02")
SETTINGS = ApprovalSettings(below_yuan=1000, grades=("A", "B"), change=0.2)


def lines(**changed: list[object]) -> pd.DataFrame:
    plain = {
        "sku": ["A", "B", "C", "D"],
        "warehouse": "east",
        "pool": "shared",
        "supplier": "s",
        "order_week": DAY,
        "units": [100, 100, 100, 100],
        "cost_fen": [50_000, 300_000, 70_000, 60_000],
    }
    return pd.DataFrame({**plain, **changed})


def test_small_trusted_unchanged_lines_are_approved_and_the_rest_ranked() -> None:
    before = lines(units=[100, 100, 100, 50]).assign(order_week=DAY - pd.Timedelta(days=2))
    found = with_approval(lines(), ["AB", "A", "BC", "A"], before, SETTINGS)
    assert found["approval"].tolist() == [APPROVED, "1", "2", "3"]
    assert found["last_units"].tolist() == [100, 100, 100, 50]
    free = with_approval(lines(), ["AB", "A", "BC", "A"], before, SETTINGS.model_copy(update={"change": None}))
    assert free["approval"].tolist() == [APPROVED, "1", "2", APPROVED]


def test_nothing_is_approved_that_cannot_be_compared() -> None:
    assert APPROVED not in set(with_approval(lines(), ["A"] * 4, None, SETTINGS)["approval"])
    late = lines().assign(order_week=DAY + pd.Timedelta(days=7))
    assert APPROVED not in set(with_approval(lines(), ["A"] * 4, late, SETTINGS)["approval"])
    assert APPROVED not in set(with_approval(lines(), [""] * 4, lines(), SETTINGS)["approval"])


def test_no_lines() -> None:
    assert with_approval(lines().head(0), [], lines(), SETTINGS).empty
