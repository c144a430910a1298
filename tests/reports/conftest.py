"""The fixture merchant and its reports, made once; and a browser that looks at pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

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


CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 180_000
"""Milliseconds."""

Opened = Callable[[Path, str, int], AbstractContextManager[Any]]


@pytest.fixture
def opened() -> Opened:
    """Opens a page's file at a width in pixels once what the selector names is drawn.

    Whoever leaves it without an error knows: nothing went wrong on the page, nothing was loaded from anywhere, and the
    page is no wider than the window.
    """
    if not CHROMIUM.exists():
        pytest.skip("no chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")

    @contextmanager
    def opened(file: Path, selector: str, width: int) -> Iterator[Any]:
        problems: list[str] = []
        requests: list[str] = []
        with playwright.sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("request", lambda request: requests.append(request.url))
            page.goto(file.as_uri(), timeout=PATIENCE)
            page.wait_for_selector(selector, timeout=PATIENCE)
            yield page
            fits = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            browser.close()
        assert problems == []
        assert [url for url in requests if not url.startswith("file:")] == []
        assert fits

    return opened
