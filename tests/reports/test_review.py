"""The review in the planner's workbook and on the page: figures to the fen, charts, words in both languages."""

from __future__ import annotations

import math
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from engine.execution.run import Run
from engine.plans.review import Review
from engine.reports.bundle import ReportBundle
from engine.reports.labels import LABELS
from engine.reports.review_charts import growth_chart
from engine.reports.review_sentences import review_sentences
from engine.reports.review_words import REVIEW_TEXTS
from engine.reports.words import Words
from engine.reports.write import write_reports
from engine.targets.review.make import review_year
from engine.targets.review.settings import ReviewSettings
from tests.reports.conftest import Opened
from tests.targets.review import shop


def made(**without: tuple[str, ...]) -> Review:
    return review_year(shop.dataset(**without), ReviewSettings(), Run(1, 1))


@pytest.fixture(scope="module")
def review() -> Review:
    return made()


@pytest.fixture(scope="module")
def folder(review: Review, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("review")
    write_reports(folder, ReportBundle("店", shop.dataset(), review=review))
    return folder


def test_sheets_and_charts(folder: Path, review: Review) -> None:
    book = openpyxl.load_workbook(folder / "planner.xlsx")
    expected = ["年度复盘", "复盘图表", "GMV桥", "增长拆解", "复盘月度", "复盘分组", "活动真实增量", "活动分品类"]
    assert book.sheetnames[1:-1] == [*expected, "漏斗与报警", "客户分组", "库存周转", "异常日"]
    with zipfile.ZipFile(folder / "planner.xlsx") as parts:
        assert sum(name.startswith("xl/charts/chart") for name in parts.namelist()) == 5
    bridge = {row[0]: row[1] for row in book["GMV桥"].iter_rows(min_row=2, values_only=True)}
    net = review.figure("net_fen")
    assert round(bridge["净额（支付减取消）"] * 100) == net
    months = [row[1] for row in book["复盘月度"].iter_rows(min_row=2, values_only=True)]
    assert round(months[-1] * 100) == net == sum(round(value * 100) for value in months[:-1])
    for sheet in book.worksheets[1:-1]:
        heads = [str(cell.value) for cell in sheet[1] if cell.value is not None]
        assert not any("_" in head or "review" in head for head in heads), heads


def test_the_same_review_gives_the_same_bytes(folder: Path, review: Review, tmp_path: Path) -> None:
    for file in write_reports(tmp_path, ReportBundle("店", shop.dataset(), review=review)):
        assert file.read_bytes() == (folder / file.name).read_bytes()


def test_the_page_draws_it(folder: Path, opened: Opened) -> None:
    with opened(folder / "report.html", "#figure-events .main-svg", 1180) as page:
        text = page.inner_text("main")
        assert "年度复盘：五句话" in text and "最反常的是 2025-09-15 T" in text and "NaN" not in text
        for name in ("review_months", "growth", "review_channels", "bridge", "events"):
            assert page.locator(f"#figure-{name} .main-svg").count() > 0


def test_sentences_carry_their_figures(review: Review) -> None:
    zh = review_sentences(review, Words("zh"))
    # 150 of 7,019 hundred yuan fall on the event
    assert "最值的是E-2025：增量 +" in zh[2] and "净赚" in zh[2] and zh[2].startswith("活动日占成交 2%")
    assert "2025-09-15 T" in zh[4] and "a（单品爆量）" in zh[4] and "漏斗报警" in zh[4]
    en = review_sentences(review, Words("en"))
    assert en[0].startswith("Net sales") and "mostly a (one item)" in en[4]


def test_best_and_worst_event_are_two_and_worded_by_what_they_earned(review: Review) -> None:
    """The surest earns least: it is best among the sure ones, yet not the worst as well."""
    one = review.events[review.events["channel"] == ""].iloc[:1]
    both = pd.concat([one.assign(event="sure", earned_fen=100_00.0), one.assign(event="vague", earned_fen=200_00.0)])
    both["uplift_low_fen"] = [1.0, -1.0]
    for change, word in ((0.0, "最少的是vague"), (-300_00.0, "最亏的是vague")):
        both.loc[both["event"] == "vague", "earned_fen"] += change
        found = review_sentences(replace(review, events=both.reset_index(drop=True)), Words("zh"))[2]
        assert "最值的是sure" in found and word in found


def test_equal_years_have_a_chart_and_an_unknown_one_no_sum(review: Review, tmp_path: Path) -> None:
    equal = replace(review, growth=review.growth.assign(fen=0, share=0.0))
    assert growth_chart(equal, Words("zh")) is not None
    young = shop.sales()[lambda rows: rows["date"] >= "2025-01-01"].reset_index(drop=True)
    found = review_year(shop.dataset(sales=young), ReviewSettings(), Run(1, 1))
    write_reports(tmp_path, ReportBundle("店", shop.dataset(), review=found))
    *_, last = openpyxl.load_workbook(tmp_path / "planner.xlsx")["复盘月度"].iter_rows(values_only=True)
    assert round(last[1] * 100) == found.figure("net_fen") and last[2] is None


def test_visitors_are_named_by_their_basis_and_roles_are_roles(review: Review) -> None:
    traffic = shop.traffic().assign(basis="item_day")
    found = review_year(shop.dataset(traffic=traffic), ReviewSettings(), Run(1, 1))
    assert "访客按商品×天相加" in review_sentences(found, Words("zh"))[1]
    assert Words("zh").label("traffic") == "引流款" and Words("zh").label("by_traffic").startswith("访客")


@pytest.mark.parametrize("missing", [("traffic", "events", "inventory", "orders", "media"), ()])
def test_what_cannot_be_said_is_said_in_chinese(missing: tuple[str, ...]) -> None:
    sales = shop.sales()
    young = sales[sales["date"] >= "2025-07-01"].reset_index(drop=True)
    found = review_year(shop.dataset(without=missing, sales=young), ReviewSettings(), Run(1, 1))
    for sentence in review_sentences(found, Words("zh")):
        assert "nan" not in sentence and "None" not in sentence and sentence.endswith("。")
    assert "说不了" in review_sentences(found, Words("zh"))[0]
    for note in found.notes:
        assert Words("zh").label(note) != note, note


def test_every_code_has_its_word(review: Review) -> None:
    codes = {*review.figures["measure"], *review.figures["basis"], *review.bridge["step"], *review.growth["part"]}
    codes |= {
        *(f"by_{basis}" for basis in review.growth["basis"]),
        *review.slices["dimension"],
        *review.customers["group"],
    }
    codes |= {code for code in (*review.funnel["alarm"], *review.anomalies["reason"]) if code}
    assert codes <= set(LABELS)
    for name, (zh, en) in REVIEW_TEXTS.items():
        assert zh and en, name


def test_nothing_but_units_still_writes(tmp_path: Path) -> None:
    sales = shop.sales()
    bare = sales[["date", "sku", "channel", "units_paid"]].tail(3).reset_index(drop=True)
    data = shop.dataset(without=("traffic", "events", "media", "inventory", "orders"), sales=bare)
    found = review_year(data, ReviewSettings(), Run(1, 1))
    assert math.isnan(found.figure("net_fen")) and np.isfinite(found.figure("units"))
    write_reports(tmp_path, replace(ReportBundle("店", data), review=found, language="en"))
    assert openpyxl.load_workbook(tmp_path / "planner.xlsx").sheetnames[1] == "Review"
