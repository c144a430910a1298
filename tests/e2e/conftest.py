"""The command line as a user calls it: a process of its own."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conftest import LIGHT


@dataclass(frozen=True)
class Outcome:
    """Exit code and what was printed; ``json`` is the one object on stdout."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, Any]:
        content = json.loads(self.stdout)
        assert isinstance(content, dict)
        return content


def fingerprint(folder: Path) -> dict[str, str]:
    """Hash of every file below a folder."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def yunchou(*words: str | Path) -> Outcome:
    """Run the command and wait."""
    call = [sys.executable, "-c", "from engine.interfaces.cli import main; main()", *map(str, words)]
    done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=3600)
    return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def call() -> Callable[..., Outcome]:
    return yunchou


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """A demo merchant of 60 SKUs and its first whole run."""
    ws = tmp_path_factory.mktemp("main-job") / "ws"
    made = yunchou("init", ws, "--from", "demo", "--skus", "60", "--seed", "5", "--json")
    assert made.code == 0, made.stderr
    with (ws / "plan.yaml").open("a", encoding="utf-8") as file:
        file.write(LIGHT)
    return ws, yunchou("run", ws, "--json")
