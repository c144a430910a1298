"""The health page: whole, in Chinese, escapes names, says what to do, and draws."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.data.quality import health
from engine.reports.bundle import ReportBundle
from engine.reports.health import coverage, write_health
from tests.reports.conftest import Opened
from tests.reports.test_page import outline


@pytest.fixture
def damaged(bundle: ReportBundle) -> Dataset:
    assert bundle.dataset is not None
    tables = {name: bundle.dataset[name] for name in bundle.dataset.tables}
    sales = tables["sales"]
    names = sales["sku"].astype(str)
    odd = names.where(names != names.iloc[0], "<img src=x onerror=alert(1)>")
    tables["sales"] = sales.assign(sku=odd.astype("category"))
    tables["skus"] = tables["skus"].drop(columns="unit_cost_fen", errors="ignore")
    return Dataset(tables, "0", assumptions=("库存口径为可用库存",))


def test_page_says_what_and_what_to_do(damaged: Dataset, tmp_path: Path) -> None:
    findings = health(damaged)
    page = write_health(tmp_path / "reports", findings, damaged, "云裳<b>店</b>")
    parsed = outline(page)
    text = "".join(parsed.text)
    assert parsed.loads == [] and "img" not in parsed.seen
    for words in ("数据体检", "没有成本", "怎么办", "影响", "数据覆盖", "假设：库存口径为可用库存", "云裳<b>店</b>"):
        assert words in text, words
    assert "nan" not in text.lower() and "NaT" not in text and "None" not in text
    errors = sum(finding.level != "note" for finding in findings)
    assert parsed.seen.count("li") >= errors


def test_page_of_sound_data_and_of_next_to_nothing(tmp_path: Path) -> None:
    skus = pd.DataFrame({"sku": ["A"], "category": ["裙"], "unit_cost_fen": [1]})
    channels = pd.DataFrame({"channel": ["天猫"], "kind": ["shop"]})
    sales = pd.DataFrame({"date": pd.to_datetime(["2026-01-01"]), "sku": "A", "channel": "天猫", "units_paid": 1})
    for rows in (sales, sales.head(0)):
        dataset = Dataset({"sales": rows, "skus": skus, "channels": channels}, "0")
        text = "".join(outline(write_health(tmp_path, [], dataset, language="en")).text)
        assert "sound" in text and "What to do" not in text


def test_coverage_is_cut_at_holes() -> None:
    days = pd.date_range("2026-01-01", periods=30).delete([10, 11, 12, 13])
    frame = coverage(Dataset({"sales": pd.DataFrame({"date": days})}, "0"))
    parts = frame.loc[frame["table"] == "sales", "parts"].iloc[0]
    assert [(str(first), str(last)) for first, last in parts] == [
        ("2026-01-01", "2026-01-10"),
        ("2026-01-15", "2026-01-30"),
    ]


def test_timeline_draws_in_a_browser(damaged: Dataset, tmp_path: Path, opened: Opened) -> None:
    page_file = write_health(tmp_path, health(damaged), damaged)
    with opened(page_file, "#figure-coverage .main-svg", 390) as page:
        assert page.locator("#figure-coverage svg.main-svg").count() > 0
