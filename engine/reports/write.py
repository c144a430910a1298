"""write_reports: a workbook for each reader and one page."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from engine.reports.bundle import ReportBundle


def write_reports(folder: Path, bundle: ReportBundle) -> tuple[Path, ...]:
    """Writes ``planner.xlsx``, ``buyer.xlsx``, ``marketing.xlsx`` and ``report.html`` into ``folder``.

    Every part of the bundle may be missing; its place then says which table would enable it. Money is written in
    yuan. Each file is replaced as a whole. Returns the files written.
    """
    from engine.reports.buyer import write_buyer
    from engine.reports.marketing import write_marketing
    from engine.reports.material import Material
    from engine.reports.page import write_page
    from engine.reports.planner import write_planner

    material = Material(bundle)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".reports.", dir=folder) as draft:
        written = (
            write_planner(Path(draft) / "planner.xlsx", material),
            write_buyer(Path(draft) / "buyer.xlsx", material),
            write_marketing(Path(draft) / "marketing.xlsx", material),
            write_page(Path(draft) / "report.html", material),
        )
        for file in written:
            os.replace(file, folder / file.name)
    return tuple(folder / file.name for file in written)
