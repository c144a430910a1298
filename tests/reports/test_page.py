"""The page: parses, loads nothing, escapes names, says what is missing, and its charts really draw."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.plans.replay import Replay
from engine.reports.ad_section import ad_section
from engine.reports.bundle import ReportBundle
from engine.reports.material import Material
from engine.reports.page import write_page
from engine.reports.write import write_reports
from tests.reports.conftest import Opened

CHARTS = 8
VOID = {"meta", "br", "hr", "img", "link", "input"}


class Outline(HTMLParser):
    """Tags in balance, visible text, and everything that could be loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.text: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.loads += [f"{tag} {name}={value}" for name, value in attrs if name in ("src", "href", "srcset", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)


def outline(path: Path) -> Outline:
    parser = Outline()
    parser.feed(path.read_text("utf-8"))
    parser.close()
    assert parser.open == []
    return parser


def test_page_is_whole_and_loads_nothing(folder: Path) -> None:
    page = outline(folder / "report.html")
    assert page.loads == []
    assert page.seen.count("figure") == CHARTS
    text = "".join(page.text)
    for words in ("五句话看懂", "天猫", "现货率", "达成的把握是 41%", "购买漏斗", "云裳旗舰店"):
        assert words in text
    assert page.seen.count("li") >= 5 + 3


def test_page_stays_small(folder: Path) -> None:
    assert (folder / "report.html").stat().st_size < 6_000_000


def test_names_are_escaped(bundle: ReportBundle, tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>店"
    page = write_page(
        tmp_path / "page.html", Material(replace(bundle, merchant=evil, notes=("<script>alert(2)</script>",)))
    )
    parsed = outline(page)
    assert parsed.loads == []
    assert evil in "".join(parsed.text)
    assert "<script>alert" not in page.read_text("utf-8")


def test_nothing_at_all_says_what_would_enable_it(tmp_path: Path) -> None:
    files = write_reports(tmp_path, ReportBundle(merchant="空店"))
    text = "".join(outline(files[-1]).text)
    for table in ("sales", "media", "inventory", "supply_terms", "traffic"):
        assert table in text
    assert "nan" not in text.lower() and "None" not in text


@pytest.mark.parametrize("missing", [("dataset",), ("forecast", "orders"), ("targets", "budget", "replay")])
def test_each_part_may_be_missing(bundle: ReportBundle, tmp_path: Path, missing: tuple[str, ...]) -> None:
    files = write_reports(tmp_path, replace(bundle, **dict.fromkeys(missing)))
    page = outline(files[-1])
    assert CHARTS - 5 <= page.seen.count("figure") < CHARTS
    assert "nan" not in "".join(page.text).lower()


def test_the_share_of_new_customers_stands_where_it_is_told(bundle: ReportBundle) -> None:
    assert bundle.budget is not None
    review = bundle.budget.review
    untold = replace(bundle.budget, review=review.assign(new_share=pd.array([None] * len(review), "Float64")))
    head = "带来成交中新客占比（%）"
    assert head in ad_section(Material(bundle)) and ">150<" in ad_section(Material(bundle))
    section = ad_section(Material(replace(bundle, budget=untold)))
    assert head not in section and section.count("<th>") == section.split("</tr>")[1].count("<td")


def test_plans_that_hold_nothing(bundle: ReportBundle, tmp_path: Path) -> None:
    assert bundle.replay is not None and bundle.targets is not None and bundle.forecast is not None
    assert bundle.dataset is not None and bundle.budget is not None
    replay = bundle.replay
    empty = Replay(replay.measures.head(0), replay.paired.head(0), replay.weeks.head(0))
    plan = bundle.targets
    targets = replace(plan, months=plan.months.head(0), skus=plan.skus.head(0), probability=plan.probability.head(0))
    budget = replace(bundle.budget, split=bundle.budget.split.head(0), channels=bundle.budget.channels.head(0))
    forecast = bundle.forecast
    silent = replace(
        forecast, mean=0 * forecast.mean, long_run=forecast.long_run.head(0), backtest=forecast.backtest.head(0)
    )
    nothing = replace(
        forecast,
        series=forecast.series.head(0),
        mean=forecast.mean[:0],
        announced=replace(forecast.announced, blocks={}),
        effects=replace(forecast.effects, category=np.zeros(0, np.int32), reference_price=np.zeros(0, np.float32)),
    )
    tables = {name: bundle.dataset[name].head(0) for name in ("sales", "skus", "traffic", "events")}
    dataset = Dataset(tables, "empty")
    for case in (
        replace(bundle, replay=empty, targets=targets, budget=budget, forecast=silent),
        ReportBundle("M", dataset, forecast=nothing),
        ReportBundle("M", dataset, replay=empty),
    ):
        text = "".join(outline(write_reports(tmp_path, case)[-1]).text)
        assert "nan" not in text.lower()


def test_charts_draw_in_a_browser(folder: Path, opened: Opened) -> None:
    with opened(folder / "report.html", "#figure-funnel .main-svg", 1280) as page:
        drawn = page.eval_on_selector_all(
            ".plotly-graph-div", "all => all.map(one => one.querySelectorAll('svg.main-svg').length)"
        )
        page.get_by_text("京东", exact=True).first.click()
    assert len(drawn) == CHARTS and all(count > 0 for count in drawn)
