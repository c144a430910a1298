"""Reports: one workbook for each reader and one page for the owner."""

from engine.reports.bundle import Language, ReportBundle
from engine.reports.write import write_reports

__all__ = ["Language", "ReportBundle", "write_reports"]
