"""Order lines explained and handed out on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Outcome

Call = Callable[..., Outcome]


@pytest.fixture(scope="module")
def ordered(demo_run: tuple[Path, Outcome], call: Call) -> Path:
    """The workspace with orders of its forecast, whatever other tests have planned in it before."""
    ws, _ = demo_run
    assert call("run", ws, "--resume", "--json").code == 0
    return ws


def test_an_order_line_is_explained(ordered: Path, call: Call) -> None:
    ws = ordered
    done = call("explain", ws, "--order", "1", "--json")
    assert done.code == 0, done.stderr
    found = done.json
    assert sum(found["terms"].values()) == found["units"] and found["line"] == 1
    assert found["trust"] and set(found["trust"].values()) <= set("ABC")
    same = call("explain", ws, "--order", f"{found['sku']}@{found['warehouse']}", "--json").json
    assert same == found
    shown = call("explain", ws, "--order", "1")
    assert shown.code == 0 and "净需求" in shown.stdout
    for words in (("--order", "0"), ("--order", "1", "--sku", "A"), ("--sku", "A")):
        assert call("explain", ws, *words, "--json").code == 2


def test_purchase_orders_are_written(ordered: Path, call: Call, tmp_path: Path) -> None:
    ws = ordered
    done = call("orders", ws, "--out", tmp_path / "po", "--weeks", "2", "--json")
    assert done.code == 0, done.stderr
    found = done.json
    assert found["lines"] > 0 and found["yuan"] > 0 and found["pre_approved"] == 0
    assert any("no earlier order plan" in note for note in found["warnings"])
    assert {Path(file).suffix for file in found["files"]} == {".xlsx", ".csv"}
    assert all(Path(file).is_file() for file in found["files"])
    assert call("orders", ws, "--out", tmp_path / "po", "--weeks", "2").code == 0
    Path(found["files"][-1]).write_text("x", "utf-8")
    assert call("orders", ws, "--out", tmp_path / "po", "--weeks", "2", "--json").code == 2
    assert call("orders", ws, "--out", tmp_path / "po", "--weeks", "2", "--replace", "--json").code == 0
