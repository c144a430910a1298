"""What marketing asks: the frontier, a quarter under way, why, and what ads bring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Outcome

Call = Callable[..., Outcome]


def asked(ws: Path, call: Call, sql: str) -> Any:
    row = call("sql", ws, sql, "--json").json["rows"][0]
    return next(iter(row.values()))


def planned(ws: Path, call: Call, folder: Path, settings: str) -> Outcome:
    config = folder / "what-if.yaml"
    config.write_text(f"extends: plan.yaml\nbudget: {settings}\n", encoding="utf-8")
    return call("budget", ws, "--config", config, "--json")


def test_the_frontier_grows_and_bends(demo_run: tuple[Path, Outcome], call: Call) -> None:
    done = call("budget", demo_run[0], "--frontier", "--json")
    assert done.code == 0, done.stderr
    rows = sorted(done.json["frontier"], key=lambda row: row["budget_fen"])
    budgets, gains = ([row[name] for row in rows] for name in ("budget_fen", "incremental_fen"))
    assert len(rows) >= 3 and gains == sorted(gains)
    first, last = ((gains[i + 1] - gains[i]) / (budgets[i + 1] - budgets[i]) for i in (0, len(rows) - 2))
    assert last < first


def test_what_is_spent_of_a_quarter_under_way_is_taken_off(
    demo_run: tuple[Path, Outcome], call: Call, tmp_path: Path
) -> None:
    ws, _ = demo_run
    start = date.fromisoformat(str(asked(ws, call, "SELECT max(date) FROM media"))[:10]) - timedelta(days=20)
    spent = asked(ws, call, f"SELECT sum(spend_fen) FROM media WHERE date >= '{start}'")
    total = round(3 * spent / 100)
    done = planned(ws, call, tmp_path, f"{{start: {start}, weeks: 9, total_yuan: {total}, spend_all: true}}")
    assert done.code == 0, done.stderr
    placed = sum(done.json["split"].values())
    fees = sum(row["slot_fee_fen"] for row in done.json["offers"] if row["decision"] == "sign")
    assert placed + fees == pytest.approx(100 * total - spent, abs=1)


def test_a_channel_says_why(demo_run: tuple[Path, Outcome], call: Call) -> None:
    name = asked(demo_run[0], call, "SELECT min(ad_channel) FROM media")
    done = call("explain", demo_run[0], "--ad-channel", name, "--json")
    assert done.code == 0, done.stderr
    assert name in done.stdout and done.json["status"] == "done"


def test_contradictions_come_with_the_smallest_relaxation(
    demo_run: tuple[Path, Outcome], call: Call, tmp_path: Path
) -> None:
    done = planned(demo_run[0], call, tmp_path, "{total_yuan: 1000, week_min_yuan: 5000}")
    assert done.code == 3 and done.json["relaxations"]
    assert all(row["amount"] > 0 for row in done.json["relaxations"])


def test_response_says_what_the_data_can_tell(demo_run: tuple[Path, Outcome], call: Call) -> None:
    done = call("response", demo_run[0], "--no-checks", "--json")
    assert done.code == 0, done.stderr
    for row in done.json["channels"].values():
        assert row["roi_low"] <= row["roi"] <= row["roi_high"]
        assert row["new_share"] is None  # three months of orders do not tell who is new
    assert any(note.startswith("new customers count alike for all ads") for note in done.json["notes"])
