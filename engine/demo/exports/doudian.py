"""Order lines of 抖店: one line a unit sold, with its order state and its after-sales state, and gifts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.exports.cells import MISSING, constant, moments, plain, texts, whole, yuan
from engine.demo.exports.files import Layout, write_table
from engine.demo.exports.items import goods_names, looked_up, platform_ids
from engine.demo.exports.parts import Tables, Written, by_month, mask, of_shop, shop_on

_PLATFORM = "抖音"
_KEY = ["date", "sku"]
_DAY_SECONDS = 86_400
_OPEN_DAYS = 1
_ORDER_STATES = {
    "paid": "待发货",
    "cancelled": "已关闭",
    "shipped": "已发货",
    "settled": "已完成",
    "returned": "已关闭",
    "refund_only": "已完成",
}
_AFTER_SALES = {"cancelled": "退款成功", "returned": "退款成功", "refund_only": "退款成功"}
_KINDS = {"cancelled": "未发货仅退款", "returned": "退货退款", "refund_only": "已发货仅退款"}


def order_lines(tables: Tables, folder: Path, rng: np.random.Generator) -> Iterator[Written]:
    """One file a month; it carries the order lines of the shop and with them its sales from the first line on."""
    shop = shop_on(tables, _PLATFORM)
    if shop is None or "orders" not in tables or "units_gift" not in tables["sales"]:
        return
    orders, sales = tables["orders"], tables["sales"]
    listed = platform_ids(tables, shop)
    own = of_shop(orders, shop) & orders["sku"].isin(listed.index).to_numpy()
    recent = of_shop(sales, shop) & sales["sku"].isin(listed.index).to_numpy()
    recent &= (sales["date"] >= orders["ordered_at"].min()).to_numpy()
    lines = _lines(orders[own], sales[recent])
    lines["position"] = np.r_[np.flatnonzero(own), np.full(len(lines) - own.sum(), -1)]
    lines = _timed(lines, rng)
    position, names = np.flatnonzero(recent), goods_names(tables)
    for month, rows in by_month(lines["ordered_at"], np.arange(len(lines))):
        path = folder / f"抖店/订单_{month}.csv"
        part = lines.iloc[rows]
        write_table(path, _columns(part, listed, names), Layout())
        sold = position[sales["date"].to_numpy()[position].astype("datetime64[M]") == np.datetime64(month)]
        at = part["position"].to_numpy()
        yield Written(path, "orders", mask(len(orders), at[at >= 0]))
        yield Written(path, "sales", mask(len(sales), sold))


def _lines(orders: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """Order lines with what was to be paid and what was paid back, then the gifts."""
    lines = orders.assign(
        date=orders["ordered_at"],
        sku=orders["sku"].astype(str),
        state=orders["state"].astype(str),
        line=orders["line"].astype(str),
        order_id=orders["order_id"].astype(str),
    ).reset_index(drop=True)
    sales = sales.assign(sku=sales["sku"].astype(str))
    unpaid = sales["amount_ordered_fen"] - sales["amount_paid_fen"]
    lines["to_pay"] = lines["amount_paid_fen"] + _spread(lines, "ordered", sales.assign(total=unpaid))
    lines["refund"] = sum(
        _spread(lines, state, sales.assign(total=sales[f"amount_{state}_fen"]))
        for state in ("cancelled", "returned", "refund_only")
    )
    gifts = _gifts(lines, sales[sales["units_gift"] > 0])
    return pd.concat([lines.assign(gift=False), gifts], ignore_index=True)


def _spread(lines: pd.DataFrame, state: str, sales: pd.DataFrame) -> NDArray[np.int64]:
    """``total`` of each row of ``sales`` over its lines in that state, the first fen to the first lines."""
    chosen = np.flatnonzero(lines["state"] == state)
    keys = lines.loc[chosen, _KEY].merge(sales[[*_KEY, "total"]], on=_KEY, how="left")
    groups = keys.groupby(_KEY, sort=False)
    share, rest = np.divmod(keys["total"].to_numpy(dtype=np.int64), groups["total"].transform("size").to_numpy())
    spread = np.zeros(len(lines), dtype=np.int64)
    spread[chosen] = share + (groups.cumcount().to_numpy() < rest)
    return spread


def _gifts(lines: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """Gifts travel with the first order of their day, at no price."""
    first = lines.drop_duplicates("date").set_index("date")
    with_order = sales["date"].isin(first.index).to_numpy()
    alone = sales["date"].dt.strftime("2%Y%m%d0000000000").to_numpy()
    carrier = first.reindex(sales["date"])
    return pd.DataFrame(
        {
            "date": sales["date"].to_numpy(),
            "ordered_at": sales["date"].to_numpy(),
            "order_id": np.where(with_order, carrier["order_id"].to_numpy(dtype=object), alone),
            "line": [f"9{number:06d}" for number in range(len(sales))],
            "sku": sales["sku"].to_numpy(),
            "units": sales["units_gift"].to_numpy(dtype=np.int64),
            "state": "settled",
            "gift": True,
            "amount_paid_fen": np.int64(0),
            "to_pay": np.int64(0),
            "refund": np.int64(0),
            "suspicious": False,
        }
    )


def _timed(lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Lines of an order share their second of the day; the newest order stands first, as the platform shows them."""
    order, _ = pd.factorize(lines["order_id"])
    count = int(order.max()) + 1 if len(order) else 0
    lines["second"] = rng.integers(0, _DAY_SECONDS - 3600, count)[order]
    lines["delay"] = rng.integers(5, 900, count)[order]
    newest = np.lexsort((order, -lines["second"].to_numpy(), -lines["ordered_at"].to_numpy().astype(np.int64)))
    return lines.iloc[newest].reset_index(drop=True)


