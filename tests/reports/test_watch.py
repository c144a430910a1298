"""Alerts and supplier grades in the buyers' workbook and on the page, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from engine.plans.alerts import KINDS, Alerts, alert_table, no_alerts
from engine.plans.suppliers import SupplierReport
from engine.reports.alert_section import alert_section
from engine.reports.bundle import ReportBundle
from engine.reports.buyer import write_buyer
from engine.reports.labels import LABELS
from engine.reports.material import Material
from engine.reports.words import Words

REASONS = {
    "stock_out": ("runs out around 2026-11-19 with the planned orders, with probability 40% without them", "40%"),
    "event_order": ("order by 2026-11-05 for 双12 from 2026-12-09: a week later costs 1,300 yuan", "1,300 元"),
    "parcels": ("双12: up to 900 parcels a day on 12-12, 12-13, 500 can leave: 700 wait at worst", "积压 700 单"),
    "broken_sizes": ("core sizes M, L of P1 红 are out while 200 units of S, XL lie there", "M, L"),
    "dead_stock": ("no sale in 60 days: 563 units lie still", "563 件"),
    "season_end": ("300 units will be left when it ends on 2027-01-10", "300 件"),
    "overstock": ("stock lasts 193 days, 848 units beyond 120 days", "193 天"),
    "turnover": ("turned over in 118 days, the limit is 90", "118 天"),
    "return_rate": ("50% come back, 10% in its category", "50%"),
}
HOWS = ("563 units", "20% off for 8 weeks after 1 week", "5% off for 2 weeks", "cancel 30 units on order")
HOWS += ("120 units from 甲厂", "90 units, 1 week sooner", "40 units planned in time", "next arrival 2026-11-08")
HOWS += ("400 parcels a day more",)


def alerts() -> Alerts:
    kinds = list(KINDS)
    return Alerts(
        alert_table(
            kind=kinds,
            sku=["<b>=1+1</b>", *["A"] * (len(kinds) - 1)],
            warehouse="华东仓",
            pool="shared",
            date=pd.Timestamp("2026-11-19"),
            units=5,
            stock=100.0,
            stake=[900.0 - 100.0 * place for place in range(len(kinds))],
            action="markdown",
            how=list(HOWS),
            value=12.5,
            reason=[REASONS[kind][0] for kind in kinds],
        )
    )


def suppliers() -> SupplierReport:
    row = {
        "supplier": "甲",
        "name": "甲厂",
        "grade": "A",
        "stated_grade": "S",
        "score": 81.5,
        "lines": 12,
        "on_time": 0.9,
        "late_days": 1.0,
        "late_sd_days": 2.0,
        "short_share": 0.0,
        "defect_rate": 0.01,
        "price_over_agreed": 0.0,
        "price_over_second": float("nan"),
        "response_days": float("nan"),
        "purchases_fen": 123_45,
        "weak": True,
        "reasons": "90% on time; 1.0% defective",
    }
    single = pd.DataFrame({"sku": ["A"], "name": ["裙"], "value_fen": [100], "supplier": ["甲"], "grade": ["A"]})
    worth = pd.DataFrame(
        {"supplier": ["甲"], "purchases_fen": [500], "payment_days_fen": [300], "next_tier_fen": [200]}
    )
    return SupplierReport(pd.DataFrame([row]), single, "rule", worth=worth)


def test_buyers_find_alerts_and_grades(bundle: ReportBundle, tmp_path: Path) -> None:
    given = replace(bundle, alerts=alerts(), suppliers=suppliers())
    book = openpyxl.load_workbook(write_buyer(tmp_path / "buyer.xlsx", Material(given)))
    rows = list(book["提醒"].iter_rows(values_only=True))
    assert rows[0][0] == "类型" and len(rows) == 1 + len(KINDS) + 1
    assert rows[1][1] == "<b>=1+1</b>" and rows[1][rows[0].index("不处理的损失（元）")] == 900.0
    assert rows[-1][rows[0].index("不处理的损失（元）")] == sum(900.0 - 100.0 * place for place in range(len(KINDS)))
    card = list(book["供应商评分"].iter_rows(values_only=True))
    assert card[1][:5] == ("甲", "甲厂", "A", "S", 81.5)
    assert card[1][card[0].index("确认用时（天）")] is None and card[1][-1] == "准时 90%；次品 1.0%"
    worth = ("计划采购额（元）", "晚付 15 天的价值（元）", "拿到下一档价的价值（元）")
    assert [card[1][card[0].index(name)] for name in worth] == [5.0, 3.0, 2.0]
    assert [cell.value for cell in book["单一供应商"][2]][:3] == ["A", "裙", 1.0]


def test_the_page_shows_the_first_and_escapes_names(bundle: ReportBundle) -> None:
    html = alert_section(Material(replace(bundle, alerts=alerts())))
    assert html.count("<tr>") == 1 + len(KINDS)
    assert "&lt;b&gt;=1+1&lt;/b&gt;" in html and "降价（563 件）" in html and "缺货风险" in html
    assert alert_section(Material(replace(bundle, alerts=Alerts(no_alerts())))) == ""
    assert alert_section(Material(bundle)) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_speaks_chinese(kind: str) -> None:
    english, part = REASONS[kind]
    chinese = Words("zh").label(english)
    assert part in chinese and not re.search(r"[a-z]{3}", chinese)
    assert kind in LABELS


@pytest.mark.parametrize("how", [*HOWS, "nothing planned in time"])
def test_every_way_speaks_chinese(how: str) -> None:
    assert not re.search(r"[a-z]{3}", Words("zh").label(how))
