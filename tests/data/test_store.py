"""Snapshots by content, plans whole, both the same bytes for the same content."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.data.store import Workspace
from engine.plans.errors import BadInput, MissingInput
from engine.plans.forecast import Forecast
from tests.plans.builders import small_forecast


def sales(units: int = 1) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"date": pd.to_datetime(["2026-01-01", "2026-01-03"]), "sku": ["12345678901234567890", "=cmd"]}
    )
    return frame.assign(
        date=frame["date"].astype("datetime64[s]"), sku=frame["sku"].astype("category"), units_paid=units
    )


def workspace(path: Path) -> Workspace:
    (path / "plan.yaml").write_text("", "utf-8")
    return Workspace.open(path)


def test_snapshot_is_named_by_its_content(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    first = ws.save_snapshot({"sales": sales()}, "test")
    assert ws.save_snapshot({"sales": sales()}, "test") == first == ws.current()
    second = ws.save_snapshot({"sales": sales(2)}, "test")
    assert second != first and ws.current() == second
    assert int(ws.dataset(first)["sales"]["units_paid"].sum()) == 2
    assert list(ws.dataset()["sales"]["sku"]) == ["12345678901234567890", "=cmd"]


def test_as_of_sees_nothing_later() -> None:
    prices = pd.DataFrame(
        {
            "date": pd.to_datetime(["2026-01-01", "2026-02-01"]),
            "known_at": pd.to_datetime(["2025-12-01", "2026-01-15"]),
        }
    )
    dataset = Dataset({"sales": sales(), "prices": prices}, "x").as_of(date(2026, 1, 2))
    assert len(dataset["sales"]) == 1
    assert len(dataset["prices"]) == 1
    assert len(dataset.as_of(date(2026, 1, 20))["prices"]) == 2


def test_missing_table_says_what_it_would_enable() -> None:
    with pytest.raises(MissingInput, match="media"):
        Dataset({}, "x")["media"]


def test_plan_round_trip_and_equal_bytes(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    first = ws.save_plan("forecast", small_forecast(), {"data": "1"})
    assert ws.save_plan("forecast", small_forecast(), {"data": "1"}) == first
    stored = ws.load_plan("forecast", Forecast)
    assert stored is not None and stored.warnings == ("a warning",)
    manifest = ws.plan_manifest("forecast")
    assert manifest is not None and manifest["plan"] == first
    assert ws.load_plan("targets", Forecast) is None


def test_a_folder_that_is_no_workspace_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not a workspace"):
        Workspace.open(tmp_path)
