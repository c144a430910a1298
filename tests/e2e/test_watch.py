"""Alerts and suppliers on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.plans.alerts import KINDS
from tests.e2e.conftest import Outcome

Call = Callable[..., Outcome]


def test_alerts_after_a_run(demo_run: tuple[Path, Outcome], call: Call) -> None:
    ws, _ = demo_run
    done = call("alerts", ws, "--json")
    assert done.code == 0, done.stderr
    found = done.json
    assert found["status"] == "done" and found["alerts"]
    assert sum(found["count"].values()) == len(found["alerts"])
    stakes = [alert["yuan"] for alert in found["alerts"]]
    assert stakes == sorted(stakes, reverse=True)
    names = {"kind", "sku", "warehouse", "date", "probability", "units", "yuan", "action", "value_yuan", "reason"}
    assert all(names <= set(alert) and None not in alert.values() for alert in found["alerts"])
    assert call("alerts", ws, "--json").json == found
    kind = found["alerts"][0]["kind"]
    assert {alert["kind"] for alert in call("alerts", ws, "--kind", kind, "--json").json["alerts"]} == {kind}
    bad = call("alerts", ws, "--kind", "boredom", "--json")
    assert bad.code == 2 and KINDS[0] in bad.json["problems"][0]["expected"]
    shown = call("alerts", ws, "--limit", "3")
    assert shown.code == 0 and "条" in shown.stdout and "Traceback" not in shown.stderr


def test_suppliers_are_graded(demo_run: tuple[Path, Outcome], call: Call) -> None:
    ws, _ = demo_run
    done = call("suppliers", ws, "--json")
    assert done.code == 0, done.stderr
    found = done.json
    assert {row["grade"] for row in found["suppliers"]} <= set("SABC")
    scores = [row["score"] for row in found["suppliers"]]
    assert scores == sorted(scores, reverse=True) and all(0 <= score <= 100 for score in scores)
    assert found["single_sourced"] and "S from" in found["rule"]
    shown = call("suppliers", ws)
    assert shown.code == 0 and "评分规则" in shown.stdout


def test_alerts_before_any_plan(call: Call, tmp_path: Path) -> None:
    ws = tmp_path / "ws"
    assert call("init", ws, "--from", "demo", "--skus", "30", "--days", "150", "--seed", "2", "--json").code == 0
    done = call("alerts", ws, "--json")
    assert done.code == 0, done.stderr
    assert any("yunchou replenish" in note for note in done.json["warnings"])
    assert {alert["kind"] for alert in done.json["alerts"]} <= {"dead_stock", "overstock", "turnover"}
