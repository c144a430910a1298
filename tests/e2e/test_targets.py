"""Targets, bridge, open-to-buy and progress on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Outcome

Call = Callable[..., Outcome]


def test_what_a_planner_asks_after_a_run(demo_run: tuple[Path, Outcome], call: Call) -> None:
    ws, _ = demo_run
    bridge = call("bridge", ws, "--json")
    assert bridge.code == 0, bridge.stderr
    found = bridge.json
    assert found["gap_fen"] == found["target_fen"] - found["baseline_fen"]
    assert found["levers"] and all(row["owner"] and row["cost_fen"] >= 0 for row in found["levers"])
    used = sum(row["used_fen"] for row in found["levers"])
    assert used + found["open_fen"] == max(found["gap_fen"], 0)
    otb = call("otb", ws, "--json").json
    assert sum(row["open_to_buy_fen"] for row in otb["open_to_buy"]) == otb["open_to_buy_fen"] > 0
    day = call("progress", ws, "--as-of", "2027-01-31", "--json")
    assert day.code == 0, day.stderr
    progress = day.json
    total = next(row for row in progress["standing"] if row["level"] == "total")
    # no sales of that year are known yet, so that all of it is still to come at the pace that was planned
    assert total["actual_fen"] == 0 and total["required_pace"] == pytest.approx(1.0)
    assert 0.0 <= progress["year_end"][0]["probability"] <= 1.0
    assert progress["versions"][-1]["number"] == progress["version"]["number"]
    assert any("sales are known until" in note for note in progress["warnings"])
    shown = call("progress", ws, "--as-of", "2027-01-31")
    assert shown.code == 0 and "达成率" in shown.stdout and "Traceback" not in shown.stderr
    listed = call("versions", ws, "--json").json
    assert listed["versions"][-1]["approved_by"] == "" and listed["approved"] is None
    wrong = call("versions", ws, "--approve", "99", "--json")
    assert wrong.code == 2 and [entry["column"] for entry in wrong.json["problems"]] == ["--approve", "--by"]
    none = call("progress", ws, "--as-of", "2031-01-31", "--json")
    assert none.code == 2 and "no targets of this year" in none.json["problems"][0]["message"]


def test_two_calendars_of_the_same_year(demo_run: tuple[Path, Outcome], call: Call, tmp_path: Path) -> None:
    ws, _ = demo_run
    stored = (ws / "plans" / "targets_versions.jsonl").read_bytes()
    calendar = tmp_path / "A.yaml"
    calendar.write_text('events: {双11: {shift_days: -5, longer_days: 4}, "618": {dropped: true}}\n', encoding="utf-8")
    found = call("targets", ws, "--calendar", calendar, "--json")
    assert found.code == 0, found.stderr
    told = found.json
    assert told["calendars"] == ["A", "standing"] and (ws / "plans" / "targets_versions.jsonl").read_bytes() == stored
    events = {row["event"]: row for row in told["events"]}
    assert events["618"]["a_first_day"] is None and events["618"]["b_target_fen"] > events["618"]["a_target_fen"] == 0
    assert events["双11"]["a_days"] == events["双11"]["b_days"] + 4
    assert events["双11"]["a_first_day"] < events["双11"]["b_first_day"]
    for side, total in zip("ab", told["totals"], strict=True):
        assert sum(row[f"{side}_target_fen"] for row in told["months"]) == total["target_fen"]
        assert total["peak_parcels"] == max(row[f"{side}_peak_parcels"] for row in told["events"])
    calendar.write_text("events: {双十一: {dropped: true}}\n", encoding="utf-8")
    wrong = call("targets", ws, "--against", calendar, "--json")
    assert wrong.code == 2 and wrong.json["problems"][0]["value"] == "双十一"


def test_goals_that_cannot_be_meant_are_named_and_the_rest_goes_on(
    demo_run: tuple[Path, Outcome], call: Call, tmp_path: Path
) -> None:
    ws, _ = demo_run
    config = tmp_path / "T.yaml"
    config.write_text(
        "extends: plan.yaml\ntargets:\n  growth: 9.0\n  categories: {没有: {growth: 0.1}}\n", encoding="utf-8"
    )
    done = call("targets", ws, "--config", config, "--json")
    assert done.code == 3 and done.json["relaxations"][0]["unit"] == "yuan"
    assert done.json["relaxations"][0]["amount"] > 0 and "total" in done.json["relaxations"][0]["rule"]
    assert [problem["value"] for problem in done.json["problems"]] == ["没有"]
