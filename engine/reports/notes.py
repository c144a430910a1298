"""Notes: what the caller hands over and what the plans themselves warn of, each once."""

from __future__ import annotations

from typing import Any

from engine.reports.material import Material


def notes_for(material: Material, *plans: Any) -> list[str]:
    """Warnings of the given plans, then the bundle's notes; in Chinese where the sentence is known."""
    warnings = [warning for plan in plans if plan is not None for warning in plan.warnings]
    return list(dict.fromkeys(material.words.label(note) for note in (*warnings, *material.bundle.notes)))


def all_notes(material: Material) -> list[str]:
    """Warnings of every plan and the bundle's notes."""
    bundle = material.bundle
    return notes_for(material, bundle.forecast, bundle.targets, bundle.budget, bundle.orders, bundle.replay)
