"""Exports of the demo merchant, read back without any reader of ours."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from engine.data.importing.model import Block, Feed
from engine.data.importing.order_lines import line_rows
from engine.demo import Merchant
from engine.demo.exports import erp, items, write_exports

SEED = 7
SALES = dict(zip(items._COLUMNS, items.REPORTS[0].names, strict=True))
DOUDIAN = {
    "主订单编号": "order_id",
    "子订单编号": "line",
    "商品ID": "platform_id",
    "商品数量": "units",
    "订单应付金额": "amount_ordered_yuan",
    "实付金额": "amount_paid_yuan",
    "订单提交时间": "ordered_at",
    "支付完成时间": "paid_at",
    "订单状态": "state",
    "售后状态": "after_sale",
    "售后类型": "after_sale_type",
    "退款金额": "refund_yuan",
    "买家ID": "customer_id",
    "收货地区": "region",
    "定金支付时间": "deposit_at",
    "尾款支付时间": "balance_at",
    "承诺发货时间": "promised_ship_at",
    "发货时间": "shipped_at",
    "售后完成时间": "refunded_at",
    "售后原因": "return_reason",
    "是否赠品": "gift",
    "风险订单": "suspicious",
}


@pytest.fixture(scope="module")
def folder(short: Merchant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exports")
    write_exports(short.tables, path, SEED)
    return path


def own(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, low_memory=False)


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype(dict.fromkeys(frame.select_dtypes("category"), object))


def of_channel(short: Merchant, table: str, channel: str) -> pd.DataFrame:
    frame = plain(short.tables[table])
    return frame[frame["channel"] == channel].reset_index(drop=True)


def fen(texts: pd.Series) -> pd.Series:
    return texts.str.replace(",", "").str.replace(".", "", regex=False).astype("int64")


def count(texts: pd.Series) -> pd.Series:
    return texts.str.replace(",", "").astype("int64")


def figures(frame: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {name: (fen if name.endswith("_fen") else count)(frame[header]) for name, header in names.items()}
    )


def report(folder: Path, channel: str) -> tuple[pd.DataFrame, list[pd.Series]]:
    """All months of an item report under the headers of 生意参谋, and the total rows."""
    months, totals = [], []
    for entry in items.REPORTS:
        if entry.platform != channel:
            continue
        for path in sorted(folder.glob(entry.path.format(month="*") + ".*")):
            frame = _read(path, entry.keys[0])
            frame.columns = [*("date", "id", "name"), *SALES.values(), *frame.columns[15:]]
            named = frame["id"] != ""
            totals += [row for _, row in frame[~named].iterrows() if row["支付件数"]]
            months.append(frame[named])
    return pd.concat(months, ignore_index=True), totals


def _read(path: Path, first: str) -> pd.DataFrame:
    if path.suffix == ".xlsx":
        rows = [[cell or "" for cell in row] for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True)]
    else:
        data = path.read_bytes()
        known = {b"\xff\xfe": "utf-16", b"\xef\xbb": "utf-8-sig"}
        encoding = known.get(data[:2], "gb18030")
        text = data.decode(encoding).splitlines()
        start = next(place for place, line in enumerate(text) if line.startswith(first))
        return pd.read_csv(
            path, sep="\t" if encoding == "utf-16" else ",", encoding=encoding, skiprows=start, skip_blank_lines=False,
            dtype=str, keep_default_na=False,
        )  # fmt: skip
    start = next(place for place, row in enumerate(rows) if row[0] == first)
    return pd.DataFrame(rows[start + 1 :], columns=rows[start])


@pytest.mark.parametrize("channel", ["天猫", "京东", "抖音", "拼多多"])
def test_item_reports_hold_the_sales(short: Merchant, folder: Path, channel: str) -> None:
    frame, _ = report(folder, channel)
    found = figures(frame, SALES)
    listings = of_channel(short, "listings", channel).set_index("platform_id")["sku"]
    found.insert(0, "sku", listings.loc[frame["id"].str.strip()].to_numpy())
    found.insert(0, "date", pd.to_datetime(frame["date"].str.replace("/", "-"), format="mixed").to_numpy())
    sales = of_channel(short, "sales", channel)
    if channel == "抖音":
        sales = sales[sales["date"] < short.tables["orders"]["ordered_at"].min()]
    expected = sales[found.columns].sort_values(["date", "sku"], ignore_index=True)
    found = found.sort_values(["date", "sku"], ignore_index=True)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


@pytest.mark.parametrize(("channel", "months"), [("天猫", 4), ("京东", 4)])
def test_total_rows_are_the_totals_of_their_month(short: Merchant, folder: Path, channel: str, months: int) -> None:
    _, totals = report(folder, channel)
    found = figures(pd.DataFrame(totals), SALES).sum()
    assert len(totals) == months
    expected = of_channel(short, "sales", channel)[list(SALES)].sum()
    pd.testing.assert_series_equal(found, expected, check_dtype=False)


def test_order_lines_give_orders_and_sales_back(short: Merchant, folder: Path) -> None:
    parts: dict[str, list[pd.DataFrame]] = {"orders": [], "sales": []}
    for path in sorted(folder.glob("抖店/*.csv")):
        frame = pd.read_csv(path, encoding="gb18030", dtype=str, keep_default_na=False)
        columns = {DOUDIAN[name]: place for place, name in enumerate(frame) if name in DOUDIAN}
        frame.columns = range(frame.shape[1])
        block = Block(frame.astype("category"), np.arange(len(frame)) + 2)
        for rows in line_rows(Feed("orders", columns, {"channel": "抖音"}, kind="order_lines"), block):
            parts[rows.table].append(plain(rows.frame))
    found = {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
    listings = of_channel(short, "listings", "抖音").set_index("platform_id")["sku"]
    for frame in found.values():
        frame["sku"] = listings.loc[frame.pop("platform_id")].to_numpy()
    orders = of_channel(short, "orders", "抖音").sort_values(["order_id", "line"], ignore_index=True)
    lines = found["orders"].sort_values(["order_id", "line"], ignore_index=True)
    lines["amount_paid_fen"] = (lines.pop("amount_paid_yuan").astype(float) * 100).round().astype("int64")
    for name in orders:
        if pd.api.types.is_datetime64_any_dtype(orders[name]):
            texts = orders[name].dt.strftime("%Y-%m-%d").fillna("")
        else:
            texts = orders[name].map({True: "是", False: "否"}) if name == "suspicious" else orders[name].fillna("")
        assert (lines[name].astype(str) == texts.astype(str)).all(), name
    sales = of_channel(short, "sales", "抖音")
    sales = sales[sales["date"] >= orders["ordered_at"].min()]
    keys, values = ["date", "sku"], list(SALES)
    booked = found["sales"].astype(dict.fromkeys(values, "int64")).groupby(keys)[values].sum()
    sales = sales.assign(date=sales["date"].dt.strftime("%Y-%m-%d")).set_index(keys)[values].sort_index()
    pd.testing.assert_frame_equal(booked, sales, check_dtype=False, check_index_type=False)


def test_shop_overviews_and_ads_hold_their_rows(short: Merchant, folder: Path) -> None:
    traffic = of_channel(short, "traffic", "京东")
    pages = [pd.read_html(path, encoding="utf-8", header=0)[0] for path in sorted(folder.glob("京东商智/*.xls"))]
    shown = pd.concat(pages, ignore_index=True)
    assert shown["访客数"].tolist() == traffic["visitors"].tolist()
    media = plain(short.tables["media"])
    media = media[media["ad_channel"] == "千川"]
    shown = pd.concat([_read(path, "日期") for path in sorted(folder.glob("巨量千川/*.csv"))], ignore_index=True)
    shown = shown[shown["日期"] != "总计"]
    assert fen(shown["消耗(元)"]).tolist() == media["spend_fen"].tolist()
    assert shown["影响渠道"].tolist() == media["lifts"].tolist()


def test_erp_workbooks_hold_numbers_and_dates(short: Merchant, folder: Path) -> None:
    stock = pd.read_excel(folder / "ERP/库存.xlsx", header=1)
    inventory = plain(short.tables["inventory"])
    assert stock["在库数量"].tolist() == inventory["on_hand"].tolist()
    assert (stock["日期"] == inventory["date"]).all()
    goods = pd.read_excel(folder / "ERP/商品资料.xlsx", dtype={"商品编码": str})
    assert (goods["成本价"] * 100).round().astype(int).tolist() == short.tables["skus"]["unit_cost_fen"].tolist()
    assert goods["增值税率"].eq("13.00%").all()


def test_every_other_row_stands_in_our_own_csv(short: Merchant, folder: Path) -> None:
    prices = own(folder / "prices.csv")
    assert len(prices) == len(short.tables["prices"])
    assert (prices["paid_price_fen"].to_numpy() == short.tables["prices"]["paid_price_fen"].to_numpy()).all()
    assert set(own(folder / "sales.csv")["channel"]) == {"小程序"}
    assert "抖音" not in set(own(folder / "orders.csv")["channel"])
    carried = {"skus", "inventory", "purchase_orders", "receipts", "suppliers", "warehouses"}
    assert {path.stem for path in folder.glob("*.csv")} == set(short.tables) - carried


def test_same_tables_and_seed_same_bytes(short: Merchant, folder: Path, tmp_path: Path) -> None:
    again = write_exports(short.tables, tmp_path, SEED)
    digest = [hashlib.sha256(path.read_bytes()).hexdigest() for path in again]
    first = [folder / path.relative_to(tmp_path) for path in again]
    assert digest == [hashlib.sha256(path.read_bytes()).hexdigest() for path in first]
    assert sorted(first) == sorted(path for path in folder.rglob("*") if path.is_file())


def test_large_tables_come_as_text_by_month(short: Merchant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erp, "WORKBOOK_ROWS", 100)
    monkeypatch.setattr(items, "WORKBOOK_ROWS", 100)
    paths = write_exports(short.tables, tmp_path, SEED)
    stock = [path for path in paths if path.name.startswith("库存")]
    assert len(stock) == 4 and all(path.suffix == ".csv" for path in stock)
    rows = pd.concat([pd.read_csv(path, encoding="gb18030") for path in stock])
    assert rows["在库数量"].sum() == short.tables["inventory"]["on_hand"].sum()
    assert all(path.suffix == ".csv" for path in paths if "商品效果" in path.name)
