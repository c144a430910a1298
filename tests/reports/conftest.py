"""The fixture merchant and its reports, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.reports.bundle import ReportBundle
from engine.reports.write import write_reports
from tests.reports import fixtures


@pytest.fixture(scope="session")
def bundle() -> ReportBundle:
    return fixtures.bundle()


@pytest.fixture(scope="session")
def folder(bundle: ReportBundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    write_reports(folder, bundle)
    return folder
