"""Daily traffic of the shops and advertising reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from engine.demo.exports.cells import MISSING, day, percent, plain, texts
from engine.demo.exports.files import Layout, write_table
from engine.demo.exports.parts import Tables, Written, by_month, figures, mask, of_shop, shop_on, sums

_TRAFFIC = ("exposure", "clicks", "visitors", "carts", "buyers")
_MEDIA = ("spend_fen", "impressions", "clicks", "attributed_fen")


@dataclass(frozen=True)
class Overview:
    """The shop overview of a platform: headers of date, figures and conversion."""

    platform: str
    path: str
    date: tuple[str, str]
    names: tuple[str, ...]
    conversion: str
    layout: Layout


@dataclass(frozen=True)
class AdReport:
    """A report by day of an ad channel; ``total``: label of its total row, if it has one."""

    ad_channel: str
    path: str
    date: tuple[str, str]
    names: tuple[str, ...]
    layout: Layout
    total: str = ""


OVERVIEWS = (
    Overview(
        "天猫",
        "生意参谋/店铺概况_{month}.csv",
        ("统计日期", "%Y-%m-%d"),
        ("曝光量", "点击量", "访客数", "加购件数", "支付买家数"),
        "支付转化率",
        Layout(preamble=("【生意参谋平台】店铺概况", "数据口径：访客数按天去重")),
    ),
    Overview(
        "京东",
        "京东商智/店铺概况_{month}.xls",
        ("时间", "%Y%m%d"),
        ("曝光量", "点击量", "访客数", "加购商品件数", "成交客户数"),
        "成交转化率",
        Layout("html", "utf-8"),
    ),
    Overview(
        "抖音",
        "抖音电商罗盘/店铺概况_{month}.csv",
        ("日期", "%Y/%-m/%-d"),
        ("商品曝光次数", "商品点击次数", "访客数", "加购件数", "成交人数"),
        "成交转化率",
        Layout(encoding="utf-8-sig"),
    ),
)
AD_REPORTS = (
    AdReport(
        "直通车",
        "阿里妈妈/直通车_{month}.csv",
        ("日期", "%Y-%m-%d"),
        ("花费", "展现量", "点击量", "总成交金额"),
        Layout(),
        "合计",
    ),
    AdReport(
        "万相台全站推广",
        "阿里妈妈/万相台_全站推广_{month}.csv",
        ("日期", "%Y-%m-%d"),
        ("花费", "展现量", "点击量", "总成交金额"),
        Layout(preamble=("报表类型：全站推广 分日报表",)),
    ),
    AdReport(
        "千川",
        "巨量千川/千川_{month}.csv",
        ("日期", "%Y-%m-%d"),
        ("消耗(元)", "展示次数", "点击次数", "成交金额(元)"),
        Layout(encoding="utf-8-sig"),
        "总计",
    ),
    AdReport(
        "京东快车",
        "京准通/京东快车_{month}.xlsx",
        ("日期", "%Y/%m/%d"),
        ("总费用", "展现数", "点击数", "总订单金额"),
        Layout("xlsx"),
    ),
)


def overviews(tables: Tables, folder: Path, rng: np.random.Generator) -> Iterator[Written]:
    """One file a platform and month."""
    if "traffic" not in tables:
        return
    traffic = tables["traffic"]
    whole_shop = (traffic["basis"] == "shop_day").to_numpy(dtype=bool)
    for report in OVERVIEWS:
        shop = shop_on(tables, report.platform)
        if shop is None:
            continue
        headers = dict(zip(_TRAFFIC, report.names, strict=True))
        for month, rows in by_month(traffic["date"], np.flatnonzero(of_shop(traffic, shop) & whole_shop)):
            part = traffic.iloc[rows]
            columns = {
                report.date[0]: texts(part["date"], day(report.date[1])),
                **figures(part, headers),
                report.conversion: _ratio(part["buyers"], part["visitors"]),
            }
            yield Written(
                write_table(folder / report.path.format(month=month), columns, report.layout),
                "traffic",
                mask(len(traffic), rows),
            )


def ad_reports(tables: Tables, folder: Path, rng: np.random.Generator) -> Iterator[Written]:
    """One file an ad channel and month. The merchant has added what the ads work on (影响渠道)."""
    if "media" not in tables:
        return
    media = tables["media"]
    for report in AD_REPORTS:
        headers = dict(zip(_MEDIA, report.names, strict=True))
        chosen = np.flatnonzero(media["ad_channel"] == report.ad_channel)
        for month, rows in by_month(media["date"], chosen):
            part = media.iloc[rows]
            total = {report.date[0]: report.total, **sums(part, headers)} if report.total else {}
            columns = {
                report.date[0]: texts(part["date"], day(report.date[1])),
                "推广类型": texts(part["campaign_type"], plain),
                **figures(part, headers),
                "投入产出比": _ratio(part["attributed_fen"], part["spend_fen"], share=False),
                "影响渠道": texts(part["lifts"], plain),
            }
            layout = Layout(report.layout.form, report.layout.encoding, ",", report.layout.preamble, (), total)
            yield Written(
                write_table(folder / report.path.format(month=month), columns, layout), "media", mask(len(media), rows)
            )


def _ratio(above: pd.Series, below: pd.Series, share: bool = True) -> pd.Categorical:
    """A quotient; nothing can be said where nothing stands below."""
    value = pd.Series(above.to_numpy(float)) / pd.Series(below.to_numpy(float)).where(below.to_numpy() > 0)
    return texts(value.round(4), percent if share else lambda number: f"{number:.2f}", MISSING)