def _columns(part: pd.DataFrame, listed: pd.Series, names: pd.Series) -> dict[str, pd.Categorical]:
    state, paid = part["state"], (part["state"] != "ordered").to_numpy()
    second = part["second"].to_numpy()
    moved = part["shipped_at"].fillna(part["ordered_at"]) + pd.to_timedelta(1 + second % 3, unit="D")
    finished = part["returned_at"].fillna(moved.where(state.isin(("cancelled", "refund_only"))))
    return {
        "主订单编号": texts(part["order_id"], lambda value: f"{value}\t"),
        "子订单编号": texts(part["line"], plain),
        "选购商品": looked_up(part["sku"], names),
        "商品ID": looked_up(part["sku"], listed, "\t"),
        "商品数量": texts(part["units"], whole),
        "订单应付金额": texts(part["to_pay"], yuan),
        "实付金额": texts(part["amount_paid_fen"], yuan),
        "订单提交时间": moments(part["ordered_at"], second),
        "支付完成时间": moments(part["ordered_at"].where(paid), second + part["delay"].to_numpy(), MISSING),
        "订单状态": _order_states(part),
        "售后状态": texts(state.map(_AFTER_SALES), plain, "-"),
        "售后类型": texts(state.map(_KINDS), plain, "-"),
        "退款金额": texts(part["refund"].where(part["refund"] > 0), yuan, MISSING),
        "买家ID": texts(part["customer_id"], plain),
        "收货地区": texts(part["region"], plain),
        "定金支付时间": moments(part["deposit_at"], second),
        "尾款支付时间": moments(part["balance_at"], second),
        "承诺发货时间": moments(part["promised_ship_at"], np.full(len(part), _DAY_SECONDS - 1)),
        "发货时间": moments(part["shipped_at"], second),
        "售后完成时间": moments(finished, second, MISSING),
        "售后原因": texts(part["return_reason"], plain),
        "是否赠品": texts(part["gift"], lambda value: "是" if value else "否"),
        "风险订单": texts(part["suspicious"], lambda value: "是" if value else "否"),
        "店铺类型": constant("旗舰店", len(part)),
    }


def _order_states(part: pd.DataFrame) -> pd.Categorical:
    """Unpaid orders are open on the last day, wait for the balance of a pre-sale, or have been closed."""
    state = part["state"].map(_ORDER_STATES)
    unpaid = part["state"] == "ordered"
    young = part["ordered_at"] > part["ordered_at"].max() - pd.Timedelta(days=_OPEN_DAYS)
    state = state.mask(unpaid, "已关闭").mask(unpaid & young, "待支付")
    return texts(state.mask(unpaid & young & part["deposit_at"].notna(), "待付尾款"), plain)
