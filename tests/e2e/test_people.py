"""Overrides, explanations and what-ifs on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.data.store import Workspace
from engine.plans.forecast import Forecast
from tests.e2e.conftest import Outcome

Call = Callable[..., Outcome]


def test_change_explain_imagine_and_take_back(demo_run: tuple[Path, Outcome], call: Call, tmp_path: Path) -> None:
    ws, _ = demo_run
    forecast = Workspace.open(ws).load_plan("forecast", Forecast)
    assert forecast is not None
    first, sku = str(forecast.dates[0]), str(forecast.series["sku"].iloc[0])
    bad = call("override", "add", ws, "--set", "-5", "--from", first, "--to", "2020-01-01", "--sku", "X", "--json")
    assert bad.code == 2
    columns = {problem["column"] for problem in bad.json["problems"]}
    assert columns == {"--set", "--to", "--author", "--reason", "--sku"}
    said = ("--add", "100", "--from", first, "--to", first, "--sku", sku, "--author", "张三", "--reason", "团购")
    made = call("override", "add", ws, *said, "--json").json["override"]
    try:
        listed = call("override", "list", ws, "--json").json["overrides"]
        assert [entry["state"] for entry in listed if entry["id"] == made["id"]] == ["in force"]
        found = call("explain", ws, "--sku", sku, "--date", first, "--json").json
        assert sum(found["parts"].values()) == pytest.approx(found["units"], rel=1e-6)
        assert found["parts"]["override"] == pytest.approx(100.0, rel=1e-4)
        (tmp_path / "f.yaml").write_text("price: [{discount: 0.1}]\n", "utf-8")
        answer = call("whatif", ws, "--drivers", tmp_path / "f.yaml", "--json").json
        assert answer["total"]["units_difference"] > 0 and len(answer["week"]) == 26
    finally:
        assert call("override", "remove", ws, made["id"], "--json").code == 0
    judged = call("override", "fva", ws)
    assert judged.code == 0 and "not judged yet" in judged.stdout


def test_an_event_day_of_which_nothing_is_told_is_named(demo_run: tuple[Path, Outcome], call: Call) -> None:
    ws, _ = demo_run
    for at in ("2026-11-11 03:00", "noon"):
        answer = call("forecast", ws, "--at", at, "--json")
        assert answer.code == 2 and answer.json["problems"][0]["file"] == "--at"
