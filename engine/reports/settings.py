"""Settings of the reports (``report:`` in plan.yaml)."""

from __future__ import annotations

from engine.plans.settings import Settings
from engine.reports.bundle import Language


class ReportSettings(Settings):
    """How the reports are written."""

    language: Language = "zh"
    """Language of the workbooks and the page: zh or en."""
