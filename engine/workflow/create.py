"""Making a workspace and loading tables into it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml

from engine.data.atomic import write_text
from engine.data.configs import config_path
from engine.data.readers.source import Source
from engine.data.store import SETTINGS_FILE, Workspace
from engine.data.validate import validate
from engine.plans.errors import BadInput, Problem
from engine.workflow.settings import parse_settings

TEMPLATE = "plan.template.yaml"


def create_workspace(path: Path, source: Source | None = None, name: str = "") -> Workspace:
    """A new workspace with plan.yaml and, where a source is given, its tables; all of it or nothing.

    A folder that is a workspace already gets the tables as a new snapshot and keeps its plan.yaml.
    """
    if (path / SETTINGS_FILE).is_file():
        return _load_into_existing(Workspace(path), source, name)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise BadInput([Problem(str(path), "is in use and is no workspace", expected="a new or empty folder")])
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    fresh.chmod(0o755)
    try:
        workspace = Workspace(fresh)
        write_text(workspace.settings_file, settings_text({} if source is None else dict(source.settings)))
        if source is not None:
            _save(workspace, source, name)
        os.replace(fresh, path)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return Workspace(path)


def settings_text(settings: dict[str, Any]) -> str:
    """The text of a new plan.yaml: what this source needs, then every common choice as a comment."""
    parse_settings(settings, SETTINGS_FILE)
    own = yaml.safe_dump(settings, allow_unicode=True, sort_keys=False) if settings else ""
    return config_path(TEMPLATE).read_text("utf-8").replace("{{own}}", own)


def _load_into_existing(workspace: Workspace, source: Source | None, name: str) -> Workspace:
    if source is None:
        raise BadInput(
            [
                Problem(
                    str(workspace.path),
                    "is a workspace already",
                    expected="a new folder",
                    remedy="Load tables into it with --from.",
                )
            ]
        )
    _save(workspace, source, name)
    return workspace


def _save(workspace: Workspace, source: Source, name: str) -> None:
    tables, problems = validate(source.tables)
    if problems:
        raise BadInput(problems)
    workspace.save_snapshot(tables, name, source.assumptions)
