"""What a user can do wrong ends in a message and an exit code, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.e2e.conftest import Outcome, fingerprint

Call = Callable[..., Outcome]


def small_shop(folder: Path, days: int = 60) -> Path:
    """A shop of one SKU in one channel, in our own CSV format."""
    folder.mkdir(parents=True, exist_ok=True)
    dates = [f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}" for day in range(days)]
    rows = [f"{date},A1,天猫,{1 + day % 5},{(1 + day % 5) * 99}.00" for day, date in enumerate(dates)]
    (folder / "sales.csv").write_text(
        "date,sku,channel,units_paid,amount_paid_yuan\n" + "\n".join(rows) + "\n", "utf-8"
    )
    (folder / "skus.csv").write_text("sku,category,unit_cost_yuan\nA1,裙,40.00\n", "utf-8")
    (folder / "channels.csv").write_text("channel,kind\n天猫,shop\n", "utf-8")
    return folder


def test_a_small_shop_without_optional_tables_runs(tmp_path: Path, call: Call) -> None:
    ws = tmp_path / "ws"
    assert call("init", ws, "--from", "csv", small_shop(tmp_path / "csv"), "--json").code == 0
    outcome = call("run", ws, "--json")
    assert outcome.code == 0, outcome.stderr
    stages = outcome.json["stages"]
    assert stages["forecast"]["status"] == "done"
    assert stages["budget"]["status"] == "skipped" and "media" in stages["budget"]["message"]
    assert stages["replenish"]["status"] == "skipped"
    assert stages["report"]["status"] == "done"


def test_all_problems_come_at_once_and_the_workspace_stays(tmp_path: Path, call: Call) -> None:
    ws, folder = tmp_path / "ws", small_shop(tmp_path / "csv")
    assert call("init", ws, "--from", "csv", folder).code == 0
    before = fingerprint(ws)
    with (folder / "sales.csv").open("a", encoding="utf-8") as file:
        file.write("2026-13-45,A1,天猫,1,1.00\n2026-01-01,X9,天猫,1,1.00\n2026-01-01,A1,天猫,1,1.00\n")
    (folder / "channels.csv").write_text("channel\n天猫\n", "utf-8")
    outcome = call("init", ws, "--from", "csv", folder, "--json")
    assert outcome.code == 2
    problems = outcome.json["problems"]
    found = {(problem["file"].rsplit("/")[-1].split(".")[0], problem.get("column")) for problem in problems}
    assert {("sales", "date"), ("sales", "sku"), ("channels", "kind")} <= found
    assert any(problem.get("row") == 62 and problem.get("value") == "2026-13-45" for problem in problems)
    assert any(problem.get("value") == "X9" for problem in problems)
    assert any("duplicate" in problem["message"] for problem in problems)
    assert fingerprint(ws) == before


def test_unknown_setting_is_named(tmp_path: Path, call: Call) -> None:
    ws = tmp_path / "ws"
    assert call("init", ws).code == 0
    with (ws / "plan.yaml").open("a", encoding="utf-8") as file:
        file.write("\nsede: 3\n")
    outcome = call("run", ws, "--json")
    assert outcome.code == 2
    assert outcome.json["problems"][0]["column"] == "sede"


def test_usage_errors_are_exit_2(tmp_path: Path, call: Call) -> None:
    assert call("run", tmp_path / "nowhere", "--json").code == 2
    assert call("init", tmp_path / "a", "--from", "elsewhere").code == 2
    assert call("init", tmp_path / "a", "--from", "csv").code == 2
    assert call("nonsense").code == 2
    assert not (tmp_path / "a").exists()


def test_empty_workspace_says_how_to_load_data(tmp_path: Path, call: Call) -> None:
    ws = tmp_path / "ws"
    assert call("init", ws).code == 0
    outcome = call("run", ws)
    assert outcome.code == 2 and "import" in outcome.stderr


def test_a_contradiction_is_exit_3_with_what_to_relax(
    demo_run: tuple[Path, Outcome], call: Call, tmp_path: Path
) -> None:
    ws, _ = demo_run
    config = tmp_path / "tight.yaml"
    config.write_text(
        f"extends: {ws / 'plan.yaml'}\nbudget: {{total_yuan: 1000, channels: {{千川: {{min_yuan: 5000}}}}}}\n", "utf-8"
    )
    outcome = call("budget", ws, "--config", config, "--json")
    assert outcome.code == 3, outcome.stdout + outcome.stderr
    assert outcome.json["relaxations"][0]["amount"] > 0
