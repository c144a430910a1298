"""Order lines explained on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.e2e.conftest import Outcome

Call = Callable[..., Outcome]


def test_an_order_line_is_explained(demo_run: tuple[Path, Outcome], call: Call) -> None:
    ws, _ = demo_run
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
