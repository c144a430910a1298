"""Writes ``configs/defaults.yaml`` from the settings' own documentation: ``python -m engine.workflow.document``."""

from __future__ import annotations

from typing import Any

import yaml
from pydantic import BaseModel

from engine.data.atomic import write_text
from engine.data.configs import config_path
from engine.plans.settings import Settings
from engine.workflow.settings import PlanSettings

HEAD = """\
# Every setting with its default. A workspace's plan.yaml extends this file and holds only what differs.
# Written by `python -m engine.workflow.document` from the settings' documentation; do not edit by hand.
"""


def defaults_text() -> str:
    """The text of ``configs/defaults.yaml``: each key under a comment that says what it means."""
    return HEAD + "\n".join(_lines(PlanSettings(), 0)) + "\n"


def _lines(settings: BaseModel, depth: int) -> list[str]:
    pad = "  " * depth
    lines: list[str] = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if depth == 0:
            lines.append("")
        if field.description:
            lines += [f"{pad}# {line.strip()}" for line in field.description.splitlines()]
        if isinstance(value, Settings):
            lines.append(f"{pad}{name}:")
            lines += _lines(value, depth + 1)
        else:
            lines.append(f"{pad}{name}: {_scalar(settings.model_dump(mode='json')[name])}")
    return lines


def _scalar(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000)
    return text.replace("\n...", "").strip()


if __name__ == "__main__":
    write_text(config_path("plan.template.yaml").with_name("defaults.yaml"), defaults_text())
