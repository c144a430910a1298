"""Fixtures shared by tests and doctests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

LIGHT = """
forecast:
  max_rows: 30000
  rounds: 40
  long_run: {draws: 100, max_series: 6, holdout_series: 3}
"""
"""Added to plan.yaml where a test is about the road and not about accuracy."""


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace with a small demo merchant, shared by everything that only reads or re-plans it."""
    from engine.interfaces.cli.sources import SourceOptions, load_source
    from engine.workflow.create import create_workspace

    path = tmp_path_factory.mktemp("demo") / "workspace"
    create_workspace(path, load_source("demo", SourceOptions(skus=24, days=800, seed=3)), "demo")
    with (path / "plan.yaml").open("a", encoding="utf-8") as file:
        file.write(LIGHT)
    yield path


@pytest.fixture(autouse=True)
def _doctest_workspace(request: pytest.FixtureRequest) -> None:
    """The documentation of the Python interface runs on the demo merchant."""
    if request.node.nodeid.startswith("engine/workflow/facade.py"):
        namespace = request.getfixturevalue("doctest_namespace")
        namespace["demo_workspace"] = request.getfixturevalue("demo_workspace")
