"""Settings of the reports (``report:`` in plan.yaml)."""

from __future__ import annotations

from typing import Literal

from engine.plans.settings import Settings

Language = Literal["zh", "en"]


class ReportSettings(Settings):
    """How the reports are written."""

    language: Language = "zh"
    """Language of the workbooks and the page: zh or en."""
