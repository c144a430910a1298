"""Goods, stock and buying as an ERP system exports them: workbooks with real numbers and dates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.demo.exports.cells import bare_yuan, day, percent, plain, texts
from engine.demo.exports.files import Layout, write_table, write_workbook
from engine.demo.exports.parts import Tables, Written, by_month, mask

WORKBOOK_ROWS = 100_000
"""Larger tables come as text, a file a month."""


@dataclass(frozen=True)
class ErpTable:
    """``names``: headers by column; ``date``: the column by which a large table is split; ``title``: row above."""

    table: str
    title: str
    names: dict[str, str]
    date: str = ""
    banner: str = ""


TABLES = (
    ErpTable(
        "skus",
        "商品资料",
        {
            "sku": "商品编码",
            "spu": "款号",
            "name": "商品名称",
            "category": "品类",
            "brand": "品牌",
            "product_line": "产品线",
            "role": "商品角色",
            "colour": "颜色",
            "size": "尺码",
            "launch_date": "上市日期",
            "end_date": "下架日期",
            "unit_cost_fen": "成本价",
            "vat_rate": "增值税率",
            "volume_m3": "体积(m³)",
            "weight_kg": "重量(kg)",
        },
    ),
    ErpTable(
        "inventory",
        "库存",
        {"date": "日期", "sku": "商品编码", "warehouse": "仓库", "on_hand": "在库数量"},
        "date",
        "库存日报表",
    ),
    ErpTable(
        "purchase_orders",
        "采购单",
        {
            "po": "采购单号",
            "sku": "商品编码",
            "warehouse": "仓库",
            "pool": "库存池",
            "supplier": "供应商编码",
            "ordered_at": "采购日期",
            "expected_at": "预计到货日期",
            "units": "采购数量",
            "unit_price_fen": "采购单价",
        },
        "ordered_at",
    ),
    ErpTable(
        "receipts",
        "入库单",
        {
            "po": "采购单号",
            "sku": "商品编码",
            "warehouse": "仓库",
            "date": "入库日期",
            "units": "入库数量",
            "defects": "次品数量",
        },
        "date",
    ),
    ErpTable(
        "suppliers",
        "供应商",
        {
            "supplier": "供应商编码",
            "name": "供应商名称",
            "grade": "等级",
            "shutdown_days_before": "春节前停工天数",
            "shutdown_days_after": "春节后停工天数",
            "capacity_units_week": "周产能",
            "minimum_order_fen": "起订金额",
            "annual_rebate_rate": "年返点",
        },
    ),
    ErpTable(
        "warehouses",
        "仓库",
        {
            "warehouse": "仓库",
            "name": "仓库名称",
            "region": "所在地区",
            "storage_m3": "仓容(m³)",
            "inbound_units_week": "周入库能力",
            "parcels_day": "日发货能力",
            "storage_fen_m3_day": "仓租(元/m³/天)",
        },
    ),
)


def erp_tables(tables: Tables, folder: Path, rng: np.random.Generator) -> Iterator[Written]:
    """A workbook a table; tables with columns that the ERP system does not know are left alone."""
    for entry in TABLES:
        if entry.table not in tables or not set(tables[entry.table]) <= set(entry.names):
            continue
        table = tables[entry.table]
        if len(table) <= WORKBOOK_ROWS or not entry.date:
            path = folder / f"ERP/{entry.title}.xlsx"
            write_workbook(path, entry.title, _typed(table, entry), entry.banner)
            yield Written(path, entry.table, np.ones(len(table), dtype=bool))
            continue
        for month, rows in by_month(table[entry.date], np.arange(len(table))):
            path = folder / f"ERP/{entry.title}_{month}.csv"
            write_table(path, _as_text(table.iloc[rows], entry), Layout())
            yield Written(path, entry.table, mask(len(table), rows))


def _typed(table: pd.DataFrame, entry: ErpTable) -> pd.DataFrame:
    """Money in yuan, rates as percentages, texts as they are."""
    columns: dict[str, pd.Series] = {}
    for name in map(str, table.columns):
        values = table[name]
        if name.endswith("_fen") or "_fen_" in name:
            values = values / 100
        elif name.endswith("_rate"):
            values = values.map(percent)
        elif isinstance(values.dtype, pd.CategoricalDtype):
            values = values.astype(object)
        columns[entry.names[name]] = values
    return pd.DataFrame(columns)


def _as_text(table: pd.DataFrame, entry: ErpTable) -> dict[str, pd.Categorical]:
    columns = {}
    for name in map(str, table.columns):
        form: Callable[[Any], str] = plain
        if name.endswith("_fen"):
            form = bare_yuan
        elif pd.api.types.is_datetime64_any_dtype(table[name]):
            form = day("%Y-%m-%d")
        columns[entry.names[name]] = texts(table[name], form)
    return columns
