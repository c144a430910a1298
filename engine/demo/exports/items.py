"""Sales by day and item as the platforms report them; goods go by the platform's own id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.exports.cells import MISSING, Texts, day, texts, yuan
from engine.demo.exports.files import Form, Layout, write_table
from engine.demo.exports.parts import Shop, Tables, Written, by_month, figures, mask, of_shop, shop_on, sums

WORKBOOK_ROWS = 20_000
"""Larger months come as text: what the platforms do too."""

_COLUMNS = (
    *("units_ordered", "units_paid", "units_cancelled", "units_shipped"),
    *("units_returned", "units_refund_only", "units_gift", "amount_ordered_fen", "amount_paid_fen"),
    *("amount_cancelled_fen", "amount_returned_fen", "amount_refund_only_fen"),
)


@dataclass(frozen=True)
class ItemReport:
    """The item report of a platform: ``keys`` are the headers of date, id and name, ``names`` those of the figures
    in the order of ``_COLUMNS``; ``layout`` makes the layout of a month from its rows, shop, name and total row.
    """

    platform: str
    path: str
    date: str
    keys: tuple[str, str, str]
    names: tuple[str, ...]
    layout: Callable[[int, Shop, str, dict[str, str]], Layout]
    id_tail: str = ""
    extra: str = ""


def _tmall(rows: int, shop: Shop, month: str, total: dict[str, str]) -> Layout:
    preamble = (f"【生意参谋平台】商品效果 店铺：{shop.name}", f"统计时间：{month}  统计粒度：日")
    form: Form = "xlsx" if rows <= WORKBOOK_ROWS and int(month[-2:]) % 2 else "text"
    return Layout(form, preamble=preamble, total={"统计日期": "合计", **total})


def _jd(rows: int, shop: Shop, month: str, total: dict[str, str]) -> Layout:
    notes = ("注：数据每日更新，仅供经营参考，请勿外传",)
    return Layout(encoding="utf-16", delimiter="\t", total={"时间": "总计", **total}, notes=notes)


def _douyin(rows: int, shop: Shop, month: str, total: dict[str, str]) -> Layout:
    return Layout(encoding="utf-8-sig")


def _pinduoduo(rows: int, shop: Shop, month: str, total: dict[str, str]) -> Layout:
    return Layout(preamble=(f"{shop.name} 商品数据 {month}", ""))


REPORTS = (
    ItemReport(
        "天猫",
        "生意参谋/商品效果_{month}",
        "%Y-%m-%d",
        ("统计日期", "商品ID", "商品名称"),
        (
            *("下单件数", "支付件数", "发货前取消件数", "发货件数", "退货件数", "仅退款件数", "赠品件数"),
            *("下单金额", "支付金额", "发货前取消金额", "退货金额", "仅退款金额"),
        ),
        _tmall,
        extra="件单价",
    ),
    ItemReport(
        "京东",
        "京东商智/SKU明细_{month}",
        "%Y%m%d",
        ("时间", "SKU", "SKU名称"),
        (
            *(
                "下单商品件数",
                "成交商品件数",
                "取消商品件数",
                "出库商品件数",
                "退货商品件数",
                "仅退款商品件数",
                "赠品件数",
            ),
            *("下单金额", "成交金额", "取消金额", "退货金额", "仅退款金额"),
        ),
        _jd,
    ),
    ItemReport(
        "抖音",
        "抖音电商罗盘/商品明细_{month}",
        "%Y/%-m/%-d",
        ("日期", "商品ID", "商品名称"),
        (
            *("下单件数", "成交件数", "发货前取消件数", "发货件数", "退货件数", "仅退款件数", "赠品件数"),
            *("下单金额", "成交金额", "发货前退款金额", "退货退款金额", "仅退款金额"),
        ),
        _douyin,
    ),
    ItemReport(
        "拼多多",
        "拼多多/商品数据_{month}",
        "%Y-%m-%d",
        ("统计日期", "商品ID", "商品名称"),
        (
            *("下单件数", "成交件数", "未发货退款件数", "发货件数", "退货件数", "仅退款件数", "赠品件数"),
            *("下单金额", "成交金额", "未发货退款金额", "退货退款金额", "仅退款金额"),
        ),
        _pinduoduo,
        id_tail="\t",
    ),
)


def item_reports(tables: Tables, folder: Path, rng: np.random.Generator) -> Iterator[Written]:
    """One file a platform and month. Of a shop with order lines only the months and days before them."""
    sales, names = tables["sales"], goods_names(tables)
    for report in REPORTS:
        shop = shop_on(tables, report.platform)
        if shop is None or not set(_COLUMNS) <= set(sales):
            continue
        listed = platform_ids(tables, shop)
        chosen = of_shop(sales, shop) & sales["sku"].isin(listed.index).to_numpy()
        if report.platform == "抖音" and "orders" in tables:
            chosen &= (sales["date"] < tables["orders"]["ordered_at"].min()).to_numpy()
        part = sales[chosen]
        best_first = np.lexsort((-part["amount_paid_fen"].to_numpy(), part["date"].to_numpy()))
        for month, rows in by_month(sales["date"], np.flatnonzero(chosen)[best_first]):
            path = _write_month(report, folder, month, shop, sales.iloc[rows], listed, names)
            yield Written(path, "sales", mask(len(sales), rows))


def platform_ids(tables: Tables, shop: Shop) -> pd.Series:
    """The platform's id by own SKU, where exactly one listing sells one unit of it."""
    listings = tables["listings"]
    own = listings[of_shop(listings, shop) & (listings["quantity"] == 1).to_numpy()]
    own = own.drop_duplicates("sku", keep=False).drop_duplicates("platform_id", keep=False)
    return pd.Series(own["platform_id"].astype(str).to_numpy(), index=own["sku"].astype(str).to_numpy())


def goods_names(tables: Tables) -> pd.Series:
    """Names of the goods by SKU."""
    skus = tables["skus"]
    return pd.Series(skus["name"].astype(str).to_numpy(), index=skus["sku"].astype(str).to_numpy())


def looked_up(sku: pd.Series, found: Mapping[str, str] | pd.Series, tail: str = "") -> Texts:
    """Texts by SKU."""
    return texts(sku, lambda value: f"{found[str(value)]}{tail}")


def _write_month(
    report: ItemReport,
    folder: Path,
    month: str,
    shop: Shop,
    part: pd.DataFrame,
    listed: pd.Series,
    names: pd.Series,
) -> Path:
    headers = dict(zip(_COLUMNS, report.names, strict=True))
    layout = report.layout(len(part), shop, month, sums(part, headers))
    date, item, title = report.keys
    columns = {
        date: texts(part["date"], day(report.date)),
        item: looked_up(part["sku"], listed, report.id_tail),
        title: looked_up(part["sku"], names),
        **figures(part, headers),
    }
    if report.extra:
        columns[report.extra] = _unit_value(part)
    suffix = ".xlsx" if layout.form == "xlsx" else ".csv"
    return write_table(folder / (report.path.format(month=month) + suffix), columns, layout)


def _unit_value(part: pd.DataFrame) -> Texts:
    """Paid amount a unit; nothing can be said of days without a sale."""
    units = part["units_paid"].to_numpy()
    value: NDArray[np.int64] = part["amount_paid_fen"].to_numpy() // np.maximum(units, 1)
    return texts(pd.Series(np.where(units > 0, value, -1)), lambda fen: MISSING if fen < 0 else yuan(fen))
