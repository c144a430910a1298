"""Where the shipped configuration files stand: beside the package in a wheel, at the top of a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_ENGINE = Path(__file__).resolve().parents[1]
_ROOTS = (_ENGINE / "_configs", _ENGINE.parent / "configs")


def config_path(name: str) -> Path:
    """The file or folder of that name below the shipped configs, such as ``festivals/shopping.yaml``.

    Raises ``FileNotFoundError`` where it is not shipped.

    >>> config_path("festivals/shopping.yaml").name
    'shopping.yaml'
    """
    for root in _ROOTS:
        if (root / name).exists():
            return root / name
    raise FileNotFoundError(f"no shipped config {name}")


def read_config(name: str) -> Any:
    """The content of a shipped YAML file."""
    return yaml.safe_load(config_path(name).read_text("utf-8"))
