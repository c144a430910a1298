"""Months that change after they had been closed are named; running ones are not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from engine.data.closed import changed_months
from engine.data.readers.source import Source
from engine.data.store import Workspace
from engine.workflow.create import create_workspace


def tables(january: int, february: int, last: str) -> dict[str, pd.DataFrame]:
    days = pd.to_datetime(["2026-01-10", "2026-02-10", last]).astype("datetime64[s]")
    sales = pd.DataFrame({"date": days, "sku": "a", "channel": "T", "units_paid": [1, 1, 1]})
    sales["amount_paid_fen"] = [january, february, 500]
    return {
        "sales": sales,
        "skus": pd.DataFrame({"sku": ["a"], "category": ["x"]}),
        "channels": pd.DataFrame({"channel": ["T"], "kind": ["shop"]}),
    }


def test_a_closed_month_that_changed(tmp_path: Path) -> None:
    for january, february, last in ((10_000, 20_000, "2026-02-20"), (9_000, 25_000, "2026-03-20")):
        create_workspace(tmp_path / "ws", Source(tables(january, february, last), {}), "test")
    workspace = Workspace.open(tmp_path / "ws")
    found = changed_months(workspace)
    # February was still running when it was seen first
    assert found[["channel", "fen", "was_fen"]].values.tolist() == [["T", 9_000, 10_000]]
    assert changed_months(workspace, until=date(2026, 1, 30)).empty
    assert len(changed_months(workspace, until=date(2026, 1, 31))) == 1
    assert str(found["month"].iloc[0])[:10] == "2026-01-01" and str(found["seen"].iloc[0])[:10] == "2026-02-20"


def test_one_snapshot_has_nothing_to_differ_from(tmp_path: Path) -> None:
    create_workspace(tmp_path / "ws", Source(tables(1, 1, "2026-02-20"), {}), "test")
    assert changed_months(Workspace.open(tmp_path / "ws")).empty
